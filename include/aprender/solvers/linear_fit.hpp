/// From the arguments of `fit` to a solver and back to a Fit.
#pragma once

#include "aprender/solvers/least_squares_problem.hpp"

namespace aprender::solver {

/// Checks and narrows the arguments, solves and wraps the solution; solve: (LinearSamples, Team) -> LinearSolution.
/// Targets is 1 or Eigen::Dynamic.
template <int Targets, class Estimator, DesignMatrix X, DenseMatrix Y, class Solve>
[[nodiscard]] auto linear_fit(const Estimator& estimator, const X& x, const Y& y, const FitOptions& options,
                              const Solve& solve) -> Fit<Estimator, LinearModel<typename X::Scalar, Targets>> {
  using Scalar = typename X::Scalar;
  using Model = LinearModel<Scalar, Targets>;
  const DesignOf<X> design = with_columns(x);
  const Eigen::Matrix<double, Eigen::Dynamic, Targets> targets = y.template cast<double>();
  argument::require_samples(design, targets);
  argument::require(targets.cols() > 0, "columns of y", targets.cols(), "at least 1");
  argument::require(options.threads >= 1, "threads", options.threads, "at least 1");
  if (const Eigen::MatrixXd& initial = options.initial_coefficients; initial.size() > 0) {
    argument::require_equal("rows of initial_coefficients", initial.rows(), "columns of X", design.cols());
    argument::require_equal("columns of initial_coefficients", initial.cols(), "columns of y", targets.cols());
    argument::require_finite("initial_coefficients", initial);
  }

  const LinearSamples<DesignOf<X>> samples(design, targets, options.sample_weight);
  Team team(options.threads);
  LinearSolution<Scalar> solution = solve(samples, team);
  solution.report.n_samples = design.rows();
  solution.report.n_features = design.cols();
  solution.report.fit_intercept = estimator.fit_intercept;
  return {Model(typename Model::Coefficients(solution.coefficients), typename Model::Intercept(solution.intercept)),
          solution.report, estimator};
}

}  // namespace aprender::solver
