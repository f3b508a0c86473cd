/// What a verdict of acceptance implies, by brute force over many files.
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "kernel/safetensors_layout.h"
#include "kernel/zip_framing.h"

namespace aprender {
namespace {

const std::uint8_t* raw(const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

TEST(ZipPadding, IsTheShortestFieldThatAligns) {
  for (std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1} << 31, ~std::uint64_t{0} - 200}) {
    for (std::uint64_t shift = 0; shift < 130; ++shift) {
      for (std::uint16_t name_size = 0; name_size < 70; ++name_size) {
        const std::uint64_t end = offset + shift + 30 + name_size;
        std::uint64_t size = 0;
        while ((end + size) % 64 != 0 || (size > 0 && size < 4)) ++size;
        ASSERT_EQ(aprender_zip_padding(offset + shift, name_size), size) << offset + shift << ' ' << name_size;
      }
    }
  }
  EXPECT_EQ(aprender_zip_padding(0, UINT16_MAX), 35);
}

/// Random files around a valid one: acceptance means that every byte belongs to exactly one record, in order.
TEST(ZipWalk, AcceptedImpliesThatEveryByteIsAccountedFor) {
  test::ForgedZip zip;
  zip.entries.emplace_back("ext/a", "");
  const std::string good = zip.bytes();
  std::mt19937 random(4);
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string file = good;
    for (unsigned edits = random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % file.size();
      switch (random() % 4) {
        case 0:
          file[at] = static_cast<char>(random());
          break;
        case 1:
          file.erase(at, random() % 8);
          break;
        case 2:
          file.insert(at, random() % 8, '\0');
          break;
        default:
          file[at] = good[random() % good.size()];
      }
    }
    file.shrink_to_fit();
    std::array<aprender_zip_entry, 5> entries{};
    std::uint32_t count = 0;
    if (aprender_zip_walk(raw(file), file.size(), entries.data(), 5, &count).field != APRENDER_ZIP_ACCEPTED) continue;
    ++accepted;
    ASSERT_LE(count, 5U);
    std::uint64_t next = 0;
    std::uint64_t directory = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(entries[i].header_offset, next);
      ASSERT_EQ(entries[i].name_offset, next + 30);
      ASSERT_EQ(entries[i].data_offset, next + 30 + entries[i].name_size + entries[i].padding);
      next = entries[i].data_offset + entries[i].data_size;
      directory += 46U + entries[i].name_size;
    }
    ASSERT_EQ(next + directory + 22, file.size());
  }
  EXPECT_GT(accepted, 10'000);  // the unedited quarter, and changed data
}

TEST(ZipWalk, CountIsNeverLargerThanTheCapacity) {
  const std::string file = test::ForgedZip{}.bytes();
  std::array<aprender_zip_entry, 3> entries{};
  std::uint32_t count = 0;
  EXPECT_EQ(aprender_zip_walk(raw(file), file.size(), entries.data(), 2, &count).field, APRENDER_ZIP_TOO_MANY);
  EXPECT_EQ(aprender_zip_walk(raw(file), file.size(), entries.data(), 3, &count).field, APRENDER_ZIP_ACCEPTED);
  EXPECT_EQ(count, 3U);
}

/// A ZIP64 record whose directory begins just below 2^64 and would end, 64 bits wide, where it should.
TEST(ZipWalk, ADirectoryThatEndsBehind64BitsIsNotReportedAsEndingWhereItShould) {
  std::array<std::uint8_t, std::size_t{APRENDER_ZIP64_END_SIZE} + APRENDER_ZIP_END_SIZE> file{};
  std::uint8_t* to = aprender_zip64_store_end(file.data(), 0, 5, ~std::uint64_t{0} - 4);
  to = aprender_store_u64(aprender_store_u32(to, APRENDER_ZIP_END_SIGNATURE), 0);
  (void)aprender_store_u32(aprender_store_u32(to, 5), UINT32_MAX);
  std::uint32_t count = 0;
  const auto verdict = aprender_zip_walk(file.data(), file.size(), nullptr, 0, &count);
  EXPECT_EQ(verdict.field, APRENDER_ZIP_END_DIRECTORY_END);
  EXPECT_EQ(verdict.expected, 0U);
  EXPECT_EQ(verdict.found, UINT64_MAX);
}

#ifdef __SIZEOF_INT128__  // which compilers for 32 bits do not have
TEST(SafetensorsLayout, AgreesWithAnOracleIn128Bits) {
  __extension__ using Wide = unsigned __int128;
  std::mt19937_64 random(5);
  const auto dimension = [&]() -> std::uint64_t {
    switch (random() % 8) {
      case 0:
        return 0;
      case 1:
        return random();
      case 2:
        return std::uint64_t{1} << random() % 64;
      default:
        return random() % 5;
    }
  };
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::array<std::array<std::uint64_t, 4>, 4> shapes{};
    std::array<aprender_tensor_layout, 4> tensors{};
    const std::size_t count = random() % 5;
    bool expected = true;
    Wide next = 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::uint64_t& d : shapes[i]) d = dimension();
      tensors[i] = {shapes[i].data(), random() % 5, random() % 2 == 0 ? 4U : 8U, static_cast<std::uint64_t>(next), 0};
      Wide bytes = tensors[i].item_size;
      bool overflow = false;
      for (std::size_t k = 0; k < tensors[i].rank; ++k) {
        bytes *= shapes[i][k];
        overflow = overflow || bytes > UINT64_MAX;
        if (overflow) break;
      }
      tensors[i].end = static_cast<std::uint64_t>(next + bytes);
      if (random() % 16 == 0) tensors[i].begin += 1 + random() % 2;
      if (random() % 16 == 0) tensors[i].end -= 1;
      expected = expected && !overflow && tensors[i].begin == next && tensors[i].end == next + bytes;
      next = tensors[i].end;
    }
    const std::uint64_t size = static_cast<std::uint64_t>(next) + (random() % 16 == 0 ? 1 : 0);
    expected = expected && size == next;
    const bool accepts =
        aprender_safetensors_layout(tensors.data(), count, size).fault == APRENDER_SAFETENSORS_ACCEPTED;
    ASSERT_EQ(accepts, expected) << round;
    accepted += accepts ? 1 : 0;
  }
  EXPECT_GT(accepted, 10'000);
}
#endif

/// Eight bytes and 2^64 - 8 more: each size fits 64 bits, the end does not.
TEST(SafetensorsLayout, AnEndThatDoesNotFit64BitsIsNoEnd) {
  const std::uint64_t one = 1;
  const std::uint64_t many = (std::uint64_t{1} << 61) - 1;
  const std::array<aprender_tensor_layout, 2> tensors{{{&one, 1, 8, 0, 8}, {&many, 1, 8, 8, 0}}};
  const auto verdict = aprender_safetensors_layout(tensors.data(), 2, 8);
  EXPECT_EQ(verdict.fault, APRENDER_SAFETENSORS_SHAPE_OVERFLOW);
  EXPECT_EQ(verdict.tensor, 1U);
}

TEST(SafetensorsHeader, AcceptedImpliesThatItEndsAlignedWithinTheFile) {
  std::array<std::uint8_t, 256> bytes{};
  for (std::uint64_t size = 0; size <= bytes.size(); ++size) {
    for (std::uint64_t length = 0; length < 300; ++length) {
      (void)aprender_store_u64(bytes.data(), length);
      std::uint64_t header = 0;
      const auto verdict = aprender_safetensors_header(bytes.data(), size, &header);
      const bool expected = size >= 8 && length <= size - 8 && (8 + length) % 64 == 0;
      ASSERT_EQ(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED, expected) << size << ' ' << length;
      ASSERT_EQ(header, expected ? length : 0);
    }
  }
}

}  // namespace
}  // namespace aprender
