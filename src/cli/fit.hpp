/// From samples to an archive that is ready to be saved.
#pragma once

#include <optional>
#include <string>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

/// Fits the estimator, with the --class-weight given if there is one, and adds to the description what the fit can say:
/// features with their ranges, classes, metrics on the training rows, duration. Throws Failure(unusable_data).
[[nodiscard]] ModelArchive fit(const Estimator& estimator, const std::optional<std::string>& class_weight,
                               const Samples& samples, bool float32, int threads, Description description);

/// Options of a fit, or several, to samples with their weights. `progress`, which outlives them, is told of each.
[[nodiscard]] FitOptions fit_options(const Samples& samples, int threads, Progress& progress);

}  // namespace aprender::cli
