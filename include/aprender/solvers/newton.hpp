/// L2-regularised logistic regression by Newton's method.
#pragma once

#include <cstdint>
#include <utility>

#include "aprender/solvers/logistic_hessian.hpp"
#include "aprender/solvers/logistic_point.hpp"
#include "aprender/solvers/raised_cholesky.hpp"
#include "aprender/solvers/stopping.hpp"

namespace aprender::solver {

/// Newton's method with backtracking (Boyd and Vandenberghe, 2004, section 9.5) for problems without L1 penalty. Steps
/// too short to change the Hessian much are taken with the last one (Shamanskii, 1967).
template <class Design>
class NewtonLogistic {
 public:
  /// problem outlives this object.
  NewtonLogistic(const LogisticProblem<Design>& problem, Eigen::MatrixXd theta)
      : problem_(problem), gram_(problem, problem.z().all()), at_(point_at(problem, std::move(theta))) {}

  /// Goes on counting from `steps`; returns the number of steps taken.
  std::int64_t run(Stopping& stopping, std::int64_t steps = 0) {
    for (bool fresh = true; stopping.proceed(steps, certificate()); ++steps) {
      if (fresh) take_hessian();
      const Eigen::MatrixXd direction = newton_direction();
      const double before = at_.gradient.norm();
      const bool far = -at_.gradient.cwiseProduct(direction).sum() > short_step * short_step * curvature_;
      const Move move = advance(problem_, at_, direction);
      if (move == Move::none) return steps;
      if (move == Move::negligible) return steps + 1;
      fresh = far || move == Move::shortened || !(at_.gradient.norm() <= 0.1 * before);
    }
    return steps;
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return at_.theta; }

  /// The relative gradient at theta().
  [[nodiscard]] double certificate() const { return problem_.relative(at_.gradient); }

 private:
  /// Steps shorter than this, as the root mean square of the scores' change, change the Hessian by a few per cent.
  static constexpr double short_step = 0.02;

  void take_hessian() {
    factor_ = RaisedCholesky<>(logistic_hessian(problem_, problem_.z().all(), gram_, at_.probability));
    curvature_ = 0.0;
    for (Eigen::Index k = 0; k < problem_.outputs(); ++k) {
      curvature_ += problem_.loss().curvature(0, at_.probability, k, k).sum();
    }
  }

  /// -H^-1 g, or -g if H could not be factored.
  [[nodiscard]] Eigen::MatrixXd newton_direction() const {
    if (factor_.succeeded()) {
      const Eigen::VectorXd step = factor_.solve(-at_.gradient.reshaped());
      if (step.allFinite()) return step.reshaped(problem_.size(), problem_.outputs());
    }
    return -at_.gradient;
  }

  const LogisticProblem<Design>& problem_;
  WeightedGram<Design> gram_;
  LogisticPoint at_;
  double curvature_ = 0.0;  ///< sum of the loss's second derivatives where the Hessian was taken
  RaisedCholesky<> factor_;
};

}  // namespace aprender::solver
