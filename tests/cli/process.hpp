/// Runs the command `aprender` as a user would, and what the tests of it share.
#pragma once

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace aprender::cli {

struct Outcome {
  int exit_code = -1;  ///< minus the signal if one ended it
  std::string out, err;
};

/// How a process is started beside its arguments.
struct Setting {
  std::string input = {};                                              ///< standard input
  std::map<std::string, std::string> environment = {};                 ///< added to the test's own
  std::filesystem::path directory = {};                                ///< to start in, if not here
  int standard_input = -1, standard_output = -1, standard_error = -1;  ///< descriptors instead of files of our own
  bool close_standard_output = false;
  std::optional<std::size_t> file_size = {};  ///< most that a file may grow to, as `ulimit -f` sets it
};

/// A file without a name that goes away when closed.
class Scratch {
 public:
  explicit Scratch(std::string_view content = {}) : file_(std::tmpfile()) {
    if (file_ == nullptr) throw std::runtime_error("no temporary file");
    if (!content.empty()) std::fwrite(content.data(), 1, content.size(), file_);
    std::rewind(file_);
  }
  ~Scratch() { std::fclose(file_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] int descriptor() const { return ::fileno(file_); }
  [[nodiscard]] std::string content() const {
    std::rewind(file_);
    std::string text;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* file_;
};

/// Runs the command to its end, without root's right to pass over permissions of files; one that takes longer than two
/// minutes is killed and fails the test.
inline Outcome run(const std::vector<std::string>& arguments, const Setting& setting = {}) {
  const Scratch input(setting.input), out, err;
  std::vector<std::string> words = {APRENDER_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child == 0) {
    const auto take = [](int given, int own, int as) { ::dup2(given >= 0 ? given : own, as); };
    take(setting.standard_input, input.descriptor(), STDIN_FILENO);
    take(setting.standard_output, out.descriptor(), STDOUT_FILENO);
    take(setting.standard_error, err.descriptor(), STDERR_FILENO);
    if (setting.close_standard_output) ::close(STDOUT_FILENO);
    for (const auto& [name, value] : setting.environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (!setting.directory.empty() && ::chdir(setting.directory.c_str()) != 0) ::_exit(126);
    if (setting.file_size) {
      const rlimit limit{.rlim_cur = *setting.file_size, .rlim_max = *setting.file_size};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      ::setenv("LLVM_PROFILE_FILE", "/dev/null", 1);  // a build that measures coverage would cut off its own file
    }
    for (const auto right : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH})
      ::prctl(PR_CAPBSET_DROP, static_cast<unsigned long>(right), 0, 0, 0);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  int status = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "hangs: aprender " << (arguments.empty() ? "" : arguments.front());
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), out.content(), err.content()};
}

inline std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write(const std::filesystem::path& file, std::string_view content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

/// One of the repository's data sets.
inline std::string data(const std::string& name) { return std::string(APRENDER_SOURCE_DIR) + "/examples/data/" + name; }

/// A test with a directory of its own.
class Command : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  /// A file in that directory.
  std::string file(const std::string& name, std::string_view content) {
    write(path(name), content);
    return path(name);
  }

  /// Trains on a file to model.aprender in that directory.
  [[nodiscard]] Outcome train(const std::string& estimator, const std::string& table, const std::string& target,
                              std::vector<std::string> more = {}, const Setting& setting = {}) const {
    std::vector<std::string> arguments = {"train",    "--estimator", estimator, "--data",    table,
                                          "--target", target,        "--out",   model_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, setting);
  }
  [[nodiscard]] std::string model_file() const { return path("model.aprender"); }

  /// Names of the files in the directory, sorted.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  support::TemporaryDirectory directory_;
};

}  // namespace aprender::cli
