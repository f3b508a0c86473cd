#include "container/digest.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "container/checksums_ahead.hpp"
#include "container/forged_zip.hpp"
#include "container/text.hpp"

namespace aprender::container {
namespace {

using test::as_bytes;

/// FIPS 180-4 as NIST's examples work it out, and the empty and the million-character message of the same suite.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(as_bytes(std::string(1'000'000, 'a')))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, EveryBitOfTheMessageMatters) {
  const std::string message(100, 'x');
  const Digest digest = sha256(as_bytes(message));
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    std::string flipped = message;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(sha256(as_bytes(flipped)), digest) << bit;
  }
}

TEST(Digests, AreTheSameIfNoBitDiffers) {
  const Digest digest = sha256(as_bytes("abc"));
  EXPECT_TRUE(same(digest, from_hex(hex(digest))));
  for (std::size_t bit = 0; bit < 8 * digest.size(); ++bit) {
    Digest flipped = digest;
    flipped[bit / 8] ^= std::byte{1} << bit % 8;
    EXPECT_FALSE(same(digest, flipped)) << bit;
  }
}

TEST(InQuotes, LeavesNothingForATerminalToInterpret) {
  EXPECT_EQ(in_quotes("plain text ~"), "\"plain text ~\"");
  EXPECT_EQ(in_quotes("\x1b[31m\n\x7f\xff\"\\"), "\"\\x1b[31m\\x0a\\x7f\\xff\\x22\\x5c\"");
  EXPECT_EQ(in_quotes(std::string("a\0b", 3)), "\"a\\x00b\"");
  EXPECT_EQ(in_quotes(std::string(64, 'a')), "\"" + std::string(64, 'a') + "\"");
  EXPECT_EQ(in_quotes(std::string(65, 'a')), "\"" + std::string(64, 'a') + "...\"");
}

// Whatever parts the file comes in, what lies before and behind the extent is left out.
TEST(ChecksumsAhead, AreThoseOfTheExtentAlone) {
  std::string file(1'000, ' ');
  for (std::size_t i = 0; i < file.size(); ++i) file[i] = static_cast<char>(i * 7 % 251);
  const auto bytes = as_bytes(file);
  for (const Extent& extent : {Extent{300, 200}, Extent{0, 1'000}, Extent{300, 700}, Extent{0, 1}, Extent{700, 0}}) {
    const auto inside = bytes.subspan(static_cast<std::size_t>(extent.offset), static_cast<std::size_t>(extent.size));
    for (const std::size_t step : {1U, 64U, 100U, 450U, 1'000U}) {
      for (const int threads : {1, 2}) {
        ChecksumsAhead ahead;
        ahead.start(extent, true, threads);
        for (std::size_t at = 0; at < bytes.size(); at += step) {
          ahead.add(bytes.subspan(at, std::min(step, bytes.size() - at)));
        }
        EXPECT_EQ(ahead.of_extent().sha256, sha256(inside)) << extent.offset << " " << step << " " << threads;
        EXPECT_EQ(ahead.of_extent().crc32, checksums_of(inside).crc32)
            << extent.offset << " " << step << " " << threads;
        EXPECT_EQ(ahead.of_file(), sha256(bytes)) << step << " " << threads;
      }
    }
  }
}

TEST(ChecksumsAhead, TheThreadDoesSomethingElseAsLongAsThereIsNothingToHash) {
  const std::string message(1'000'000, 'a');
  const auto bytes = as_bytes(message);
  constexpr int times = 5;
  std::atomic<int> done = 0;
  ChecksumsAhead ahead;
  ahead.start({.offset = 0, .size = bytes.size()}, false, 2, [&] { return ++done < times; });
  for (int tries = 0; tries < 2000 && done < times; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(done, times);
  ahead.add(bytes.first(1000));
  ahead.add(bytes.subspan(1000));
  const Checksums expected = checksums_of(bytes);
  EXPECT_EQ(ahead.of_extent().sha256, expected.sha256);
  EXPECT_EQ(ahead.of_extent().crc32, expected.crc32);
  EXPECT_EQ(done, times) << "until it says that there is no more";
}

}  // namespace
}  // namespace aprender::container
