/// Keys that everybody knows: their secret is the number one. Inputs signed with them are genuine in every run.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "aprender/trust.hpp"
#include "container/base64.hpp"

namespace aprender::fuzz {

/// SEC 1 (RFC 5915) in PEM of the secret one, `bytes` wide, on the curve of that object identifier.
inline std::string pem_of_one(std::size_t bytes, std::string_view curve) {
  const auto tagged = [](unsigned char tag, const std::string& value) {
    return std::string{static_cast<char>(tag), static_cast<char>(value.size())} + value;
  };
  const std::string secret = std::string(bytes - 1, '\0') + '\1';
  const std::string der = tagged(0x30, tagged(0x02, "\1") + tagged(0x04, secret) + tagged(0xa0, std::string(curve)));
  return "-----BEGIN EC PRIVATE KEY-----\n" + container::to_base64(std::as_bytes(std::span(der))) +
         "\n-----END EC PRIVATE KEY-----\n";
}

/// One on every curve.
inline const std::array<PrivateKey, 3>& known_keys() {
  using namespace std::literals;
  static const std::array<PrivateKey, 3> keys = {
      PrivateKey::from_pem(pem_of_one(32, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv)).value(),
      PrivateKey::from_pem(pem_of_one(48, "\x06\x05\x2b\x81\x04\x00\x22"sv)).value(),
      PrivateKey::from_pem(pem_of_one(66, "\x06\x05\x2b\x81\x04\x00\x23"sv)).value()};
  return keys;
}

}  // namespace aprender::fuzz
