/// From samples to an archive that is ready to be saved.
#pragma once

#include <optional>
#include <string>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"
#include "cli/terminal.hpp"
#include "cli/warm_start.hpp"

namespace aprender::cli {

/// How an estimator is fitted, beside its hyperparameters.
struct FitSettings {
  std::optional<std::string> class_weight = {};  ///< --class-weight, if it is given
  std::optional<WarmStart> start = {};
  bool float32 = false;
  int threads = 1;
};

/// Fits the estimator and adds to the description what the fit can say: features with their ranges, classes, metrics on
/// the training rows, duration. Throws Failure(unusable_data).
[[nodiscard]] ModelArchive fit(const Estimator& estimator, const FitSettings& settings, const Samples& samples,
                               Description description);

/// Options of a fit, or several, to samples with their weights. `progress`, which outlives them, is told of each.
[[nodiscard]] FitOptions fit_options(const Samples& samples, int threads, Progress& progress);

/// Throws Failure(unusable_data) if the coefficients for all penalties of a path, so many classes or one target, would
/// take more than 4 GiB.
void require_feasible_path(const Samples& samples, const PathOptions& penalties, std::size_t n_classes = 1);

}  // namespace aprender::cli
