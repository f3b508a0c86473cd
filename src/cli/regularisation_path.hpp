/// Fits of an estimator of any kind, one a penalty.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

struct PathPoint {
  double penalty = 0.0;                                 ///< alpha, or C
  Eigen::MatrixXd coefficients;                         ///< n_outputs x n_features
  Eigen::VectorXd intercept;                            ///< n_outputs
  std::vector<std::pair<std::string, double>> metrics;  ///< on the training rows, NaN if predictions overflow
  FitReport report;

  [[nodiscard]] Eigen::Index nonzero() const { return (coefficients.array() != 0).count(); }
};

struct RegularisationPath {
  std::vector<std::string> classes;  ///< in the order of their labels, none for a regression
  Eigen::VectorXd deviation;         ///< standard deviation of each column of X
  std::vector<PathPoint> points;     ///< the strongest penalty first
};

/// estimator: any but LinearRegression, with the --class-weight given if there is one.
/// Throws Failure(unusable_data).
[[nodiscard]] RegularisationPath fit_path(const Estimator& estimator, const std::optional<std::string>& class_weight,
                                          const Samples& samples, const PathOptions& penalties, int threads);

}  // namespace aprender::cli
