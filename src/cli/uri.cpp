#include "cli/uri.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace aprender::cli {
namespace {

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Characters of a URI, and escapes of two digits.
bool has_characters_of_uri(std::string_view text) {
  const auto is_digit = [&](std::size_t i) {
    return i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' ? !(is_digit(i + 1) && is_digit(i + 2))
                       : !is_alphanumeric(text[i]) &&
                             std::string_view("-._~:/?#@!$&'()*+,;=").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

/// Where the scheme ends, at its colon; npos if there is none.
std::size_t end_of_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || std::isalpha(static_cast<unsigned char>(text.front())) == 0) {
    return std::string_view::npos;
  }
  const bool scheme = std::ranges::all_of(text.substr(0, colon), [](char c) {
    return is_alphanumeric(c) || std::string_view("+-.").find(c) != std::string_view::npos;
  });
  return scheme ? colon : std::string_view::npos;
}

}  // namespace

bool is_uri(std::string_view text) {
  const std::size_t colon = end_of_scheme(text);
  return colon != std::string_view::npos && colon + 1 < text.size() && has_characters_of_uri(text) &&
         std::ranges::count(text, '#') <= 1;
}

bool is_address(std::string_view text) { return is_uri(text) && text.substr(end_of_scheme(text)).starts_with("://"); }

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_alphanumeric(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::optional<std::string> uri_of_remote(std::string_view remote) {
  if (is_address(remote)) return std::string(remote);
  const std::size_t colon = remote.find(':');
  const std::string_view host = remote.substr(0, colon);
  // A letter and a colon is a drive; a slash before the colon is part of a path.
  const bool is_host = colon != std::string_view::npos && host.size() > 1 && std::ranges::all_of(host, [](char c) {
                         return is_alphanumeric(c) || std::string_view("-._~@").find(c) != std::string_view::npos;
                       });
  if (!is_host || remote.substr(colon).starts_with("://")) return {};
  std::string_view path = remote.substr(colon + 1);
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return fmt::format("ssh://{}/{}", host, percent_encoded(path));
}

}  // namespace aprender::cli
