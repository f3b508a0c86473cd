/// The subproblem of proximal Newton.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/soft_threshold.hpp"

namespace aprender::solver {

/// Minimises  g'd + 1/2 d'H d + sum_k lambda_k |v_k|  over v, d = v - v_start, by cyclic coordinate descent (Friedman,
/// Hastie, Tibshirani, 2010) and Newton steps on the support.
template <class Matrix = Eigen::MatrixXd>
class QuadraticLasso {
 public:
  /// hessian: all of a symmetric matrix with a diagonal >= 0. lambda_k = 0: no penalty.
  QuadraticLasso(Matrix hessian, const Eigen::VectorXd& gradient, Eigen::VectorXd lambda, Eigen::VectorXd start)
      : hessian_(std::move(hessian)), lambda_(std::move(lambda)), v_(std::move(start)), slope_(-gradient) {}

  /// Cycles until a pass moves less than `share` of what the first one did, where a Newton step on the support has been
  /// taken, or for `most_rounds` of up to nine passes and a Newton step.
  void descend(double share, int most_rounds) {
    double first = 0.0;
    for (int round = 0; round < most_rounds; ++round) {
      const double moved_most = pass(false);
      if (round == 0) first = moved_most;
      if (moved_most <= std::max(share * first, std::numeric_limits<double>::min())) return;
      double moved = moved_most;
      for (int k = 0; k < 8 && moved > 0.01 * moved_most; ++k) moved = pass(true);
      newton();
    }
  }

  [[nodiscard]] const Eigen::VectorXd& v() const noexcept { return v_; }

 private:
  [[nodiscard]] bool free(Eigen::Index k) const { return v_(k) != 0 || lambda_(k) == 0; }

  void move(Eigen::Index k, double to) {
    if (to == v_(k)) return;
    simd::kernels().add_scaled(hessian_.col(k).data(), hessian_.rows(), v_(k) - to, slope_.data());
    v_(k) = to;
  }

  /// One cycle over all or the free coordinates; returns the largest step, in the norm of the Hessian's diagonal.
  double pass(bool free_only) {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < v_.size(); ++k) {
      const double curvature = hessian_(k, k), old = v_(k);
      if (!(curvature > 0) || (free_only && !free(k))) continue;
      move(k, soft_threshold(slope_(k) + curvature * old, lambda_(k), curvature, false));
      largest = std::max(largest, std::abs(v_(k) - old) * std::sqrt(curvature));
    }
    return largest;
  }

  /// Newton's method on the support: to the minimiser with the signs as they are or, where a coefficient reaches zero
  /// before, to there and on without it. Never increases the objective.
  void newton() {
    std::vector<Eigen::Index> support;
    for (Eigen::Index k = 0; k < v_.size(); ++k) {
      if (free(k) && hessian_(k, k) > 0) support.push_back(k);
    }
    const std::size_t most_leaving = support.size() <= 64 ? 64 : 4;
    for (std::size_t leaving = 0; leaving < most_leaving && !support.empty(); ++leaving) {
      Eigen::VectorXd slope(static_cast<Eigen::Index>(support.size()));
      for (std::size_t s = 0; s < support.size(); ++s) {
        const Eigen::Index k = support[s];
        slope(static_cast<Eigen::Index>(s)) = slope_(k) - (lambda_(k) == 0 ? 0.0 : std::copysign(lambda_(k), v_(k)));
      }
      const Matrix matrix = hessian_(support, support);
      Cholesky<Matrix> cholesky(matrix);
      for (double shift = 1e-13; !cholesky.succeeded() && shift < 1e-7; shift *= 100) {  // Levenberg, 1944
        Matrix raised = matrix;
        raised.diagonal() *= 1 + shift;
        cholesky = Cholesky<Matrix>(std::move(raised));
      }
      if (!cholesky.succeeded()) return;
      const Eigen::VectorXd direction = cholesky.solve(slope);
      if (!direction.allFinite() || !(direction.dot(slope) > 0)) return;
      const auto to_zero = [&](std::size_t s) {
        const Eigen::Index k = support[s];
        const double way = lambda_(k) == 0 ? 0.0 : -v_(k) / direction(static_cast<Eigen::Index>(s));
        return way > 0 ? way : std::numeric_limits<double>::infinity();
      };
      double step = 1.0;
      for (std::size_t s = 0; s < support.size(); ++s) step = std::min(step, to_zero(s));
      std::vector<Eigen::Index> staying;
      for (std::size_t s = 0; s < support.size(); ++s) {
        const Eigen::Index k = support[s];
        const bool leaves = to_zero(s) <= step;
        move(k, leaves ? 0.0 : v_(k) + step * direction(static_cast<Eigen::Index>(s)));
        if (!leaves) staying.push_back(k);
      }
      if (staying.size() == support.size()) return;
      support = std::move(staying);
    }
  }

  Matrix hessian_;
  Eigen::VectorXd lambda_;
  Eigen::VectorXd v_;
  Eigen::VectorXd slope_;  ///< minus the gradient of the smooth part
};

}  // namespace aprender::solver
