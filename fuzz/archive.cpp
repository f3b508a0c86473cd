/// An accepted archive is written to the same bytes, and what was loaded twice is the same.
///
/// The mutator works on one member and then puts sizes, digests and CRCs right, so that the search gets past them.
#include <algorithm>
#include <random>
#include <vector>

#include "aprender/archive.hpp"
#include "container/digest.hpp"
#include "container/manifest.hpp"
#include "container/message.hpp"
#include "container/zip.hpp"
#include "fuzz/require.hpp"
#include "metadata.pb.h"

namespace {

using namespace aprender;
using Bytes = std::vector<std::byte>;

/// The archive with these members and the manifest that fits them.
Bytes rebuild(const std::vector<container::Entry>& entries, std::size_t replaced, const Bytes& bytes) {
  container::Manifest manifest;
  std::vector<container::Part> parts;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const std::span<const std::byte> member = i == replaced ? std::span<const std::byte>(bytes) : entries[i].bytes;
    parts.emplace_back(entries[i].name, member);
    manifest.members.push_back({entries[i].name, member.size(), container::hex(container::sha256(member))});
  }
  const std::string text = container::write_manifest(manifest);
  parts.insert(parts.begin(), {container::manifest_name, std::as_bytes(std::span(text))});
  return container::write_zip(parts).joined();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto archive = ModelArchive::from_bytes(bytes);
  if (!archive) return 0;
  fuzz::require(std::ranges::equal(archive->to_bytes(), bytes), "written again, the archive is the same");
  return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto entries = container::read_zip(file, {});
  std::minstd_rand random(seed);
  if (!entries || random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);

  const std::size_t chosen = 1 + random() % (entries->size() - 1);
  Bytes member(entries->at(chosen).bytes.begin(), entries->at(chosen).bytes.end());
  const std::size_t old_size = member.size();
  member.resize(old_size + 64);
  member.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(member.data()), old_size, member.size()));
  Bytes result = rebuild(*entries, chosen, member);

  if (chosen == 2) {  // the metadata repeat the digest of the weights
    format::Metadata metadata;
    if (container::read_message(entries->at(1).bytes, {}, metadata)) {
      const auto digest = container::sha256(member);
      metadata.set_weights_sha256(digest.data(), digest.size());
      const std::string text = container::write_message(metadata);
      const auto view = std::as_bytes(std::span(text));
      if (const auto rebuilt = container::read_zip(result, {})) {
        result = rebuild(*rebuilt, 1, Bytes(view.begin(), view.end()));
      }
    }
  }
  if (result.size() > max_size) return size;
  std::ranges::transform(result, data, [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return result.size();
}
