#include "archive/text.hpp"

#include <algorithm>
#include <vector>

#include "kernel/text.h"

namespace aprender::archive {
namespace {

bool is_utf8(std::string_view text) {
  return aprender_is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) != 0;
}
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text.front() != '0');
}

/// Dot-separated identifiers; numeric ones without leading zeros where those count.
bool are_identifiers(std::string_view text, bool leading_zeros) {
  return std::ranges::all_of(split(text, '.'), [&](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_identifier) &&
           (leading_zeros || !std::ranges::all_of(part, is_digit) || is_number(part));
  });
}

}  // namespace

bool is_name(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && is_utf8(text) && std::ranges::none_of(text, is_control);
}

bool is_text(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\n' && c != '\t'; });
}

bool is_semantic_version(std::string_view text) {
  if (const auto plus = text.find('+'); plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), true)) return false;
    text = text.substr(0, plus);
  }
  if (const auto hyphen = text.find('-'); hyphen != std::string_view::npos) {
    if (!are_identifiers(text.substr(hyphen + 1), false)) return false;
    text = text.substr(0, hyphen);
  }
  const auto numbers = split(text, '.');
  return numbers.size() == 3 && std::ranges::all_of(numbers, is_number);
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace aprender::archive
