/// The duality gap of logistic regression with an L1 penalty.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "aprender/solvers/logistic_problem.hpp"

namespace aprender::solver {

/// The stationary distribution of a Markov chain with the given rates from state to state (the diagonal is not read),
/// scaled to a largest entry of one; no subtraction, so that every entry keeps its digits (Grassmann, Taksar, Heyman,
/// 1985). Zeros if a rate that is needed is zero.
template <class Matrix>
[[nodiscard]] Eigen::VectorXd stationary_distribution(Matrix rate) {
  const Eigen::Index size = rate.rows();
  for (Eigen::Index last = size - 1; last > 0; --last) {
    const double out = rate.row(last).head(last).sum();
    if (!(out > 0)) return Eigen::VectorXd::Zero(size);
    rate.col(last).head(last) /= out;
    rate.topLeftCorner(last, last) += rate.col(last).head(last) * rate.row(last).head(last);
  }
  Eigen::VectorXd share = Eigen::VectorXd::Zero(size);
  share(0) = 1.0;
  for (Eigen::Index k = 1; k < size; ++k) share(k) = share.head(k).dot(rate.col(k).head(k));
  share /= share.maxCoeff();
  return share.allFinite() ? share : Eigen::VectorXd::Zero(size);
}

/// Loss, gradient and duality gap at a point (docs/numerics.md, Certificates).
///
/// With the slopes u_i = s_i (p_i - e_(y_i)) the dual point is c t_(y_i) u_i. t is such that the slopes of every class
/// sum to zero, as the intercepts demand: the stationary distribution of the chain that moves from class l to k at the
/// rate sum_(y_i = l) s_i p_ik (ones without intercepts). c <= 1 makes |Z_j'u| <= lambda_j. The gap is
///
///     sum_i s_i KL(q_i || p_i) + sum_jk (lambda_j |theta| + ridge_j theta^2 / 2 + (c |g| - lambda_j)_+^2 / (2 ridge_j)
///     + c theta g),   q_i = e_(y_i) + c t_(y_i) (p_i - e_(y_i)),   g = Z_j' t u_k,
///
/// in which no term is negative.
template <class Design>
class LogisticGap {
 public:
  /// problem outlives this object.
  explicit LogisticGap(const LogisticProblem<Design>& problem) : problem_(problem) {}

  /// Moves to theta, whose scores are given. One pass over X.
  void evaluate(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores) {
    loss_ = problem_.evaluate(scores, slope_, probability_);
    const Eigen::VectorXd balance = balanced();
    unbalance_ = 1.0 - balance.minCoeff();
    const ClassIndices& y = problem_.loss().y();
    Eigen::MatrixXd dual = slope_;
    for (Eigen::Index i = 0; i < dual.rows(); ++i) dual.row(i) *= balance(y(i));
    gradient_ = problem_.z().transposed_product(dual);

    double largest = 0.0, largest_smooth = 0.0;
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
        const double g = gradient_(j, k) + problem_.ridge()(j) * theta(j, k);
        if (g != 0) largest = std::max(largest, std::abs(g) / problem_.lambda()(j));
        if (problem_.ridge()(j) == 0 && gradient_(j, k) != 0) {
          largest_smooth = std::max(largest_smooth, std::abs(gradient_(j, k)) / problem_.lambda()(j));
        }
      }
    }
    gap_ = gap(theta, scores, balance, largest > 1 ? 1 / largest : 1.0, true);
    if (largest > 1 && largest_smooth <= 1) gap_ = std::min(gap_, gap(theta, scores, balance, 1.0, false));
    gap_ /= problem_.objective_at_zero();
  }

  [[nodiscard]] double relative() const noexcept { return gap_; }
  [[nodiscard]] double loss() const noexcept { return loss_; }
  [[nodiscard]] const Eigen::MatrixXd& slope() const noexcept { return slope_; }
  [[nodiscard]] const Eigen::MatrixXd& probability() const noexcept { return probability_; }

  /// g above: the loss's gradient if the intercepts are optimal, without their row.
  [[nodiscard]] const Eigen::MatrixXd& gradient() const noexcept { return gradient_; }

  /// A bound on what rounding an optimal theta, at which this was evaluated, to Scalar can make of the relative gap.
  ///
  /// Scores move by at most h = eps(Scalar) max_i (|b| + sum_j |x_ij w_j|), probabilities by half of that, and t falls
  /// short of one by a measured d: g_j moves by at most (h + 2 d) sum_i s_i |x_ij|, and 1 - c t is at most
  /// e = d + max_j (h + 2 d) sum_i s_i |x_ij| / lambda_j. As KL(q || p) <= (1 - c t)^2 (1 - p_y) / p_y, the gap is at
  /// most  e^2 sum_i s_i (1 - p_iy) / p_iy + 2 e sum_jk (lambda_j |theta| + ridge_j theta^2).
  [[nodiscard]] double rounding_gap(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores) const {
    const double h = std::numeric_limits<Scalar>::epsilon() * problem_.score_magnitudes(theta).maxCoeff();
    double e = 0.0;
    for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
      const double magnitude = problem_.z().magnitude(j);
      if (magnitude > 0) e = std::max(e, (h + 2 * unbalance_) * magnitude / problem_.lambda()(j));
    }
    e += unbalance_;
    double odds = 0.0;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const Sample sample = at(i, scores);
      odds += problem_.loss().weight()(i) * sample.wrong / std::exp(sample.log_right);
    }
    const double penalty = problem_.lasso_penalty(theta) + 2 * problem_.ridge_penalty(theta);
    return std::min((e * e * odds + 2 * e * penalty) / problem_.objective_at_zero(), 1.0);
  }

 private:
  using Scalar = typename Design::Scalar;

  /// Of the sample's class the logarithm of its probability, and the probability of all others.
  struct Sample {
    double log_right, wrong;
  };

  [[nodiscard]] Sample at(Eigen::Index i, const Eigen::MatrixXd& scores) const {
    const Eigen::Index label = problem_.loss().y()(i);
    if (scores.cols() == 1) {
      const double odds = label == 1 ? -scores(i, 0) : scores(i, 0);
      const double e = std::exp(-std::abs(odds));
      return {-(std::max(odds, 0.0) + std::log1p(e)), (odds >= 0 ? 1.0 : e) / (1 + e)};
    }
    const double largest = scores.row(i).maxCoeff();
    double total = 0.0;
    for (Eigen::Index k = 0; k < scores.cols(); ++k) total += std::exp(scores(i, k) - largest);
    return {scores(i, label) - largest - std::log(total), -slope_(i, label) / problem_.loss().weight()(i)};
  }

  /// t, one a class.
  [[nodiscard]] Eigen::VectorXd balanced() const {
    const Eigen::Index n_classes = problem_.n_classes();
    if (!problem_.fit_intercept()) return Eigen::VectorXd::Ones(n_classes);
    const ClassIndices& y = problem_.loss().y();
    Eigen::MatrixXd rate = Eigen::MatrixXd::Zero(n_classes, n_classes);
    for (Eigen::Index i = 0; i < slope_.rows(); ++i) {
      if (slope_.cols() == 1) {
        rate(y(i), 1 - y(i)) += std::abs(slope_(i, 0));
      } else {
        rate.row(y(i)) += slope_.row(i);
      }
    }
    rate.diagonal().setZero();
    return stationary_distribution(std::move(rate));
  }

  /// The gap for this c. If scaled, c (g + ridge theta) is feasible, which bounds the dual's penalty.
  [[nodiscard]] double gap(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores, const Eigen::VectorXd& balance,
                           double c, bool scaled) const {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const double kept = c * balance(problem_.loss().y()(i)), missing = 1.0 - kept;
      if (missing == 0) continue;
      const Sample sample = at(i, scores);
      const double right = std::exp(sample.log_right), lost = missing * sample.wrong;
      const double grown =
          lost < 0.5 * right ? std::log1p(lost / right) : std::log1p(-kept * sample.wrong) - sample.log_right;
      double divergence = (1.0 - kept * sample.wrong) * grown;
      if (kept > 0) divergence += kept * sample.wrong * (missing < 0.5 ? std::log1p(-missing) : std::log(kept));
      if (!(divergence <= 0)) sum += problem_.loss().weight()(i) * divergence;
    }
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
        const double lambda = problem_.lambda()(j), ridge = problem_.ridge()(j);
        const double g = c * gradient_(j, k), excess = std::max(std::abs(g) - lambda, 0.0);
        if (theta(j, k) == 0 && excess == 0) continue;
        const double split = 0.5 * ridge * std::pow(c * theta(j, k), 2);
        double dual = excess == 0 ? 0.0 : ridge > 0 ? excess * excess / (2 * ridge) : scaled ? 0.0 : excess;
        if (scaled) dual = std::min(dual, split);
        const double primal = theta(j, k) == 0 ? 0.0
                                               : lambda * std::abs(theta(j, k)) +
                                                     0.5 * ridge * theta(j, k) * theta(j, k) + theta(j, k) * g;
        if (!(primal + dual <= 0)) sum += primal + dual;
      }
    }
    return sum;
  }

  const LogisticProblem<Design>& problem_;
  double loss_ = 0.0, unbalance_ = 0.0;
  double gap_ = std::numeric_limits<double>::infinity();
  Eigen::MatrixXd slope_, probability_, gradient_;
};

}  // namespace aprender::solver
