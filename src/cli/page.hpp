/// Sections of aligned lines for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/terminal.hpp"

namespace aprender::cli {

class Page {
 public:
  /// Lines are wrapped at `width` columns, 40 at least; single words that are longer stay whole.
  Page(const Style& style, std::size_t width);

  void section(std::string_view title);

  /// A label and its value, both made printable; nothing at all if the value is empty.
  void row(std::string_view label, std::string_view value);

  /// Text that is printable already.
  void line(std::string_view text);

  /// A line that matters less.
  void remark(std::string_view text);

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  Style style_;
  std::size_t width_;
  std::string text_;
};

/// Columns on a terminal, for the scripts that most names are written in: code points.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Made printable and cut to so many columns.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

/// Six significant digits.
[[nodiscard]] std::string short_number(double value);

/// 1500 as "1.5 kB".
[[nodiscard]] std::string size_in_words(std::uint64_t bytes);

}  // namespace aprender::cli
