/// Columns brought to mean 0 and standard deviation 1, so that a penalty treats them alike.
#pragma once

#include <Eigen/Core>

/// Means and deviations are those of the training rows: held-out rows must not leak into them.
struct Standardization {
  Eigen::RowVectorXd mean;
  Eigen::RowVectorXd deviation;  ///< 1 for a constant column

  explicit Standardization(const Eigen::MatrixXd& training)
      : mean(training.colwise().mean()),
        deviation((training.rowwise() - mean).array().square().colwise().mean().sqrt()) {
    deviation = (deviation.array() > 0).select(deviation, 1.0);
  }

  /// X: n_samples x n_features, raw. Returns the same shape.
  [[nodiscard]] Eigen::MatrixXd operator()(const Eigen::MatrixXd& X) const {
    return (X.rowwise() - mean).array().rowwise() / deviation.array();
  }
};
