/// Bytes from a file as text, and text as it may appear in an error message.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aprender::container {

/// In double quotes; everything but printable ASCII escaped as \xNN, cut off with "..." behind 64 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The bytes of a part of the file as text.
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace aprender::container
