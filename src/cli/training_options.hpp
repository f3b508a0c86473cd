/// Options that the commands which fit models have in common: data, hyperparameters, threads, archive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "aprender/archive.hpp"
#include "cli/estimator.hpp"

namespace aprender::cli {

struct DataOptions {
  std::string data, features, sample_weight;
  std::vector<std::string> targets;
  bool sparse = false;
  std::optional<std::int64_t> n_features;

  /// What the targets are called: "y" in sparse data, which do not name theirs.
  [[nodiscard]] std::vector<std::string> target_names() const;
};

/// What an archive says of itself and where it goes.
struct ArchiveOptions {
  std::string out;
  std::optional<std::string> name;
  std::string version = "0.1.0", description, licence, intended_use;
};

/// Which penalties a path has.
struct PenaltyOptions {
  std::optional<std::string> alphas;
  std::optional<std::int64_t> n_alphas;
  std::optional<double> alpha_min_ratio;
};

void add_data_options(CLI::App& command, DataOptions& options);

/// `names` lists the estimators that the command knows, in words.
void add_estimator(CLI::App& command, EstimatorOptions& options, const std::string& names);
void add_penalty(CLI::App& command, EstimatorOptions& options);       ///< --alpha, --C
void add_path_penalties(CLI::App& command, PenaltyOptions& options);  ///< --alphas, --n-alphas, --alpha-min-ratio
void add_class_weight(CLI::App& command, EstimatorOptions& options);
void add_hyperparameters(CLI::App& command, EstimatorOptions& options);  ///< the others, --class-weight among them
void add_threads(CLI::App& command, std::optional<int>& threads);
void add_archive_options(CLI::App& command, ArchiveOptions& options, const std::string& out_description);

/// Throws Failure(usage) for options that exclude each other, and for several targets unless they may be.
void check(const DataOptions& options, bool several_targets = false);

/// The number of threads asked for, 1 if none was. Throws Failure(usage) unless it is 1 to 1024.
[[nodiscard]] int checked_threads(const std::optional<int>& threads);

/// The penalties asked for, the default number of them for this estimator. Throws Failure(usage).
[[nodiscard]] PathOptions checked_path(const PenaltyOptions& options, const Estimator& estimator);

/// The description of an archive as far as the options give it. Throws Failure before any work is done if an archive
/// could not hold it or its file not be written.
[[nodiscard]] Description checked_description(const ArchiveOptions& options, const DataOptions& data);

}  // namespace aprender::cli
