#include "archive/text.hpp"

#include <algorithm>
#include <compare>
#include <utility>
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

/// Of identifiers from the left: numbers by value and before words, words by byte, fewer before more.
std::strong_ordering compare(const std::vector<std::string_view>& some, const std::vector<std::string_view>& others) {
  const auto one = [](std::string_view a, std::string_view b) {
    const bool a_counts = is_number(a), b_counts = is_number(b);
    if (a_counts != b_counts) return a_counts ? std::strong_ordering::less : std::strong_ordering::greater;
    if (a_counts && a.size() != b.size()) return a.size() <=> b.size();  // no leading zeros
    return a <=> b;
  };
  return std::lexicographical_compare_three_way(some.begin(), some.end(), others.begin(), others.end(), one);
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

bool precedes(std::string_view version, std::string_view other) {
  const auto parts = [](std::string_view text) {
    text = text.substr(0, text.find('+'));
    const std::size_t hyphen = std::min(text.find('-'), text.size());
    return std::pair(text.substr(0, hyphen), text.substr(std::min(hyphen + 1, text.size())));
  };
  const auto [numbers, stage] = parts(version);
  const auto [other_numbers, other_stage] = parts(other);
  if (const auto order = compare(split(numbers, '.'), split(other_numbers, '.')); std::is_neq(order)) {
    return std::is_lt(order);
  }
  if (stage.empty() || other_stage.empty()) return !stage.empty();  // what precedes a release has a stage
  return std::is_lt(compare(split(stage, '.'), split(other_stage, '.')));
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string uuid_of(std::string_view digest) {
  std::string uuid(digest.substr(0, 32));
  uuid[12] = '8';
  constexpr std::string_view variants = "89ab";
  uuid[16] = variants[static_cast<unsigned char>(uuid[16]) % 4];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) uuid.insert(at, "-");
  return uuid;
}

}  // namespace aprender::archive
