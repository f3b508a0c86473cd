#include "archive/metadata_derived.hpp"

#include <string_view>

#include "archive/text.hpp"
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
  return uuid_of(container::hex(digest_of(container::write_message(message))));
}

}  // namespace aprender::archive
