#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "aprender/cross_validation.hpp"
#include "aprender/solvers/linear_fit.hpp"
#ifndef APRENDER_SOLVERS_ELSEWHERE  // instances.hpp
#include "aprender/solvers/leave_one_out.hpp"
#include "aprender/solvers/penalty_grid.hpp"
#include "aprender/solvers/ridge_path.hpp"
#endif

namespace aprender {

/// What `Ridge::leave_one_out` finds.
struct LeaveOneOut {
  CrossValidation validation;          ///< a fold a sample of positive weight
  Eigen::VectorXd gcv;                 ///< n_alphas: generalised cross-validation, an error too
  Eigen::VectorXd degrees_of_freedom;  ///< n_alphas: trace of the matrix that maps y to the fitted values

  /// The alpha of the least gcv; of several the strongest penalty.
  [[nodiscard]] Eigen::Index best_by_gcv() const {
    CrossValidation by_gcv;
    by_gcv.mean = gcv;
    return by_gcv.best();
  }
};

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

  /// A fit for each alpha of `path`, the strongest first; `alpha` of this estimator does not matter.
  /// The grid begins at ||X||_F^2 of the centred, weighted X, which leaves less than one degree of freedom. From one
  /// eigendecomposition of the smaller Gram matrix, with one step of refinement each; an alpha for which that is not
  /// accurate enough is fitted on its own. Ends early where options.progress asks to, which is told of each fit.
  /// Extra memory: 4 min(n_samples, n_features)^2 doubles; otherwise as `fit`.
  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto path(const X& x, const Y& y, const PathOptions& path = {}, const FitOptions& options = {}) const
      -> std::vector<Fit<Ridge, LinearModel<typename X::Scalar>>> {
    return path_of_targets<1>(x, y, path, options);
  }
  template <DesignMatrix X, TargetMatrix Y>
  [[nodiscard]] auto path(const X& x, const Y& y, const PathOptions& path = {}, const FitOptions& options = {}) const
      -> std::vector<Fit<Ridge, LinearModel<typename X::Scalar, Eigen::Dynamic>>> {
    return path_of_targets<Eigen::Dynamic>(x, y, path, options);
  }

  /// The alphas that `path` fits, decreasing.
  template <DesignMatrix X, DenseMatrix Y>
  [[nodiscard]] Eigen::VectorXd penalty_grid(const X& x, const Y& y, const PathOptions& path = {},
                                             const FitOptions& options = {}) const {
    return argument::penalties(path, 1e-8, [&] {
      return solver::with_samples(x, y, options, [this](const auto& samples, auto& team) {
        return solver::squared_norm(samples.x(), samples.weight(), fit_intercept, team);
      });
    });
  }

  /// The error of each sample under a fit to the others, for each alpha of `path`, without refitting: the same as n
  /// fits in which the other samples keep their weights, where `fit` would normalise them anew. Several targets: the
  /// mean of their squared errors. Extra memory: a copy of X in double, of a sparse X n_samples times
  /// min(n_samples, n_features) doubles, 2 min(n_samples, n_features)^2 and n_samples n_alphas doubles; up to three
  /// dense copies of X if ill-conditioned. Tells options.progress of each alpha, without a certificate; when asked to
  /// stop, the result says so and is that of the alphas finished.
  /// Throws std::invalid_argument as `path`, and unless two samples have positive weight.
  template <DesignMatrix X, DenseMatrix Y>
  [[nodiscard]] LeaveOneOut leave_one_out(const X& x, const Y& y, const PathOptions& path = {},
                                          const FitOptions& options = {}) const {
    const Eigen::VectorXd alphas = penalty_grid(x, y, path, options);
    return solver::with_samples(x, y, options, [&](const auto& samples, auto& team) {
      argument::require(samples.x().rows() >= 2, "samples of positive weight", samples.x().rows(), "at least 2");
      solver::Telling telling(options, alphas.size());
      auto found = solver::leave_one_out(samples, alphas, fit_intercept, team, telling);
      LeaveOneOut result{
          solver::summary(alphas.head(found.gcv.size()), std::move(found.squared_error), samples.weight()),
          std::move(found.gcv), std::move(found.degrees_of_freedom)};
      result.validation.stopped = telling.stopped();
      return result;
    });
  }

 private:
  template <int Targets>
  [[nodiscard]] auto path_of_targets(const auto& x, const auto& y, const PathOptions& path,
                                     const FitOptions& options) const {
    const Eigen::VectorXd alphas = penalty_grid(x, y, path, options);
    return solver::linear_path<Targets>(*this, x, y, alphas, options, [&](const auto& samples, auto& team) {
      solver::Telling telling(options, alphas.size());
      return solver::ridge_path(samples, alphas, fit_intercept, team, telling);
    });
  }
  template <int Targets>
  [[nodiscard]] auto fit_targets(const auto& x, const auto& y, const FitOptions& options) const {
    argument::require(std::isfinite(alpha) && alpha >= 0, "alpha", alpha, "a finite number >= 0");
    return solver::linear_fit<Targets>(*this, x, y, options, [&](const auto& samples, auto& team) {
      solver::Telling telling(options);
      return solver::told(solver::ridge(samples, alpha, fit_intercept, team, telling), telling);
    });
  }
};

}  // namespace aprender
