/// Takes an archive apart, lets a test edit a member, and puts it together again with sizes and digests that fit:
/// what somebody does who knows the format.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "aprender/archive.hpp"
#include "container/digest.hpp"
#include "container/manifest.hpp"
#include "container/message.hpp"
#include "container/zip.hpp"
#include "metadata.pb.h"

namespace aprender::rebuild {

using Bytes = std::vector<std::byte>;

inline Bytes to_bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

/// Members by name, without the manifest.
using Members = std::vector<std::pair<std::string, Bytes>>;

inline Members members_of(const Bytes& archive) {
  Members members;
  const auto entries = container::read_zip(archive, Limits{}).value();
  for (const auto& entry : entries) {
    if (entry.name != container::manifest_name)
      members.emplace_back(entry.name, Bytes(entry.bytes.begin(), entry.bytes.end()));
  }
  return members;
}

inline Bytes& member(Members& members, std::string_view name) {
  for (auto& [found, bytes] : members) {
    if (found == name) return bytes;
  }
  throw std::out_of_range(std::string(name));
}

/// The archive of these members; `edit` may change the manifest before it is written.
inline Bytes archive_of(const Members& members, const std::function<void(container::Manifest&)>& edit = {}) {
  container::Manifest manifest;
  for (const auto& [name, bytes] : members) {
    manifest.members.push_back({name, bytes.size(), container::hex(container::sha256(bytes))});
  }
  if (edit) edit(manifest);
  const Bytes manifest_bytes = to_bytes(container::write_manifest(manifest));
  std::vector<container::Part> parts = {{container::manifest_name, manifest_bytes}};
  for (const auto& [name, bytes] : members) parts.emplace_back(name, bytes);
  return container::write_zip(parts).joined();
}

/// The archive with its metadata edited as a message, and the uuid and digests inside left as they are.
inline Bytes with_metadata(const Bytes& archive, const std::function<void(format::Metadata&)>& edit) {
  Members members = members_of(archive);
  Bytes& bytes = member(members, container::metadata_name);
  format::Metadata message;
  if (!container::read_message(bytes, Limits{}, message)) throw std::runtime_error("the sample does not parse");
  edit(message);
  bytes = to_bytes(container::write_message(message));
  return archive_of(members);
}

/// The UUID is made to follow from the rest of the message again.
inline void seal_identity(format::Metadata& message) {
  message.mutable_identity()->clear_uuid();
  std::string hex = container::hex(container::sha256(to_bytes(container::write_message(message))));
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
  message.mutable_identity()->set_uuid(hex.substr(0, 36));
}

/// So is the digest of the inputs.
inline void seal(format::Metadata& message) {
  message.mutable_inputs()->clear_sha256();
  const auto digest = container::sha256(to_bytes(container::write_message(message.inputs())));
  message.mutable_inputs()->set_sha256(std::string(reinterpret_cast<const char*>(digest.data()), digest.size()));
  seal_identity(message);
}

/// The archive with other weights, metadata that `edit` may change, and every digest of them corrected.
inline Bytes with_weights(const Bytes& archive, const Bytes& weights,
                          const std::function<void(format::Metadata&)>& edit = {}) {
  Members members = members_of(archive);
  member(members, container::weights_name) = weights;
  return with_metadata(archive_of(members), [&](format::Metadata& metadata) {
    const auto digest = container::sha256(weights);
    metadata.set_weights_sha256(std::string(reinterpret_cast<const char*>(digest.data()), digest.size()));
    if (edit) edit(metadata);
    seal(metadata);
  });
}

}  // namespace aprender::rebuild
