/// Where a solver of logistic regression is, and how it moves.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include "aprender/solvers/logistic_sweep.hpp"

namespace aprender::solver {

/// theta and what F without its L1 part is there.
struct LogisticPoint {
  Eigen::MatrixXd theta;        ///< size() x outputs()
  Eigen::MatrixXd scores;       ///< Z theta with the intercepts
  Eigen::MatrixXd probability;  ///< as LogLoss::evaluate leaves it
  Eigen::MatrixXd gradient;     ///< as theta
  double objective = 0.0;
};

/// One pass over X, or two (sweep).
template <class Design>
[[nodiscard]] LogisticPoint point_at(const LogisticProblem<Design>& problem, Eigen::MatrixXd theta) {
  LogisticPoint at;
  at.theta = std::move(theta);
  at.scores.resize(problem.z().rows(), problem.outputs());
  at.probability.resize(problem.z().rows(), problem.outputs());
  Eigen::VectorXd losses = Eigen::VectorXd::Zero(problem.z().team().size());
  at.gradient = sweep(problem, at.theta, [&](int member, Eigen::Index first, Eigen::MatrixXd& block) {
    const Eigen::Index count = block.rows();
    at.scores.middleRows(first, count) = block;
    losses(member) += problem.loss().evaluate(first, at.scores.middleRows(first, count), block,
                                              at.probability.middleRows(first, count));
  });
  at.objective = losses.sum() + problem.ridge_penalty(at.theta);
  at.gradient += problem.ridge().asDiagonal() * at.theta;
  return at;
}

/// How far a move went.
enum class Move {
  none,        ///< no step that decreases F was found
  negligible,  ///< the scores no longer change
  shortened,   ///< by less than the whole direction
  full
};

/// Moves `at` by the direction, halved until F falls by a share of what its slope promises (Armijo, 1966). A pass over
/// X, and the gradient's where the step was shortened.
template <class Design>
[[nodiscard]] Move advance(const LogisticProblem<Design>& problem, LogisticPoint& at,
                           const Eigen::MatrixXd& direction) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const double slope = at.gradient.cwiseProduct(direction).sum();
  if (!(slope < 0)) return Move::none;
  const double rounding = 8 * epsilon * std::abs(at.objective);
  double step = 1.0;
  const auto falls = [&](double objective) { return objective <= at.objective + 1e-4 * step * slope + rounding; };

  LogisticPoint next = point_at(problem, at.theta + direction);
  if (!falls(next.objective)) {
    const Eigen::MatrixXd moved = next.scores - at.scores;
    Eigen::MatrixXd derivative;
    while (!falls(next.objective) && step > 1e-12) {
      step *= 0.5;
      next.theta = at.theta + step * direction;
      next.scores = at.scores + step * moved;
      next.objective = problem.evaluate(next.scores, derivative, next.probability) + problem.ridge_penalty(next.theta);
    }
    if (!(next.objective <= at.objective + rounding)) return Move::none;
    next.gradient = problem.gradient(derivative) + problem.ridge().asDiagonal() * next.theta;
  }
  const double longest = (next.scores - at.scores).cwiseAbs().maxCoeff();
  const bool negligible = longest <= epsilon * (1.0 + at.scores.cwiseAbs().maxCoeff());
  at = std::move(next);
  return negligible ? Move::negligible : step < 1.0 ? Move::shortened : Move::full;
}

/// Rounds a theta of a problem without L1 penalty and certifies the rounded coefficients by their gradient.
/// descended: whether the solver has brought it within tol.
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> smooth_solution(const LogisticProblem<Design>& problem,
                                                                        const Eigen::MatrixXd& theta, bool descended,
                                                                        double tol) {
  LogisticSolution<typename Design::Scalar> solution;
  const LogisticPoint at = point_at(problem, problem.rounded(theta, solution));
  FitReport& report = solution.report;
  report.objective = at.objective;
  report.gradient_norm = problem.relative(at.gradient);
  // Only what the solver has brought within tol may have been carried beyond it by rounding.
  const bool rounded_off = descended && !(*report.gradient_norm <= tol);
  report.tolerance = rounded_off ? tol + problem.rounding_gradient(at.theta) : tol;
  report.converged = descended && *report.gradient_norm <= report.tolerance;
  return solution;
}

}  // namespace aprender::solver
