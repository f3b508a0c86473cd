/// L2-regularised least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "aprender/solvers/least_squares.hpp"

namespace aprender::solver {

/// min ||b - A v||^2 + ||diag(g) v||^2, g_j = sqrt(alpha) 2^-e_j, with at most as many features as samples: p x p.
template <class Design>
class PrimalRidge {
 public:
  PrimalRidge(const LeastSquaresProblem<Design>& problem, const Eigen::VectorXd& g) : problem_(problem), g_(g) {}

  [[nodiscard]] Solved cholesky() const { return normal_equations(problem_, g_); }

  /// Pivoted QR of [A; diag(g)]. Memory: (n + p) p doubles.
  [[nodiscard]] Solved qr() const {
    const CentredColumns<Design>& a = problem_.a();
    Eigen::MatrixXd matrix(a.rows() + a.cols(), a.cols());
    Eigen::VectorXd scale(a.cols());
    Eigen::VectorXi exponent(a.cols());
    matrix.bottomRows(a.cols()) = g_.asDiagonal();
    for (Eigen::Index j = 0; j < a.cols(); ++j) {
      matrix.col(j).head(a.rows()) = a.a(j);
      const int shift = exponent_above(matrix.col(j).norm());
      exponent(j) = a.exponent(j) + shift;
      scale(j) = std::ldexp(1.0, -shift);
      matrix.col(j) *= scale(j);
    }
    const PivotedQr<> factor(matrix, exponent, problem_.tolerance());
    Eigen::MatrixXd v = Eigen::MatrixXd::Zero(a.cols(), problem_.b().cols());
    for (int step = 0; step < 2; ++step) {
      Eigen::MatrixXd residual(matrix.rows(), v.cols());
      residual << a.residual(problem_.b(), v), -(g_.asDiagonal() * v);
      for (Eigen::Index t = 0; t < v.cols(); ++t) v.col(t) += scale.asDiagonal() * factor.solve(residual.col(t));
    }
    return {.v = v, .condition = factor.condition()};
  }

 private:
  const LeastSquaresProblem<Design>& problem_;
  const Eigen::VectorXd& g_;
};

/// The same with more features than samples, n x n: v = G^-2 A' r, where the residual r solves (A G^-2 A' + I) r = b.
/// Everything is multiplied by sigma = min_j g_j, so that c_j = sigma / g_j <= 1. A g_j below 2^-400 of the largest
/// counts as that: squares neither overflow nor vanish, and such a penalty is lost in the last digit of A either way.
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
/// that is not accurate enough; ordinary least squares if alpha is zero.
template <class Design>
[[nodiscard]] SolutionOf<Design> ridge(const LinearSamples<Design>& samples, double alpha, bool fit_intercept,
                                       Team& team) {
  if (alpha == 0) return least_squares(samples, fit_intercept, team);
  const LeastSquaresProblem<Design> problem(samples, fit_intercept, team, std::sqrt(alpha));
  const CentredColumns<Design>& a = problem.a();
  Eigen::VectorXd g(a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) g(j) = std::sqrt(alpha) * a.factor(j);

  const auto finish = [&](const Solved& solved, const char* name) {
    SolutionOf<Design> solution = problem.round(solved.v);
    solution.report.solver = name;
    solution.report.condition_estimate = solved.condition;
    problem.certify(solution, g, solved.norm.size() > 0 ? solved.norm : problem.norms(g));
    return solution;
  };
  const auto solve = [&](const auto& form, const char* cholesky_name, const char* qr_name) {
    if (const Solved solved = form.cholesky(); solved.condition <= cholesky_condition_limit) {
      if (auto solution = finish(solved, cholesky_name); solution.report.converged) return solution;
    }
    return finish(form.qr(), qr_name);
  };
  if (a.cols() > a.rows()) return solve(DualRidge(problem, g), "dual Cholesky", "dual pivoted QR");
  return solve(PrimalRidge(problem, g), "Cholesky", "pivoted QR");
}

}  // namespace aprender::solver
