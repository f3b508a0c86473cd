// A disk that is full at any byte of what is written: the old file stays as it was, and nothing is left beside it.
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "archive/samples.hpp"
#include "container/outcome.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

using support::FileSizeLimit;
using Names = std::set<std::string>;

class FullDisk : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::string contents(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Names names() const {
    Names all;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      all.insert(entry.path().filename());
    return all;
  }

  /// write(name) needs `size` bytes: with fewer it fails over an old file and without one, with `size` it does not.
  template <class Write>
  void expect_all_or_nothing(std::size_t size, const std::string& name, const Write& write) const {
    const Names before = names();
    const std::string old = contents(name);
    ASSERT_FALSE(old.empty());
    for (std::size_t bytes = 0; bytes < size; ++bytes) {
      for (const std::string& each : {name, std::string("new")}) {
        const auto result = [&] {
          const FileSizeLimit limit(bytes);
          return write(path(each));
        }();
        ASSERT_TRUE(refused(result, ErrorCode::cannot_write, each + ": cannot write: File too large"))
            << "full at byte " << bytes << " of " << size;
      }
      ASSERT_EQ(contents(name), old) << "full at byte " << bytes << " of " << size;
      ASSERT_EQ(names(), before) << "full at byte " << bytes << " of " << size;
    }
    const FileSizeLimit limit(size);
    EXPECT_EQ(outcome(write(path(name))), "accepted");
  }

 private:
  support::TemporaryDirectory directory_;
};

TEST_F(FullDisk, AnArchiveIsSavedWholeOrNotAtAll) {
  ASSERT_TRUE(ModelArchive(samples::binary<double>(), samples::description()).save(path("model.aprender")));
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  expect_all_or_nothing(archive.to_bytes().size(), "model.aprender",
                        [&](const auto& file) { return archive.save(file); });
  EXPECT_EQ(ModelArchive::load(path("model.aprender")).value().id(), archive.id());
}

TEST_F(FullDisk, AKeyIsSavedWholeOrNotAtAll) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const std::size_t size = key.to_pem().size();
  for (std::size_t bytes = 0; bytes < size; ++bytes) {
    const FileSizeLimit limit(bytes);
    ASSERT_TRUE(refused(key.save(path("key.pem")), ErrorCode::cannot_write, "key.pem: cannot write: File too large"));
    ASSERT_EQ(names(), Names{}) << bytes;
  }
}

TEST_F(FullDisk, AnArchiveIsSignedOrKeepsItsOldSignature) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const PrivateKey before = PrivateKey::generate(Curve::p256), after = PrivateKey::generate(Curve::p256);
  ASSERT_TRUE(archive.save(path("a.aprender")));
  ASSERT_EQ(outcome(sign_file(path("a.aprender"), before)), "accepted");
  const std::string bytes = contents("a.aprender"), signature = contents("a.aprender.sig");
  // Two signatures differ in length by a few bytes: the shortest has more than 600.
  for (std::size_t size = 0; size < 600; ++size) {
    const FileSizeLimit limit(size);
    ASSERT_TRUE(refused(sign_file(path("a.aprender"), after), ErrorCode::cannot_write,
                        "a.aprender.sig: cannot write: File too large"));
    ASSERT_EQ(names(), (Names{"a.aprender", "a.aprender.sig"}));
  }
  EXPECT_EQ(contents("a.aprender"), bytes);
  EXPECT_EQ(contents("a.aprender.sig"), signature);
}

}  // namespace
}  // namespace aprender
