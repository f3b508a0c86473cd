/// L2-regularised logistic regression.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/logistic_hessian.hpp"
#include "aprender/solvers/stopping.hpp"

namespace aprender::solver {

/// Newton's method with backtracking (Boyd and Vandenberghe, 2004, section 9.5) for problems without L1 penalty. Each
/// step is one pass over a dense X, which moves the scores and takes loss, gradient and Hessian where they arrive, and
/// several over a sparse one. Steps too short to change the Hessian much are taken with the last one (Shamanskii,
/// 1967).
template <class Design>
class NewtonLogistic {
 public:
  /// problem outlives this object.
  NewtonLogistic(const LogisticProblem<Design>& problem, Eigen::MatrixXd theta)
      : problem_(problem),
        z_(problem.z()),
        loss_(problem.loss()),
        outputs_(problem.outputs()),
        fit_intercept_(problem.fit_intercept()),
        ridge_(problem.ridge()),
        gram_(problem, z_.all()),
        theta_(std::move(theta)) {}

  /// Goes on counting from `steps`; returns the number of steps taken.
  std::int64_t run(Stopping& stopping, std::int64_t steps = 0) {
    scores_ = problem_.scores(theta_);
    Point at = sweep(nullptr, true);
    for (;; ++steps) {
      gradient_ = at.gradient;
      if (!stopping.proceed(steps, problem_.relative(gradient_))) return steps;
      if (at.hessian.size() > 0) factorise(std::move(at.hessian));
      const Eigen::MatrixXd direction = newton_direction(gradient_);
      const double slope = gradient_.cwiseProduct(direction).sum();
      if (!(slope < 0)) return steps;

      const double objective = at.objective;
      const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(objective);
      const bool far = -slope > short_step * short_step * curvature_;
      theta_ += direction;
      at = sweep(&direction, far);
      double step = 1.0;
      while (!(at.objective <= objective + 1e-4 * step * slope + rounding) && step > 1e-12) {
        step *= 0.5;
        theta_ -= step * direction;
        scores_ -= step * moved_;
        at.objective = objective_at_scores();
      }
      if (!(at.objective <= objective + rounding)) {
        theta_ -= step * direction;
        return steps;
      }
      const double longest = step * moved_.cwiseAbs().maxCoeff();
      if (longest <= std::numeric_limits<double>::epsilon() * (1.0 + scores_.cwiseAbs().maxCoeff())) {
        if (step == 1.0) gradient_ = at.gradient;
        return steps + 1;  // the scores no longer change
      }
      if (step < 1.0 || (!far && !(at.gradient.norm() <= 0.1 * gradient_.norm()))) at = sweep(nullptr, true);
    }
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return theta_; }

  /// The relative gradient where run() ended.
  [[nodiscard]] double certificate() const { return problem_.relative(gradient_); }

 private:
  /// Steps shorter than this, as the root mean square of the scores' change, change the Hessian by a few per cent.
  static constexpr double short_step = 0.02;

  struct Point {
    double objective = 0.0;
    Eigen::MatrixXd gradient;  ///< problem.size() x m
    Eigen::MatrixXd hessian;   ///< lower triangle, m times its rows; empty if not asked for
  };

  /// What one member of the team sums up; p is padded to whole panels.
  struct Part {
    double loss = 0.0;
    Eigen::MatrixXd gradient;      ///< p x m
    Eigen::RowVectorXd slope_sum;  ///< m
    HessianParts hessian;
    Eigen::MatrixXd slope, probability;  ///< of a block
    Eigen::VectorXd weight, scaled;      ///< of a block
  };

  /// Moves the scores by moved_ = Z direction, if there is one, and evaluates the point where they are, which is
  /// theta_.
  [[nodiscard]] Point sweep(const Eigen::MatrixXd* direction, bool with_hessian) requires(is_sparse<Design>) {
    if (direction != nullptr) {
      moved_ = problem_.scores(*direction);
      scores_ += moved_;
    }
    Eigen::MatrixXd slope, probability;
    Point point;
    point.objective = problem_.evaluate(scores_, slope, probability) + problem_.ridge_penalty(theta_);
    point.gradient = problem_.gradient(slope) + ridge_.asDiagonal() * theta_;
    if (!with_hessian) return point;
    point.hessian = logistic_hessian(problem_, z_.all(), gram_, probability);
    curvature_ = 0.0;
    for (Eigen::Index k = 0; k < outputs_; ++k) curvature_ += loss_.curvature(0, probability, k, k).sum();
    return point;
  }

  [[nodiscard]] Point sweep(const Eigen::MatrixXd* direction, bool with_hessian) requires(!is_sparse<Design>) {
    const Eigen::Index padded = CentredColumns<Design>::panels_of(z_.cols()) * simd::panel_width;
    const Eigen::Index pairs = with_hessian ? outputs_ * (outputs_ + 1) / 2 : 0;
    Eigen::MatrixXd towards = Eigen::MatrixXd::Zero(padded, outputs_);
    if (direction != nullptr) {
      towards.topRows(z_.cols()) = direction->topRows(z_.cols());
      moved_.resize(z_.rows(), outputs_);
    }
    std::vector<Part> parts(static_cast<std::size_t>(z_.team().size()));
    for (Part& part : parts) {
      part.gradient.setZero(padded, outputs_);
      part.slope_sum.setZero(outputs_);
      part.hessian.curvature.assign(static_cast<std::size_t>(pairs), Eigen::MatrixXd::Zero(padded, padded));
      part.hessian.edge.setZero(padded, pairs);
      part.hessian.curvature_sum.setZero(pairs);
    }
    z_.for_each_block(z_.all(), z_.cols(), false, [&](const auto& block) {
      const simd::Kernels& kernels = simd::kernels();
      Part& part = parts[static_cast<std::size_t>(block.member)];
      auto scores = scores_.middleRows(block.first, block.rows);
      if (direction != nullptr) {
        auto moved = moved_.middleRows(block.first, block.rows);
        for (Eigen::Index k = 0; k < outputs_; ++k) {
          moved.col(k).setConstant(fit_intercept_ ? (*direction)(z_.cols(), k) : 0.0);
          kernels.apply(block.panels, block.n_panels(), block.rows, &towards(0, k), &moved_(block.first, k));
        }
        scores += moved;
      }
      part.slope.resize(block.rows, outputs_);
      part.probability.resize(block.rows, outputs_);
      part.loss += loss_.evaluate(block.first, scores, part.slope, part.probability);
      part.slope_sum += part.slope.colwise().sum();
      for (Eigen::Index k = 0; k < outputs_; ++k) {
        kernels.correlate(block.panels, block.n_panels(), block.rows, &part.slope(0, k), &part.gradient(0, k));
      }
      if (!with_hessian) return;
      part.scaled.resize(block.n_panels() * simd::panel_width * block.rows);
      Eigen::Index pair = 0;
      for (Eigen::Index k = 0; k < outputs_; ++k) {
        for (Eigen::Index l = 0; l <= k; ++l, ++pair) {
          part.weight = loss_.curvature(block.first, part.probability, k, l);
          part.hessian.curvature_sum(pair) += part.weight.sum();
          kernels.correlate(block.panels, block.n_panels(), block.rows, part.weight.data(),
                            &part.hessian.edge(0, pair));
          kernels.scale_rows(block.panels, block.n_panels(), block.rows, part.weight.data(), part.scaled.data());
          kernels.multiply(part.scaled.data(), block.n_panels(), block.panels, block.n_panels(), block.rows,
                           part.hessian.curvature[static_cast<std::size_t>(pair)].data(), padded, 0);
        }
      }
    });
    for (std::size_t member = 1; member < parts.size(); ++member) {
      parts[0].loss += parts[member].loss;
      parts[0].gradient += parts[member].gradient;
      parts[0].slope_sum += parts[member].slope_sum;
      for (std::size_t pair = 0; pair < parts[0].hessian.curvature.size(); ++pair) {
        parts[0].hessian.curvature[pair] += parts[member].hessian.curvature[pair];
      }
      parts[0].hessian.edge += parts[member].hessian.edge;
      parts[0].hessian.curvature_sum += parts[member].hessian.curvature_sum;
    }
    Point point;
    point.objective = parts[0].loss + problem_.ridge_penalty(theta_);
    point.gradient = ridge_.asDiagonal() * theta_;
    point.gradient.topRows(z_.cols()) += parts[0].gradient.topRows(z_.cols());
    if (fit_intercept_) point.gradient.row(z_.cols()) += parts[0].slope_sum;
    if (!with_hessian) return point;
    point.hessian = assembled_hessian(problem_, z_.all(), parts[0].hessian);
    curvature_ = 0.0;
    for (Eigen::Index k = 0; k < outputs_; ++k) curvature_ += parts[0].hessian.curvature_sum((k + 1) * (k + 2) / 2 - 1);
    return point;
  }

  [[nodiscard]] double objective_at_scores() const {
    Eigen::MatrixXd slope, probability;
    return problem_.evaluate(scores_, slope, probability) + problem_.ridge_penalty(theta_);
  }

  /// Cholesky of the scaled Hessian; the diagonal is raised (Levenberg, 1944) if it is not numerically positive
  /// definite.
  void factorise(Eigen::MatrixXd hessian) {
    scale_ = hessian.diagonal().unaryExpr(
        [](double h) { return h > 0 ? std::ldexp(1.0, -exponent_above(std::sqrt(h))) : 1.0; });
    hessian.array().colwise() *= scale_.array();
    hessian.array().rowwise() *= scale_.transpose().array();
    double shift = 0.0;
    for (int attempt = 0; attempt < 12; ++attempt) {
      factor_ = Cholesky<>(hessian);
      if (factor_.succeeded()) return;
      const double next = shift == 0 ? 1e-14 : 30 * shift;
      hessian.diagonal().array() += next - shift;
      shift = next;
    }
  }

  /// -H^-1 g, or -g if H could not be factored.
  [[nodiscard]] Eigen::MatrixXd newton_direction(const Eigen::MatrixXd& gradient) const {
    if (factor_.succeeded()) {
      const Eigen::VectorXd rhs = -scale_.cwiseProduct(gradient.reshaped());
      const Eigen::VectorXd step = scale_.cwiseProduct(factor_.solve(rhs));
      if (step.allFinite()) return step.reshaped(problem_.size(), outputs_);
    }
    return -gradient;
  }

  const LogisticProblem<Design>& problem_;
  const CentredColumns<Design>& z_;
  const LogLoss& loss_;
  Eigen::Index outputs_;
  bool fit_intercept_;
  const Eigen::VectorXd& ridge_;
  WeightedGram<Design> gram_;  ///< of a sparse X
  Eigen::MatrixXd theta_;
  Eigen::MatrixXd scores_;    ///< Z theta with the intercepts
  Eigen::MatrixXd moved_;     ///< the scores' last full step
  Eigen::MatrixXd gradient_;  ///< where run() ended
  double curvature_ = 0.0;    ///< sum of the loss's second derivatives where the Hessian was taken
  Eigen::VectorXd scale_;     ///< of the rows and columns of the Hessian
  Cholesky<> factor_;         ///< of the scaled Hessian
};

}  // namespace aprender::solver
