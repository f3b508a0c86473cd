/// L2-regularised logistic regression of two classes, many samples and many features.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/logistic_hessian.hpp"
#include "aprender/solvers/logistic_point.hpp"
#include "aprender/solvers/raised_cholesky.hpp"
#include "aprender/solvers/stopping.hpp"

namespace aprender::solver {

/// Limited-memory BFGS (Liu and Nocedal, 1989) for problems without L1 penalty, in the metric of a Hessian that is
/// estimated from some of the rows (Roosta-Khorasani and Mahoney, 2019), or of its diagonal until convergence shows
/// that one of all rows pays. A step costs one pass over X, an estimate about as much.
///
/// With n rows in the estimate of q columns a step leaves about sqrt(q / n) of the error, of which the memory of the
/// steps before takes most.
template <Real Scalar>
class QuasiNewton {
 public:
  using Design = DenseDesign<Scalar>;

  /// problem has one output and outlives this object.
  QuasiNewton(const LogisticProblem<Design>& problem, Eigen::MatrixXd theta)
      : problem_(problem),
        gram_(problem, problem.z().all()),
        square_(problem.squared_norms()),
        at_(point_at(problem, std::move(theta))) {}

  /// Goes on counting from `steps`; returns the number of steps taken.
  std::int64_t run(Stopping& stopping, std::int64_t steps = 0) {
    std::vector<double> certificates;  // in this metric
    for (;; ++steps) {
      certificates.push_back(certificate());
      if (!stopping.proceed(steps, certificates.back())) return steps;
      const double to_go = steps_to_go(certificates, stopping.tol());
      if (scale_.size() == 0) {
        const Eigen::Index every = every_for_one_pass();
        take_metric(cheap(every) ? every : 0);
      } else if (every_ > 0 && cheap(every_) && moved_since() > far) {
        take_metric(every_);
        certificates = {certificates.back()};
      } else if (to_go > hessian_cost(1) + 3) {
        take_metric(1);
        certificates = {certificates.back()};
      }

      const Eigen::MatrixXd theta = at_.theta, gradient = at_.gradient;
      const Move move = advance(problem_, at_, direction());
      if (move == Move::none) return steps;
      if (move == Move::negligible) return steps + 1;
      remember(at_.theta - theta, at_.gradient - gradient);
    }
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return at_.theta; }

  /// The relative gradient at theta().
  [[nodiscard]] double certificate() const { return problem_.relative(at_.gradient); }

 private:
  /// A step and what the gradient changed by.
  struct Pair {
    Eigen::VectorXd step, change;
    double product = 0.0;
  };

  /// Scores that moved by so much, as their root mean square, since a Hessian was taken have changed it.
  static constexpr double far = 0.3;
  static constexpr std::size_t most_pairs = 10;

  /// What the Hessian of one in `every` blocks of rows costs, in passes over X: a multiply-add in single precision,
  /// which is enough for a metric, takes about 1/80 of the time of reading a number, and each pair of columns needs
  /// one.
  [[nodiscard]] double hessian_cost(Eigen::Index every) const {
    return (1 + static_cast<double>(problem_.size()) / 40) / static_cast<double>(every);
  }

  [[nodiscard]] bool cheap(Eigen::Index every) const { return hessian_cost(every) <= 4; }

  /// One in so many blocks cost about a pass, if that leaves ten rows a column.
  [[nodiscard]] Eigen::Index every_for_one_pass() const {
    const auto every = static_cast<Eigen::Index>(hessian_cost(1));
    return std::clamp<Eigen::Index>(problem_.z().rows() / (10 * problem_.size()), 1, std::max<Eigen::Index>(every, 1));
  }

  /// The root mean square of the scores' change since the metric was taken.
  [[nodiscard]] double moved_since() const {
    return (at_.scores - scores_).norm() / std::sqrt(static_cast<double>(scores_.size()));
  }

  /// As many as the last four steps promise, if there were as many.
  [[nodiscard]] static double steps_to_go(const std::vector<double>& certificates, double tol) {
    constexpr std::size_t window = 4;
    if (certificates.size() <= window) return 0;
    const double last = certificates.back(), rate = std::log(certificates[certificates.size() - 1 - window] / last);
    return rate > 0 ? static_cast<double>(window) * std::log(last / tol) / rate
                    : std::numeric_limits<double>::infinity();
  }

  /// From one in `every` blocks of rows, or the diagonal alone if that is 0. Forgets the pairs.
  void take_metric(Eigen::Index every) {
    pairs_.clear();
    every_ = every;
    scores_ = at_.scores;
    const Eigen::VectorXd d = at_.probability.col(0);
    const Eigen::Index p = problem_.n_columns();
    const double total = d.sum();
    scale_ = problem_.ridge();
    scale_.head(p) += total / static_cast<double>(d.size()) * square_;
    if (problem_.fit_intercept()) scale_(p) += total;
    scale_ = (scale_.array() > 0).select(scale_, 1.0);
    factor_ = {};
    if (every == 0) return;
    Eigen::VectorXd edge;
    const Eigen::MatrixXd gram = gram_(d, edge, Precision::reduced, every);
    const HessianParts parts{{gram}, edge, Eigen::RowVectorXd::Constant(1, total)};
    Eigen::MatrixXd hessian = assembled_hessian(problem_, problem_.z().all(), parts);
    for (Eigen::Index j = 0; j < p && every > 1; ++j) {  // a column that is mostly elsewhere
      if (hessian(j, j) < 0.25 * scale_(j)) hessian(j, j) = scale_(j);
    }
    factor_ = RaisedCholesky<>(std::move(hessian));
  }

  void remember(Eigen::VectorXd step, Eigen::VectorXd change) {
    const double product = step.dot(change);
    if (!(product > std::numeric_limits<double>::epsilon() * step.norm() * change.norm())) return;
    if (pairs_.size() == most_pairs) pairs_.erase(pairs_.begin());
    pairs_.push_back({std::move(step), std::move(change), product});
  }

  /// Minus the inverse approximation of the Hessian times the gradient, by the two loops of Nocedal (1980).
  [[nodiscard]] Eigen::MatrixXd direction() const {
    Eigen::VectorXd r = -at_.gradient.col(0);
    std::vector<double> share(pairs_.size());
    for (std::size_t k = pairs_.size(); k-- > 0;) {
      share[k] = pairs_[k].step.dot(r) / pairs_[k].product;
      r -= share[k] * pairs_[k].change;
    }
    r = factor_.succeeded() ? factor_.solve(r) : Eigen::VectorXd(r.cwiseQuotient(scale_));
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      r += (share[k] - pairs_[k].change.dot(r) / pairs_[k].product) * pairs_[k].step;
    }
    return r;
  }

  const LogisticProblem<Design>& problem_;
  WeightedGram<Design> gram_;
  Eigen::VectorXd square_;  ///< ||z_j||^2
  LogisticPoint at_;
  Eigen::Index every_ = 0;  ///< as take_metric was told
  Eigen::MatrixXd scores_;  ///< where the metric was taken
  Eigen::VectorXd scale_;   ///< diagonal of the metric, if there is no factor
  RaisedCholesky<> factor_;
  std::vector<Pair> pairs_;  ///< the oldest first
};

}  // namespace aprender::solver
