/// Base64 (RFC 4648, section 4), one spelling for one sequence of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aprender::container {

[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);

/// Nothing if `text` is not what to_base64 gives: no blanks, all padding, no bits left over.
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace aprender::container
