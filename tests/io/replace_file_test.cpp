#include "io/replace_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"
#include "io/read_file.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_directory.hpp"

namespace {
mode_t mode_before_fchmod = 0;
}  // namespace

/// In place of the system's: what somebody else may have opened before the mode was set.
extern "C" int fchmod(int file, mode_t mode) noexcept {
  struct stat status {};
  if (::fstat(file, &status) == 0) mode_before_fchmod = status.st_mode & 07777;
  return static_cast<int>(::syscall(SYS_fchmod, file, mode));
}

namespace aprender::io {
namespace {

using support::TemporaryDirectory;
using test::as_bytes;

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names(const TemporaryDirectory& directory) {
  std::set<std::string> result;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    result.insert(entry.path().filename().string());
  }
  return result;
}

mode_t mode(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return status.st_mode & 07777;
}

constexpr auto code = ErrorCode::cannot_write;

TEST(ReplaceFile, WritesANewFileAndReplacesAnOldOne) {
  const TemporaryDirectory directory;
  for (const std::string& text : {std::string("first"), std::string(1 << 20, 'x'), std::string()}) {
    ASSERT_EQ(outcome(replace_file(directory / "f", as_bytes(text))), "accepted");
    EXPECT_EQ(contents(directory / "f"), text);
    EXPECT_EQ(names(directory), std::set<std::string>{"f"});
  }
}

TEST(ReplaceFile, ModeOfANewFileFollowsTheUmaskAndThatOfAnOldOneIsKept) {
  const TemporaryDirectory directory;
  const mode_t umask = ::umask(027);
  EXPECT_TRUE(replace_file(directory / "f", {}));
  EXPECT_EQ(mode(directory / "f"), 0640U);
  ASSERT_EQ(::chmod((directory / "f").c_str(), 0604), 0);
  EXPECT_TRUE(replace_file(directory / "f", {}));
  EXPECT_EQ(mode(directory / "f"), 0604U);
  ::umask(umask);
}

TEST(ReplaceFile, WhatReplacesAPrivateFileIsNeverOpenToOthers) {
  const TemporaryDirectory directory;
  const mode_t umask = ::umask(022);
  ASSERT_TRUE(replace_file(directory / "f", as_bytes("old")));
  ASSERT_EQ(::chmod((directory / "f").c_str(), 0600), 0);
  mode_before_fchmod = 07777;
  EXPECT_TRUE(replace_file(directory / "f", as_bytes("new")));
  EXPECT_EQ(mode_before_fchmod & 0077U, 0U);
  EXPECT_EQ(mode(directory / "f"), 0600U);
  ::umask(umask);
}

TEST(ReplaceFile, ReadersOfTheOldFileKeepIt) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory / "f", as_bytes("old")));
  std::ifstream old(directory / "f", std::ios::binary);
  ASSERT_TRUE(replace_file(directory / "f", as_bytes("new!")));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(old), {}), "old");
  EXPECT_EQ(contents(directory / "f"), "new!");
}

TEST(ReplaceFile, NameAloneMeansTheWorkingDirectory) {
  const TemporaryDirectory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  EXPECT_EQ(outcome(replace_file("f", as_bytes("x"))), "accepted");
  std::filesystem::current_path(before);
  EXPECT_EQ(contents(directory / "f"), "x");
}

TEST(ReplaceFile, LongestNameThatTheFileSystemAllows) {
  const TemporaryDirectory directory;
  EXPECT_EQ(outcome(replace_file(directory / std::string(255, 'n'), as_bytes("x"))), "accepted");
  EXPECT_TRUE(refused(replace_file(directory / std::string(256, 'n'), as_bytes("x")), code, "File name too long"));
  EXPECT_EQ(names(directory).size(), 1U);
}

TEST(ReplaceFile, RefusesWhatIsNoFile) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "d");
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink("d", directory / "link");
  for (const char* name : {"d", "fifo", "link"}) {
    EXPECT_TRUE(refused(replace_file(directory / name, as_bytes("x")), code, "the destination is not a regular file"));
  }
  EXPECT_TRUE(
      refused(replace_file("/dev/null", as_bytes("x")), code, "/dev/null: the destination is not a regular file"));
  for (const char* name : {"", ".", "d/..", "d/"}) {
    EXPECT_TRUE(refused(replace_file(directory / name, as_bytes("x")), code, "not the name of a file")) << name;
  }
  EXPECT_TRUE(refused(replace_file("", as_bytes("x")), code, "not the name of a file"));
  EXPECT_TRUE(refused(replace_file(directory / std::string("f\0g", 3), as_bytes("x")), code, "zero byte"));
  EXPECT_EQ(names(directory), (std::set<std::string>{"d", "fifo", "link"}));
}

TEST(ReplaceFile, MissingOrForbiddenDirectory) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(refused(replace_file(directory / "none/f", as_bytes("x")), code,
                      "none/f: cannot open the directory: No such file or directory"));
  EXPECT_TRUE(replace_file(directory / "f", as_bytes("old")));
  EXPECT_TRUE(refused(replace_file(directory / "f/g", as_bytes("x")), code, "Not a directory"));
  // nobody can create a file there, root included
  EXPECT_TRUE(refused(replace_file("/proc/self/f", as_bytes("x")), code, "cannot create a temporary file beside it"));
}

/// The file system gives up in the middle of the write (a limit on the size of files stands in for a full disk).
TEST(ReplaceFile, AFailedWriteLeavesTheOldFileAndNothingElse) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory / "f", as_bytes("old")));
  const support::FileSizeLimit limit(1000);
  const std::string text(5000, 'x');
  EXPECT_TRUE(refused(replace_file(directory / "f", as_bytes(text)), code, "f: cannot write: File too large"));
  EXPECT_TRUE(refused(replace_file(directory / "new", as_bytes(text)), code, "new: cannot write: File too large"));
  EXPECT_EQ(contents(directory / "f"), "old");
  EXPECT_EQ(names(directory), std::set<std::string>{"f"});
}

TEST(ReplaceFile, WritesPiecesInOrderAndHandsThemToACheck) {
  const TemporaryDirectory directory;
  const std::vector<std::span<const std::byte>> pieces = {as_bytes("one "), as_bytes(""), as_bytes("two")};
  std::string seen;
  const auto look = [&](const Pages& written) -> Result<void> {
    for (const std::byte byte : written.bytes()) seen += static_cast<char>(byte);
    return {};
  };
  EXPECT_EQ(outcome(replace_file(directory / "f", pieces, look)), "accepted");
  EXPECT_EQ(seen, "one two");
  EXPECT_EQ(contents(directory / "f"), "one two");
}

TEST(ReplaceFile, WhatTheCheckRefusesIsNotThere) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory / "f", as_bytes("old")));
  const std::vector<std::span<const std::byte>> pieces = {as_bytes("new")};
  const auto no = [](const Pages&) -> Result<void> { return tl::unexpected(Error{ErrorCode::non_finite, "no"}); };
  EXPECT_TRUE(refused(replace_file(directory / "f", pieces, no), ErrorCode::non_finite, "no"));
  EXPECT_EQ(contents(directory / "f"), "old");
  EXPECT_EQ(names(directory), std::set<std::string>{"f"});
}

}  // namespace
}  // namespace aprender::io
