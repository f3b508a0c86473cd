/// Canonical protobuf: one encoding a message, no unknown fields (docs/format.md, section 3).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"

namespace google::protobuf {
class Message;
}

namespace aprender::container {

/// The deterministic encoding.
[[nodiscard]] std::string write_message(const google::protobuf::Message& message);

/// Fills `message` from bytes that must be its deterministic encoding without unknown fields at any level.
/// Errors: limit_exceeded (size, depth), malformed_metadata.
[[nodiscard]] Result<void> read_message(std::span<const std::byte> bytes, const Limits& limits,
                                        google::protobuf::Message& message);

}  // namespace aprender::container
