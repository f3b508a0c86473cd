#include "container/text.hpp"

namespace aprender::container {

std::string in_quotes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t longest = 64;
  std::string result = "\"";
  for (const char character : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte > 0x7e || character == '"' || character == '\\') {
      result.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    } else {
      result += character;
    }
  }
  return result += text.size() > longest ? "...\"" : "\"";
}

}  // namespace aprender::container
