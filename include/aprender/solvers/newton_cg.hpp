/// Logistic regression with a smooth penalty where the Hessian is too large to form, or X is sparse.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "aprender/solvers/hessian_product.hpp"
#include "aprender/solvers/logistic_preconditioner.hpp"
#include "aprender/solvers/stopping.hpp"

namespace aprender::solver {

/// Truncated Newton's method (Dembo, Eisenstat, Steihaug, 1982; Lin, Weng, Keerthi, 2008) with backtracking for
/// problems without L1 penalty: each step is solved by preconditioned conjugate gradients, to a share of the gradient
/// that shrinks with it. A step costs a pass over X for each iteration of conjugate gradients and one more.
template <class Design>
class NewtonCg {
 public:
  /// problem outlives this object. most_columns: of the preconditioner.
  NewtonCg(const LogisticProblem<Design>& problem, Eigen::Index most_columns, Eigen::MatrixXd theta)
      : problem_(problem), product_(problem), preconditioner_(problem, most_columns), theta_(std::move(theta)) {}

  /// Returns the number of Newton steps taken.
  std::int64_t run(Stopping& stopping) {
    Eigen::MatrixXd scores = problem_.scores(theta_);
    double objective = evaluate(scores);
    for (std::int64_t steps = 0;; ++steps) {
      certificate_ = problem_.relative(gradient_);
      if (!stopping.proceed(steps, certificate_)) return steps;
      preconditioner_.update(probability_);
      const Eigen::MatrixXd direction = conjugate_gradients(stopping.tol());
      const double descent = gradient_.cwiseProduct(direction).sum();
      if (!(descent < 0)) return steps;

      const Eigen::MatrixXd start = theta_;
      const Eigen::MatrixXd start_scores = scores;
      const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(objective);
      double step = 1.0, next = 0.0;
      for (;; step *= 0.5) {
        theta_ = start + step * direction;
        scores = start_scores + step * moved_;
        next = evaluate_loss(scores);
        if (next <= objective + 1e-4 * step * descent + rounding || step < 1e-12) break;
      }
      if (!(next <= objective + rounding)) {
        theta_ = start;
        return steps;
      }
      const double longest = step * moved_.cwiseAbs().maxCoeff();
      objective = next;
      gradient_ = problem_.gradient(slope_) + problem_.ridge().asDiagonal() * theta_;
      if (longest <= std::numeric_limits<double>::epsilon() * (1.0 + scores.cwiseAbs().maxCoeff())) {
        certificate_ = problem_.relative(gradient_);
        return steps + 1;  // the scores no longer change
      }
    }
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return theta_; }

  /// The relative gradient where run() ended.
  [[nodiscard]] double certificate() const noexcept { return certificate_; }

 private:
  double evaluate_loss(const Eigen::MatrixXd& scores) {
    return problem_.evaluate(scores, slope_, probability_) + problem_.ridge_penalty(theta_);
  }

  double evaluate(const Eigen::MatrixXd& scores) {
    const double objective = evaluate_loss(scores);
    gradient_ = problem_.gradient(slope_) + problem_.ridge().asDiagonal() * theta_;
    return objective;
  }

  /// An approximate solution of H d = -g, and Z d in moved_. Ends when the residual, which is what the full step would
  /// leave of the gradient were F quadratic, is small against the gradient or well below tol.
  [[nodiscard]] Eigen::MatrixXd conjugate_gradients(double tol) {
    Eigen::MatrixXd direction = Eigen::MatrixXd::Zero(theta_.rows(), theta_.cols());
    moved_.setZero(problem_.z().rows(), theta_.cols());
    Eigen::MatrixXd r = -gradient_, z = preconditioner_.solve(r), d = z, moved;
    double rho = r.cwiseProduct(z).sum();
    const double start = rho;
    const double enough = std::clamp(forcing * std::sqrt(certificate_), smallest_forcing, forcing);
    for (int iteration = 0; iteration < most_iterations && rho > 0; ++iteration) {
      const Eigen::MatrixXd hd = product_(d, probability_, moved) + problem_.ridge().asDiagonal() * d;
      const double curvature = d.cwiseProduct(hd).sum();
      if (!(curvature > 0)) break;
      const double step = rho / curvature;
      direction += step * d;
      moved_ += step * moved;
      r -= step * hd;
      z = preconditioner_.solve(r);
      const double next = r.cwiseProduct(z).sum();
      if (next <= enough * enough * start || problem_.relative(r) <= 0.3 * tol) break;
      d = z + next / rho * d;
      rho = next;
    }
    return direction;
  }

  static constexpr double forcing = 0.3, smallest_forcing = 1e-4;
  static constexpr int most_iterations = 300;

  const LogisticProblem<Design>& problem_;
  HessianProduct<Design> product_;
  LogisticPreconditioner<Design> preconditioner_;
  Eigen::MatrixXd theta_, gradient_;
  Eigen::MatrixXd slope_, probability_;  ///< of the loss at theta_
  Eigen::MatrixXd moved_;                ///< what the direction moves scores by
  double certificate_ = std::numeric_limits<double>::infinity();
};

}  // namespace aprender::solver
