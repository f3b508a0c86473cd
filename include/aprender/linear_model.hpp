/// The model of a linear regression.
#pragma once

#include <concepts>
#include <span>
#include <utility>

#include <Eigen/Core>

#include "aprender/arguments.hpp"
#include "aprender/scores.hpp"

namespace aprender {

/// A fitted linear regression: y = x w + b.
///
/// Scalar is float or double. Targets is the number of regression targets as in Eigen: 1 (a vector of coefficients,
/// a scalar intercept) or Eigen::Dynamic (a matrix with one column a target, a row vector of intercepts).
/// Immutable; every member function may be called from several threads at once.
template <Real Scalar_, int Targets = 1>
class LinearModel {
  static_assert(Targets == 1 || Targets == Eigen::Dynamic);

 public:
  using Scalar = Scalar_;
  using Coefficients = Eigen::Matrix<Scalar, Eigen::Dynamic, Targets>;  ///< n_features x n_targets
  using Intercept = Eigen::Matrix<Scalar, 1, Targets>;
  using Predictions = Eigen::Matrix<Scalar, Eigen::Dynamic, Targets>;  ///< n_samples x n_targets

  /// Throws std::invalid_argument if the numbers of targets differ.
  LinearModel(Coefficients coefficients, Intercept intercept)
      : coefficients_(std::move(coefficients)), intercept_(std::move(intercept)) {
    argument::require_equal("intercept", intercept_.cols(), "coefficients' columns", coefficients_.cols());
  }
  LinearModel(Coefficients coefficients, Scalar intercept) requires(Targets == 1)
      : coefficients_(std::move(coefficients)), intercept_(intercept) {}

  [[nodiscard]] const Coefficients& coefficients() const noexcept { return coefficients_; }
  [[nodiscard]] decltype(auto) intercept() const noexcept {
    if constexpr (Targets == 1) {
      return intercept_.value();
    } else {
      return (intercept_);
    }
  }
  [[nodiscard]] Eigen::Index n_features() const noexcept { return coefficients_.rows(); }
  [[nodiscard]] Eigen::Index n_targets() const noexcept { return coefficients_.cols(); }

  /// X: n_samples x n_features of the same Scalar. Returns n_samples x n_targets.
  /// Throws std::invalid_argument if X has another number of columns, or threads < 1.
  template <DesignMatrix X>
  requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Predictions predict(const X& x, int threads = 1) const {
    return linear_scores<X, Targets>(x, coefficients_, intercept_, threads);
  }

  /// One row without allocating. Throws std::invalid_argument if it has another number of features.
  [[nodiscard]] Scalar predict_one(std::span<const Scalar> row) const requires(Targets == 1) {
    return solver::row_score(argument::as_row(row, n_features()), coefficients_.data()) + intercept_.value();
  }

 private:
  Coefficients coefficients_;
  Intercept intercept_;
};

}  // namespace aprender
