/// From the arguments of `fit` and `path` to a solver and back to a Fit.
#pragma once

#include <cstddef>
#include <vector>

#include "aprender/solvers/linear_solvers.hpp"

namespace aprender::solver {

/// Checks and narrows the arguments of a linear regression; returns use(LinearSamples, Team).
template <DesignMatrix X, DenseMatrix Y, class Use>
auto with_samples(const X& x, const Y& y, const FitOptions& options, const Use& use) {
  const DesignOf<X> design = with_columns(x);
  const Eigen::Matrix<double, Eigen::Dynamic, Y::ColsAtCompileTime> targets = y.template cast<double>();
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
  return use(samples, team);
}

/// The solution as a Fit. Targets is 1 or Eigen::Dynamic.
template <int Targets, class Estimator, DesignMatrix X, Real Scalar>
[[nodiscard]] auto as_fit(const Estimator& estimator, const X& x, const LinearSolution<Scalar>& solution)
    -> Fit<Estimator, LinearModel<Scalar, Targets>> {
  using Model = LinearModel<Scalar, Targets>;
  Fit<Estimator, Model> fit{
      Model(typename Model::Coefficients(solution.coefficients), typename Model::Intercept(solution.intercept)),
      solution.report, estimator};
  fit.report.n_samples = x.rows();
  fit.report.n_features = x.cols();
  fit.report.fit_intercept = estimator.fit_intercept;
  return fit;
}

/// Checks and narrows the arguments, solves and wraps the solution; solve: (LinearSamples, Team) -> LinearSolution.
template <int Targets, class Estimator, DesignMatrix X, DenseMatrix Y, class Solve>
[[nodiscard]] auto linear_fit(const Estimator& estimator, const X& x, const Y& y, const FitOptions& options,
                              const Solve& solve) -> Fit<Estimator, LinearModel<typename X::Scalar, Targets>> {
  return as_fit<Targets>(estimator, x, with_samples(x, y, options, solve));
}

/// The same for all alphas, or those finished when options.progress asks to end; solve: (LinearSamples, Team) -> a
/// LinearSolution for each.
template <int Targets, class Estimator, DesignMatrix X, DenseMatrix Y, class Solve>
[[nodiscard]] auto linear_path(Estimator estimator, const X& x, const Y& y, const Eigen::VectorXd& alphas,
                               const FitOptions& options, const Solve& solve)
    -> std::vector<Fit<Estimator, LinearModel<typename X::Scalar, Targets>>> {
  const auto solutions = with_samples(x, y, options, solve);
  std::vector<Fit<Estimator, LinearModel<typename X::Scalar, Targets>>> fits;
  fits.reserve(solutions.size());
  for (std::size_t k = 0; k < solutions.size(); ++k) {
    estimator.alpha = alphas(static_cast<Eigen::Index>(k));
    fits.push_back(as_fit<Targets>(estimator, x, solutions[k]));
  }
  return fits;
}

}  // namespace aprender::solver
