/// The dual point of a logistic regression some of whose L1 penalties are lost in the rounding of slopes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <Eigen/Eigenvalues>

#include "aprender/solvers/logistic_hessian.hpp"

namespace aprender::solver {

/// Probabilities p' that make slopes zero.
struct MovedProbabilities {
  Eigen::MatrixXd growth;  ///< p'_ik / p_ik - 1 of wrong classes k, n_samples x n_classes; one column of two classes
  Eigen::MatrixXd slope;   ///< s_i (p'_i - e_(y_i)), n_samples x outputs
};

/// Moves the p_i of a point, whose slopes s_i (p_i - e_(y_i)) and probabilities (as LogLoss::evaluate leaves them) are
/// given, to where  Z_j'u_k = -ridge_j theta_jk  for the columns j in `lost`, and sum_i u_ik = 0 if there are
/// intercepts, up to rounding.
///
/// Wrong classes of a probability below `nothing` get none, which costs so much of the loss at most and leaves a
/// singular Hessian Z'WZ no small eigenvalues where classes are separable; then p_i grows by W_i z_i delta, W_i = s_i
/// (diag(p_i)
/// - p_i p_i') and delta the Newton step, along the eigenvectors whose eigenvalue is not tiny: the slopes have no part
/// in the others. Nothing if they have, as where a sample's own class has next to no probability, or if there are more
/// than 256 unknowns. Cost: a Hessian in these columns, two passes over X.
template <class Design>
[[nodiscard]] std::optional<MovedProbabilities> moved_probabilities(
    const LogisticProblem<Design>& problem, const std::vector<Eigen::Index>& lost, const Eigen::MatrixXd& theta,
    const Eigen::MatrixXd& slope, const Eigen::MatrixXd& probability, double nothing) {
  const auto count = static_cast<Eigen::Index>(lost.size());
  const Eigen::Index n = slope.rows(), m = problem.outputs(), p = problem.n_columns();
  const Eigen::Index q = count + (problem.fit_intercept() ? 1 : 0);
  if (q * m > 256) return {};
  const ClassIndices& y = problem.loss().y();
  const Eigen::VectorXd& s = problem.loss().weight();

  Eigen::MatrixXd kept = probability;
  MovedProbabilities moved{Eigen::MatrixXd::Zero(n, m), slope};
  for (Eigen::Index i = 0; i < n; ++i) {
    if (m == 1) {
      if (std::abs(slope(i, 0)) < nothing * s(i)) {
        kept(i, 0) = moved.slope(i, 0) = 0;
        moved.growth(i, 0) = -1;
      }
      continue;
    }
    double rest = 0.0;
    for (Eigen::Index k = 0; k < m; ++k) {
      if (k == y(i) || probability(i, k) >= nothing) continue;
      rest += probability(i, k);
      kept(i, k) = 0;
    }
    kept.row(i) /= 1 - rest;
    moved.growth.row(i) = (kept.row(i).array() > 0).select(Eigen::RowVectorXd::Constant(m, rest / (1 - rest)), -1.0);
    moved.slope.row(i) = s(i) * kept.row(i);
    moved.slope(i, y(i)) = 0;
    moved.slope(i, y(i)) = -moved.slope.row(i).sum();
  }

  const Eigen::MatrixXd all = problem.gradient(moved.slope);
  Eigen::MatrixXd target(q, m);
  target.topRows(count) = all(lost, Eigen::all) + problem.ridge()(lost).asDiagonal() * theta(lost, Eigen::all);
  if (problem.fit_intercept()) target.row(count) = all.row(p);
  const WeightedGram<Design> gram(problem, lost);
  Eigen::MatrixXd hessian = logistic_hessian(problem, lost, gram, kept);
  Eigen::VectorXd size(q * m);  // of slopes
  for (Eigen::Index k = 0; k < m; ++k) {
    hessian.diagonal().segment(k * q, count) -= problem.ridge()(lost);
    for (Eigen::Index j = 0; j < count; ++j) size(k * q + j) = problem.z().magnitude(lost[static_cast<std::size_t>(j)]);
    if (problem.fit_intercept()) size(k * q + count) = static_cast<double>(n);
  }
  const Eigen::VectorXd scale =
      (hessian.diagonal().array() > 0).select(hessian.diagonal().cwiseSqrt().cwiseInverse(), 0.0);
  const Eigen::MatrixXd scaled = scale.asDiagonal() * hessian * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(scaled);
  if (eigen.info() != Eigen::Success) return {};
  const Eigen::VectorXd& value = eigen.eigenvalues();
  const Eigen::VectorXd inverse = (value.array() > 1e-10 * value.maxCoeff()).select(value.cwiseInverse(), 0.0);
  const Eigen::VectorXd g = scale.cwiseProduct(target.reshaped());
  const Eigen::VectorXd step = eigen.eigenvectors() * inverse.cwiseProduct(eigen.eigenvectors().transpose() * g);
  const Eigen::MatrixXd step_of = -scale.cwiseProduct(step).reshaped(q, m);
  Eigen::MatrixXd delta = Eigen::MatrixXd::Zero(problem.size(), m);
  delta(lost, Eigen::all) = step_of.topRows(count);
  if (problem.fit_intercept()) delta.row(p) = step_of.row(count);

  const Eigen::MatrixXd by = problem.scores(delta);
  // Below zero by no more than rounding is zero.
  const auto at_least_nothing = [](double growth, double before) {
    return growth < -1 && (-1 - growth) * before <= 1e-14 ? -1.0 : growth;
  };
  for (Eigen::Index i = 0; i < n; ++i) {
    if (m == 1) {
      const double wrong = std::abs(slope(i, 0)) / s(i), towards = y(i) == 1 ? by(i, 0) : -by(i, 0);
      if (kept(i, 0) > 0) moved.growth(i, 0) = at_least_nothing(-(1 - wrong) * towards, wrong);
      continue;
    }
    const double mean = kept.row(i).dot(by.row(i));
    for (Eigen::Index k = 0; k < m; ++k) {
      double& growth = moved.growth(i, k);
      if (kept(i, k) > 0) growth = at_least_nothing(growth + (1 + growth) * (by(i, k) - mean), probability(i, k));
    }
  }
  Eigen::MatrixXd change = by;
  problem.loss().curve(0, kept, change);
  moved.slope += change;

  const Eigen::MatrixXd left = problem.gradient(moved.slope);
  for (Eigen::Index k = 0; k < m; ++k) {
    for (Eigen::Index j = 0; j < q; ++j) {
      const Eigen::Index row = j < count ? lost[static_cast<std::size_t>(j)] : p;
      const double slope_left = left(row, k) + (j < count ? problem.ridge()(row) * theta(row, k) : 0.0);
      if (!(std::abs(slope_left) <= 1e-13 * size(k * q + j))) return {};
    }
  }
  return moved;
}

}  // namespace aprender::solver
