/// Steps of L1-penalised logistic regression whose working set is too large for its Hessian to be formed.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/logistic_gap.hpp"
#include "aprender/solvers/logistic_preconditioner.hpp"
#include "aprender/solvers/logistic_sweep.hpp"

namespace aprender::solver {

/// Newton steps in the orthant of the present signs (Andrew and Gao, 2007; Byrd, Chin, Nocedal, Oztoprak, 2016): there
/// the penalty is linear, the step of the free coordinates (not zero, or to leave it) is solved by conjugate gradients,
/// and what it would carry into another orthant stays at zero. A pass over X for each iteration of conjugate gradients
/// and for each length tried.
template <class Design>
class OrthantNewton {
 public:
  /// problem outlives this object.
  explicit OrthantNewton(const LogisticProblem<Design>& problem) : problem_(problem), preconditioner_(problem, 0) {}

  /// Moves theta and its scores, at which `gap` was evaluated, in the given columns. What F falls by in theory, or 0 if
  /// it does not fall.
  [[nodiscard]] double advance(const LogisticGap<Design>& gap, const std::vector<Eigen::Index>& columns,
                               Eigen::MatrixXd& theta, Eigen::MatrixXd& scores) {
    slope_and_orthant(gap, columns, theta);
    preconditioner_.update(gap.probability());
    const double enough = std::min(0.1, std::sqrt(gap.relative()));
    Eigen::MatrixXd direction = conjugate_gradients(gap.probability(), enough);
    for (int round = 0; round < 3 && leave_out_strays(theta, direction); ++round) {
      direction = conjugate_gradients(gap.probability(), enough);
    }
    if (leave_out_strays(theta, direction)) direction = in_free(direction);
    const double fall = search(gap, direction, theta, scores);
    return fall > 0 ? fall : search(gap, in_free(preconditioner_.solve(-slope_)), theta, scores);
  }

 private:
  /// Moves along the projected direction as far as F falls; by how much in theory, or 0.
  [[nodiscard]] double search(const LogisticGap<Design>& gap, const Eigen::MatrixXd& direction, Eigen::MatrixXd& theta,
                              Eigen::MatrixXd& scores) const {
    const Eigen::MatrixXd start = theta, start_scores = scores;
    const double objective = gap.loss() + problem_.ridge_penalty(start) + problem_.lasso_penalty(start);
    const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(objective);
    Eigen::MatrixXd unused_slope, unused_probability;
    for (double length = 1.0; length > 1e-10; length *= 0.5) {
      theta = start + length * direction;
      theta.topRows(problem_.n_columns()) = (theta.topRows(problem_.n_columns()).cwiseProduct(orthant_).array() > 0)
                                                .select(theta.topRows(problem_.n_columns()), 0.0);
      scores = problem_.scores(theta);
      const double next = problem_.evaluate(scores, unused_slope, unused_probability) + problem_.ridge_penalty(theta) +
                          problem_.lasso_penalty(theta);
      const double fall = -slope_.cwiseProduct(theta - start).sum();
      if (fall > 0 && next <= objective - 1e-4 * fall + rounding) return fall;
    }
    theta = start;
    scores = start_scores;
    return 0.0;
  }

  /// Coordinates at zero that the direction would carry into the wrong orthant are free no longer; whether there are
  /// any. Without them it descends however short the step.
  [[nodiscard]] bool leave_out_strays(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& direction) {
    bool any = false;
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
        if (theta(j, k) != 0 || !(direction(j, k) * orthant_(j, k) < 0)) continue;
        orthant_(j, k) = slope_(j, k) = 0.0;
        any = true;
      }
    }
    return any;
  }

  /// The subgradient of F of least norm in the given columns, and the signs that coefficients have or are to get.
  void slope_and_orthant(const LogisticGap<Design>& gap, const std::vector<Eigen::Index>& columns,
                         const Eigen::MatrixXd& theta) {
    slope_.setZero(theta.rows(), theta.cols());
    orthant_.setZero(problem_.n_columns(), theta.cols());
    for (const Eigen::Index j : columns) {
      const double lambda = problem_.lambda()(j);
      for (Eigen::Index k = 0; k < theta.cols(); ++k) {
        const double g = gap.gradient()(j, k) + problem_.ridge()(j) * theta(j, k);
        if (theta(j, k) != 0) {
          orthant_(j, k) = std::copysign(1.0, theta(j, k));
          slope_(j, k) = g + orthant_(j, k) * lambda;
        } else if (std::abs(g) > lambda) {
          orthant_(j, k) = -std::copysign(1.0, g);
          slope_(j, k) = g + orthant_(j, k) * lambda;
        }
      }
    }
    if (problem_.fit_intercept()) slope_.row(problem_.n_columns()) = gap.slope().colwise().sum();
  }

  /// What is not free set to zero.
  [[nodiscard]] Eigen::MatrixXd in_free(Eigen::MatrixXd v) const {
    v.topRows(problem_.n_columns()) = v.topRows(problem_.n_columns()).cwiseProduct(orthant_.cwiseAbs());
    return v;
  }

  /// An approximate Newton direction of the free coordinates, to `enough` of the slope in the preconditioner's norm.
  [[nodiscard]] Eigen::MatrixXd conjugate_gradients(const Eigen::MatrixXd& probability, double enough) const {
    Eigen::MatrixXd direction = Eigen::MatrixXd::Zero(slope_.rows(), slope_.cols());
    Eigen::MatrixXd r = -slope_, z = in_free(preconditioner_.solve(r)), d = z;
    double rho = r.cwiseProduct(z).sum();
    const double start = rho;
    for (int iteration = 0; iteration < most_iterations && rho > 0; ++iteration) {
      const Eigen::MatrixXd hd = in_free(hessian_product(problem_, d, probability) + problem_.ridge().asDiagonal() * d);
      const double curvature = d.cwiseProduct(hd).sum();
      if (!(curvature > 0)) break;
      const double step = rho / curvature;
      direction += step * d;
      r -= step * hd;
      z = in_free(preconditioner_.solve(r));
      const double next = r.cwiseProduct(z).sum();
      if (next <= enough * enough * start) break;
      d = z + next / rho * d;
      rho = next;
    }
    return direction;
  }

  static constexpr int most_iterations = 100;

  const LogisticProblem<Design>& problem_;
  LogisticPreconditioner<Design> preconditioner_;
  Eigen::MatrixXd slope_;    ///< of F, subgradient of least norm
  Eigen::MatrixXd orthant_;  ///< signs, 0 for what is not free; without the row of intercepts
};

}  // namespace aprender::solver
