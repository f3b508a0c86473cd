// A small file that announces gigabytes is refused at once, and no memory is asked for in its name.
#include <chrono>
#include <functional>
#include <new>

#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"
#include "container/forged_zip.hpp"
#include "container/outcome.hpp"
#include "kernel/little_endian.h"
#include "support/memory_limit.hpp"

namespace aprender {
namespace {

using container::Manifest;
using format::Metadata;
using rebuild::Bytes;
using support::address_sanitizer;
using support::MemoryLimit;
using test::ForgedZip;
using test::SharedFields;

constexpr std::uint64_t five_gib = std::uint64_t{5} << 30;

constexpr std::size_t little = std::size_t{16} << 20;

Bytes small_archive() { return ModelArchive(samples::ridge<double>(), {.name = "m", .provenance = {}}).to_bytes(); }

/// The archive with fields of its container that are not true.
Bytes forged(const Bytes& archive, const std::function<void(ForgedZip&)>& edit) {
  ForgedZip zip;
  zip.entries.clear();
  const auto entries = container::read_zip(archive, Limits{}).value();
  for (const auto& entry : entries) {
    zip.entries.emplace_back(entry.name,
                             std::string(reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()));
  }
  edit(zip);
  return rebuild::to_bytes(zip.bytes());
}

Bytes with_sizes(std::uint32_t size) {
  return forged(small_archive(), [&](ForgedZip& zip) {
    zip.entries[2].edit_both([&](SharedFields& fields) { fields.size = fields.compressed_size = size; });
  });
}

/// ZIP64 sizes of the weights in both headers, and everything else as such an entry has it.
Bytes with_zip64_size(const Bytes& archive, std::uint64_t size) {
  return forged(archive, [&](ForgedZip& zip) {
    auto& weights = zip.entries[2];
    weights.edit_both([](SharedFields& fields) {
      fields.version = 45;
      fields.size = fields.compressed_size = UINT32_MAX;
    });
    const std::string both = ForgedZip::u32(size & UINT32_MAX) + ForgedZip::u32(size >> 32);
    weights.local_extra = weights.central_extra = ForgedZip::u16(1) + ForgedZip::u16(16) + both + both;
    weights.made_by = 0x032d;
    weights.aligned = false;
  });
}

/// Another header of the weights, under digests that are right.
Bytes with_header(std::string header, const std::function<void(Metadata&)>& edit = {}) {
  while ((header.size() + 8) % 64 != 0) header += ' ';
  Bytes weights(8);
  EXPECT_NE(aprender_store_u64(reinterpret_cast<std::uint8_t*>(weights.data()), header.size()), nullptr);
  const Bytes text = rebuild::to_bytes(header);
  weights.insert(weights.end(), text.begin(), text.end());
  weights.resize(weights.size() + 4 * sizeof(double));
  return rebuild::with_weights(small_archive(), weights, edit);
}

Bytes with_header_length(std::uint64_t length) {
  auto members = rebuild::members_of(small_archive());
  Bytes weights = rebuild::member(members, container::weights_name);
  EXPECT_NE(aprender_store_u64(reinterpret_cast<std::uint8_t*>(weights.data()), length), nullptr);
  return rebuild::with_weights(small_archive(), weights);
}

/// Metadata of a model with that many features, consistent in themselves.
void announce(Metadata& metadata, std::uint64_t features) {
  metadata.mutable_inputs()->set_n_features(features);
  metadata.mutable_fit()->set_n_features(features);
  metadata.mutable_tensors(0)->set_shape(0, features);
  for (auto& probe : *metadata.mutable_numeric_contract()->mutable_probes()) {
    probe.clear_indices();
    probe.clear_values();
  }
}

/// Bytes behind the metadata, under a manifest that is right about them.
Bytes with_metadata_bytes(std::string_view more) {
  auto members = rebuild::members_of(small_archive());
  const Bytes bytes = rebuild::to_bytes(more);
  Bytes& metadata = rebuild::member(members, container::metadata_name);
  metadata.insert(metadata.end(), bytes.begin(), bytes.end());
  return rebuild::archive_of(members);
}

struct Claim {
  const char* name;
  std::function<Bytes()> archive;
  ErrorCode code;
  const char* context;
};

std::ostream& operator<<(std::ostream& out, const Claim& claim) { return out << claim.name; }

class DeclaredSize : public testing::TestWithParam<Claim> {};

TEST_P(DeclaredSize, IsRefusedAtOnceAndInLittleMemory) {
  ASSERT_EQ(outcome(ModelArchive::from_bytes(small_archive())), "accepted");
  const Bytes archive = GetParam().archive();
  EXPECT_LT(archive.size(), 4096U);
  const auto start = std::chrono::steady_clock::now();
  const auto result = [&] {
    const MemoryLimit limit(little);
    return ModelArchive::from_bytes(archive);
  }();
  EXPECT_TRUE(refused(result, GetParam().code, GetParam().context));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(DeclaredSizeLimit, AGoodArchiveIsWithinItAndAGreedyReaderWouldNotBe) {
  const Bytes good = small_archive();
  const MemoryLimit limit(little);
  EXPECT_EQ(outcome(ModelArchive::from_bytes(good)), "accepted");
  if (!address_sanitizer) {
    EXPECT_THROW(Bytes{}.resize(2 * little), std::bad_alloc);
  }
}

/// Without a model, so that a kilobyte is enough; all other claims are made by a file that is whole but for them.
TEST(DeclaredSizeLimit, FiveGibibytesInOneKilobyte) {
  const rebuild::Members empty = {{std::string(container::metadata_name), {}},
                                  {std::string(container::weights_name), Bytes(8)}};
  const Bytes in_zip = with_zip64_size(rebuild::archive_of(empty), five_gib);
  const Bytes in_manifest = rebuild::archive_of(empty, [](Manifest& manifest) { manifest.members[1].size = five_gib; });
  for (const Bytes& archive : {in_zip, in_manifest}) EXPECT_LE(archive.size(), 1024U);
  const MemoryLimit limit(little);
  EXPECT_TRUE(refused(ModelArchive::from_bytes(in_zip), ErrorCode::malformed_container,
                      "entry 2: local header: bytes left before the directory"));
  EXPECT_TRUE(refused(ModelArchive::from_bytes(in_manifest), ErrorCode::size_mismatch, "the manifest says 5368709120"));
}

std::string tensors(const std::string& shape, const std::string& end, const std::string& rest) {
  return R"({"coefficients":{"dtype":"F64","shape":)" + shape + R"(,"data_offsets":[0,)" + end +
         R"(]},"intercept":{"dtype":"F64","shape":[1],"data_offsets":[)" + rest + "]}}";
}

INSTANTIATE_TEST_SUITE_P(
    Archive, DeclaredSize,
    testing::Values(Claim{"ZipSizes", [] { return with_sizes(UINT32_MAX - 1); }, ErrorCode::malformed_container,
                          "entry 2: local header: bytes left before the directory"},
                    Claim{"Zip64Marker", [] { return with_sizes(UINT32_MAX); }, ErrorCode::malformed_container,
                          "version made by is 778, expected 813"},
                    Claim{"Zip64", [] { return with_zip64_size(small_archive(), five_gib); },
                          ErrorCode::malformed_container, "entry 2: local header: bytes left before the directory"},
                    Claim{"Zip64OfAllBytes", [] { return with_zip64_size(small_archive(), ~std::uint64_t{0}); },
                          ErrorCode::malformed_container, "entry 2: local header: bytes left before the directory"},
                    Claim{"Zip64Directory",
                          [] {
                            return forged(small_archive(), [](ForgedZip& zip) { zip.directory_offset = UINT32_MAX; });
                          },
                          ErrorCode::malformed_container, "ZIP64 end record"},
                    Claim{"Entries",
                          [] {
                            return forged(small_archive(), [](ForgedZip& zip) {
                              zip.entry_count = zip.entries_on_disk = UINT16_MAX - 1;
                            });
                          },
                          ErrorCode::limit_exceeded, "65534"},
                    Claim{"Manifest",
                          [] {
                            return rebuild::archive_of(rebuild::members_of(small_archive()),
                                                       [](Manifest& manifest) { manifest.members[1].size = five_gib; });
                          },
                          ErrorCode::size_mismatch, "the manifest says 5368709120"},
                    Claim{"SafetensorsHeader", [] { return with_header_length(five_gib - 8); },
                          ErrorCode::malformed_safetensors, "header length is 5368709112"},
                    Claim{"SafetensorsHeaderOfAllBytes", [] { return with_header_length(~std::uint64_t{0}); },
                          ErrorCode::malformed_safetensors, "header length is 18446744073709551615"},
                    Claim{"Shape",
                          [] {
                            return with_header(tensors("[671088640]", "5368709120", "5368709120,5368709128"),
                                               [](Metadata& metadata) { announce(metadata, five_gib / 8); });
                          },
                          ErrorCode::malformed_safetensors, "data_offsets end at 5368709120, the data have 32 bytes"},
                    Claim{"ShapeThatOverflowsToTheRightSize",  // 3 modulo 2^61
                          [] { return with_header(tensors("[1308659,7047956753329]", "24", "24,32")); },
                          ErrorCode::malformed_safetensors, "shape asks for 2^64 bytes or more"},
                    Claim{"ShapeInTheMetadataAlone",
                          [] {
                            return rebuild::with_metadata(small_archive(), [](Metadata& metadata) {
                              announce(metadata, five_gib / 8);
                              rebuild::seal(metadata);
                            });
                          },
                          ErrorCode::wrong_tensors, "metadata.pb announces coefficients F64 [671088640]"},
                    Claim{"ShapeInTheMetadataThatOverflows",
                          [] {
                            return rebuild::with_metadata(small_archive(), [](Metadata& metadata) {
                              announce(metadata, (std::uint64_t{1} << 63) - 1);
                              metadata.mutable_tensors(0)->add_shape(~std::uint64_t{0});
                              rebuild::seal(metadata);
                            });
                          },
                          ErrorCode::wrong_tensors, "metadata.pb announces coefficients F64 [9223372036854775807, "},
                    Claim{"ProtobufField", [] { return with_metadata_bytes("\x5a\x80\x80\x80\x80\x14"); },
                          ErrorCode::malformed_metadata, "no field in the remaining 6 bytes"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace aprender
