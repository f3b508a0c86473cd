/// Where a model comes from: code, data, seed, time and the program that trained it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "aprender/error.hpp"

namespace aprender {

/// The training code.
struct TrainingCode {
  std::string git_commit;  ///< 40 lower-case hex digits (64 in SHA-256 repositories)
  bool dirty = false;      ///< tracked files differ from that commit
  std::string uri = {};    ///< of the repository, empty if unknown
};

/// The training data.
struct TrainingData {
  std::string uri;     ///< file name or address
  std::string sha256;  ///< of the bytes, 64 lower-case hex digits
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// Anything else that went into a training: a file of settings, a table that features were joined from.
struct Dependency {
  std::string uri;     ///< file name or address
  std::string sha256;  ///< of the bytes, 64 lower-case hex digits

  friend bool operator==(const Dependency&, const Dependency&) = default;
};

/// What SLSA v1 calls the provenance of a build: what ran (builder, invocation), from what (code, data, dependencies,
/// parent), with which parameters (the archive's estimator, seed, annotations) and when
/// (https://slsa.dev/provenance/v1).
struct Provenance {
  std::optional<TrainingCode> code;
  std::optional<TrainingData> data;
  std::optional<std::uint64_t> seed;      ///< of every random choice in training
  std::string generator = {};             ///< of random numbers, e.g. "splitmix64"
  std::int64_t started_unix_seconds = 0;  ///< start of training, UTC
  double duration_seconds = 0.0;          ///< of training
  std::string library = {};               ///< "aprender 0.1.0"
  std::string compiler = {};              ///< "g++ 12.2.0"
  std::string compiler_flags = {};
  std::string cpu_features = {};                        ///< "avx2 avx512f fma": what the processor offers, sorted
  std::string blas = {};                                ///< "Eigen 3.4.0"
  std::string platform = {};                            ///< "Linux x86_64"
  std::string parent_archive_id = {};                   ///< the archive this one was derived from
  std::map<std::string, std::string> annotations = {};  ///< anything else
  std::string builder = {};                             ///< a URI of what ran the training, e.g. a CI system
  std::string invocation = {};                          ///< a URI of this very run
  std::map<std::string, Dependency> dependencies = {};  ///< by name
};

/// Fills in what can be known without asking: library, compiler, processor, platform, the time now, and the git
/// commit and dirty flag of the repository that holds `training_code`, if there is one and git is installed; builder
/// and invocation where GitHub Actions or GitLab CI say so in the environment. Under SOURCE_DATE_EPOCH the start is
/// that time.
[[nodiscard]] Provenance capture_provenance(const std::filesystem::path& training_code = ".");

/// Sets duration_seconds to the time since `started` (0 under SOURCE_DATE_EPOCH, so that bytes are reproducible).
void record_duration(Provenance& provenance, std::chrono::steady_clock::time_point started);

/// Name, digest and size of a data file as TrainingData; rows and columns are the caller's to say.
[[nodiscard]] Result<TrainingData> describe_training_data(const std::filesystem::path& file, std::int64_t rows,
                                                          std::int64_t columns);

/// Name and digest of a file that went into the training.
[[nodiscard]] Result<Dependency> describe_dependency(const std::filesystem::path& file);

}  // namespace aprender
