/// Ordinary least squares.
#pragma once

#include <concepts>
#include <utility>

#include "aprender/solvers/exact_slope.hpp"
#include "aprender/solvers/lsqr.hpp"
#include "aprender/solvers/normal_equations.hpp"
#include "aprender/solvers/orthogonal.hpp"

namespace aprender::solver {

/// Pivoted Householder QR of the centred, weighted and equilibrated X, and one step of iterative refinement with
/// residuals from X itself, further ones with exact residuals; minimum-norm coefficients, after one, if X is rank
/// deficient (PivotedQr).
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
  const Eigen::VectorXd scale = shift.unaryExpr([](int by) { return std::ldexp(1.0, -by); });
  const auto solve = [&](const Eigen::MatrixXd& r) {
    Eigen::MatrixXd v(a.cols(), r.cols());
    for (Eigen::Index t = 0; t < r.cols(); ++t) v.col(t) = scale.cwiseProduct(qr.solve(r.col(t)));
    return v;
  };
  const Eigen::VectorXd no_penalty = Eigen::VectorXd::Zero(a.cols()), norm = problem.norms(no_penalty);
  Eigen::MatrixXd v = solve(problem.b());
  v += solve(a.residual(problem.b(), v));
  Eigen::RowVectorXd offset = Eigen::RowVectorXd::Zero(v.cols());
  if constexpr (std::same_as<Design, DenseDesign<double>>) {
    const auto solve_normal = [&](const Eigen::VectorXd& slope) -> Eigen::VectorXd {
      return scale.cwiseProduct(qr.solve_normal(scale.cwiseProduct(slope)));
    };
    if (qr.full_rank()) offset = refine_exactly(problem, no_penalty, norm, solve_normal, v);
  }

  SolutionOf<Design> solution = problem.round(v, offset);
  solution.report.solver = qr.full_rank() ? "pivoted QR" : "pivoted QR, minimum norm";
  solution.report.rank = qr.rank();
  solution.report.condition_estimate = qr.condition();
  problem.certify(solution, no_penalty, norm);
  return solution;
}

/// The normal equations where they give the digits of an orthogonal factorisation, else that; for a sparse X that is
/// large or ill-conditioned, LSQR, whose steps are told.
template <class Design>
[[nodiscard]] SolutionOf<Design> least_squares(const LinearSamples<Design>& samples, bool fit_intercept, Team& team,
                                               Telling& telling) {
  const Eigen::Index n = samples.x().rows(), p = samples.x().cols();
  const Eigen::VectorXd no_penalty = Eigen::VectorXd::Zero(p);
  if (p <= n && !(is_sparse<Design> && p > most_columns_of_sparse_gram)) {
    LeastSquaresProblem<Design> problem(samples, first_centring(samples.x(), fit_intercept), team);
    if (auto solution = normal_equations(problem, samples.x(), no_penalty)) {
      solution->report.rank = p;
      return *std::move(solution);
    }
  }
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit_intercept), team);
  if constexpr (is_sparse<Design>) {
    return iterative_least_squares(problem, no_penalty, telling);
  } else {
    return orthogonal_least_squares(problem);
  }
}

}  // namespace aprender::solver
