/// What a fit returns: an immutable model, a report that certifies it, and the estimator that made it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <Eigen/Core>

#include "aprender/linear_model.hpp"
#include "aprender/logistic_model.hpp"

namespace aprender {

/// Where a fit is: what FitOptions::progress is told.
struct FitProgress {
  std::int64_t fit = 0;         ///< which of a path's fits, from 0
  std::int64_t n_fits = 1;      ///< 1 unless it is a path or a cross-validation
  std::int64_t iterations = 0;  ///< of this fit so far, 0 for a direct solver
  double certificate = 0.0;     ///< relative duality gap, gradient norm or backward error where the fit is
  double tolerance = 0.0;       ///< what it has to fall to
};

/// What varies from call to call of `fit` and is no hyperparameter.
struct FitOptions {
  /// One non-negative weight a sample, empty for equal weights. Normalised to sum to the number of samples of positive
  /// weight; a sample of zero weight is one that is not there.
  Eigen::VectorXd sample_weight = {};

  /// Threads to work with, >= 1. Another number may change the last digits of a fit.
  int threads = 1;

  /// Coefficients to start from, in the shape of the model's and finite; empty for zeros. Direct solvers have no use
  /// for them. What the solution is does not depend on it, only how soon it is found.
  Eigen::MatrixXd initial_coefficients = {};

  /// Called after each iteration, by direct solvers (LinearRegression, Ridge) when a fit has ended, on the thread that
  /// called `fit`; may be empty. When this returns false, the fit ends where it is and says so in FitReport::stopped; a
  /// path has no further fits.
  std::function<bool(const FitProgress&)> progress = {};
};

/// How a fit went: the certificate of the solution and what was seen on the way. Not converging is reported here.
struct FitReport {
  std::string solver;           ///< the algorithm that produced the result, e.g. "Cholesky"
  std::int64_t n_samples = 0;   ///< rows of X
  std::int64_t n_features = 0;  ///< columns of X
  std::int64_t iterations = 0;  ///< passes of an iterative solver, 0 for a direct one
  bool converged = false;       ///< the certificate of the rounded coefficients meets `tolerance`
  bool stopped = false;         ///< FitOptions::progress asked to end here
  bool fit_intercept = true;    ///< an intercept was fitted
  double objective = 0.0;       ///< the estimator's objective at the solution, as its docstring states it
  double tolerance = 0.0;       ///< the bound the certificate was held against (docs/numerics.md)

  std::optional<double> duality_gap = {};         ///< relative, (P - D) / P(0): fits with an L1 penalty
  std::optional<double> gradient_norm = {};       ///< relative, max_j |g_j| / sum_i s_i |x_ij|: LogisticRegression
  std::optional<double> backward_error = {};      ///< relative normal-equation residual: LinearRegression, Ridge
  std::optional<double> condition_estimate = {};  ///< 2-norm estimate after column scaling: LinearRegression, Ridge
  std::optional<std::int64_t> rank = {};          ///< numerical rank of centred X: LinearRegression
};

/// The result of `Estimator::fit`.
template <class Estimator, class Model>
struct Fit {
  Model model;
  FitReport report;
  Estimator estimator;
};

}  // namespace aprender
