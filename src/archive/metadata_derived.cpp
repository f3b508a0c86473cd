#include "archive/metadata_derived.hpp"

#include <string_view>

#include "container/message.hpp"

namespace aprender::archive {
namespace {

container::Digest digest_of(std::string_view bytes) { return container::sha256(std::as_bytes(std::span(bytes))); }

}  // namespace

container::Digest input_digest(format::Inputs inputs) {
  inputs.clear_sha256();
  return digest_of(container::write_message(inputs));
}

std::string content_uuid(format::Metadata message) {
  message.mutable_identity()->clear_uuid();
  std::string hex = container::hex(digest_of(container::write_message(message)));
  hex[12] = '8';
  constexpr std::string_view variants = "89ab";
  hex[16] = variants[static_cast<unsigned char>(hex[16]) % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

}  // namespace aprender::archive
