#include "io/pages.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace aprender::io {
namespace {

constexpr std::size_t size = std::size_t{16} << 20;

/// Whether a page of memory is there, so that writing it is no page fault.
bool resident(const std::byte* address) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  auto* start = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(address) / page * page);
  unsigned char there = 0;
  EXPECT_EQ(::mincore(start, 1, &there), 0);
  return (there & 1) != 0;
}

/// Linux before 5.14, and an emulator that does not pass it on, do not.
bool system_finds_pages_ahead() {
#ifdef MADV_POPULATE_WRITE
  Pages pages(size);
  return ::madvise(pages.writable().data(), static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), MADV_POPULATE_WRITE) ==
         0;
#else
  return false;
#endif
}

TEST(PagesAhead, FindTheSecondHalfWhereTheSystemCan) {
  Pages pages(size);
  const auto memory = pages.writable();
  const std::byte* last = &memory[size - 1] - (std::size_t{4} << 20);  // of the large pages that lie wholly within
  ASSERT_FALSE(resident(last));
  const PagesAhead ahead(memory);
  const bool can = system_finds_pages_ahead();
  for (int tries = 0; can && tries < 2000 && !resident(last); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(resident(last), can);
  EXPECT_FALSE(resident(memory.data()));
  EXPECT_TRUE(std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(PagesAhead, LeaveWhatIsWrittenMeanwhile) {
  Pages pages(size);
  const auto memory = pages.writable();
  for (int round = 0; round < 3; ++round) {
    const PagesAhead ahead(memory);  // ends in the midst of it
    std::memset(memory.data() + size / 2, 7 + round, size / 2);
    EXPECT_TRUE(
        std::ranges::all_of(memory.subspan(size / 2), [&](std::byte byte) { return byte == std::byte(7 + round); }));
    pages.release(memory);
  }
}

TEST(PagesAhead, OfLittleMemoryAreNone) {
  Pages pages(100);
  const PagesAhead ahead(pages.writable());
  EXPECT_EQ(pages.bytes()[99], std::byte{0});
  const PagesAhead of_nothing({});
}

}  // namespace
}  // namespace aprender::io
