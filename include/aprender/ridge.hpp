#pragma once

#include <cmath>

#include "aprender/solvers/linear_fit.hpp"
#include "aprender/solvers/ridge.hpp"

namespace aprender {

/// L2-regularised least squares.
///
/// Minimises  sum_i s_i (y_i - x_i w - b)^2 + alpha ||w||^2  over w (n_features) and b, with sample weights s_i
/// normalised to sum to n_samples (scikit-learn does not normalise: its alpha is ours times sum(s) / n_samples).
/// FitReport::backward_error certifies the result; `solver` says which factorisation was used.
///
/// Cholesky of the n_features or n_samples square Gram matrix, whichever is smaller, with one step of refinement;
/// pivoted QR of [X; sqrt(alpha) I] if that is ill-conditioned (Bjorck, 1996); alpha = 0 is LinearRegression.
struct Ridge {
  double alpha = 1.0;  ///< penalty weight, finite, >= 0
  bool fit_intercept = true;

  /// X: n_samples x n_features, dense or sparse, float or double, not copied if its rows or columns are contiguous or
  /// it is sparse by columns. y: n_samples, or n_samples x n_targets. Computes in double and rounds once. Extra memory:
  /// 2 + threads times min(n_samples, n_features)^2 doubles; if ill-conditioned up to 3 (n_samples + n_features)
  /// min(n_samples, n_features). Throws std::invalid_argument on mismatched or zero sizes, non-finite values, weights
  /// that cannot be used and alpha out of range.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<Ridge, LinearModel<typename X::Scalar>> {
    return fit_targets<1>(x, y, options);
  }
  template <DesignMatrix X, TargetMatrix Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<Ridge, LinearModel<typename X::Scalar, Eigen::Dynamic>> {
    return fit_targets<Eigen::Dynamic>(x, y, options);
  }

 private:
  template <int Targets>
  [[nodiscard]] auto fit_targets(const auto& x, const auto& y, const FitOptions& options) const {
    argument::require(std::isfinite(alpha) && alpha >= 0, "alpha", alpha, "a finite number >= 0");
    return solver::linear_fit<Targets>(*this, x, y, options, [this](const auto& samples, auto& team) {
      return solver::ridge(samples, alpha, fit_intercept, team);
    });
  }
};

}  // namespace aprender
