/// What strings in the metadata must look like.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aprender::archive {

/// Well-formed UTF-8 without control characters, at least one byte and at most max_bytes.
[[nodiscard]] bool is_name(std::string_view text, std::size_t max_bytes);

/// Well-formed UTF-8; of the control characters only tab and line feed.
[[nodiscard]] bool is_text(std::string_view text);

/// A semantic version (semver.org 2.0.0).
[[nodiscard]] bool is_semantic_version(std::string_view text);

/// Whether one semantic version comes before another (semver.org 2.0.0, section 11).
[[nodiscard]] bool precedes(std::string_view version, std::string_view other);

/// Exactly that many lower-case hexadecimal digits.
[[nodiscard]] bool is_hex(std::string_view text, std::size_t digits);

/// RFC 9562, version 8: 122 bits of a digest in hexadecimal, of which at least 32 digits are given.
[[nodiscard]] std::string uuid_of(std::string_view digest);

}  // namespace aprender::archive
