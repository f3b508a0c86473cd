/// L2-regularised least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "aprender/solvers/least_squares.hpp"

namespace aprender::solver {

/// A solution and the estimated condition number of what was factored, infinite if it could not be.
struct Solved {
  Eigen::MatrixXd v = {};
  double condition = std::numeric_limits<double>::infinity();
};

/// min ||b - A v||^2 + ||diag(g) v||^2 by pivoted QR of [A; diag(g)] with one step of refinement, for at most as many
/// features as samples. Memory: (n + p) p doubles.
template <class Design>
[[nodiscard]] Solved ridge_by_qr(const LeastSquaresProblem<Design>& problem, const Eigen::VectorXd& g) {
  const CentredColumns<Design>& a = problem.a();
  Eigen::MatrixXd matrix(a.rows() + a.cols(), a.cols());
  Eigen::VectorXd scale(a.cols());
  Eigen::VectorXi exponent(a.cols());
  matrix.bottomRows(a.cols()) = g.asDiagonal();
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    matrix.col(j).head(a.rows()) = a.a(j);
    const int shift = exponent_above(matrix.col(j).norm());
    exponent(j) = a.exponent(j) + shift;
    scale(j) = std::ldexp(1.0, -shift);
    matrix.col(j) *= scale(j);
  }
  const PivotedQr<> factor(matrix, exponent, problem.tolerance());
  Eigen::MatrixXd v = Eigen::MatrixXd::Zero(a.cols(), problem.b().cols());
  for (int step = 0; step < 2; ++step) {
    Eigen::MatrixXd residual(matrix.rows(), v.cols());
    residual << a.residual(problem.b(), v), -(g.asDiagonal() * v);
    for (Eigen::Index t = 0; t < v.cols(); ++t) v.col(t) += scale.asDiagonal() * factor.solve(residual.col(t));
  }
  return {.v = v, .condition = factor.condition()};
}

/// min ||b - A v||^2 + ||diag(g) v||^2 with more features than samples, n x n: v = G^-2 A' r, where the residual r
/// solves (A G^-2 A' + I) r = b. Everything is multiplied by sigma = min_j g_j, so that c_j = sigma / g_j <= 1. A g_j
/// below 2^-400 of the largest counts as that: squares neither overflow nor vanish, and such a penalty is lost in the
/// last digit of A either way.
template <class Design>
class DualRidge {
 public:
  DualRidge(const LeastSquaresProblem<Design>& problem, const Eigen::VectorXd& g)
      : problem_(problem),
        sigma_(std::max(g.minCoeff(), 0x1p-400 * g.maxCoeff())),
        c_(sigma_ / g.array().max(sigma_)) {}

  /// Cholesky of A C^2 A' + sigma^2 I. Memory: n^2 + 256 n doubles.
  [[nodiscard]] Solved cholesky() const {
    const CentredColumns<Design>& a = problem_.a();
    Eigen::MatrixXd gram = Eigen::VectorXd::Constant(a.rows(), sigma_ * sigma_).asDiagonal();
    constexpr Eigen::Index block_columns = 256;
    for (Eigen::Index first = 0; first < a.cols(); first += block_columns) {
      Eigen::MatrixXd block(a.rows(), std::min(block_columns, a.cols() - first));
      for (Eigen::Index j = 0; j < block.cols(); ++j) block.col(j) = c_(first + j) * a.a(first + j);
      gram.selfadjointView<Eigen::Lower>().rankUpdate(block);
    }
    const Cholesky<> cholesky(std::move(gram));
    if (!cholesky.succeeded()) return {};

    Eigen::MatrixXd dual = Eigen::MatrixXd::Zero(a.rows(), problem_.b().cols());
    Eigen::MatrixXd v = Eigen::MatrixXd::Zero(a.cols(), problem_.b().cols());
    for (int step = 0; step < 2; ++step) {
      dual += cholesky.solve(a.residual(problem_.b(), v) - sigma_ * sigma_ * dual);
      v = c_.cwiseAbs2().asDiagonal() * a.correlation(dual);
    }
    return {.v = v, .condition = triangular_condition<Eigen::Lower>(cholesky.factor())};
  }

  /// Least ||u||^2 + ||r||^2 with A G^-1 u + r = b by pivoted QR of [C A'; sigma I]. Memory: 3 (n + p) n doubles.
  [[nodiscard]] Solved qr() const {
    const CentredColumns<Design>& a = problem_.a();
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(a.rows(), a.cols() + a.rows());
    for (Eigen::Index j = 0; j < a.cols(); ++j) matrix.col(j) = c_(j) * a.a(j);
    matrix.rightCols(a.rows()).diagonal().setConstant(sigma_);
    const MinimumNorm<> factor(matrix);
    Eigen::MatrixXd v(a.cols(), problem_.b().cols());
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      v.col(t) = c_.cwiseProduct(factor.solve(problem_.b().col(t)).head(a.cols()));
    }
    return {.v = v, .condition = factor.condition()};
  }

 private:
  const LeastSquaresProblem<Design>& problem_;
  double sigma_;
  Eigen::VectorXd c_;
};

/// Cholesky of the Gram matrix (its dual form if p > n) with one step of refinement; an orthogonal factorisation where
/// that is not accurate enough, or LSQR, whose steps are told, if X is sparse; ordinary least squares if alpha is zero.
template <class Design>
[[nodiscard]] SolutionOf<Design> ridge(const LinearSamples<Design>& samples, double alpha, bool fit_intercept,
                                       Team& team, Telling& telling) {
  if (alpha == 0) return least_squares(samples, fit_intercept, team, telling);
  const Eigen::Index n = samples.x().rows(), p = samples.x().cols();
  const double root = std::sqrt(alpha);
  const auto penalty_of = [&](const LeastSquaresProblem<Design>& problem) -> Eigen::VectorXd {
    return Eigen::VectorXd::NullaryExpr(p, [&](Eigen::Index j) { return root * problem.a().factor(j); });
  };
  if (const Eigen::Index most = is_sparse<Design> ? most_columns_of_sparse_gram : n; p <= most) {
    LeastSquaresProblem<Design> problem(samples, first_centring(samples.x(), fit_intercept), team, root);
    if (auto solution = normal_equations(problem, samples.x(), penalty_of(problem))) return *std::move(solution);
  }
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit_intercept), team, root);
  const Eigen::VectorXd g = penalty_of(problem);
  if constexpr (is_sparse<Design>) {
    return iterative_least_squares(problem, g, telling);
  } else {
    const auto finish = [&](const Solved& solved, const char* name) {
      SolutionOf<Design> solution = problem.round(solved.v);
      solution.report.solver = name;
      solution.report.condition_estimate = solved.condition;
      problem.certify(solution, g, problem.norms(g));
      return solution;
    };
    if (p <= n) return finish(ridge_by_qr(problem, g), "pivoted QR");
    const DualRidge dual(problem, g);
    if (const Solved solved = dual.cholesky(); solved.condition <= cholesky_condition_limit) {
      if (auto solution = finish(solved, "dual Cholesky"); solution.report.converged) return solution;
    }
    return finish(dual.qr(), "dual pivoted QR");
  }
}

}  // namespace aprender::solver
