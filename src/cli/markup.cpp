#include "cli/markup.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

/// Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9), line and paragraph
/// separator, and the two code points of the basic plane that XML 1.0 excludes.
bool deceives(unsigned code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xFFFE || code == 0xFFFF;
}

/// The code point of two or three bytes of UTF-8 at i, 0 for any other byte; `size` is how many.
unsigned code_point(std::string_view text, std::size_t i, std::size_t& size) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(text[k])); };
  const auto continues = [&](std::size_t k) { return k < text.size() && (byte(k) & 0xC0U) == 0x80; };
  size = 1;
  if ((byte(i) & 0xE0U) == 0xC0 && continues(i + 1)) {
    size = 2;
    return (byte(i) & 0x1FU) << 6U | (byte(i + 1) & 0x3FU);
  }
  if ((byte(i) & 0xF0U) == 0xE0 && continues(i + 1) && continues(i + 2)) {
    size = 3;
    return (byte(i) & 0x0FU) << 12U | (byte(i + 1) & 0x3FU) << 6U | (byte(i + 2) & 0x3FU);
  }
  return 0;
}

std::string with_entities(std::string_view text) {
  std::string result;
  std::size_t size = 1;
  for (std::size_t i = 0; i < text.size(); i += size) {
    if (const unsigned code = code_point(text, i, size); deceives(code)) {
      result += fmt::format("\\u{:04x}", code);
      continue;
    }
    switch (text[i]) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += text.substr(i, size);
    }
  }
  return result;
}

}  // namespace

std::string escaped(std::string_view text) { return with_entities(printable(text)); }

std::string escaped_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    result += escaped(text.substr(0, end));
    if (end < text.size()) result += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace aprender::cli
