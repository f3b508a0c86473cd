/// L2-regularised logistic regression.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "aprender/fitted.hpp"
#include "aprender/solvers/centred_columns.hpp"
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
/// of X. theta is p x m (m = 1 or n_classes), the last row holds intercepts if there are any.
template <Real Scalar>
class NewtonLogistic {
 public:
  /// x, y and weight (summing to the number of rows) outlive this object.
  NewtonLogistic(const Design<Scalar>& x, const ClassIndices& y, const Eigen::VectorXd& weight, Eigen::Index n_classes,
                 double alpha, bool fit_intercept)
      : weight_(weight),
        z_(x, weight_, fit_intercept, std::sqrt(alpha)),
        loss_(y, weight_),
        outputs_(n_classes == 2 ? 1 : n_classes),
        fit_intercept_(fit_intercept),
        ridge_(Eigen::VectorXd::Zero(size())),
        magnitude_(z_.cols()),
        theta_(Eigen::MatrixXd::Zero(size(), outputs_)) {
    for (Eigen::Index j = 0; j < z_.cols(); ++j) {
      ridge_(j) = std::pow(std::sqrt(alpha) * z_.factor(j), 2);
      magnitude_(j) = weight_.dot((z_.z(j).array() + z_.mean()(j)).abs().matrix());
    }
  }

  /// Returns the number of steps taken.
  std::int64_t run(double tol, std::int64_t max_iter) {
    Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(z_.rows(), outputs_);
    double objective = value(scores, theta_);
    for (std::int64_t steps = 0; steps < max_iter; ++steps) {
      const Eigen::MatrixXd gradient = this->gradient(scores, theta_);
      if (relative(gradient) <= 0.5 * tol) return steps;
      const Eigen::MatrixXd direction = newton_direction(scores, gradient);
      const Eigen::MatrixXd moved = apply(direction);
      const double slope = gradient.cwiseProduct(direction).sum();
      if (!(slope < 0)) return steps;

      const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(objective);
      double step = 1.0;
      double next = value(scores + moved, theta_ + direction);
      while (!(next <= objective + 1e-4 * step * slope + rounding) && step > 1e-12) {
        step *= 0.5;
        next = value(scores + step * moved, theta_ + step * direction);
      }
      if (!(next <= objective + rounding)) return steps;
      theta_ += step * direction;
      scores += step * moved;
      objective = next;
      if (step * moved.cwiseAbs().maxCoeff() <=
          std::numeric_limits<double>::epsilon() * (1.0 + scores.cwiseAbs().maxCoeff())) {
        return steps + 1;  // the scores no longer change
      }
    }
    return max_iter;
  }

  /// Rounds theta to the user's units and fills the report from the rounded coefficients alone.
  [[nodiscard]] LogisticSolution<Scalar> solution(double tol) const {
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
    const Eigen::MatrixXd scores = apply(rounded);
    FitReport& report = solution.report;
    report.objective = value(scores, rounded);
    report.gradient_norm = relative(gradient(scores, rounded));
    // Only what the solver has brought within tol may have been carried beyond it by rounding.
    const bool descended = relative(gradient(apply(theta_), theta_)) <= tol;
    const bool rounded_off = descended && !(*report.gradient_norm <= tol);
    report.tolerance = rounded_off ? tol + rounding_gradient(rounded) : tol;
    report.converged = descended && *report.gradient_norm <= report.tolerance;
    return solution;
  }

 private:
  [[nodiscard]] Eigen::Index size() const { return z_.cols() + (fit_intercept_ ? 1 : 0); }

  /// Z theta.
  [[nodiscard]] Eigen::MatrixXd apply(const Eigen::MatrixXd& theta) const {
    Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(z_.rows(), outputs_);
    for (Eigen::Index j = 0; j < z_.cols(); ++j) scores.noalias() += z_.z(j) * theta.row(j);
    if (fit_intercept_) scores.rowwise() += theta.row(z_.cols());
    return scores;
  }

  [[nodiscard]] double value(const Eigen::MatrixXd& scores, const Eigen::MatrixXd& theta) const {
    return loss_.value(scores) + 0.5 * (ridge_.asDiagonal() * theta).cwiseProduct(theta).sum();
  }

  [[nodiscard]] Eigen::MatrixXd gradient(const Eigen::MatrixXd& scores, const Eigen::MatrixXd& theta) const {
    const Eigen::MatrixXd slope = loss_.slope(scores);
    Eigen::MatrixXd gradient = ridge_.asDiagonal() * theta;
    for (Eigen::Index j = 0; j < z_.cols(); ++j) gradient.row(j).noalias() += z_.z(j).transpose() * slope;
    if (fit_intercept_) gradient.row(z_.cols()) += slope.colwise().sum();
    return gradient;
  }

  /// max_j |g_j| / sum_i s_i |x_ij| with g in the columns of X itself, |g| / n for the intercept; 0 / 0 = 0.
  [[nodiscard]] double relative(const Eigen::MatrixXd& gradient) const {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < outputs_; ++k) {
      const double intercept = fit_intercept_ ? gradient(z_.cols(), k) : 0.0;
      for (Eigen::Index j = 0; j < z_.cols(); ++j) {
        const double g = gradient(j, k) + z_.mean()(j) * intercept;
        const double ratio = g == 0 ? 0.0 : std::abs(g) / magnitude_(j);
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
      if (magnitude_(j) > 0)
        penalty = std::max(penalty, ridge_(j) * theta.row(j).cwiseAbs().maxCoeff() / magnitude_(j));
    }
    if (fit_intercept_) {
      const Eigen::RowVectorXd b = theta.row(p) - z_.mean().transpose() * theta.topRows(p);
      magnitude.rowwise() += b.cwiseAbs();
    }
    return std::numeric_limits<Scalar>::epsilon() * 0.5 * (magnitude.maxCoeff() + penalty);
  }

  /// -H^-1 g by Cholesky; the diagonal is raised (Levenberg, 1944) if H is not numerically positive definite.
  ///
  /// Adding the same number to all intercepts of the softmax changes nothing, so that H u = 0 and g'u = 0 along
  /// that direction u; u u' is added, which leaves the step as it is.
  [[nodiscard]] Eigen::MatrixXd newton_direction(const Eigen::MatrixXd& scores, const Eigen::MatrixXd& gradient) const {
    Eigen::MatrixXd hessian = this->hessian(scores);
    const Eigen::VectorXd scale = hessian.diagonal().unaryExpr(
        [](double h) { return h > 0 ? std::ldexp(1.0, -exponent_above(std::sqrt(h))) : 1.0; });
    hessian.array().colwise() *= scale.array();
    hessian.array().rowwise() *= scale.transpose().array();
    const Eigen::VectorXd rhs = -scale.cwiseProduct(gradient.reshaped());
    double shift = 0.0;
    for (int attempt = 0; attempt < 12; ++attempt) {
      Eigen::MatrixXd factor = hessian;
      const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> llt(factor);
      if (llt.info() == Eigen::Success) {
        const Eigen::VectorXd step = scale.cwiseProduct(llt.solve(rhs));
        if (step.allFinite()) return step.reshaped(size(), outputs_);
      }
      const double next = shift == 0 ? 1e-14 : 30 * shift;
      hessian.diagonal().array() += next - shift;
      shift = next;
    }
    return -gradient;
  }

  [[nodiscard]] Eigen::MatrixXd hessian(const Eigen::MatrixXd& scores) const {
    const Eigen::Index q = size();
    Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(q * outputs_, q * outputs_);
    const Eigen::MatrixXd p = LogLoss<>::probabilities(scores);
    constexpr Eigen::Index block_rows = 256;
    for (Eigen::Index first = 0; first < z_.rows(); first += block_rows) {
      const Eigen::Index count = std::min(block_rows, z_.rows() - first);
      Eigen::MatrixXd rows = Eigen::MatrixXd::Ones(count, q);
      for (Eigen::Index j = 0; j < z_.cols(); ++j) rows.col(j) = z_.z(j, first, count);
      const auto s = weight_.segment(first, count).array();
      for (Eigen::Index k = 0; k < outputs_; ++k) {
        for (Eigen::Index l = 0; l <= k; ++l) {
          const Eigen::ArrayXd pk = p.col(k).segment(first, count);
          const Eigen::ArrayXd pl = p.col(l).segment(first, count);
          const Eigen::ArrayXd other = k == l ? Eigen::ArrayXd(1.0 - pk) : pl;
          const Eigen::VectorXd root = (s * pk * other).sqrt();
          hessian.block(k * q, l * q, q, q)
              .template selfadjointView<Eigen::Lower>()
              .rankUpdate((root.asDiagonal() * rows).adjoint(), k == l ? 1.0 : -1.0);
        }
      }
    }
    for (Eigen::Index k = 0; k < outputs_; ++k) {
      hessian.diagonal().segment(k * q, q) += ridge_;
      for (Eigen::Index l = 0; l < k; ++l) {
        auto block = hessian.block(k * q, l * q, q, q);
        block.template triangularView<Eigen::StrictlyUpper>() = block.transpose().eval();
      }
    }
    if (fit_intercept_ && outputs_ > 1) {
      const double u = weight_.sum() / static_cast<double>(outputs_ * outputs_);
      for (Eigen::Index k = 0; k < outputs_; ++k) {
        for (Eigen::Index l = 0; l <= k; ++l) hessian(k * q + q - 1, l * q + q - 1) += u;
      }
    }
    return hessian;
  }

  const Eigen::VectorXd& weight_;
  CentredColumns<Scalar> z_;
  LogLoss<> loss_;
  Eigen::Index outputs_;
  bool fit_intercept_;
  Eigen::VectorXd ridge_;      ///< alpha 2^(-2 e_j), 0 for the intercept
  Eigen::VectorXd magnitude_;  ///< sum_i s_i |x_ij| 2^-e_j
  Eigen::MatrixXd theta_;
};

}  // namespace aprender::solver
