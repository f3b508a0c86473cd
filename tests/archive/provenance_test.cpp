#include "aprender/provenance.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "archive/text.hpp"
#include "io/capture_output.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

using support::TemporaryDirectory;

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

void git(const TemporaryDirectory& repository, std::vector<std::string> arguments) {
  std::vector<std::string> command = {"git",         "-C", repository.path().string(), "-c",
                                      "user.name=t", "-c", "user.email=t@example.org"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ASSERT_TRUE(io::capture_output(command)) << arguments.front();
}

TEST(Provenance, SaysWhatCanBeKnownWithoutAsking) {
  const TemporaryDirectory nowhere;
  const Provenance p = capture_provenance(nowhere.path());
  EXPECT_EQ(p.library.rfind("aprender ", 0), 0u);
  EXPECT_EQ(p.blas.rfind("Eigen 3.", 0), 0u);
  EXPECT_FALSE(p.compiler.empty());
  EXPECT_FALSE(p.platform.empty());
  EXPECT_FALSE(p.code) << "there is no repository";
  EXPECT_FALSE(p.data);
  EXPECT_GT(p.started_unix_seconds, 1'700'000'000);
}

TEST(Provenance, NamesTheCommitOfTheTrainingCode) {
  const TemporaryDirectory repository;
  git(repository, {"init", "-q"});
  EXPECT_FALSE(capture_provenance(repository.path()).code) << "a repository without a commit";
  write(repository / "train.cpp", "int main() {}\n");
  git(repository, {"add", "train.cpp"});
  git(repository, {"commit", "-q", "-m", "first"});

  const auto clean = capture_provenance(repository.path()).code;
  ASSERT_TRUE(clean);
  EXPECT_TRUE(archive::is_hex(clean->git_commit, 40));
  EXPECT_FALSE(clean->dirty);
  EXPECT_TRUE(clean->uri.empty());

  write(repository / "train.cpp", "int main() { return 1; }\n");
  git(repository, {"remote", "add", "origin", "https://user:secret@example.org/train.git"});
  const auto dirty = capture_provenance(repository.path()).code;
  ASSERT_TRUE(dirty);
  EXPECT_EQ(dirty->git_commit, clean->git_commit);
  EXPECT_TRUE(dirty->dirty);
  EXPECT_EQ(dirty->uri, "https://example.org/train.git") << "credentials are nobody's business";
}

TEST(Provenance, KeepsTimesReproducibleUnderSourceDateEpoch) {
  const TemporaryDirectory nowhere;
  setenv("SOURCE_DATE_EPOCH", "1234567890", 1);
  Provenance fixed = capture_provenance(nowhere.path());
  record_duration(fixed, std::chrono::steady_clock::now() - std::chrono::seconds(3));
  setenv("SOURCE_DATE_EPOCH", "yesterday", 1);
  Provenance running = capture_provenance(nowhere.path());
  record_duration(running, std::chrono::steady_clock::now() - std::chrono::seconds(3));
  unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_EQ(fixed.started_unix_seconds, 1'234'567'890);
  EXPECT_EQ(fixed.duration_seconds, 0.0);
  EXPECT_GT(running.started_unix_seconds, 1'700'000'000);
  EXPECT_GE(running.duration_seconds, 3.0);
}

TEST(Provenance, DescribesTrainingDataByDigest) {
  const TemporaryDirectory directory;
  write(directory / "data.csv", "abc");
  const auto data = describe_training_data(directory / "data.csv", 10, 3);
  ASSERT_TRUE(data) << to_string(data.error());
  EXPECT_EQ(data->uri, "data.csv");
  // FIPS 180-4, example of one block.
  EXPECT_EQ(data->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(data->rows, 10);
  EXPECT_EQ(data->columns, 3);

  const auto missing = describe_training_data(directory / "none.csv", 0, 0);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::cannot_open);
}

TEST(CaptureOutput, FailsWithoutTheProgram) {
  EXPECT_FALSE(io::capture_output({"aprender-no-such-program"}));
  EXPECT_FALSE(io::capture_output({"false"}));
  EXPECT_EQ(io::capture_output({"printf", "%s", "a b; c"}), "a b; c") << "no shell in between";
}

}  // namespace
}  // namespace aprender
