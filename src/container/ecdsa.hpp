/// Checking ECDSA signatures with OpenSSL's libcrypto.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aprender/trust.hpp"

namespace aprender::container {

enum class Verdict : std::uint8_t {
  genuine,
  other_hash,  ///< made by this key, but with the hash of another curve
  forged,      ///< not made by this key for this message, or no DER signature at all
};

[[nodiscard]] Verdict verify(const PublicKey& key, std::string_view message, std::span<const std::byte> signature);

}  // namespace aprender::container
