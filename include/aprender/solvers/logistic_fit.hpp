/// Which solver a logistic regression goes to.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "aprender/solvers/newton.hpp"
#include "aprender/solvers/newton_cg.hpp"
#include "aprender/solvers/proximal_newton.hpp"
#include "aprender/solvers/quasi_newton.hpp"

namespace aprender::solver {

/// The cost of a Newton step with the Hessian formed, in multiply-adds of products of panels: m (m + 1) / 2 Gram
/// matrices and a factorisation.
[[nodiscard]] inline double newton_cost(double n, double q, double m) {
  return 0.25 * m * (m + 1) * n * q * q + std::pow(m * q, 3) / 6;
}

/// The same by conjugate gradients: about eight passes over X, which wait for memory.
[[nodiscard]] inline double newton_cg_cost(double n, double q, double m) { return 8 * (10 + 8 * m) * n * q; }

/// Columns of which Newton-CG's preconditioner knows the Gram matrix: of a dense X all, where that costs less than it
/// saves and has full rank, of a sparse X the few that matter to most samples.
template <class Design>
[[nodiscard]] Eigen::Index preconditioned_columns(const LogisticProblem<Design>& problem) {
  if (is_sparse<Design>) return 300;
  const Eigen::Index p = problem.n_columns();
  return p <= problem.z().rows() && p <= 2000 ? p : 0;
}

/// Minimises F without L1 penalty from theta. Newton's method where its steps cost less or, if the Hessian has at most
/// 2000 rows, all else fails; else L-BFGS for two classes of a dense X with enough rows, and conjugate gradients.
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> smooth_logistic(const LogisticProblem<Design>& problem,
                                                                        Eigen::MatrixXd theta, Stopping& stopping) {
  const auto n = static_cast<double>(problem.z().rows()), q = static_cast<double>(problem.size());
  const auto m = static_cast<double>(problem.outputs());
  std::int64_t steps = 0;
  double certificate = std::numeric_limits<double>::infinity();
  const char* name = "";
  const auto run = [&](auto solver, const char* its_name) {
    steps = solver.run(stopping, steps);
    theta = solver.theta();
    certificate = solver.certificate();
    name = its_name;
  };
  const bool two_classes = m == 1, by_sampling = !is_sparse<Design> && two_classes && q > 16 && n >= q;
  const bool small = is_sparse<Design> ? m * q <= 64 : newton_cost(n, q, m) <= newton_cg_cost(n, q, m);
  if constexpr (!is_sparse<Design>) {
    if (by_sampling) run(QuasiNewton<typename Design::Scalar>(problem, theta), "L-BFGS");
  }
  if (!by_sampling && !small) {
    run(NewtonCg<Design>(problem, preconditioned_columns(problem), theta), "Newton-CG");
  }
  const bool finished = certificate <= stopping.tol() || stopping.stopped() || steps >= stopping.max_iter();
  if ((!by_sampling && small) || (!finished && m * q <= 2000)) run(NewtonLogistic<Design>(problem, theta), "Newton");
  LogisticSolution<typename Design::Scalar> solution =
      smooth_solution(problem, theta, certificate <= stopping.tol(), stopping.tol());
  solution.report.solver = name;
  solution.report.iterations = steps;
  return solution;
}

/// Minimises F with an L1 penalty from theta.
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> lasso_logistic(const LogisticProblem<Design>& problem,
                                                                       Eigen::MatrixXd theta, Stopping& stopping) {
  ProximalNewton<Design> newton(problem, std::move(theta));
  const std::int64_t steps = newton.run(stopping);
  LogisticSolution<typename Design::Scalar> solution =
      lasso_solution(problem, newton.theta(), newton.certificate() <= stopping.tol(), stopping.tol());
  solution.report.solver = "proximal Newton";
  solution.report.iterations = steps;
  return solution;
}

/// Minimises sum_i s_i loss_i and the penalty from coefficients in the user's units, or from zero if there are none.
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> logistic(const ClassifiedSamples<Design>& samples,
                                                                 LogisticPenalty penalty, bool fit_intercept,
                                                                 const Eigen::MatrixXd& initial, Stopping& stopping,
                                                                 Team& team) {
  const LogisticProblem<Design> problem(samples.x(), samples.indices(), samples.weight(), samples.n_classes(),
                                        penalty.weight * penalty.l1_ratio, penalty.weight * (1 - penalty.l1_ratio),
                                        fit_intercept, team);
  Eigen::MatrixXd start = problem.start(initial);
  return penalty.l1_ratio > 0 ? lasso_logistic(problem, std::move(start), stopping)
                              : smooth_logistic(problem, std::move(start), stopping);
}

/// LogisticProblem::steepest_at_zero of the samples.
template <class Design>
[[nodiscard]] double steepest_at_zero(const ClassifiedSamples<Design>& samples, bool fit_intercept, Team& team) {
  return LogisticProblem<Design>(samples.x(), samples.indices(), samples.weight(), samples.n_classes(), 0.0, 0.0,
                                 fit_intercept, team)
      .steepest_at_zero();
}

}  // namespace aprender::solver
