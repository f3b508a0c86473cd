#include "cli/libsvm.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "cli/csv.hpp"

namespace aprender::cli {
namespace {

constexpr std::string_view blanks = " \t";

tl::unexpected<Error> unusable(std::string context) {
  return tl::unexpected(Error{ErrorCode::unusable_data, std::move(context)});
}

/// What is wrong with the text as a finite number, or nothing.
std::string_view parse(std::string_view text, double& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem == std::errc::invalid_argument || stop != end) return " is not a number";
  if (problem == std::errc::result_out_of_range) return " is beyond the range of double";
  return std::isfinite(value) ? "" : " is not a finite number";
}

}  // namespace

class LibsvmReader {
 public:
  LibsvmReader(std::string_view text, std::string_view file_name, std::int64_t n_features)
      : text_(text), n_features_(n_features) {
    samples_.file_name_ = file_name;
  }

  Result<SparseSamples> read() {
    if (auto text = check_text(text_, samples_.file_name_); !text) return tl::unexpected(std::move(text.error()));
    for (std::size_t next = 0; next < text_.size(); ++line_) {
      const std::size_t end = std::min(text_.find('\n', next), text_.size());
      std::string_view line = text_.substr(next, end - next);
      next = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      const std::size_t comment = line.find('#');
      if (comment == 0) continue;
      line = line.substr(0, comment);
      if (auto sample = read_sample(line); !sample) return tl::unexpected(std::move(sample.error()));
    }
    if (labels_.empty()) return unusable(samples_.file_name_ + ": no sample");
    outer_.push_back(static_cast<int>(values_.size()));
    const auto rows = static_cast<Eigen::Index>(labels_.size());
    samples_.y_ = Eigen::Map<const Eigen::VectorXd>(labels_.data(), rows);
    // Member by member: an assignment would reserve two entries a column.
    samples_.x_.resize(rows, n_features_ > 0 ? n_features_ : largest_);
    samples_.x_.resizeNonZeros(static_cast<Eigen::Index>(values_.size()));
    std::ranges::copy(outer_, samples_.x_.outerIndexPtr());
    std::ranges::copy(inner_, samples_.x_.innerIndexPtr());
    std::ranges::copy(values_, samples_.x_.valuePtr());
    return std::move(samples_);
  }

 private:
  [[nodiscard]] std::string here() const { return samples_.file_name_ + ":" + std::to_string(line_) + ": "; }

  /// The next word of the line, removed from it; empty at its end.
  static std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
  }

  Result<void> read_sample(std::string_view line) {
    std::string_view label = next_word(line);
    if (label.empty()) return unusable(here() + "no label, expected one on every line");
    const std::string_view number = label.starts_with('+') && !label.starts_with("+-") ? label.substr(1) : label;
    double value = 0.0;
    if (const auto wrong = parse(number, value); !wrong.empty()) {
      return unusable(here() + "label " + in_quotes(label) + std::string(wrong));
    }
    labels_.push_back(value);
    samples_.lines_.push_back(line_);
    outer_.push_back(static_cast<int>(values_.size()));
    std::int64_t last = 0;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      if (auto entry = read_entry(word, last); !entry) return entry;
    }
    return {};
  }

  Result<void> read_entry(std::string_view word, std::int64_t& last) {
    const std::size_t colon = word.find(':');
    std::int64_t index = 0;
    const char* const end = word.data() + std::min(colon, word.size());
    const auto [stop, problem] = std::from_chars(word.data(), end, index);
    if (colon == std::string_view::npos || stop != end || problem == std::errc::invalid_argument) {
      return unusable(here() + in_quotes(word) + " is not index:value");
    }
    const std::int64_t most = n_features_ > 0 ? n_features_ : max_feature_index;
    if (problem != std::errc{} || index < 1 || index > most) {
      return unusable(here() + "index " + in_quotes(word.substr(0, colon)) + ", expected 1 to " + std::to_string(most));
    }
    if (index <= last) {
      return unusable(here() + "index " + std::to_string(index) + " behind index " + std::to_string(last) +
                      ", expected increasing indices");
    }
    double value = 0.0;
    if (const auto wrong = parse(word.substr(colon + 1), value); !wrong.empty()) {
      return unusable(here() + "value " + in_quotes(word.substr(colon + 1)) + " of index " + std::to_string(index) +
                      std::string(wrong));
    }
    last = index;
    largest_ = std::max(largest_, index);
    inner_.push_back(static_cast<int>(index - 1));
    values_.push_back(value);
    return {};
  }

  std::string_view text_;
  std::int64_t n_features_, largest_ = 0;
  std::size_t line_ = 1;
  std::vector<double> labels_, values_;
  std::vector<int> outer_, inner_;
  SparseSamples samples_;
};

Result<SparseSamples::Labels> SparseSamples::integer_labels() const {
  Labels labels(y_.size());
  for (Eigen::Index i = 0; i < y_.size(); ++i) {
    if (y_(i) != std::floor(y_(i)) || std::abs(y_(i)) > 0x1p53) {
      return unusable(where(static_cast<std::size_t>(i)) + ": a label is no integer, expected a class");
    }
    labels(i) = static_cast<std::int64_t>(y_(i));
  }
  return labels;
}

std::string SparseSamples::where(std::size_t row) const { return file_name_ + ":" + std::to_string(lines_[row]); }

Result<SparseSamples> read_libsvm(std::string_view text, std::string_view file_name, std::int64_t n_features) {
  return LibsvmReader(text, file_name, n_features).read();
}

}  // namespace aprender::cli
