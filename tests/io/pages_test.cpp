#include "io/pages.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace aprender::io {
namespace {

constexpr std::size_t size = std::size_t{16} << 20;
constexpr std::size_t large_page = std::size_t{2} << 20;

/// Whether a page of memory is there, so that writing it is no page fault.
bool resident(const std::byte* address) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::byte* start = address - reinterpret_cast<std::uintptr_t>(address) % page;
  unsigned char there = 0;
  EXPECT_EQ(::mincore(const_cast<std::byte*>(start), 1, &there), 0);
  return (there & 1) != 0;
}

/// Linux before 5.14 does not, nor an emulator, which may say that it has.
bool system_finds_pages_ahead() {
#ifdef MADV_POPULATE_WRITE
  Pages pages(size);
  std::byte* first = pages.writable().data();
  return ::madvise(first, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), MADV_POPULATE_WRITE) == 0 &&
         resident(first);
#else
  return false;
#endif
}

TEST(PagesAhead, AreFoundFromTheEndOnWhereTheSystemCan) {
  Pages pages(size);
  const auto memory = pages.writable();
  const std::byte* last = &memory[size - 1];  // of a large page that lies wholly within
  ASSERT_FALSE(resident(last));
  PagesAhead ahead(memory);
  const bool more = ahead.find_next();
  const bool can = system_finds_pages_ahead();
  EXPECT_TRUE(more || !can);
  EXPECT_EQ(resident(last), can);
  EXPECT_FALSE(resident(memory.data()));
  EXPECT_TRUE(std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(PagesAhead, AreNeverMoreThanThereAre) {
  Pages pages(size);
  const auto memory = pages.writable();
  PagesAhead ahead(memory);
  std::size_t found = 0;
  while (ahead.find_next()) ++found;
  EXPECT_LT(found, size / large_page);
  EXPECT_FALSE(ahead.find_next());
  EXPECT_EQ(resident(memory.data() + large_page), system_finds_pages_ahead());
}

TEST(PagesAhead, LeaveWhatIsWrittenMeanwhile) {
  Pages pages(size);
  const auto memory = pages.writable();
  for (int round = 0; round < 3; ++round) {
    std::thread finding([ahead = PagesAhead(memory)]() mutable {
      while (ahead.find_next()) {
      }
    });
    std::memset(memory.data(), 7 + round, size);
    finding.join();
    EXPECT_TRUE(std::ranges::all_of(memory, [&](std::byte byte) { return byte == std::byte(7 + round); }));
    pages.release(memory);
  }
}

TEST(PagesAhead, OfLittleMemoryAreNone) {
  Pages pages(100);
  EXPECT_FALSE(PagesAhead(pages.writable()).find_next());
  EXPECT_EQ(pages.bytes()[99], std::byte{0});
  EXPECT_FALSE(PagesAhead({}).find_next());
}

}  // namespace
}  // namespace aprender::io
