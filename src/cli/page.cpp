#include "cli/page.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace aprender::cli {
namespace {

constexpr std::size_t label_width = 16;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Page::Page(const Style& style, std::size_t width) : style_(style), width_(std::max<std::size_t>(width, 40)) {}

void Page::section(std::string_view title) {
  if (!text_.empty()) text_ += '\n';
  text_ += fmt::format("{}{}{}\n", style_.heading, printable(title), style_.reset);
}

void Page::row(std::string_view label, std::string_view value) {
  if (value.empty()) return;
  std::string left = fmt::format("  {}{:<{}}{} ", style_.dim, printable(label), label_width - 3, style_.reset);
  std::string line;
  const auto end_line = [&] {
    text_ += left + line + '\n';
    left = std::string(label_width, ' ');
    line.clear();
  };
  const std::string safe = printable(value);
  for (std::string_view rest = safe; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (!line.empty() && label_width + columns_of(line) + 1 + columns_of(word) > width_) end_line();
    if (!line.empty()) line += ' ';
    line += word;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  end_line();
}

void Page::line(std::string_view text) { text_ += fmt::format("  {}\n", text); }

void Page::remark(std::string_view text) { line(fmt::format("{}{}{}", style_.dim, text, style_.reset)); }

std::size_t columns_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

std::string shortened(std::string_view text, std::size_t columns) {
  std::string result = printable(text);
  std::size_t end = result.size(), left = columns_of(result);
  if (left <= columns) return result;
  for (; left > columns - 2; --left) {
    do --end;
    while (is_continuation(result[end]));
  }
  return result.substr(0, end) + "..";
}

std::string short_number(double value) { return fmt::format("{:.6g}", value); }

std::string size_in_words(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double size = static_cast<double>(bytes);
  std::string_view unit;
  for (const std::string_view each : {"kB", "MB", "GB"}) {
    if (size < 1000) break;
    size /= 1000;
    unit = each;
  }
  return fmt::format("{:.1f} {}", size, unit);
}

}  // namespace aprender::cli
