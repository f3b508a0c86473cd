#include "fuzz/mutate_archive.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "archive/intake.hpp"
#include "archive/metadata.hpp"
#include "archive/weights.hpp"
#include "container/safetensors.hpp"
#include "container/text.hpp"
#include "fuzz/mutate_message.hpp"
#include "fuzz/mutate_safetensors.hpp"
#include "tests/archive/rebuild.hpp"

namespace aprender::fuzz {
namespace {

using rebuild::Bytes;
using rebuild::Members;

/// The metadata say of the weights what follows from them; sometimes also their shapes.
void follow(format::Metadata& metadata, const Bytes& weights, Random& random) {
  const auto digest = container::sha256(weights);
  metadata.set_weights_sha256(digest.data(), digest.size());
  const auto tensors = container::read_safetensors(weights, {});
  if (!tensors || random.one_in(4)) return;
  metadata.clear_tensors();
  for (const auto& tensor : *tensors) {
    auto* added = metadata.add_tensors();
    added->set_name(tensor.name);
    added->set_dtype(tensor.dtype == container::Dtype::f32 ? format::F32 : format::F64);
    metadata.mutable_inputs()->set_dtype(added->dtype());
    for (const std::uint64_t n : tensor.shape) added->add_shape(n);
  }
  for (auto& feature : *metadata.mutable_inputs()->mutable_features()) feature.set_dtype(metadata.inputs().dtype());
}

/// The numeric contract is what the model computes, if everything else holds.
void keep_contract(Members& members) {
  auto metadata = archive::read_metadata(rebuild::member(members, container::metadata_name), {});
  const auto tensors = container::read_safetensors(rebuild::member(members, container::weights_name), {});
  if (!metadata || !tensors) return;
  archive::Intake intake(1);
  const auto model = archive::read_weights(*tensors, *metadata, intake);
  if (!model) return;
  metadata->contract = archive::make_contract(*model, metadata->schema.features);
  rebuild::member(members, container::metadata_name) = rebuild::to_bytes(archive::write_metadata(*metadata));
}

void mutate_extension(Members& members, Random& random) {
  const std::string name = std::string(container::extension_prefix) + static_cast<char>('a' + random.below(26));
  const auto found = std::ranges::find(members, name, &Members::value_type::first);
  if (found != members.end() && random.one_in(2)) {
    members.erase(found);
  } else if (found != members.end()) {
    mutate_bytes(found->second);
  } else {
    members.insert(random.one_in(8)
                       ? members.begin()
                       : std::ranges::upper_bound(members.begin() + std::min<std::ptrdiff_t>(2, std::ssize(members)),
                                                  members.end(), name, {}, &Members::value_type::first),
                   {name, Bytes(random.below(8), std::byte{7})});
  }
}

void mutate_manifest(container::Manifest& manifest, Random& random) {
  switch (random.below(6)) {
    case 0:
      manifest.schema_version = static_cast<std::uint32_t>(other_integer(random, manifest.schema_version));
      break;
    case 1:
      manifest.min_reader_version = static_cast<std::uint32_t>(other_integer(random, manifest.min_reader_version));
      break;
    case 2:
      manifest.required_features.emplace_back(random.one_in(2) ? container::signature_feature : "");
      break;
    case 3:
      random.of(manifest.members).size = other_integer(random, random.of(manifest.members).size);
      break;
    case 4:
      mutate_bytes(random.of(manifest.members).name, 4);
      break;
    default:
      mutate_bytes(random.of(manifest.members).sha256, 1);
  }
}

}  // namespace

std::vector<std::byte> mutate_archive(std::span<const std::byte> file, Random& random) {
  if (random.one_in(32)) return random_archive(random).to_bytes();
  const auto entries = container::read_zip(file, {});
  if (!entries || random.one_in(32)) return {};
  Members members = rebuild::members_of({file.begin(), file.end()});
  Bytes& weights = rebuild::member(members, container::weights_name);
  Bytes& metadata_bytes = rebuild::member(members, container::metadata_name);

  const std::size_t what = random.below(16);
  format::Metadata metadata;
  const bool known = container::read_message(metadata_bytes, {}, metadata).has_value();
  if (what < 7 && known) {
    do mutate(metadata, random);
    while (random.one_in(3));
  } else if (what < 12) {
    mutate_safetensors(weights, random);
  } else if (what == 12) {
    mutate_bytes(random.of(members).second);
    return rebuild::archive_of(members);
  } else if (what == 13) {
    mutate_extension(members, random);
    return rebuild::archive_of(members);
  } else if (what == 14) {
    return rebuild::archive_of(members, [&](container::Manifest& manifest) { mutate_manifest(manifest, random); });
  } else {
    if (const auto archive = ModelArchive::from_bytes(file)) {
      static const PrivateKey key = PrivateKey::generate(Curve::p256);
      return archive->sign(key).to_bytes();
    }
  }
  if (known) {
    if (!random.one_in(16)) follow(metadata, weights, random);
    if (!random.one_in(16)) seal(metadata);
    metadata_bytes = rebuild::to_bytes(container::write_message(metadata));
    if (random.one_in(2)) keep_contract(members);
  }
  return rebuild::archive_of(members);
}

}  // namespace aprender::fuzz
