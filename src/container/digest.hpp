/// SHA-256 by OpenSSL's libcrypto, CRC-32 by libdeflate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace aprender::container {

using Digest = std::array<std::byte, 32>;

/// SHA-256 of bytes that come in parts. Throws std::bad_alloc if libcrypto cannot allocate its context.
class Sha256 {
 public:
  Sha256();
  void add(std::span<const std::byte> bytes);

  /// Of all bytes added; the end of this object's use.
  [[nodiscard]] Digest digest();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// CRC-32 (ISO 3309, as in ZIP) of bytes that come in parts.
class Crc32 {
 public:
  void add(std::span<const std::byte> bytes) noexcept;
  [[nodiscard]] std::uint32_t value() const noexcept { return value_; }

 private:
  std::uint32_t value_ = 0;
};

[[nodiscard]] Digest sha256(std::span<const std::byte> bytes);

/// Whether no bit differs.
[[nodiscard]] bool same(const Digest& a, const Digest& b) noexcept;

/// Lower-case hexadecimal, 64 digits.
[[nodiscard]] std::string hex(const Digest& digest);

/// Of 64 lower-case hexadecimal digits.
[[nodiscard]] Digest from_hex(std::string_view digits);

}  // namespace aprender::container
