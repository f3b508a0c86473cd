#include "aprender/provenance.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include <sys/utsname.h>

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
  EXPECT_EQ(p.compiler_flags, APRENDER_COMPILER_FLAGS) << "of the build that this test is of";
  utsname system = {};
  ASSERT_EQ(uname(&system), 0);
  EXPECT_EQ(p.platform, std::string(system.sysname) + " " + system.machine);
  EXPECT_FALSE(p.code) << "there is no repository";
  EXPECT_FALSE(p.data);
  EXPECT_GT(p.started_unix_seconds, 1'700'000'000);
}

#if defined(__x86_64__) && defined(__linux__)
// As the kernel tells them in /proc/cpuinfo, where SSE 4.2 has an underscore.
TEST(Provenance, NamesWhatTheProcessorOffers) {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  while (std::getline(cpuinfo, line) && !line.starts_with("flags")) continue;
  std::istringstream flags(line.substr(line.find(':') + 1));
  const std::set<std::string> offered{std::istream_iterator<std::string>(flags), {}};
  std::string expected;
  for (const std::string name : {"avx", "avx2", "avx512bw", "avx512dq", "avx512f", "avx512vl", "fma", "sse4.2"}) {
    if (offered.contains(name == "sse4.2" ? "sse4_2" : name)) expected += (expected.empty() ? "" : " ") + name;
  }
  EXPECT_EQ(capture_provenance(TemporaryDirectory().path()).cpu_features, expected);
}
#endif

/// A variable of the environment, as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(Provenance, NamesTheRunOfACiSystem) {
  const TemporaryDirectory nowhere;
  for (const char* name : {"GITHUB_RUN_ID", "CI_JOB_URL"}) ::unsetenv(name);
  EXPECT_EQ(capture_provenance(nowhere.path()).builder, "");
  {
    const Variable server("CI_SERVER_URL", "https://ci.example.org"),
        job("CI_JOB_URL", "https://ci.example.org/jobs/7");
    const Provenance p = capture_provenance(nowhere.path());
    EXPECT_EQ(p.builder, "https://ci.example.org");
    EXPECT_EQ(p.invocation, "https://ci.example.org/jobs/7");
    const Variable reproducible("SOURCE_DATE_EPOCH", "1700000000");
    EXPECT_EQ(capture_provenance(nowhere.path()).invocation, "");
  }
  const Variable server("GITHUB_SERVER_URL", "https://git.example.org"), repository("GITHUB_REPOSITORY", "risk/models"),
      run("GITHUB_RUN_ID", "17");
  const Provenance p = capture_provenance(nowhere.path());
  EXPECT_EQ(p.builder, "https://git.example.org/risk/models");
  EXPECT_EQ(p.invocation, "https://git.example.org/risk/models/actions/runs/17");
  const Variable broken("GITHUB_RUN_ID", "1\x07");
  EXPECT_EQ(capture_provenance(nowhere.path()).invocation, "") << "control characters have no place in an archive";
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
  git(repository, {"remote", "set-url", "origin", "https://example.org/at@home.git"});
  EXPECT_EQ(capture_provenance(repository.path()).code->uri, "https://example.org/at@home.git");
}

TEST(Provenance, WhatIsNoCommitIsNotCalledOne) {
  const TemporaryDirectory programs;
  write(programs / "git", "#!/bin/sh\necho $APRENDER_TEST_HEAD\n");
  std::filesystem::permissions(programs / "git", std::filesystem::perms::owner_all);
  const std::string path = getenv("PATH");
  setenv("PATH", (programs.path().string() + ":" + path).c_str(), 1);
  for (const std::string& head :
       {std::string(40, 'a'), std::string(64, 'b'), std::string("HEAD"), std::string(41, 'c'), std::string(64, 'g')}) {
    setenv("APRENDER_TEST_HEAD", head.c_str(), 1);
    const auto code = capture_provenance(programs.path()).code;
    EXPECT_EQ(code ? code->git_commit : "", head[0] == 'a' || head[0] == 'b' ? head : "");
  }
  unsetenv("APRENDER_TEST_HEAD");
  setenv("PATH", path.c_str(), 1);
}

TEST(Provenance, TheRepositoryOfTheTrainingCodeRunsNothing) {
  const TemporaryDirectory repository;
  git(repository, {"init", "-q"});
  write(repository / "train.cpp", "int main() {}\n");
  git(repository, {"add", "train.cpp"});
  git(repository, {"commit", "-q", "-m", "first"});
  const std::string mark = "#!/bin/sh\ntouch '" + (repository / "ran").string() + "'\n";
  for (const char* program : {"monitor", ".git/hooks/post-index-change"}) {
    write(repository / program, mark);
    std::filesystem::permissions(repository / program, std::filesystem::perms::owner_all);
  }
  git(repository, {"config", "core.fsmonitor", (repository / "monitor").string()});
  const auto touch = [&] { write(repository / "train.cpp", "int main() {}\n"); };
  touch();
  EXPECT_TRUE(capture_provenance(repository.path()).code);
  EXPECT_FALSE(std::filesystem::exists(repository / "ran"));

  git(repository, {"status", "--porcelain"});  // as anybody would ask
  EXPECT_TRUE(std::filesystem::remove(repository / "ran")) << "the monitor is not one";
  git(repository, {"config", "--unset", "core.fsmonitor"});
  touch();
  git(repository, {"status", "--porcelain"});
  EXPECT_TRUE(std::filesystem::exists(repository / "ran")) << "the hook is not one";
}

TEST(Provenance, KeepsTimesReproducibleUnderSourceDateEpoch) {
  const TemporaryDirectory nowhere;
  setenv("SOURCE_DATE_EPOCH", "1234567890", 1);
  Provenance fixed = capture_provenance(nowhere.path());
  record_duration(fixed, std::chrono::steady_clock::now() - std::chrono::seconds(3));
  setenv("SOURCE_DATE_EPOCH", "0", 1);
  EXPECT_EQ(capture_provenance(nowhere.path()).started_unix_seconds, 0);
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
