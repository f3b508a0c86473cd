// Archives beyond 4 GiB. Their data are zeros that take no memory: pages that nobody has written to.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <map>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"
#include "container/zip.hpp"

namespace aprender {
namespace {

using container::Part;
using container::Pieces;
using test::as_bytes;

constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;

/// Zeros until they are written.
class Zeros {
 public:
  explicit Zeros(std::uint64_t size)
      : bytes_(static_cast<std::byte*>(
                   ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
               size) {
    if (bytes_.data() == MAP_FAILED) throw std::bad_alloc();
    ::madvise(bytes_.data(), size, MADV_HUGEPAGE);  // where it is heard, a page fault every 2 MiB and not every 4 KiB
  }
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  ~Zeros() { ::munmap(bytes_.data(), bytes_.size()); }

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

/// A file with zeros for weights, two attachments and a signature behind them.
class Large {
 public:
  explicit Large(std::uint64_t weights, std::uint64_t attachment = 3)
      : zeros_(std::max(weights, attachment)), file_(size_and_framing(weights, attachment)) {
    std::uint64_t at = 0;
    for (const auto& piece : framing_.spans()) {
      if (piece.size() < four_gib / 2) {
        std::memcpy(file_.bytes().data() + at, piece.data(), piece.size());
        for (std::uint64_t i = 0; i < piece.size(); ++i) written_.push_back(at + i);
      }
      at += piece.size();
    }
  }

  [[nodiscard]] std::span<std::byte> file() const noexcept { return file_.bytes(); }

  /// Positions of all bytes but those of long zeros.
  [[nodiscard]] const std::vector<std::uint64_t>& written() const noexcept { return written_; }

 private:
  std::uint64_t size_and_framing(std::uint64_t weights, std::uint64_t attachment) {
    const std::vector<Part> parts = {{"manifest.json", as_bytes("{}")},
                                     {"metadata.pb", as_bytes("m")},
                                     {"weights.safetensors", zeros_.bytes().first(weights)},
                                     {"ext/a", zeros_.bytes().first(attachment)},
                                     {"ext/b", as_bytes("text")},
                                     {"signature.sigstore.json", as_bytes("{}")}};
    framing_ = container::write_zip(parts);
    return framing_.size();
  }

  Zeros zeros_;
  Pieces framing_;
  Zeros file_;
  std::vector<std::uint64_t> written_;
};

/// CRC-32 alone, of long zeros taken once: SHA-256 would take seconds and means nothing to the container.
container::Checksums crc32_of(std::span<const std::byte> bytes) {
  static std::map<std::size_t, std::uint32_t> of_zeros;
  container::Crc32 crc32;
  if (bytes.size() < four_gib / 2) {
    crc32.add(bytes);
    return {crc32.value(), {}};
  }
  const auto [at, is_new] = of_zeros.try_emplace(bytes.size());
  if (is_new) {
    crc32.add(bytes);
    at->second = crc32.value();
  }
  return {at->second, {}};
}

class Beyond32Bits : public testing::TestWithParam<std::pair<std::uint64_t, std::uint64_t>> {};

TEST_P(Beyond32Bits, WhatIsWrittenIsRead) {
  const auto [weights, attachment] = GetParam();
  const Large large(weights, attachment);
  const auto entries = container::read_zip(large.file(), {}, crc32_of);
  ASSERT_TRUE(entries) << entries.error().context;
  ASSERT_EQ(entries->size(), 6U);
  EXPECT_EQ(entries->at(2).bytes.size(), weights);
  EXPECT_EQ((entries->at(2).bytes.data() - large.file().data()) % 64, 0);
  EXPECT_EQ(entries->at(3).bytes.size(), attachment);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(entries->at(4).bytes.data()), 4), "text");
  EXPECT_EQ(outcome(container::confirm_with_libzip(large.file(), *entries)), "accepted");

  const auto guess = container::guess_members(large.file().first(4096), large.file().size());
  ASSERT_TRUE(guess);
  EXPECT_EQ(large.file().data() + guess->metadata.offset, entries->at(1).bytes.data());
  EXPECT_EQ(large.file().data() + guess->weights.offset, entries->at(2).bytes.data());
  EXPECT_EQ(guess->weights.size, weights);
  EXPECT_EQ(container::framed_weights(large.file(), {}), guess->weights);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Beyond32Bits,
                         testing::Values(std::pair(four_gib - 2, 3), std::pair(four_gib - 1, 3),
                                         std::pair(four_gib + 64, 3), std::pair(std::uint64_t{100}, four_gib),
                                         std::pair(four_gib, four_gib - 1)));

/// One file has one spelling: no bit of the framing may be another, ZIP64 fields and records included.
TEST(Zip64, EveryBitFlipIsRefused) {
  const Large large(four_gib, 3);
  Limits limits;
  limits.manifest_bytes = 2;
  ASSERT_TRUE(container::read_zip(large.file(), limits, crc32_of));
  std::size_t accepted = 0;
  for (const std::uint64_t at : large.written()) {
    for (int bit = 0; bit < 8; ++bit) {
      large.file()[at] ^= std::byte(1 << bit);
      if (container::read_zip(large.file(), limits, crc32_of)) {
        ++accepted;
        ADD_FAILURE() << "byte " << at << ", bit " << bit;
      }
      large.file()[at] ^= std::byte(1 << bit);
    }
  }
  EXPECT_EQ(accepted, 0U);
  EXPECT_GT(large.written().size(), 500U);
}

/// ZIP64 where 32 bits reach would be a second spelling.
TEST(Zip64, IsRefusedWhereItIsNotNeeded) {
  const Large large(four_gib, 3);
  const auto file = large.file();
  const auto edited = [&](std::uint64_t at, std::uint64_t value) {
    std::byte old[8];
    std::memcpy(old, file.data() + at, 8);
    for (std::size_t k = 0; k < 8; ++k) file[at + k] = static_cast<std::byte>(value >> (8 * k));
    auto result = container::read_zip(file, {}, crc32_of);
    std::memcpy(file.data() + at, old, 8);
    return result;
  };
  const std::uint64_t record = file.size() - 22 - 76;
  EXPECT_TRUE(refused(edited(record + 48, four_gib - 2), ErrorCode::malformed_container, "ZIP64 end record"));
  EXPECT_TRUE(refused(edited(record + 48, ~std::uint64_t{0}), ErrorCode::malformed_container, "end of the directory"));
  EXPECT_TRUE(refused(edited(record + 40, ~std::uint64_t{0}), ErrorCode::malformed_container, "ZIP64"));
  const auto cut = file.first(file.size() - 22);
  EXPECT_TRUE(refused(container::read_zip(cut, {}, crc32_of), ErrorCode::malformed_container, "no end record"));
}

}  // namespace
}  // namespace aprender
