/// From a table to an archive that is ready to be saved.
#pragma once

#include "aprender/archive.hpp"
#include "cli/csv.hpp"
#include "cli/training_data.hpp"

namespace aprender::cli {

/// Fits the estimator and adds to the description what the fit can say: features with their ranges, classes, metrics on
/// the training rows, duration. Throws Failure(unusable_data).
[[nodiscard]] ModelArchive fit(const Estimator& estimator, const Table& table, const Roles& roles, bool float32,
                               int threads, Description description);

}  // namespace aprender::cli
