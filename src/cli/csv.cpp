#include "cli/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "kernel/text.h"

namespace aprender::cli {
namespace {

tl::unexpected<Error> unusable(std::string context) {
  return tl::unexpected(Error{ErrorCode::unusable_data, std::move(context)});
}

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view file_name) : text_(text) { table_.file_name_ = file_name; }

  Result<Table> read() {
    if (auto text = check_text(text_, table_.file_name_); !text) return tl::unexpected(std::move(text.error()));
    if (text_.starts_with("\xEF\xBB\xBF")) next_ = 3;
    if (next_ == text_.size()) return unusable(table_.file_name_ + ": empty, expected a header");

    if (auto header = read_record(table_.columns_); !header) return tl::unexpected(std::move(header.error()));
    if (auto names = check_header(); !names) return tl::unexpected(std::move(names.error()));
    while (next_ < text_.size()) {
      table_.lines_.push_back(line_);
      if (auto record = read_record(table_.fields_); !record) return tl::unexpected(std::move(record.error()));
      const std::size_t found = table_.fields_.size() - (table_.rows() - 1) * table_.columns_.size();
      if (found != table_.columns_.size()) {
        return unusable(table_.where(table_.rows() - 1) + ": " + std::to_string(found) +
                        (found == 1 ? " field" : " fields") + ", expected " + std::to_string(table_.columns_.size()) +
                        " as in the header");
      }
    }
    return std::move(table_);
  }

 private:
  [[nodiscard]] std::string here() const { return table_.file_name_ + ":" + std::to_string(line_) + ": "; }

  [[nodiscard]] std::size_t newlines(std::size_t begin, std::size_t end) const {
    const std::string_view part = text_.substr(begin, end - begin);
    return static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
  }

  [[nodiscard]] bool at_line_end() const {
    return next_ == text_.size() || text_[next_] == '\n' || text_.substr(next_, 2) == "\r\n";
  }

  Result<void> read_record(std::vector<std::string_view>& fields) {
    const std::size_t begin = next_;
    if (at_line_end()) return unusable(here() + "blank line");
    while (true) {
      auto field = next_ < text_.size() && text_[next_] == '"' ? read_quoted() : read_plain();
      if (!field) return tl::unexpected(std::move(field.error()));
      fields.push_back(*field);
      if (next_ - begin > max_record_bytes) {
        return unusable(here() + "a record of more than " + std::to_string(max_record_bytes >> 20) +
                        " MiB; is a quote not closed?");
      }
      if (at_line_end()) break;
      ++next_;  // the comma
    }
    if (next_ < text_.size()) next_ += text_[next_] == '\r' ? 2 : 1;
    ++line_;
    return {};
  }

  Result<std::string_view> read_plain() {
    const std::size_t begin = next_;
    for (; next_ < text_.size(); ++next_) {
      const char c = text_[next_];
      if (c == ',' || c == '\n') break;
      if (c == '"') return unusable(here() + "a quote inside a field that does not begin with one");
      if (c == '\r') {
        if (at_line_end()) break;
        return unusable(here() + "a carriage return without a line feed");
      }
    }
    return text_.substr(begin, next_ - begin);
  }

  Result<std::string_view> read_quoted() {
    const std::size_t begin = ++next_;
    const std::size_t opened = line_;
    bool escaped = false;
    while (true) {
      const std::size_t quote = text_.find('"', next_);
      if (quote == std::string_view::npos) {
        line_ = opened;
        return unusable(here() + "a quote is opened and never closed");
      }
      line_ += newlines(next_, quote);
      next_ = quote + 1;
      if (next_ == text_.size() || text_[next_] != '"') break;
      escaped = true;
      ++next_;
    }
    const std::string_view inside = text_.substr(begin, next_ - 1 - begin);
    if (!at_line_end() && text_[next_] != ',') {
      return unusable(here() + "text behind the closing quote of " + in_quotes(inside));
    }
    return escaped ? unescape(inside) : inside;
  }

  std::string_view unescape(std::string_view text) {
    std::string& result = table_.unescaped_.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      result += text[i];
      if (text[i] == '"') ++i;  // the second of two
    }
    return result;
  }

  Result<void> check_header() {
    std::vector<std::string_view> names = table_.columns_;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) {
        return unusable(table_.file_name_ + ":1: column " + std::to_string(i + 1) + " of " +
                        std::to_string(names.size()) + " has no name");
      }
    }
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
      return unusable(table_.file_name_ + ":1: column " + in_quotes(*twice) + " appears more than once");
    }
    return {};
  }

  std::string_view text_;
  std::size_t next_ = 0;
  std::size_t line_ = 1;
  Table table_;
};

std::optional<std::size_t> Table::find(std::string_view name) const {
  const auto at = std::find(columns_.begin(), columns_.end(), name);
  if (at == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns_.begin());
}

std::string Table::where(std::size_t row) const { return file_name_ + ":" + std::to_string(lines_[row]); }

std::string Table::where(std::size_t row, std::size_t column) const {
  return where(row) + ": column " + in_quotes(columns_[column]);
}

Result<std::vector<double>> Table::numbers(std::size_t column) const {
  std::vector<double> values(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::string_view text = field(row, column);
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, values[row]);
    if (problem == std::errc{} && stop == end && std::isfinite(values[row])) continue;
    if (text.empty()) return unusable(where(row, column) + ": empty, expected a number");
    const std::string_view what = stop != end || problem == std::errc::invalid_argument ? " is not a number"
                                  : problem == std::errc::result_out_of_range ? " is beyond the range of double"
                                                                              : " is not a finite number";
    return unusable(where(row, column) + ": " + in_quotes(text) + std::string(what));
  }
  return values;
}

Result<void> check_text(std::string_view text, std::string_view file_name) {
  const std::size_t bad = aprender_utf8_prefix(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const std::size_t nul = text.find('\0');
  if (bad == text.size() && nul == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, std::min(bad, nul));
  return unusable(std::string(file_name) + ":" + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) +
                  (nul < bad ? ": a NUL byte, expected text" : ": not UTF-8, expected text in UTF-8"));
}

Result<Table> read_csv(std::string_view text, std::string_view file_name) { return CsvReader(text, file_name).read(); }

std::string csv_field(std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() <= longest) return "'" + std::string(text) + "'";
  std::size_t cut = longest;
  while (is_continuation(static_cast<unsigned char>(text[cut]))) --cut;  // never inside a character
  return "'" + std::string(text.substr(0, cut)) + "...'";
}

}  // namespace aprender::cli
