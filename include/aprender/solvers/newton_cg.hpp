/// Logistic regression with a smooth penalty where the Hessian is too large to form, or X is sparse.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "aprender/solvers/logistic_point.hpp"
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
      : problem_(problem), preconditioner_(problem, most_columns), at_(point_at(problem, std::move(theta))) {}

  /// Goes on counting from `steps`; returns the number of steps taken.
  std::int64_t run(Stopping& stopping, std::int64_t steps = 0) {
    for (; stopping.proceed(steps, certificate()); ++steps) {
      preconditioner_.update(at_.probability);
      const Move move = advance(problem_, at_, conjugate_gradients(stopping.tol()));
      if (move == Move::none) return steps;
      if (move == Move::negligible) return steps + 1;
    }
    return steps;
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return at_.theta; }

  /// The relative gradient at theta().
  [[nodiscard]] double certificate() const { return problem_.relative(at_.gradient); }

 private:
  /// An approximate solution of H d = -g. Ends when the residual, which is what the full step would leave of the
  /// gradient were F quadratic, is small against the gradient or well below tol.
  [[nodiscard]] Eigen::MatrixXd conjugate_gradients(double tol) {
    Eigen::MatrixXd direction = Eigen::MatrixXd::Zero(at_.theta.rows(), at_.theta.cols());
    Eigen::MatrixXd r = -at_.gradient, z = preconditioner_.solve(r), d = z;
    double rho = r.cwiseProduct(z).sum();
    const double start = rho;
    const double enough = std::clamp(forcing * std::sqrt(certificate()), smallest_forcing, forcing);
    for (int iteration = 0; iteration < most_iterations && rho > 0; ++iteration) {
      const Eigen::MatrixXd hd = hessian_product(problem_, d, at_.probability) + problem_.ridge().asDiagonal() * d;
      const double curvature = d.cwiseProduct(hd).sum();
      if (!(curvature > 0)) break;
      const double step = rho / curvature;
      direction += step * d;
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
  LogisticPreconditioner<Design> preconditioner_;
  LogisticPoint at_;
};

}  // namespace aprender::solver
