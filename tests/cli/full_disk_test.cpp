// Files that cannot be written to their end: an error that says so, the old file whole, and nothing left beside it.
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

class FullDisk : public Command {
 protected:
  void SetUp() override {
    ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
    ASSERT_EQ(run({"keygen", path("me")}).exit_code, 0);
    ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem")}).exit_code, 0);
    file("out.csv", "precious");
    file("out.svg", "precious");
  }

  /// With files of at most `bytes` the command fails, and no file changes, comes or goes. Its standard error is such a
  /// file too: the message is looked for where it fits.
  void expect_nothing_written(const std::vector<std::string>& arguments, std::size_t bytes) {
    SCOPED_TRACE(arguments.front() + ", full at byte " + std::to_string(bytes));
    const auto before = contents();
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    const Outcome outcome = run(arguments, {.standard_output = nowhere, .file_size = bytes});
    ::close(nowhere);
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
    if (bytes >= 200) {
      EXPECT_NE(outcome.err.find("cannot write: File too large"), std::string::npos) << outcome.err;
    }
    EXPECT_EQ(files().size(), before.size());
    EXPECT_TRUE(contents() == before);
  }

 private:
  /// Of every file, by its name.
  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const std::string& name : files()) all[name] = read(path(name));
    return all;
  }
};

TEST_F(FullDisk, LeavesEveryFileAsItWas) {
  const std::vector<std::string> of_longley = {"--data", data("longley.csv"), "--target", "employed"};
  const auto fitting = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), of_longley.begin(), of_longley.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           fitting({"train", "--estimator", "linear"}, {"--out", model_file()}),
           fitting({"train", "--estimator", "linear"}, {"--out", path("new.aprender")}),
           fitting({"cv", "--estimator", "ridge", "--folds", "4"}, {"--out", model_file()}),
           fitting({"path", "--estimator", "ridge"}, {"--svg", path("out.svg")}),
           {"predict", model_file(), "--data", data("longley.csv"), "--out", path("out.csv")},
           {"sign", model_file(), "--key", path("me.pem")},
           {"sign", model_file(), "--key", path("me.pem"), "--embed"},
           {"keygen", path("other")}}) {
    for (const std::size_t bytes : {0U, 1U, 100U, 200U}) expect_nothing_written(arguments, bytes);
  }
}

TEST_F(FullDisk, WhatFitsIsWritten) {
  const std::vector<std::string> again = {"train",    "--estimator", "ridge", "--data",    data("longley.csv"),
                                          "--target", "employed",    "--out", model_file()};
  const std::map<std::string, std::string> same_time{{"SOURCE_DATE_EPOCH", "1"}};
  ASSERT_EQ(run(again, {.environment = same_time}).exit_code, 0);
  const std::size_t needed = std::filesystem::file_size(model_file());
  EXPECT_EQ(run(again, {.environment = same_time, .file_size = needed - 1}).exit_code, 3);
  EXPECT_EQ(run(again, {.environment = same_time, .file_size = needed}).exit_code, 0);
}

}  // namespace
}  // namespace aprender::cli
