/// The duality gap of logistic regression with an L1 penalty.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/moved_probabilities.hpp"

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
///
/// No computed slope could be shown to be at most a lambda_j that is lost in its rounding. Where there are such, in
/// units far apart or with next to no penalty, p_i is also tried where g_j = -ridge_j theta_j for them
/// (moved_probabilities.hpp); that holds by definition then.
template <class Design>
class LogisticGap {
 public:
  /// problem outlives this object.
  explicit LogisticGap(const LogisticProblem<Design>& problem) : problem_(problem) {
    for (Eigen::Index j = 0; j < problem.n_columns(); ++j) {
      if (is_lost(j)) lost_.push_back(j);
    }
    if (lost_.empty()) return;
    const Eigen::VectorXd square = problem.z().squared_norms();
    std::erase_if(lost_, [&](Eigen::Index j) { return square(j) == 0; });  // their slope is zero
  }

  /// Moves to theta, whose scores are given. One pass over X, or more if a lambda_j is lost.
  void evaluate(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores) {
    loss_ = problem_.evaluate(scores, slope_, probability_);
    Dual dual = dual_point();
    unbalance_ = 1.0 - dual.balance.minCoeff();
    gap_ = gap(theta, scores, dual);
    gradient_ = std::move(dual.gradient);
    if (!lost_.empty() && may_move(problem_, lost_)) try_moved_probabilities(theta, scores);
    gap_ /= problem_.objective_at_zero();
  }

  [[nodiscard]] double relative() const noexcept { return gap_; }
  [[nodiscard]] double loss() const noexcept { return loss_; }
  [[nodiscard]] const Eigen::MatrixXd& slope() const noexcept { return slope_; }
  [[nodiscard]] const Eigen::MatrixXd& probability() const noexcept { return probability_; }

  /// g above, of the p_i as they are: the loss's gradient if the intercepts are optimal, without their row.
  [[nodiscard]] const Eigen::MatrixXd& gradient() const noexcept { return gradient_; }

  /// A bound on what rounding an optimal theta, at which this was evaluated, to Scalar can make of the relative gap.
  ///
  /// Scores move by at most h = eps(Scalar) max_i (|b| + sum_j |x_ij w_j|), probabilities by half of that, and t falls
  /// short of one by a measured d: g_j moves by at most (h + 2 d) sum_i s_i |x_ij|, and 1 - c t is at most
  /// e = d + max_j (h + 2 d) sum_i s_i |x_ij| / lambda_j. As KL(q || p) <= (1 - c t)^2 (1 - p_y) / p_y, the gap is at
  /// most  e^2 sum_i s_i (1 - p_iy) / p_iy + 2 e sum_jk (lambda_j |theta| + ridge_j theta^2).
  /// Where some lambda_j are lost they do not count for e, the others doubly, and n h^2 is added.
  [[nodiscard]] double rounding_gap(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores) const {
    const double h = std::numeric_limits<Scalar>::epsilon() * problem_.score_magnitudes(theta).maxCoeff();
    double e = 0.0;
    for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
      if (!is_lost(j)) e = std::max(e, (h + 2 * unbalance_) * problem_.z().magnitude(j) / problem_.lambda()(j));
    }
    e = (lost_.empty() ? 1 : 2) * e + unbalance_;
    double odds = 0.0;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const Sample sample = at(i, scores);
      odds += problem_.loss().weight()(i) * sample.wrong / std::exp(sample.log_right);
    }
    const double penalty = problem_.lasso_penalty(theta) + 2 * problem_.ridge_penalty(theta);
    const double moved = lost_.empty() ? 0.0 : static_cast<double>(scores.rows()) * h * h;
    return std::min((e * e * odds + 2 * e * penalty + moved) / problem_.objective_at_zero(), 1.0);
  }

 private:
  using Scalar = typename Design::Scalar;

  /// Of the sample's class the logarithm of its probability, and the probability of all others.
  struct Sample {
    double log_right, wrong;
  };

  /// t, Z't u, and the growth of p (nothing if it did not move).
  struct Dual {
    Eigen::VectorXd balance;
    Eigen::MatrixXd gradient;
    Eigen::MatrixXd growth = {};
  };

  /// Whether lambda_j is lost in the rounding of slopes.
  [[nodiscard]] bool is_lost(Eigen::Index j) const { return problem_.lambda()(j) <= 1e-10 * problem_.z().magnitude(j); }

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

  /// Lowers gap_ by dual points at moved probabilities.
  void try_moved_probabilities(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores) {
    Eigen::Index tried = -1;  // number of probabilities dropped: a smaller bound drops some of these
    for (const double nothing : {1e-9, 1e-11, 1e-13}) {
      const ClippedProbabilities clipped = clipped_probabilities(problem_, slope_, probability_, nothing);
      if (std::exchange(tried, clipped.n_dropped) == clipped.n_dropped) continue;
      auto moved = moved_probabilities(problem_, lost_, theta, slope_, probability_, clipped);
      if (moved) gap_ = std::min(gap_, gap(theta, scores, dual_point(theta, *std::move(moved))));
    }
  }

  /// That of the slopes as they are.
  [[nodiscard]] Dual dual_point() const {
    Dual dual{balanced(), {}};
    Eigen::MatrixXd slope = slope_;
    for (Eigen::Index i = 0; i < slope.rows(); ++i) slope.row(i) *= dual.balance(problem_.loss().y()(i));
    dual.gradient = problem_.z().transposed_product(slope);
    return dual;
  }

  /// That of the probabilities moved, to where intercepts are balanced.
  [[nodiscard]] Dual dual_point(const Eigen::MatrixXd& theta, MovedProbabilities moved) const {
    Dual dual{Eigen::VectorXd::Ones(problem_.n_classes()), problem_.z().transposed_product(moved.slope)};
    for (const Eigen::Index j : lost_) dual.gradient.row(j) = -problem_.ridge()(j) * theta.row(j);
    dual.growth = std::move(moved.growth);
    return dual;
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

  /// The least gap that c makes of a dual point.
  [[nodiscard]] double gap(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores, const Dual& dual) const {
    double largest = 0.0, largest_smooth = 0.0;
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
        const double g = dual.gradient(j, k) + problem_.ridge()(j) * theta(j, k);
        if (g != 0) largest = std::max(largest, std::abs(g) / problem_.lambda()(j));
        if (problem_.ridge()(j) == 0 && dual.gradient(j, k) != 0) {
          largest_smooth = std::max(largest_smooth, std::abs(dual.gradient(j, k)) / problem_.lambda()(j));
        }
      }
    }
    const double scaled = gap(theta, scores, dual, largest > 1 ? 1 / largest : 1.0, true);
    return largest > 1 && largest_smooth <= 1 ? std::min(scaled, gap(theta, scores, dual, 1.0, false)) : scaled;
  }

  /// The gap for this c. If scaled, c (g + ridge theta) is feasible, which bounds the dual's penalty.
  [[nodiscard]] double gap(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& scores, const Dual& dual, double c,
                           bool scaled) const {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const double kept = c * dual.balance(problem_.loss().y()(i));
      if (kept == 1 && dual.growth.size() == 0) continue;
      sum += problem_.loss().weight()(i) * divergence(i, at(i, scores), kept, dual.growth);
    }
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
        const double lambda = problem_.lambda()(j), ridge = problem_.ridge()(j);
        const double g = c * dual.gradient(j, k), excess = std::max(std::abs(g) - lambda, 0.0);
        if (theta(j, k) == 0 && excess == 0) continue;
        const double split = 0.5 * ridge * std::pow(c * theta(j, k), 2);
        double smooth = excess == 0 ? 0.0 : ridge > 0 ? excess * excess / (2 * ridge) : scaled ? 0.0 : excess;
        if (scaled) smooth = std::min(smooth, split);
        const double primal = theta(j, k) == 0 ? 0.0
                                               : lambda * std::abs(theta(j, k)) +
                                                     0.5 * ridge * theta(j, k) * theta(j, k) + theta(j, k) * g;
        if (!(primal + smooth <= 0)) sum += primal + smooth;
      }
    }
    return sum;
  }

  /// KL(q_i || p_i) = sum_k p_ik phi(q_ik / p_ik - 1), phi(d) = (1 + d) log(1 + d) - d, with
  /// q_i = e_y + kept (p'_i - e_y) and p'_ik = p_ik (1 + growth_ik) of wrong classes k. Infinite if q_ik < 0.
  [[nodiscard]] double divergence(Eigen::Index i, const Sample& sample, double kept,
                                  const Eigen::MatrixXd& growth) const {
    const Eigen::Index label = problem_.loss().y()(i);
    const double missing = 1.0 - kept, right = std::exp(sample.log_right);
    double wrong = 0.0, grown = 0.0;
    if (growth.cols() <= 1) {
      const double by = growth.cols() == 0 ? 0.0 : growth(i, 0);
      wrong = sample.wrong * shrunk(by, kept);
      grown = sample.wrong * by;
    } else {
      for (Eigen::Index k = 0; k < growth.cols(); ++k) {
        if (k == label || probability_(i, k) == 0) continue;
        wrong += probability_(i, k) * shrunk(growth(i, k), kept);
        grown += probability_(i, k) * growth(i, k);
      }
    }
    const double gained = missing * sample.wrong - kept * grown;  // q_iy - p_iy
    if (gained == 0) return wrong;
    if (std::abs(gained) <= 0.5 * right) return wrong + right * phi(gained / right);
    const double q = right + gained;
    if (!(q > 0)) return q == 0 ? wrong + right : std::numeric_limits<double>::infinity();
    return wrong + std::max(q * (std::log(q) - sample.log_right) - gained, 0.0);
  }

  /// phi(kept growth - (1 - kept)); infinite if growth < -1.
  [[nodiscard]] static double shrunk(double growth, double kept) {
    if (!(growth >= -1)) return std::numeric_limits<double>::infinity();
    return phi(std::max(kept * growth - (1 - kept), -1.0));
  }
  [[nodiscard]] static double phi(double d) { return d == -1 ? 1.0 : std::max((1 + d) * std::log1p(d) - d, 0.0); }

  const LogisticProblem<Design>& problem_;
  std::vector<Eigen::Index> lost_;  ///< columns that are not zero whose lambda_j is lost
  double loss_ = 0.0, unbalance_ = 0.0;
  double gap_ = std::numeric_limits<double>::infinity();
  Eigen::MatrixXd slope_, probability_, gradient_;
};

}  // namespace aprender::solver
