#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/text.h"

namespace aprender {
namespace {

const std::uint8_t* raw(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

/// RFC 3629, section 3.
std::string encode(std::uint32_t code_point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xc0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xe0 | code_point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

bool is_scalar(std::uint32_t code_point) { return code_point < 0xd800 || code_point > 0xdfff; }

TEST(Utf8, EveryUnicodeScalarValueIsASequence) {
  for (std::uint32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    const std::string text = encode(code_point);
    ASSERT_EQ(aprender_utf8_sequence(raw(text), text.size()), is_scalar(code_point) ? text.size() : 0) << code_point;
    for (std::size_t size = 1; size < text.size(); ++size) {
      ASSERT_EQ(aprender_utf8_sequence(raw(text), size), 0U) << code_point << " cut off behind " << size;
    }
  }
}

/// All strings of three bytes, and of four that start like a sequence of four: a sequence if and only if it is the
/// encoding of a scalar value.
TEST(Utf8, NothingElseIsASequence) {
  std::vector<bool> encodings(std::size_t{1} << 24);
  for (std::uint32_t code_point = 0x800; code_point <= 0xffff; ++code_point) {
    const std::string text = encode(code_point);
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(raw(text)[i]); };
    encodings[at(0) << 16 | at(1) << 8 | at(2)] = is_scalar(code_point);
  }
  for (std::uint32_t bits = 0; bits < 1U << 24; ++bits) {
    const std::uint8_t bytes[3] = {static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 8 & 0xff),
                                   static_cast<std::uint8_t>(bits & 0xff)};
    const bool ascii = bytes[0] < 0x80;
    const bool two = bytes[0] >= 0xc2 && bytes[0] < 0xe0 && (bytes[1] & 0xc0) == 0x80;
    const std::uint64_t expected = ascii ? 1 : two ? 2 : encodings[bits] ? 3 : 0;
    ASSERT_EQ(aprender_utf8_sequence(bytes, 3), expected) << std::hex << bits;
  }
  for (std::uint32_t bits = 0; bits < 1U << 19; ++bits) {
    const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(0xf0 | bits >> 16),
                                   static_cast<std::uint8_t>(bits >> 8 & 0xff), static_cast<std::uint8_t>(bits & 0xff),
                                   0x80};
    const std::uint32_t code_point = (bits >> 16 & 7) << 18 | (bits >> 8 & 0x3f) << 12 | (bits & 0x3f) << 6;
    const bool tails = (bytes[1] & 0xc0) == 0x80 && (bytes[2] & 0xc0) == 0x80;
    const bool expected = tails && code_point >= 0x10000 && code_point <= 0x10ffff;
    ASSERT_EQ(aprender_utf8_sequence(bytes, 4), expected ? 4 : 0) << std::hex << bits;
  }
}

TEST(Utf8, PrefixEndsAtTheFirstBadByte) {
  const std::string good = "x\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(aprender_utf8_prefix(raw(good), good.size()), good.size());
  for (std::size_t at : {0U, 1U, 3U, 6U, 10U}) {
    std::string bad = good;
    bad.insert(at, "\xff");
    EXPECT_EQ(aprender_utf8_prefix(raw(bad), bad.size()), at);
    EXPECT_EQ(aprender_is_utf8(raw(bad), bad.size()), 0);
  }
  EXPECT_EQ(aprender_is_utf8(raw(""), 0), 1);
}

TEST(Ascii, PrintableIsFromSpaceToTilde) {
  for (int c = 0; c < 256; ++c) {
    const std::string text{'a', static_cast<char>(c), 'b'};
    EXPECT_EQ(aprender_printable_ascii_prefix(raw(text), 3), c >= 0x20 && c <= 0x7e ? 3 : 1) << c;
  }
}

/// Which single characters may start a name, and which may follow.
void expect_characters(int (*accepts)(const std::uint8_t*, std::uint64_t), std::string_view first,
                       std::string_view rest) {
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const std::string alone{character};
    const std::string second = std::string(first.substr(0, 1)) + character;
    EXPECT_EQ(accepts(raw(alone), 1) != 0, first.find(character) != first.npos) << c;
    EXPECT_EQ(accepts(raw(second), 2) != 0, first.find(character) != first.npos || rest.find(character) != rest.npos)
        << c;
  }
  EXPECT_EQ(accepts(raw(""), 0), 0);
}

TEST(Names, PortableNames) {
  expect_characters(aprender_is_portable_name, "abcdefghijklmnopqrstuvwxyz0123456789_", ".-");
}

TEST(Names, TensorNames) {
  expect_characters(aprender_is_tensor_name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", "0123456789.");
}

TEST(Names, DigestsInHexadecimal) {
  const std::string good(64, 'f');
  for (std::size_t size : {0U, 63U, 65U}) {
    const std::string other(size, '0');
    EXPECT_EQ(aprender_is_sha256_hex(raw(other), size), 0);
  }
  for (int c = 0; c < 256; ++c) {
    std::string text = good;
    text[63] = static_cast<char>(c);
    EXPECT_EQ(aprender_is_sha256_hex(raw(text), 64) != 0, (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) << c;
  }
}

}  // namespace
}  // namespace aprender
