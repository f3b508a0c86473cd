/// From a table to an archive that is ready to be saved.
#pragma once

#include <optional>
#include <string>

#include "aprender/archive.hpp"
#include "cli/csv.hpp"
#include "cli/training_data.hpp"

namespace aprender::cli {

/// Fits the estimator, with the --class-weight given if there is one, and adds to the description what the fit can say:
/// features with their ranges, classes, metrics on the training rows, duration. Throws Failure(unusable_data).
[[nodiscard]] ModelArchive fit(const Estimator& estimator, const std::optional<std::string>& class_weight,
                               const Table& table, const Roles& roles, bool float32, int threads,
                               Description description);

/// Throws Failure(unusable_data) for so many classes and features that a classifier's memory would have no end: a
/// column of identifiers is no target.
void check_size(const Table& table, std::size_t target, std::size_t n_classes, Eigen::Index n_features);

}  // namespace aprender::cli
