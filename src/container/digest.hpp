/// SHA-256 by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aprender::container {

using Digest = std::array<std::byte, 32>;

/// Throws std::bad_alloc if libcrypto cannot allocate its context.
[[nodiscard]] Digest sha256(std::span<const std::byte> bytes);

/// Lower-case hexadecimal, 64 digits.
[[nodiscard]] std::string hex(const Digest& digest);

/// Of 64 lower-case hexadecimal digits.
[[nodiscard]] Digest from_hex(std::string_view digits);

}  // namespace aprender::container
