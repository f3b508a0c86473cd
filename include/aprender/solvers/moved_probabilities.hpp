/// The dual point of a logistic regression some of whose L1 penalties are lost in the rounding of slopes.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <Eigen/Eigenvalues>

#include "aprender/solvers/logistic_hessian.hpp"

namespace aprender::solver {

/// Probabilities p' other than the p of a point.
struct MovedProbabilities {
  Eigen::MatrixXd growth;  ///< p'_ik / p_ik - 1 of wrong classes k, n_samples x n_classes; one column of two classes
  Eigen::MatrixXd slope;   ///< s_i (p'_i - e_(y_i)), n_samples x outputs
};

/// Probabilities of which the smallest are zero.
struct ClippedProbabilities {
  Eigen::MatrixXd probability;  ///< as LogLoss::evaluate leaves it
  MovedProbabilities moved;     ///< the same, as a move
  Eigen::Index n_dropped = 0;   ///< how many that were not zero are
};

/// Whether the unknowns of a move, the coefficients of the columns in `lost` and the intercepts, are few enough for a
/// Hessian.
template <class Design>
[[nodiscard]] bool may_move(const LogisticProblem<Design>& problem, const std::vector<Eigen::Index>& lost) {
  const Eigen::Index of_each_output = static_cast<Eigen::Index>(lost.size()) + (problem.fit_intercept() ? 1 : 0);
  return of_each_output * problem.outputs() <= 256;
}

/// Gives wrong classes of a probability below `nothing` none, which costs so much of the loss at most. Slope and
/// probability are those of a point, as LogLoss::evaluate leaves them.
template <class Design>
[[nodiscard]] ClippedProbabilities clipped_probabilities(const LogisticProblem<Design>& problem,
                                                         const Eigen::MatrixXd& slope,
                                                         const Eigen::MatrixXd& probability, double nothing) {
  const Eigen::Index n = slope.rows(), m = problem.outputs();
  const ClassIndices& y = problem.loss().y();
  const Eigen::VectorXd& s = problem.loss().weight();
  ClippedProbabilities clipped{probability, {Eigen::MatrixXd::Zero(n, m), slope}};
  auto& [kept, moved, n_dropped] = clipped;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (m == 1) {
      if (!(std::abs(slope(i, 0)) < nothing * s(i))) continue;
      n_dropped += slope(i, 0) == 0 ? 0 : 1;
      kept(i, 0) = moved.slope(i, 0) = 0;
      moved.growth(i, 0) = -1;
      continue;
    }
    double rest = 0.0;
    for (Eigen::Index k = 0; k < m; ++k) {
      if (k == y(i) || probability(i, k) >= nothing) continue;
      n_dropped += probability(i, k) == 0 ? 0 : 1;
      rest += probability(i, k);
      kept(i, k) = 0;
    }
    kept.row(i) /= 1 - rest;
    moved.growth.row(i) = (kept.row(i).array() > 0).select(Eigen::RowVectorXd::Constant(m, rest / (1 - rest)), -1.0);
    moved.slope.row(i) = s(i) * kept.row(i);
    moved.slope(i, y(i)) = 0;
    moved.slope(i, y(i)) = -moved.slope.row(i).sum();
  }
  return clipped;
}

/// Z_j'u_k + ridge_j theta_jk for the columns j in `lost`, and a last row of sum_i u_ik if there are intercepts.
template <class Design>
[[nodiscard]] Eigen::MatrixXd gradient_of_lost(const LogisticProblem<Design>& problem,
                                               const std::vector<Eigen::Index>& lost, const Eigen::MatrixXd& theta,
                                               const Eigen::MatrixXd& slope) {
  const Eigen::MatrixXd all = problem.gradient(slope);
  const auto count = static_cast<Eigen::Index>(lost.size());
  Eigen::MatrixXd gradient(count + (problem.fit_intercept() ? 1 : 0), slope.cols());
  gradient.topRows(count) = all(lost, Eigen::all) + problem.ridge()(lost).asDiagonal() * theta(lost, Eigen::all);
  if (problem.fit_intercept()) gradient.row(count) = all.row(problem.n_columns());
  return gradient;
}

/// How much rounding moves a row of gradient_of_lost at most, relative to epsilon and s.
template <class Design>
[[nodiscard]] Eigen::VectorXd magnitude_of_lost(const LogisticProblem<Design>& problem,
                                                const std::vector<Eigen::Index>& lost) {
  Eigen::VectorXd magnitude(static_cast<Eigen::Index>(lost.size()) + (problem.fit_intercept() ? 1 : 0));
  for (std::size_t j = 0; j < lost.size(); ++j) {
    magnitude(static_cast<Eigen::Index>(j)) = problem.z().magnitude(lost[j]);
  }
  if (problem.fit_intercept()) magnitude(magnitude.size() - 1) = static_cast<double>(problem.loss().y().size());
  return magnitude;
}

/// The scores' change by the step -H^+ gradient of the lost coefficients and the intercepts, H = Z'WZ at the
/// probabilities. H^+ has the eigenvectors whose eigenvalue is not tiny: gradients have no part in the others. Nothing
/// if the eigenvalues cannot be had.
template <class Design>
[[nodiscard]] std::optional<Eigen::MatrixXd> newton_scores(const LogisticProblem<Design>& problem,
                                                           const std::vector<Eigen::Index>& lost,
                                                           const Eigen::MatrixXd& probability,
                                                           const Eigen::MatrixXd& gradient) {
  const auto count = static_cast<Eigen::Index>(lost.size());
  const Eigen::Index q = gradient.rows(), m = gradient.cols();
  const WeightedGram<Design> gram(problem, lost);
  Eigen::MatrixXd hessian = logistic_hessian(problem, lost, gram, probability);
  for (Eigen::Index k = 0; k < m; ++k) hessian.diagonal().segment(k * q, count) -= problem.ridge()(lost);

  const Eigen::VectorXd scale =
      (hessian.diagonal().array() > 0).select(hessian.diagonal().cwiseSqrt().cwiseInverse(), 0.0);
  const Eigen::MatrixXd scaled = scale.asDiagonal() * hessian * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(scaled);
  if (eigen.info() != Eigen::Success) return {};
  const Eigen::VectorXd& value = eigen.eigenvalues();
  const Eigen::VectorXd inverse = (value.array() > 1e-10 * value.maxCoeff()).select(value.cwiseInverse(), 0.0);
  const Eigen::VectorXd g = scale.cwiseProduct(gradient.reshaped());
  const Eigen::VectorXd h = eigen.eigenvectors() * inverse.cwiseProduct(eigen.eigenvectors().transpose() * g);
  const Eigen::MatrixXd step = -scale.cwiseProduct(h).reshaped(q, m);
  Eigen::MatrixXd delta = Eigen::MatrixXd::Zero(problem.size(), m);
  delta(lost, Eigen::all) = step.topRows(count);
  if (problem.fit_intercept()) delta.row(problem.n_columns()) = step.row(count);
  return problem.scores(delta);
}

/// Lets probabilities grow by W_i scores_i, W_i = s_i (diag(p_i) - p_i p_i'): `moved` is that of the clipped ones, and
/// slope that of the point. Below zero by no more than rounding is zero.
template <class Design>
void grow(const LogisticProblem<Design>& problem, const ClippedProbabilities& clipped, const Eigen::MatrixXd& slope,
          const Eigen::MatrixXd& probability, const Eigen::MatrixXd& scores, MovedProbabilities& moved) {
  const Eigen::MatrixXd& kept = clipped.probability;
  const ClassIndices& y = problem.loss().y();
  const auto at_least_nothing = [](double growth, double before) {
    return growth < -1 && (-1 - growth) * before <= 1e-14 ? -1.0 : growth;
  };
  for (Eigen::Index i = 0; i < slope.rows(); ++i) {
    if (slope.cols() == 1) {
      const double wrong = std::abs(slope(i, 0)) / problem.loss().weight()(i);
      const double towards = y(i) == 1 ? scores(i, 0) : -scores(i, 0);
      if (kept(i, 0) > 0) moved.growth(i, 0) = at_least_nothing(-(1 - wrong) * towards, wrong);
      continue;
    }
    const double mean = kept.row(i).dot(scores.row(i));
    for (Eigen::Index k = 0; k < slope.cols(); ++k) {
      double& growth = moved.growth(i, k);
      if (kept(i, k) > 0) growth = at_least_nothing(growth + (1 + growth) * (scores(i, k) - mean), probability(i, k));
    }
  }
  Eigen::MatrixXd change = scores;
  problem.loss().curve(0, kept, change);
  moved.slope += change;
}

/// Moves the p_i of a point to where  Z_j'u_k = -ridge_j theta_jk  for the columns j in `lost`, and sum_i u_ik = 0 if
/// there are intercepts, up to rounding: from the clipped ones, which leave a singular Hessian no small eigenvalues
/// where classes are separable, by one Newton step. Nothing if that does not lead there, as where a sample's own class
/// has next to no probability. Cost: a Hessian in these columns, three passes over X.
template <class Design>
[[nodiscard]] std::optional<MovedProbabilities> moved_probabilities(
    const LogisticProblem<Design>& problem, const std::vector<Eigen::Index>& lost, const Eigen::MatrixXd& theta,
    const Eigen::MatrixXd& slope, const Eigen::MatrixXd& probability, const ClippedProbabilities& clipped) {
  const Eigen::VectorXd magnitude = magnitude_of_lost(problem, lost);
  MovedProbabilities moved = clipped.moved;
  const Eigen::MatrixXd gradient = gradient_of_lost(problem, lost, theta, moved.slope);
  const auto scores = newton_scores(problem, lost, clipped.probability, gradient);
  if (!scores) return {};
  grow(problem, clipped, slope, probability, *scores, moved);
  const Eigen::MatrixXd left = gradient_of_lost(problem, lost, theta, moved.slope);
  if (!(left.cwiseAbs().array().colwise() - 1e-13 * magnitude.array() <= 0).all()) return {};
  return moved;
}

}  // namespace aprender::solver
