/// Any ZIP tool can list and extract an archive.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "container/zip.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

using container::Part;
using test::as_bytes;

class ZipTools : public testing::Test {
 protected:
  void SetUp() override {
    const std::string weights(100'000, 'w');
    const std::vector<Part> parts{{"manifest.json", as_bytes("{}")},
                                  {"metadata.pb", as_bytes("m")},
                                  {"weights.safetensors", as_bytes(weights)},
                                  {"ext/empty", as_bytes("")},
                                  {"ext/notes.txt", as_bytes("free text")}};
    const auto bytes = container::write_zip(parts).joined();
    std::ofstream(file_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  /// Exit status of a shell command whose standard output does not matter.
  [[nodiscard]] static int run(const std::string& command) { return std::system((command + " >&2").c_str()); }

  support::TemporaryDirectory directory_;
  std::string file_ = (directory_ / "a.zip").string();
};

TEST_F(ZipTools, UnzipTestsAndExtracts) {
  EXPECT_EQ(run(UNZIP " -tqq " + file_), 0);
  const std::string into = (directory_ / "extracted").string();
  EXPECT_EQ(run(UNZIP " -q " + file_ + " -d " + into), 0);
  EXPECT_EQ(std::filesystem::file_size(into + "/weights.safetensors"), 100'000U);
  EXPECT_EQ(std::filesystem::file_size(into + "/ext/notes.txt"), 9U);
  EXPECT_EQ(std::filesystem::status(into + "/metadata.pb").permissions(), std::filesystem::perms(0644));
}

TEST_F(ZipTools, ZipTests) { EXPECT_EQ(run(ZIP_TOOL " -T " + file_), 0); }

TEST_F(ZipTools, PythonSeesTheSameEntries) {
  const std::string script = (directory_ / "check.py").string();
  std::ofstream(script) << R"(import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
assert [(i.filename, i.file_size, oct(i.external_attr >> 16), i.date_time) for i in archive.infolist()] == [
    (name, size, '0o100644', (1980, 1, 1, 0, 0, 0))
    for name, size in [('manifest.json', 2), ('metadata.pb', 1), ('weights.safetensors', 100000),
                       ('ext/empty', 0), ('ext/notes.txt', 9)]]
assert archive.read('ext/notes.txt') == b'free text'
)";
  EXPECT_EQ(run(PYTHON " " + script + " " + file_), 0);
}

}  // namespace
}  // namespace aprender
