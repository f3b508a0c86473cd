/// Ordinary least squares.
#pragma once

#include "aprender/solvers/normal_equations.hpp"
#include "aprender/solvers/orthogonal.hpp"

namespace aprender::solver {

/// Pivoted Householder QR of the centred, weighted and equilibrated X, and one step of iterative refinement with
/// residuals from X itself; minimum-norm coefficients if X is rank deficient (PivotedQr).
/// Memory: n p + O(n t + p) doubles, p r more if rank deficient of rank r. Time: 2 n p min(n, p) flops.
template <class Design>
[[nodiscard]] SolutionOf<Design> orthogonal_least_squares(const LeastSquaresProblem<Design>& problem) {
  const CentredColumns<Design>& a = problem.a();

  Eigen::MatrixXd matrix(a.rows(), a.cols());
  Eigen::VectorXi shift(a.cols());
  Eigen::VectorXi exponent(a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    matrix.col(j) = a.a(j);
    shift(j) = exponent_above(matrix.col(j).norm());
    exponent(j) = a.exponent(j) + shift(j);
    matrix.col(j) *= std::ldexp(1.0, -shift(j));
  }
  const PivotedQr<> qr(matrix, exponent, problem.tolerance());
  const auto solve = [&](const Eigen::MatrixXd& r) {
    Eigen::MatrixXd v(a.cols(), r.cols());
    for (Eigen::Index t = 0; t < r.cols(); ++t) v.col(t) = qr.solve(r.col(t));
    for (Eigen::Index j = 0; j < a.cols(); ++j) v.row(j) *= std::ldexp(1.0, -shift(j));
    return v;
  };
  Eigen::MatrixXd v = solve(problem.b());
  v += solve(a.residual(problem.b(), v));

  SolutionOf<Design> solution = problem.round(v);
  solution.report.solver = qr.full_rank() ? "pivoted QR" : "pivoted QR, minimum norm";
  solution.report.rank = qr.rank();
  solution.report.condition_estimate = qr.condition();
  const Eigen::VectorXd no_penalty = Eigen::VectorXd::Zero(a.cols());
  problem.certify(solution, no_penalty, problem.norms(no_penalty));
  return solution;
}

/// The normal equations where they give the digits of an orthogonal factorisation, else that.
template <class Design>
[[nodiscard]] SolutionOf<Design> least_squares(const LinearSamples<Design>& samples, bool fit_intercept, Team& team) {
  const LeastSquaresProblem<Design> problem(samples, fit_intercept, team);
  const Eigen::Index p = problem.a().cols();
  if (p <= problem.a().rows()) {
    const Eigen::VectorXd no_penalty = Eigen::VectorXd::Zero(p);
    const Solved solved = normal_equations(problem, no_penalty);
    if (solved.condition <= cholesky_condition_limit) {
      SolutionOf<Design> solution = problem.round(solved.v);
      solution.report.solver = "Cholesky";
      solution.report.rank = p;
      solution.report.condition_estimate = solved.condition;
      problem.certify(solution, no_penalty, solved.norm);
      if (solution.report.converged) return solution;
    }
  }
  return orthogonal_least_squares(problem);
}

}  // namespace aprender::solver
