#include "io/read_file.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "container/outcome.hpp"
#include "support/temporary_directory.hpp"

namespace aprender::io {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(ReadFile, ReturnsEveryByte) {
  const support::TemporaryDirectory directory;
  std::string contents;
  for (int i = 0; i < 100'000; ++i) contents += static_cast<char>(i % 251);
  for (const std::size_t size : {0U, 1U, 4096U, 100'000U}) {
    write(directory / "f", contents.substr(0, size));
    const auto bytes = read_file(directory / "f", size);
    ASSERT_EQ(outcome(bytes), "accepted") << size;
    EXPECT_EQ(text(*bytes), contents.substr(0, size));
  }
}

TEST(ReadFile, MissingFile) {
  const support::TemporaryDirectory directory;
  EXPECT_TRUE(refused(read_file(directory / "none", 10), ErrorCode::cannot_open, "none: No such file or directory"));
  EXPECT_TRUE(refused(read_file("", 10), ErrorCode::cannot_open, "No such file or directory"));
  write(directory / "f", "x");
  EXPECT_TRUE(refused(read_file(directory / "f/g", 10), ErrorCode::cannot_open, "f/g: Not a directory"));
}

TEST(ReadFile, PathWithAZeroByteIsNotCutOff) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "x");
  EXPECT_TRUE(refused(read_file(directory / std::string("f\0.csv", 6), 10), ErrorCode::cannot_open, "zero byte"));
}

TEST(ReadFile, LargerThanAllowed) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "12345");
  EXPECT_TRUE(refused(read_file(directory / "f", 4), ErrorCode::limit_exceeded, "5 bytes, at most 4"));
}

/// Nothing is allocated for a size that is not allowed: the file claims a terabyte.
TEST(ReadFile, HugeSparseFile) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "");
  ASSERT_EQ(::truncate((directory / "f").c_str(), off_t{1} << 40), 0);
  EXPECT_TRUE(refused(read_file(directory / "f", std::uint64_t{16} << 30), ErrorCode::limit_exceeded, "1099511627776"));
}

/// Where an address has 32 bits a file of 5 GiB is over a limit, whatever the caller allows; elsewhere it can be
/// mapped.
TEST(ReadFile, LargerThanTheAddressSpace) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "");
  ASSERT_EQ(::truncate((directory / "f").c_str(), off_t{5} << 30), 0);
  const auto pages = map_pages(directory / "f", std::uint64_t{16} << 30);
  if (sizeof(void*) == 4) {
    EXPECT_TRUE(refused(pages, ErrorCode::limit_exceeded, "5368709120 bytes, at most 2147483647"));
  } else {
    ASSERT_EQ(outcome(pages), "accepted");
    EXPECT_EQ(pages->bytes().size(), std::uint64_t{5} << 30);
  }
}

TEST(ReadFile, WhatIsNoRegularFileIsNotReadAndDoesNotBlock) {
  const support::TemporaryDirectory directory;
  constexpr auto code = ErrorCode::not_regular_file;
  EXPECT_TRUE(refused(read_file(directory.path(), 10), code, "not a regular file"));
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(refused(read_file(directory / "fifo", 10), code, "fifo: not a regular file"));
  EXPECT_TRUE(refused(read_file("/dev/zero", 10), code, "/dev/zero: not a regular file"));

  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = (directory / "socket").string();
  ASSERT_LT(name.size(), sizeof address.sun_path);
  std::ranges::copy(name, address.sun_path);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(refused(read_file(name, 10), code, "socket: not a regular file"));
  ::close(descriptor);
}

TEST(ReadFile, SymbolicLinksAreNotFollowed) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "x");
  std::filesystem::create_symlink("f", directory / "link");
  std::filesystem::create_symlink("nowhere", directory / "dangling");
  EXPECT_TRUE(refused(read_file(directory / "link", 10), ErrorCode::cannot_open, "link: a symbolic link"));
  EXPECT_TRUE(refused(read_file(directory / "dangling", 10), ErrorCode::cannot_open, "a symbolic link"));
}

/// Opens, says it is a regular file, and fails on the first read: nothing is mapped at address zero.
TEST(ReadFile, ReadErrorOrAFileThatIsLongerThanItSays) {
  EXPECT_TRUE(refused(read_file("/proc/self/mem", 10), ErrorCode::cannot_read, "/proc/self/mem: "));
  EXPECT_TRUE(refused(read_file("/proc/self/status", 1 << 20), ErrorCode::cannot_read, "changed while it was read"));
}

/// A file that another thread cuts and extends all the time: one of its two sizes, or refused.
TEST(ReadFile, FileThatChangesWhileItIsRead) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "f";
  const std::string contents(1 << 20, 'a');
  const auto read_and = [&](const std::function<void()>& change) {
    write(file, contents);
    // Of before the test, as the clock of a file system may tick less often than this test takes.
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    bool changed = false;
    const Watch watch = {.divert = [](std::span<const std::byte>, std::size_t) { return Diversion{}; },
                         .next =
                             [&](std::span<const std::byte>) {
                               if (!std::exchange(changed, true)) change();
                             }};
    Pages pages;
    return read_pages(file, contents.size(), &watch, pages);
  };
  constexpr auto code = ErrorCode::cannot_read;
  EXPECT_EQ(outcome(read_and([] {})), "accepted");
  EXPECT_TRUE(refused(read_and([&] { std::filesystem::resize_file(file, 300'000); }), code, "became shorter"));
  EXPECT_TRUE(refused(read_and([&] { std::filesystem::resize_file(file, contents.size() + 1); }), code, "changed"));
  EXPECT_TRUE(refused(read_and([&] { write(file, std::string(contents.size(), 'b')); }), code, "changed"));
}

TEST(ReadPages, TellsOfEveryByteInOrderWhereItStays) {
  const support::TemporaryDirectory directory;
  constexpr std::size_t most = (std::size_t{5} << 20) + 1;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}, most}) {
    std::string contents(size, 'x');
    for (std::size_t i = 0; i < size; i += 1000) contents[i] = static_cast<char>(i % 127);
    write(directory / "f", contents);
    // what is diverted once so much has been read: nothing, the whole, parts, the end; or nobody decides
    struct Case {
      std::size_t offset;
      std::size_t length;
      std::size_t after;
    };
    for (const Case& part : {Case{0, 0, 0},
                             {0, most, 0},
                             {70'001, 3'000'001, 0},
                             {1'000, 5'000, 99'000},
                             {most - 10, 10, 65'536},
                             {0, 0, most + 1}}) {
      const std::size_t offset = part.offset, length = part.length, after = part.after;
      if (offset + length > size) continue;
      std::string elsewhere(length, '-');
      std::string told;
      std::size_t asked = 0;
      const Watch watch = {
          .divert = [&](std::span<const std::byte> pages, std::size_t read) -> std::optional<Diversion> {
            EXPECT_EQ(pages.size(), size);
            EXPECT_GT(read, asked);
            EXPECT_EQ(static_cast<char>(pages[read - 1]), contents[read - 1]);
            asked = read;
            if (read < after) return {};
            return Diversion{offset, std::as_writable_bytes(std::span(elsewhere))};
          },
          .next =
              [&](auto bytes) {
                told += text({bytes.begin(), bytes.end()});
              }};
      Pages pages;
      ASSERT_EQ(outcome(read_pages(directory / "f", size, &watch, pages)), "accepted") << size;
      EXPECT_TRUE(told == contents) << size << ' ' << offset;
      EXPECT_TRUE(elsewhere == contents.substr(offset, length)) << size << ' ' << offset;
      const std::string kept = text({pages.bytes().begin(), pages.bytes().end()});
      EXPECT_TRUE(kept.substr(0, offset) == contents.substr(0, offset)) << size << ' ' << offset;
      EXPECT_TRUE(kept.substr(offset + length) == contents.substr(offset + length)) << size << ' ' << offset;
    }
  }
  write(directory / "f", "12345");
  Pages pages;
  EXPECT_TRUE(refused(read_pages(directory / "f", 4, nullptr, pages), ErrorCode::limit_exceeded, "5 bytes, at most 4"));
}

TEST(MapPages, IsTheFile) {
  const support::TemporaryDirectory directory;
  write(directory / "f", "12345");
  write(directory / "empty", "");
  EXPECT_EQ(outcome(map_pages(directory / "empty", 5)), "accepted");
  const auto pages = map_pages(directory / "f", 5);
  ASSERT_EQ(outcome(pages), "accepted");
  EXPECT_EQ(text({pages->bytes().begin(), pages->bytes().end()}), "12345");
  EXPECT_TRUE(refused(map_pages(directory / "f", 4), ErrorCode::limit_exceeded, "5 bytes, at most 4"));
  EXPECT_TRUE(refused(map_pages(directory.path(), 4), ErrorCode::not_regular_file, "not a regular file"));
}

TEST(Pages, WhatIsGivenBackReadsAsZerosOrAsTheFile) {
  const support::TemporaryDirectory directory;
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = 64 * page;  // of a small file nothing is given back
  write(directory / "f", std::string(size, 'x'));
  Pages read;
  ASSERT_EQ(outcome(read_pages(directory / "f", size, nullptr, read)), "accepted");
  const auto mapped = map_pages(directory / "f", size);
  for (const auto* pages : {&std::as_const(read), &*mapped}) {
    const auto bytes = pages->bytes();
    pages->release(bytes.subspan(1, 2 * page));  // one whole page of them
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const bool gone = pages == &read && i >= page && i < 2 * page;
      ASSERT_EQ(static_cast<char>(bytes[i]), gone ? '\0' : 'x') << i;
    }
  }
}

}  // namespace
}  // namespace aprender::io
