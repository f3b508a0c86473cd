#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "aprender/path.hpp"
#include "aprender/solvers/linear_fit.hpp"
#ifndef APRENDER_SOLVERS_ELSEWHERE  // instances.hpp
#include "aprender/solvers/elastic_net_path.hpp"
#include "aprender/solvers/penalty_grid.hpp"
#endif

namespace aprender {

/// L1-regularised least squares.
///
/// Minimises  1/(2n) sum_i s_i (y_i - x_i w - b)^2 + alpha ||w||_1  over w (n_features) and b, with sample weights s_i
/// normalised to sum to n = n_samples. Stops when the duality gap is at most tol * P(0), P(0) the objective at
/// w = 0; FitReport::duality_gap is that certificate. alpha = 0 is LinearRegression, with its certificate.
///
/// Coordinate descent with covariance updates (Friedman, Hastie, Tibshirani, 2010) and Newton steps on a growing
/// working set (Massias, Gramfort, Salmon, 2018).
struct Lasso {
  double alpha = 1.0;  ///< penalty weight, finite, >= 0
  bool fit_intercept = true;
  bool positive = false;           ///< constrain w >= 0, which takes an L1 part: alpha > 0
  double tol = 1e-8;               ///< relative duality gap, > 0
  std::int64_t max_iter = 10'000;  ///< passes over coefficients, >= 1

  /// X: n_samples x n_features, dense or sparse, float or double, not copied if it lies by columns. y: n_samples.
  /// Computes in double and rounds once. Extra memory: O(n_samples + n_features) doubles, the Gram matrix of at most
  /// m = max(2000, sqrt(n_samples n_features) / 2) columns, and as much again while that grows: m^2 doubles, 32 MB or a
  /// quarter of X in double if that is more; and three times the square of the coefficients that are not zero.
  /// Throws std::invalid_argument on mismatched or zero sizes, non-finite values, weights that cannot be used and
  /// hyperparameters out of range.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<Lasso, LinearModel<typename X::Scalar>> {
    argument::require(std::isfinite(alpha) && alpha >= 0, "alpha", alpha, "a finite number >= 0");
    argument::require(std::isfinite(tol) && tol > 0, "tol", tol, "a finite number > 0");
    argument::require(max_iter >= 1, "max_iter", max_iter, "at least 1");
    argument::require(!positive || alpha > 0, "alpha", alpha, "a number > 0 where positive");
    return solver::linear_fit<1>(*this, x, y, options, [&](const auto& samples, auto& team) {
      solver::Stopping stopping(tol, max_iter, options);
      return solver::elastic_net(samples, {.l1 = alpha, .l2 = 0.0, .positive = positive}, fit_intercept, stopping,
                                 options.initial_coefficients, team);
    });
  }

  /// A fit for each alpha of `path`, the strongest first; `alpha` of this estimator does not matter.
  /// The grid begins at the smallest alpha for which every coefficient is zero. Otherwise as `fit`.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto path(const X& x, const Y& y, const PathOptions& path = {}, const FitOptions& options = {}) const
      -> std::vector<Fit<Lasso, LinearModel<typename X::Scalar>>> {
    argument::require(std::isfinite(tol) && tol > 0, "tol", tol, "a finite number > 0");
    argument::require(max_iter >= 1, "max_iter", max_iter, "at least 1");
    const Eigen::VectorXd alphas = penalty_grid(x, y, path, options);
    return solver::linear_path<1>(*this, x, y, alphas, options, [&](const auto& samples, auto& team) {
      std::vector<solver::Penalty> penalties;
      for (const double each : alphas) penalties.push_back({.l1 = each, .l2 = 0.0, .positive = positive});
      solver::Stopping stopping(tol, max_iter, options, alphas.size());
      return solver::elastic_net_path(samples, penalties, fit_intercept, stopping, options.initial_coefficients, team);
    });
  }

  /// The alphas that `path` fits, decreasing.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] Eigen::VectorXd penalty_grid(const X& x, const Y& y, const PathOptions& path = {},
                                             const FitOptions& options = {}) const {
    return argument::penalties(path, 1e-3, [&] {
      return solver::with_samples(x, y, options, [this](const auto& samples, auto& team) {
        return solver::largest_l1(samples, fit_intercept, positive, team);
      });
    });
  }
};

}  // namespace aprender
