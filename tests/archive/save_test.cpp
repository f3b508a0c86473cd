// Saving: the old file or the new one, and nothing that could not be loaded.
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "archive/samples.hpp"
#include "archive/validate.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

TEST(Save, LeavesTheOldFileWhenItCannotWrite) {
  const support::TemporaryDirectory directory;
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const auto result = archive.save(directory / "missing" / "model.aprender");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cannot_write);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

// A description may be longer than what a reader takes; that is found before the old file is given up.
TEST(Save, RefusesWhatCouldNotBeLoaded) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "model.aprender";
  const ModelArchive older(samples::ridge<double>(), samples::description());
  ASSERT_TRUE(older.save(file));
  Description longer = samples::description();
  longer.description.assign(Limits{}.metadata_bytes, 'x');
  const auto result = ModelArchive(samples::ridge<double>(), longer).save(file);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(result.error().context.find("what would be written cannot be loaded back: metadata.pb") !=
              std::string::npos)
      << result.error().context;
  EXPECT_EQ(ModelArchive::load(file)->id(), older.id());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1) << "no temporary file is left";
}

// What a disk that lies gives back.
TEST(Save, NoticesEveryByteThatIsReadBackOtherwise) {
  const std::vector<std::byte> first(3, std::byte{1});
  const std::vector<std::byte> second(600'000, std::byte{2});  // more than is compared at a time
  container::Pieces written;
  written.view(first);
  written.view(second);
  std::size_t seen = 0;
  const auto done = [&](std::span<const std::byte> part) { seen += part.size(); };
  std::vector<std::byte> back = written.joined();
  EXPECT_TRUE(archive::same_bytes(written, back, done));
  EXPECT_EQ(seen, back.size());
  for (const std::size_t at : {std::size_t{0}, std::size_t{2}, std::size_t{3}, std::size_t{300'000}, back.size() - 1}) {
    back[at] ^= std::byte{0x80};
    EXPECT_FALSE(archive::same_bytes(written, back, done)) << at;
    back[at] ^= std::byte{0x80};
  }
  back.push_back(std::byte{2});
  EXPECT_FALSE(archive::same_bytes(written, back, done)) << "longer";
  back.resize(back.size() - 2);
  EXPECT_FALSE(archive::same_bytes(written, back, done)) << "shorter";
}

TEST(Save, ReplacesAnOlderArchive) {
  const support::TemporaryDirectory directory;
  const auto file = directory / "model.aprender";
  ASSERT_TRUE(ModelArchive(samples::ridge<double>(), samples::description()).save(file));
  const ModelArchive newer(samples::binary<double>(), samples::description());
  ASSERT_TRUE(newer.save(file));
  EXPECT_EQ(ModelArchive::load(file)->id(), newer.id());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1) << "no temporary file is left";
}

}  // namespace
}  // namespace aprender
