/// The estimators as the command line spells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// Hyperparameters that were given; the others keep the library's defaults.
struct EstimatorOptions {
  std::string estimator;
  std::optional<double> alpha, l1_ratio, C, tol;
  std::optional<std::int64_t> max_iter;
  std::optional<std::string> class_weight;  ///< as written: what labels stand for, the data tell
  bool no_intercept = false, positive = false;
};

/// Throws Failure(usage): unknown estimator, an option that it does not have, a value out of range.
[[nodiscard]] Estimator make_estimator(const EstimatorOptions& options);

[[nodiscard]] std::string_view type_name(const Estimator& estimator);  ///< "ElasticNet"
[[nodiscard]] bool has_penalty(const Estimator& estimator);
[[nodiscard]] bool iterates(const Estimator& estimator);  ///< and so may start anywhere
[[nodiscard]] bool takes_several_targets(const Estimator& estimator);
[[nodiscard]] bool classifies(const Estimator& estimator);
[[nodiscard]] std::string_view penalty_name(const Estimator& estimator);  ///< "alpha", or "C" of a classifier

using Hyperparameter = std::pair<std::string_view, std::variant<bool, std::int64_t, double, std::string>>;
[[nodiscard]] std::vector<Hyperparameter> hyperparameters(const Estimator& estimator);

/// "ElasticNet(alpha=0.1, l1_ratio=0.5, ...)", without the penalty if that is still to be chosen.
[[nodiscard]] std::string to_string(const Estimator& estimator, bool with_penalty = true);

/// What certifies the solution: "relative duality gap 3e-09 (tolerance 1e-08)".
[[nodiscard]] std::string certificate(const FitReport& report);

/// "coordinate_descent, 12 iterations".
[[nodiscard]] std::string solver_in_words(const FitReport& report);

/// "9 of 10: rank deficient, ..." for a report with a rank.
[[nodiscard]] std::string rank_in_words(const FitReport& report);

/// "mse_train 2859.7, r2_train 0.517748".
[[nodiscard]] std::string metrics_in_words(const Description& description);

}  // namespace aprender::cli
