#include "aprender/provenance.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <system_error>

#include <sys/utsname.h>
#include <Eigen/Core>

#include "aprender/version.hpp"
#include "archive/text.hpp"
#include "container/digest.hpp"
#include "io/capture_output.hpp"
#include "io/read_file.hpp"

#ifndef APRENDER_COMPILER_FLAGS
#define APRENDER_COMPILER_FLAGS ""
#endif

namespace aprender {
namespace {

std::optional<std::int64_t> source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr) return std::nullopt;
  const std::string_view digits = text;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc() || end != digits.data() + digits.size() || seconds < 0) return std::nullopt;
  return seconds;
}

std::string first_line(std::string text) {
  if (const auto end = text.find('\n'); end != std::string::npos) text.resize(end);
  return text;
}

std::optional<TrainingCode> find_training_code(const std::filesystem::path& directory) {
  const auto git = [&](std::vector<std::string> arguments) {
    // A repository may name programs to run: the monitor of its files, and hooks when the index is written.
    arguments.insert(arguments.begin(), {"git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c",
                                         "core.hooksPath=/dev/null", "-C", directory.string()});
    return io::capture_output(arguments);
  };
  const auto head = git({"rev-parse", "--verify", "--quiet", "HEAD"});
  if (!head) return std::nullopt;
  TrainingCode code{.git_commit = first_line(*head)};
  if (!archive::is_hex(code.git_commit, 40) && !archive::is_hex(code.git_commit, 64)) return std::nullopt;
  const auto changes = git({"status", "--porcelain", "--untracked-files=no"});
  code.dirty = !changes || !changes->empty();
  if (const auto uri = git({"remote", "get-url", "origin"})) code.uri = first_line(*uri);
  return code;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "unknown";
#endif
}

std::string cpu_features() {
  std::string features;
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  const auto add = [&](const char* name, int present) {
    if (present != 0) features += (features.empty() ? "" : " ") + std::string(name);
  };
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512dq", __builtin_cpu_supports("avx512dq"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("fma", __builtin_cpu_supports("fma"));
  add("sse4.2", __builtin_cpu_supports("sse4.2"));
#endif
  return features;
}

std::string platform() {
  utsname names = {};
  if (uname(&names) != 0) return "unknown";
  return std::string(names.sysname) + " " + names.machine;
}

std::string eigen_version() {
  return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

/// An address of a repository without the user's name and password.
void drop_credentials(std::string& uri) {
  const auto scheme = uri.find("://");
  if (scheme == std::string::npos) return;
  const auto start = scheme + 3;
  const auto at = uri.substr(start, uri.find('/', start) - start).rfind('@');
  if (at != std::string::npos) uri.erase(start, at + 1);
}

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

/// What a CI system says of itself: the variables that GitHub Actions and GitLab CI document for their jobs.
void find_builder(Provenance& provenance) {
  if (const std::string run = environment("GITHUB_RUN_ID"); !run.empty()) {
    provenance.builder = environment("GITHUB_SERVER_URL") + "/" + environment("GITHUB_REPOSITORY");
    provenance.invocation = provenance.builder + "/actions/runs/" + run;
  } else if (const std::string job = environment("CI_JOB_URL"); !job.empty()) {
    provenance.builder = environment("CI_SERVER_URL");
    provenance.invocation = job;
  }
  for (std::string* text : {&provenance.builder, &provenance.invocation}) {
    if (!archive::is_text(*text)) text->clear();
  }
}

}  // namespace

Provenance capture_provenance(const std::filesystem::path& training_code) {
  Provenance provenance;
  provenance.code = find_training_code(training_code);
  if (provenance.code) drop_credentials(provenance.code->uri);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  provenance.started_unix_seconds =
      source_date_epoch().value_or(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  provenance.library = "aprender " APRENDER_VERSION;
  provenance.compiler = compiler();
  provenance.compiler_flags = APRENDER_COMPILER_FLAGS;
  provenance.cpu_features = cpu_features();
  provenance.blas = eigen_version();
  provenance.platform = platform();
  find_builder(provenance);
  if (source_date_epoch()) provenance.invocation.clear();  // which no two runs have in common
  return provenance;
}

void record_duration(Provenance& provenance, std::chrono::steady_clock::time_point started) {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  provenance.duration_seconds = source_date_epoch() ? 0.0 : elapsed.count();
}

Result<TrainingData> describe_training_data(const std::filesystem::path& file, std::int64_t rows,
                                            std::int64_t columns) {
  return describe_dependency(file).map([&](const Dependency& known) {
    return TrainingData{known.uri, known.sha256, rows, columns};
  });
}

Result<Dependency> describe_dependency(const std::filesystem::path& file) {
  const auto bytes = io::read_file(file, std::numeric_limits<std::uint64_t>::max());
  if (!bytes) return tl::unexpected(bytes.error());
  return Dependency{file.filename().string(), container::hex(container::sha256(*bytes))};
}

}  // namespace aprender
