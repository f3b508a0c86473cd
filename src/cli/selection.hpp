/// Choosing a penalty for an estimator of any kind by its errors on samples that were left out.
#pragma once

#include <optional>
#include <string>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

/// What was found, and which of the penalties is chosen.
struct Selection {
  CrossValidation found;
  Eigen::VectorXd gcv;  ///< n_alphas, of leave-one-out only
  Eigen::Index chosen = 0;
};

/// estimator: any but LinearRegression, with the --class-weight given if there is one. leave_one_out, for Ridge,
/// replaces the folds. Throws Failure(unusable_data).
[[nodiscard]] Selection select(const Estimator& estimator, const std::optional<std::string>& class_weight,
                               const Samples& samples, const CrossValidationOptions& options, bool leave_one_out,
                               int threads);

}  // namespace aprender::cli
