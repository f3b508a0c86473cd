/// JSON that is not trusted, as the manifest and the header of safetensors hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "aprender/error.hpp"

namespace aprender::container {

/// Where the bytes come from and what to answer if they are not what they should be.
struct JsonPart {
  std::string_view name;  ///< "manifest.json"
  ErrorCode malformed;
  std::uint32_t max_depth;   ///< nesting of objects and arrays
  bool unique_keys = false;  ///< refuse an object with two members of one name
};

/// RFC 8259 in UTF-8, nothing around it. Errors: limit_exceeded (depth), part.malformed. Keeps the last of duplicate
/// keys unless they are refused: the caller compares bytes with require_canonical.
[[nodiscard]] Result<nlohmann::json> parse_json(std::span<const std::byte> bytes, const JsonPart& part);

/// An integer in [0, 2^53 - 1], written as one.
[[nodiscard]] std::optional<std::uint64_t> json_integer(const nlohmann::json& value);

/// part.malformed, naming the first byte in which they differ, unless `bytes` are exactly `canonical`.
[[nodiscard]] Result<void> require_canonical(std::span<const std::byte> bytes, std::string_view canonical,
                                             const JsonPart& part);

}  // namespace aprender::container
