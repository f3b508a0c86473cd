#include "archive/metadata_derived.hpp"

#include <string_view>

#include "archive/text.hpp"
#include "container/message.hpp"
#include "container/on_arena.hpp"

namespace aprender::archive {
namespace {

container::Digest digest_of(std::string_view bytes) { return container::sha256(std::as_bytes(std::span(bytes))); }

}  // namespace

container::Digest input_digest(const format::Inputs& inputs) {
  container::OnArena<format::Inputs> others(inputs);
  others->clear_sha256();
  return digest_of(container::write_message(*others));
}

std::string content_uuid(const format::Metadata& message) {
  container::OnArena<format::Metadata> others(message);
  others->mutable_identity()->clear_uuid();
  return uuid_of(container::hex(digest_of(container::write_message(*others))));
}

}  // namespace aprender::archive
