#include "container/digest.hpp"

#include <new>

#include <libdeflate.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "kernel/compare.h"

namespace aprender::container {

namespace {

/// What libcrypto cannot refuse, but for lack of memory; of which it keeps a record that nobody will read.
void require(bool done) {
  if (done) return;
  ERR_clear_error();
  throw std::bad_alloc();
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::add(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Digest Sha256::digest() {
  Digest digest{};
  unsigned int size = 0;
  const int ok = EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  require(ok == 1 && size == digest.size());
  return digest;
}

void Crc32::add(std::span<const std::byte> bytes) noexcept {
  value_ = libdeflate_crc32(value_, bytes.data(), bytes.size());
}

Digest sha256(std::span<const std::byte> bytes) {
  Sha256 all;
  all.add(bytes);
  return all.digest();
}

bool same(const Digest& a, const Digest& b) noexcept {
  const auto bytes = [](const Digest& digest) { return reinterpret_cast<const std::uint8_t*>(digest.data()); };
  return aprender_equal(bytes(a), bytes(b), a.size()) != 0;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::byte byte : digest) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

Digest from_hex(std::string_view digits) {
  const auto value = [](char c) { return static_cast<unsigned int>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::byte>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  }
  return digest;
}

}  // namespace aprender::container
