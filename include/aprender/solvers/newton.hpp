/// L2-regularised logistic regression.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/fitted.hpp"
#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/dense_columns.hpp"
#include "aprender/solvers/log_loss.hpp"

namespace aprender::solver {

/// Coefficients rounded once to Scalar, one row (two classes) or one a class, and what is known about them.
template <Real Scalar>
struct LogisticSolution {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> coefficients;
  Eigen::Matrix<Scalar, 1, Eigen::Dynamic> intercept;
  FitReport report;
};

/// Newton's method with backtracking for  F = sum_i s_i loss_i + alpha/2 ||w||^2  in the centred and scaled columns z
/// of X. theta is p x m (m = 1 or n_classes), the last row holds intercepts if there are any. Each step is one pass
/// over X, which moves the scores and takes loss, gradient and Hessian where they arrive. Steps too short to change the
/// Hessian much are taken with the last one (Shamanskii, 1967).
template <class Design>
class NewtonLogistic {
 public:
  using Scalar = typename Design::Scalar;

  /// x, y, weight (summing to the number of rows) and team outlive this object.
  NewtonLogistic(const Design& x, const ClassIndices& y, const Eigen::VectorXd& weight, Eigen::Index n_classes,
                 double alpha, bool fit_intercept, Team& team)
      : weight_(weight),
        z_(x, weight_, fit_intercept ? Centring::exact : Centring::none, team, std::sqrt(alpha)),
        loss_(y, weight_),
        outputs_(n_classes == 2 ? 1 : n_classes),
        fit_intercept_(fit_intercept),
        ridge_(Eigen::VectorXd::Zero(size())),
        theta_(Eigen::MatrixXd::Zero(size(), outputs_)),
        scores_(Eigen::MatrixXd::Zero(z_.rows(), outputs_)) {
    for (Eigen::Index j = 0; j < z_.cols(); ++j) ridge_(j) = std::pow(std::sqrt(alpha) * z_.factor(j), 2);
  }

  /// Returns the number of steps taken.
  std::int64_t run(double tol, std::int64_t max_iter) {
    Point at = sweep(nullptr, true);
    for (std::int64_t steps = 0; steps < max_iter; ++steps) {
      gradient_ = at.gradient;
      if (relative(gradient_) <= 0.5 * tol) return steps;
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
    gradient_ = at.gradient;
    return max_iter;
  }

  /// Rounds theta to the user's units and fills the report from the rounded coefficients alone.
  [[nodiscard]] LogisticSolution<Scalar> solution(double tol) {
    const Eigen::Index p = z_.cols();
    LogisticSolution<Scalar> solution;
    solution.coefficients.resize(outputs_, p);
    solution.intercept.setZero(outputs_);
    Eigen::MatrixXd rounded = Eigen::MatrixXd::Zero(size(), outputs_);
    for (Eigen::Index k = 0; k < outputs_; ++k) {
      for (Eigen::Index j = 0; j < p; ++j) {
        solution.coefficients(k, j) = static_cast<Scalar>(std::ldexp(theta_(j, k), -z_.exponent(j)));
        rounded(j, k) = std::ldexp(static_cast<double>(solution.coefficients(k, j)), z_.exponent(j));
      }
      if (fit_intercept_) {
        const double mean_score = z_.mean().dot(rounded.col(k).head(p));
        solution.intercept(k) = static_cast<Scalar>(theta_(p, k) - mean_score);
        rounded(p, k) = static_cast<double>(solution.intercept(k)) + mean_score;
      }
    }
    // Only what the solver has brought within tol may have been carried beyond it by rounding.
    const bool descended = relative(gradient_) <= tol;
    theta_ = rounded;
    scores_.setZero();
    const Point at = sweep(&rounded, false);
    FitReport& report = solution.report;
    report.objective = at.objective;
    report.gradient_norm = relative(at.gradient);
    const bool rounded_off = descended && !(*report.gradient_norm <= tol);
    report.tolerance = rounded_off ? tol + rounding_gradient(rounded) : tol;
    report.converged = descended && *report.gradient_norm <= report.tolerance;
    return solution;
  }

 private:
  [[nodiscard]] Eigen::Index size() const { return z_.cols() + (fit_intercept_ ? 1 : 0); }

  /// Steps shorter than this, as the root mean square of the scores' change, change the Hessian by a few per cent.
  static constexpr double short_step = 0.02;

  struct Point {
    double objective = 0.0;
    Eigen::MatrixXd gradient;  ///< size() x m
    Eigen::MatrixXd hessian;   ///< lower triangle, size() m square; empty if not asked for
  };

  /// What one member of the team sums up; p is padded to whole panels.
  struct Part {
    double loss = 0.0;
    Eigen::MatrixXd gradient;                ///< p x m
    Eigen::RowVectorXd slope_sum;            ///< m
    std::vector<Eigen::MatrixXd> curvature;  ///< p x p, one a pair of outputs k >= l
    Eigen::MatrixXd edge;                    ///< p x pairs: Z'h
    Eigen::RowVectorXd curvature_sum;        ///< pairs
    Eigen::MatrixXd slope, probability;      ///< of a block
    Eigen::VectorXd weight, scaled;          ///< of a block
  };

  /// Moves the scores by moved_ = Z direction, if there is one, and evaluates the point where they are, which is
  /// theta_.
  [[nodiscard]] Point sweep(const Eigen::MatrixXd* direction, bool with_hessian) {
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
      part.curvature.assign(static_cast<std::size_t>(pairs), Eigen::MatrixXd::Zero(padded, padded));
      part.edge.setZero(padded, pairs);
      part.curvature_sum.setZero(pairs);
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
          part.weight = curvature(part.probability, block.first, k, l);
          part.curvature_sum(pair) += part.weight.sum();
          kernels.correlate(block.panels, block.n_panels(), block.rows, part.weight.data(), &part.edge(0, pair));
          kernels.scale_rows(block.panels, block.n_panels(), block.rows, part.weight.data(), part.scaled.data());
          kernels.multiply(part.scaled.data(), block.n_panels(), block.panels, block.n_panels(), block.rows,
                           part.curvature[static_cast<std::size_t>(pair)].data(), padded, 0);
        }
      }
    });
    for (std::size_t member = 1; member < parts.size(); ++member) {
      parts[0].loss += parts[member].loss;
      parts[0].gradient += parts[member].gradient;
      parts[0].slope_sum += parts[member].slope_sum;
      for (std::size_t pair = 0; pair < parts[0].curvature.size(); ++pair) {
        parts[0].curvature[pair] += parts[member].curvature[pair];
      }
      parts[0].edge += parts[member].edge;
      parts[0].curvature_sum += parts[member].curvature_sum;
    }
    Point point;
    point.objective = parts[0].loss + penalty();
    point.gradient = ridge_.asDiagonal() * theta_;
    point.gradient.topRows(z_.cols()) += parts[0].gradient.topRows(z_.cols());
    if (fit_intercept_) point.gradient.row(z_.cols()) += parts[0].slope_sum;
    if (with_hessian) point.hessian = assembled(parts[0]);
    return point;
  }

  /// The second derivative of the loss by scores k and l, of the rows of a block.
  [[nodiscard]] Eigen::VectorXd curvature(const Eigen::MatrixXd& p, Eigen::Index first, Eigen::Index k,
                                          Eigen::Index l) const {
    if (outputs_ == 1) return p.col(0);
    const auto s = weight_.segment(first, p.rows()).array();
    if (k == l) return s * p.col(k).array() * (1.0 - p.col(k).array());
    return -s * p.col(k).array() * p.col(l).array();
  }

  [[nodiscard]] double penalty() const { return 0.5 * (ridge_.asDiagonal() * theta_).cwiseProduct(theta_).sum(); }

  [[nodiscard]] double objective_at_scores() const {
    Eigen::MatrixXd slope, probability;
    return loss_.evaluate(0, scores_, slope, probability) + penalty();
  }

  /// Output by output: [Z'hZ Z'h; h'Z sum h] and the penalty, for each pair.
  ///
  /// Adding the same number to all intercepts of the softmax changes nothing, so that H u = 0 and g'u = 0 along
  /// that direction u; u u' is added, which leaves the step as it is.
  [[nodiscard]] Eigen::MatrixXd assembled(const Part& part) {
    const Eigen::Index p = z_.cols(), q = size();
    Eigen::MatrixXd hessian(q * outputs_, q * outputs_);
    curvature_ = 0.0;
    std::size_t pair = 0;
    for (Eigen::Index k = 0; k < outputs_; ++k) {
      for (Eigen::Index l = 0; l <= k; ++l, ++pair) {
        const auto column = static_cast<Eigen::Index>(pair);
        auto block = hessian.block(k * q, l * q, q, q);
        block.topLeftCorner(p, p) = part.curvature[pair].topLeftCorner(p, p);
        if (fit_intercept_) {
          block.row(p).head(p) = part.edge.col(column).head(p).transpose();
          block(p, p) = part.curvature_sum(column);
        }
        block.template triangularView<Eigen::StrictlyUpper>() = block.transpose().eval();
        if (k == l) {
          block.diagonal() += ridge_;
          curvature_ += part.curvature_sum(column);
        }
        if (fit_intercept_ && outputs_ > 1) {
          block(p, p) += weight_.sum() / static_cast<double>(outputs_ * outputs_);
        }
      }
    }
    return hessian;
  }

  /// max_j |g_j| / sum_i s_i |x_ij| with g in the columns of X itself, |g| / n for the intercept; 0 / 0 = 0.
  [[nodiscard]] double relative(const Eigen::MatrixXd& gradient) const {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < outputs_; ++k) {
      const double intercept = fit_intercept_ ? gradient(z_.cols(), k) : 0.0;
      for (Eigen::Index j = 0; j < z_.cols(); ++j) {
        const double g = gradient(j, k) + z_.mean()(j) * intercept;
        const double ratio = g == 0 ? 0.0 : std::abs(g) / z_.magnitude(j);
        if (!(ratio <= largest)) largest = ratio;
      }
      const double ratio = std::abs(intercept) / static_cast<double>(z_.rows());
      if (!(ratio <= largest)) largest = ratio;
    }
    return largest;
  }

  /// A bound on what rounding an optimal w and b to Scalar can make of the relative gradient, twice over: with
  /// u = eps(Scalar) / 2 a score moves by at most u (|b| + sum_j |x_ij w_j|), a probability by half of that (logistic
  /// and softmax have Lipschitz constants of at most 1/2 in the maximum norm), the penalty's slope by u alpha |w_j|.
  [[nodiscard]] double rounding_gradient(const Eigen::MatrixXd& theta) const {
    const Eigen::Index p = z_.cols();
    Eigen::MatrixXd magnitude = Eigen::MatrixXd::Zero(z_.rows(), outputs_);
    double penalty = 0.0;
    for (Eigen::Index j = 0; j < p; ++j) {
      magnitude.noalias() += (z_.z(j).array() + z_.mean()(j)).abs().matrix() * theta.row(j).cwiseAbs();
      if (z_.magnitude(j) > 0)
        penalty = std::max(penalty, ridge_(j) * theta.row(j).cwiseAbs().maxCoeff() / z_.magnitude(j));
    }
    if (fit_intercept_) {
      const Eigen::RowVectorXd b = theta.row(p) - z_.mean().transpose() * theta.topRows(p);
      magnitude.rowwise() += b.cwiseAbs();
    }
    return std::numeric_limits<Scalar>::epsilon() * 0.5 * (magnitude.maxCoeff() + penalty);
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
      if (step.allFinite()) return step.reshaped(size(), outputs_);
    }
    return -gradient;
  }

  const Eigen::VectorXd& weight_;
  CentredColumns<Design> z_;
  LogLoss loss_;
  Eigen::Index outputs_;
  bool fit_intercept_;
  Eigen::VectorXd ridge_;  ///< alpha 2^(-2 e_j), 0 for the intercept
  Eigen::MatrixXd theta_;
  Eigen::MatrixXd scores_;    ///< Z theta with the intercepts
  Eigen::MatrixXd moved_;     ///< the scores' last full step
  Eigen::MatrixXd gradient_;  ///< where run() ended
  double curvature_ = 0.0;    ///< sum of the loss's second derivatives where the Hessian was taken
  Eigen::VectorXd scale_;     ///< of the rows and columns of the Hessian
  Cholesky<> factor_;         ///< of the scaled Hessian
};

}  // namespace aprender::solver
