/// Least squares by the normal equations, where those are safe.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/condition.hpp"
#include "aprender/solvers/exact_slope.hpp"

namespace aprender::solver {

/// Cholesky is trusted up to this condition number: beyond it one step of refinement no longer gives the digits of an
/// orthogonal factorisation (Bjorck, 1987: corrected seminormal equations).
inline constexpr double cholesky_condition_limit = 1e5;

/// And that of a matrix in single precision, beyond which refining would take more passes over X than it saves.
inline constexpr double reduced_condition_limit = 1e3;

/// Whether a Gram matrix in single precision, and the few passes over X that correct what comes of it, cost less than
/// one in full.
template <class Design>
[[nodiscard]] bool reduced_pays(const Design& x) {
  return !is_sparse<Design> && x.cols() >= 512 && x.rows() >= 2048;
}

/// How to centre X for normal equations: means from a sample save a pass over a large X.
template <class Design>
[[nodiscard]] Centring first_centring(const Design& x, bool fit_intercept) {
  if (!fit_intercept) return Centring::none;
  return is_sparse<Design> || x.rows() < 4096 ? Centring::exact : Centring::sampled;
}

/// min ||b - A v||^2 + ||diag(g) v||^2 by Cholesky of A'A + diag(g)^2, refined with residuals that are computed from X:
/// in one step or, if the Gram matrix is reduced to single precision, in as many as leave nothing of that; nothing if
/// the condition number, the rate of the refinement or the certificate speak against it. Two passes over X or, reduced,
/// some four, one more to certify coefficients that were rounded to float. Memory: (2 + threads) p^2 doubles.
///
/// The means of a problem with sampled centring are corrected here, as the column sums come with A'A; nothing if the
/// sample was too far from them.
template <class Design>
[[nodiscard]] std::optional<SolutionOf<Design>> normal_equations(LeastSquaresProblem<Design>& problem,
                                                                 const Eigen::VectorXd& g, Precision precision) {
  const CentredColumns<Design>& a = problem.a();
  const Eigen::Index n_targets = problem.b().cols();
  const auto n = static_cast<double>(a.rows());
  Eigen::MatrixXd targets(a.rows(), n_targets + 1), correlation;
  targets << problem.b(), a.root_weight();
  Eigen::MatrixXd normal = a.products(a.all(), a.cols(), targets, correlation, precision);
  if (problem.centring() == Centring::sampled) {
    const Eigen::VectorXd off = correlation.rightCols(1) / n;
    if (!(n * off.cwiseAbs2().array() <= 0.5 * normal.diagonal().array()).all()) return {};
    normal -= n * off * off.transpose();
    correlation.leftCols(n_targets) -= off * (a.root_weight().transpose() * problem.b());
    problem.recentre(off);
  }
  correlation.conservativeResize(Eigen::NoChange, n_targets);
  normal.diagonal() += g.cwiseAbs2();
  const Eigen::VectorXd norm = normal.diagonal().cwiseSqrt();
  const Eigen::VectorXd scale =
      normal.diagonal().unaryExpr([](double square) { return std::ldexp(1.0, -exponent_above(std::sqrt(square))); });
  normal.array().colwise() *= scale.array();
  normal.array().rowwise() *= scale.transpose().array();
  const Cholesky<> cholesky(std::move(normal));
  if (!cholesky.succeeded()) return {};
  const double condition = triangular_condition<Eigen::Lower>(cholesky.factor());
  if (!(condition <= (precision == Precision::full ? cholesky_condition_limit : reduced_condition_limit))) return {};

  const auto solve = [&](const Eigen::MatrixXd& slope) -> Eigen::MatrixXd {
    return scale.asDiagonal() * cholesky.solve(scale.asDiagonal() * slope);
  };
  const auto size_of = [&](const Eigen::MatrixXd& change) {
    return (change.array().colwise() / scale.array()).matrix().norm();
  };
  Eigen::MatrixXd v = solve(correlation), step, r, at_v;
  // What means that are only nearly exact leave in the intercept: found by the pass before, and by the last.
  Eigen::RowVectorXd offset = Eigen::RowVectorXd::Zero(n_targets), drift = offset;
  double last = size_of(v);
  for (int pass = 0;; ++pass) {
    std::tie(r, at_v) = a.residual_and_correlation(problem.b() - a.root_weight() * offset, v);
    step = solve(at_v - g.cwiseAbs2().asDiagonal() * v);
    if (precision == Precision::full) break;
    if (problem.centring() != Centring::none) drift = a.root_weight().transpose() * r / n;
    const double size = size_of(step), next = size / last * size;
    if (next <= 0.1 * std::numeric_limits<double>::epsilon() * size_of(v)) break;
    if (pass == 5 || !(size <= 0.05 * last)) return {};
    v += step;
    offset += drift;
    last = size;
  }
  const auto if_converged = [&](SolutionOf<Design>& solution) -> std::optional<SolutionOf<Design>> {
    if (!solution.report.converged) return {};
    solution.report.solver = "Cholesky";
    solution.report.condition_estimate = condition;
    return std::move(solution);
  };
  if constexpr (std::same_as<Design, DenseDesign<double>>) {
    if (exactness_pays(problem, condition)) {
      v += step;
      offset = refine_exactly(problem, g, norm, solve, v);
      SolutionOf<Design> solution = problem.round(v, offset);
      problem.certify(solution, g, norm);
      return if_converged(solution);
    }
  }
  SolutionOf<Design> solution = problem.round(v + step, offset + drift);
  if constexpr (std::same_as<typename Design::Scalar, double>) {
    // What the refinement changed is small enough for its effect to be exact by the Gram matrix.
    const Eigen::MatrixXd refined = problem.scaled(solution), moved = refined - v;
    const Eigen::RowVectorXd missed = problem.intercept_error(solution, refined) - offset;
    const auto lower = cholesky.factor().template triangularView<Eigen::Lower>();
    Eigen::MatrixXd curved = lower.transpose() * Eigen::MatrixXd(moved.array().colwise() / scale.array());
    curved = lower * curved;
    curved = Eigen::MatrixXd(curved.array().colwise() / scale.array()) - g.cwiseAbs2().asDiagonal() * moved;
    const Eigen::RowVectorXd sum = a.root_weight().transpose() * r;
    const Eigen::RowVectorXd square = r.colwise().squaredNorm() -
                                      (moved.array() * (2 * at_v - curved).array()).colwise().sum().matrix() +
                                      (missed.array() * (n * missed - 2 * sum).array()).matrix();
    problem.certify(solution, g, norm, refined, {square.cwiseMax(0.0), sum - n * missed, at_v - curved});
  } else {
    problem.certify(solution, g, norm);
  }
  return if_converged(solution);
}

/// With the Gram matrix in single precision where that pays and suffices, else in full.
template <class Design>
[[nodiscard]] std::optional<SolutionOf<Design>> normal_equations(LeastSquaresProblem<Design>& problem, const Design& x,
                                                                 const Eigen::VectorXd& g) {
  if (reduced_pays(x)) {
    if (auto solution = normal_equations(problem, g, Precision::reduced)) return solution;
  }
  return normal_equations(problem, g, Precision::full);
}

}  // namespace aprender::solver
