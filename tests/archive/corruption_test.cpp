// Accidents: whatever happens to the bytes of an archive, it is refused with a typed error or is the very same model.
#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"

namespace aprender {
namespace {

using rebuild::Bytes;

const Bytes& sample() {
  static const Bytes bytes = ModelArchive(samples::ridge<double>(), {.name = "m", .provenance = {}}).to_bytes();
  return bytes;
}

TEST(Corruption, EveryFlippedByteIsNoticed) {
  Bytes bytes = sample();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const std::byte mask : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
      bytes[at] ^= mask;
      const auto loaded = ModelArchive::from_bytes(bytes);
      EXPECT_FALSE(loaded) << "byte " << at << " of " << bytes.size() << ", mask " << std::to_integer<int>(mask);
      bytes[at] ^= mask;
    }
  }
}

TEST(Corruption, EveryTruncationIsNoticed) {
  for (std::size_t size = 0; size < sample().size(); ++size) {
    const auto loaded = ModelArchive::from_bytes(std::span(sample()).first(size));
    ASSERT_FALSE(loaded) << size;
    EXPECT_EQ(loaded.error().code, ErrorCode::malformed_container) << size;
  }
}

TEST(Corruption, NothingMayStandBeforeOrBehind) {
  for (const std::byte value : {std::byte{0}, std::byte{'P'}}) {
    Bytes longer = sample();
    longer.push_back(value);
    EXPECT_FALSE(ModelArchive::from_bytes(longer));
    longer = sample();
    longer.insert(longer.begin(), value);
    EXPECT_FALSE(ModelArchive::from_bytes(longer));
  }
}

// Every byte of a member changed with sizes, CRCs and digests corrected: the canonical forms, the schema and the
// numeric contract are what is left to notice it.
TEST(Corruption, EveryFlippedByteOfAMemberIsNoticedUnderCorrectedChecksums) {
  const auto members = rebuild::members_of(sample());
  for (std::size_t k = 0; k < members.size(); ++k) {
    for (std::size_t at = 0; at < members[k].second.size(); ++at) {
      auto edited = members;
      edited[k].second[at] ^= std::byte{0x04};
      const auto loaded = ModelArchive::from_bytes(rebuild::archive_of(edited));
      EXPECT_FALSE(loaded) << members[k].first << ", byte " << at;
    }
  }
}

TEST(Corruption, LimitsAreChecked) {
  const auto code = [](const Limits& limits) {
    const auto loaded = ModelArchive::from_bytes(sample(), {.limits = limits});
    return loaded ? ErrorCode::cannot_open : loaded.error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::cannot_open) << "the defaults accept the sample";
  EXPECT_EQ(code({.manifest_bytes = 10}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code({.metadata_bytes = 10}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code({.safetensors_header_bytes = 10}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code({.entries = 2}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code({.tensors = 1}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code({.archive_bytes = 10}), ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace aprender
