/// Choosing a penalty for an estimator of any kind by its errors on samples that were left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

/// What was found, and which of the penalties is chosen.
struct Selection {
  CrossValidation found;
  std::optional<LeaveOneOut> left_out = {};  ///< where a fold is a row; `found` is its validation
  Eigen::Index chosen = 0;
};

/// What is chosen: the least error, the strongest penalty within one standard error of it, the least generalised
/// cross-validation.
enum class Rule : std::uint8_t { min, one_standard_error, gcv };

/// estimator: any but LinearRegression, with the --class-weight given if there is one. leave_one_out, for Ridge,
/// replaces the folds; Rule::gcv needs it. Throws Failure(unusable_data).
[[nodiscard]] Selection select(const Estimator& estimator, const std::optional<std::string>& class_weight,
                               const Samples& samples, const CrossValidationOptions& options, bool leave_one_out,
                               Rule rule, int threads);

}  // namespace aprender::cli
