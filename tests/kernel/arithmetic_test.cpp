#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/checked.h"
#include "kernel/compare.h"
#include "kernel/little_endian.h"
#include "kernel/protobuf_field.h"

namespace aprender {
namespace {

/// Values around every power of two, and random ones.
std::vector<std::uint64_t> interesting() {
  std::vector<std::uint64_t> values{0};
  for (int shift = 0; shift < 64; ++shift) {
    const std::uint64_t power = std::uint64_t{1} << shift;
    values.insert(values.end(), {power - 1, power, power + 1, ~power});
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) values.push_back(random() >> random() % 64);
  return values;
}

#ifdef __SIZEOF_INT128__  // which compilers for 32 bits do not have
TEST(Checked, AgreesWith128BitArithmetic) {
  __extension__ using Wide = unsigned __int128;
  for (const std::uint64_t a : interesting()) {
    for (const std::uint64_t b : interesting()) {
      const Wide sum = Wide{a} + b;
      const Wide product = Wide{a} * b;
      std::uint64_t result = 1;
      ASSERT_EQ(aprender_add(a, b, &result) != 0, sum <= UINT64_MAX) << a << " + " << b;
      ASSERT_EQ(result, sum <= UINT64_MAX ? static_cast<std::uint64_t>(sum) : 0) << a << " + " << b;
      ASSERT_EQ(aprender_multiply(a, b, &result) != 0, product <= UINT64_MAX) << a << " * " << b;
      ASSERT_EQ(result, product <= UINT64_MAX ? static_cast<std::uint64_t>(product) : 0) << a << " * " << b;
    }
  }
}
#endif

TEST(LittleEndian, TheLowestByteComesFirst) {
  std::array<std::uint8_t, 10> bytes{};
  EXPECT_EQ(aprender_store_u16(bytes.data(), 0x0201), bytes.data() + 2);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{1, 2}));
  EXPECT_EQ(aprender_store_u32(bytes.data() + 1, 0x05040302), bytes.data() + 5);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{1, 2, 3, 4, 5}));
  EXPECT_EQ(aprender_store_u64(bytes.data() + 2, 0x0a09080706050403), bytes.data() + 10);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(LittleEndian, IntegersFollowOneAnother) {
  std::array<std::uint8_t, 16> bytes{};
  const std::array<std::uint32_t, 3> narrow = {0x04030201, 0x08070605, 0x0c0b0a09};
  EXPECT_EQ(aprender_store_all_u32(bytes.data(), narrow.data(), narrow.size()), bytes.data() + 12);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 16>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  const std::array<std::uint64_t, 2> wide = {0x1716151413121110, 0x1f1e1d1c1b1a1918};
  EXPECT_EQ(aprender_store_all_u64(bytes.data(), wide.data(), wide.size()), bytes.data() + 16);
  for (std::size_t k = 0; k < bytes.size(); ++k) EXPECT_EQ(bytes[k], 16 + k);
  EXPECT_EQ(aprender_store_all_u64(bytes.data(), nullptr, 0), bytes.data());
}

TEST(LittleEndian, LoadUndoesStoreAtAnyAddress) {
  std::array<std::uint8_t, 16> bytes{};
  for (const std::uint64_t value : interesting()) {
    for (std::size_t at = 0; at < 8; ++at) {
      (void)aprender_store_u64(bytes.data() + at, value);
      ASSERT_EQ(aprender_load_u64(bytes.data() + at), value);
      (void)aprender_store_u32(bytes.data() + at, static_cast<std::uint32_t>(value));
      ASSERT_EQ(aprender_load_u32(bytes.data() + at), static_cast<std::uint32_t>(value));
      (void)aprender_store_u16(bytes.data() + at, static_cast<std::uint16_t>(value));
      ASSERT_EQ(aprender_load_u16(bytes.data() + at), static_cast<std::uint16_t>(value));
    }
  }
}

TEST(Compare, AnySingleBitFlipIsSeen) {
  std::vector<std::uint8_t> a(33, 0x5a);
  std::vector<std::uint8_t> b = a;
  EXPECT_EQ(aprender_equal(a.data(), b.data(), a.size()), 1);
  for (std::size_t bit = 0; bit < 8 * a.size(); ++bit) {
    b[bit / 8] = static_cast<std::uint8_t>(b[bit / 8] ^ (1U << bit % 8));
    EXPECT_EQ(aprender_equal(a.data(), b.data(), a.size()), 0) << bit;
    EXPECT_EQ(aprender_equal(a.data(), b.data(), bit / 8), 1) << bit;
    b = a;
  }
}

std::vector<std::uint8_t> encode(std::uint64_t value) {
  std::vector<std::uint8_t> bytes;
  for (; value >= 128; value >>= 7) bytes.push_back(static_cast<std::uint8_t>((value & 127) | 128));
  bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

TEST(Varint, TheShortestEncodingIsTheOnlyOne) {
  for (const std::uint64_t value : interesting()) {
    auto bytes = encode(value);
    std::uint64_t decoded = 0;
    ASSERT_EQ(aprender_varint(bytes.data(), bytes.size(), &decoded), bytes.size()) << value;
    ASSERT_EQ(decoded, value);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_EQ(aprender_varint(bytes.data(), size, &decoded), 0U) << value << " in " << size << " bytes";
    }
    bytes.back() |= 128;
    bytes.push_back(0);
    ASSERT_EQ(aprender_varint(bytes.data(), bytes.size(), &decoded), 0U) << value << " with a zero in front";
  }
}

TEST(ProtobufField, LiesWithinItsBytes) {
  std::mt19937 random(2);
  std::vector<std::uint8_t> bytes;
  int accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    bytes.resize(random() % 24);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 32);
    aprender_protobuf_field field{};
    if (aprender_protobuf_next(bytes.data(), bytes.size(), &field) == 0) continue;
    ++accepted;
    ASSERT_LE(field.size, bytes.size());
    ASSERT_EQ(field.payload_offset + field.payload_size, field.size);
    ASSERT_GE(field.payload_offset, 1U);
    ASSERT_GE(field.number, 1U);
    ASSERT_LT(field.number, 1U << 29);
  }
  EXPECT_GT(accepted, 10'000);
}

/// Worked out by kernel and C++ compiler before the program runs.
constexpr std::array<std::uint8_t, 3> example{0x08, 0x96, 0x01};  // "field 1 is 150", from protobuf's documentation
constexpr aprender_protobuf_field parsed = [] {
  aprender_protobuf_field field{};
  return aprender_protobuf_next(example.data(), example.size(), &field) != 0 ? field : aprender_protobuf_field{};
}();
static_assert(parsed.number == 1 && parsed.wire_type == APRENDER_WIRE_VARINT && parsed.payload_size == 2);

}  // namespace
}  // namespace aprender
