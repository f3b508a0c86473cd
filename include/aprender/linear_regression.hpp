#pragma once

#include "aprender/solvers/linear_fit.hpp"
#ifndef APRENDER_SOLVERS_ELSEWHERE  // instances.hpp
#include "aprender/solvers/least_squares.hpp"
#endif

namespace aprender {

/// Ordinary least squares.
///
/// Minimises  sum_i s_i (y_i - x_i w - b)^2  over w (n_features) and b, with sample weights s_i normalised to sum to
/// n_samples. If X (centred, if there is an intercept) is rank deficient, w is the minimiser of least norm.
/// FitReport::backward_error certifies the result, `rank` and `condition_estimate` describe X.
///
/// Cholesky of the n_features square Gram matrix with one step of refinement where the condition number allows (Bjorck,
/// 1987), else Householder QR with column pivoting of a scaled copy of X (Golub and Van Loan, 2013, section 5.5). Where
/// either would lose digits that can be seen, dense X in double precision is refined further with residuals in twice
/// the precision: coefficients are then those of exact arithmetic, rounded (exact_slope.hpp).
struct LinearRegression {
  bool fit_intercept = true;

  /// X: n_samples x n_features, dense or sparse, float or double, not copied if its rows or columns are contiguous or
  /// it is sparse by columns. y: n_samples, or n_samples x n_targets. Computes in double and rounds once. Extra memory:
  /// 2 + threads times n_features^2 doubles; n_samples x n_features doubles if X is ill-conditioned or wide. Throws
  /// std::invalid_argument on mismatched or zero sizes, non-finite values and weights that cannot be used.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<LinearRegression, LinearModel<typename X::Scalar>> {
    return fit_targets<1>(x, y, options);
  }
  template <DesignMatrix X, TargetMatrix Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<LinearRegression, LinearModel<typename X::Scalar, Eigen::Dynamic>> {
    return fit_targets<Eigen::Dynamic>(x, y, options);
  }

 private:
  template <int Targets>
  [[nodiscard]] auto fit_targets(const auto& x, const auto& y, const FitOptions& options) const {
    return solver::linear_fit<Targets>(*this, x, y, options, [&](const auto& samples, auto& team) {
      solver::Telling telling(options);
      return solver::told(solver::least_squares(samples, fit_intercept, team, telling), telling);
    });
  }
};

}  // namespace aprender
