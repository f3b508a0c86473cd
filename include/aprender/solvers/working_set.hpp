/// L1-regularised least squares on the few columns that matter.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/cholesky.hpp"

namespace aprender::solver {

/// Minimises  1/2 ||b - A_W v||^2 + sum_j lambda_j |v_j| + 1/2 sum_j mu_j v_j^2  over a growing list W of columns,
/// whose Gram matrix is kept: then a step of coordinate descent costs |W| operations, whatever the number of rows
/// (Friedman, Hastie, Tibshirani, 2010, section 2.2: covariance updates), and a Newton step on the support costs no
/// pass over X. Memory: |W|^2 doubles.
template <class Columns>
class WorkingSet {
 public:
  /// a, b, lambda and mu (of all columns) outlive this object.
  WorkingSet(const Columns& a, const Eigen::VectorXd& b, const Eigen::VectorXd& lambda, const Eigen::VectorXd& mu)
      : a_(a), b_(b), lambda_(lambda), mu_(mu) {}

  [[nodiscard]] Eigen::Index size() const noexcept { return static_cast<Eigen::Index>(columns_.size()); }
  [[nodiscard]] const std::vector<Eigen::Index>& columns() const noexcept { return columns_; }
  [[nodiscard]] auto v() const { return v_.head(size()); }  ///< in the order of columns()
  [[nodiscard]] Eigen::Index n_nonzero() const { return (v().array() != 0).count(); }

  /// Extends W by columns that are not in it.
  void add(const std::vector<Eigen::Index>& fresh) {
    const Eigen::Index before = size(), count = static_cast<Eigen::Index>(fresh.size()), after = before + count;
    std::vector<Eigen::Index> list = fresh;
    list.insert(list.end(), columns_.begin(), columns_.end());
    Eigen::MatrixXd correlation;
    const Eigen::MatrixXd products = a_.products(list, count, b_, correlation);
    reserve(after);
    gram_.block(before, before, count, count) = products.topRows(count);
    gram_.block(before, before, count, count).template triangularView<Eigen::StrictlyUpper>() =
        products.topRows(count).transpose();
    gram_.block(0, before, before, count) = products.bottomRows(before);
    gram_.block(before, 0, count, before) = products.bottomRows(before).transpose();
    correlation_.segment(before, count) = correlation.col(0);
    v_.segment(before, count).setZero();
    columns_.insert(columns_.end(), fresh.begin(), fresh.end());
  }

  /// Cycles until the duality gap, were there no other columns, is at most `enough`, or after `most_passes` passes.
  /// Returns the number of passes.
  std::int64_t descend(double enough, std::int64_t most_passes) {
    refresh_slope();
    std::int64_t passes = 0;
    while (passes < most_passes) {
      ++passes;
      const double moved_most = pass(false);
      if (gap() <= enough || moved_most <= std::numeric_limits<double>::epsilon() * b_.norm()) break;
      double moved = moved_most;
      for (int k = 0; k < 8 && moved > 0.01 * moved_most && passes < most_passes; ++k, ++passes) moved = pass(true);
      if (gap() <= enough) continue;
      newton();
    }
    return passes;
  }

 private:
  void reserve(Eigen::Index count) {
    if (count <= v_.size()) return;
    const Eigen::Index capacity = std::max(count, v_.size() * 3 / 2);
    gram_.conservativeResize(capacity, capacity);
    correlation_.conservativeResize(capacity);
    v_.conservativeResize(capacity);
  }

  /// The duality gap of the problem on W, as CoordinateDescent::gap.
  [[nodiscard]] double gap() const {
    const auto v = v_.head(size());
    const double square = std::max(0.0, b_.squaredNorm() - v.dot(correlation_.head(size())) - v.dot(slope_));
    double largest = 0.0;
    for (Eigen::Index k = 0; k < size(); ++k) {
      largest = std::max(largest, std::abs(slope_(k)) / lambda_(columns_[static_cast<std::size_t>(k)]));
    }
    const double c = largest > 1 ? 1 / largest : 1.0;
    double gap = 0.5 * (1 - c) * (1 - c) * square;
    for (Eigen::Index k = 0; k < size(); ++k) {
      if (v(k) == 0) continue;
      gap += std::max(0.0, lambda_(columns_[static_cast<std::size_t>(k)]) * std::abs(v(k)) - c * v(k) * slope_(k));
    }
    return gap;
  }

  /// slope = A_W'(b - A_W v) - mu v.
  void refresh_slope() {
    slope_ = correlation_.head(size()) - mu_(columns_).cwiseProduct(v());
    for (Eigen::Index k = 0; k < size(); ++k) {
      if (v_(k) != 0) simd::kernels().add_scaled(gram_.col(k).data(), size(), -v_(k), slope_.data());
    }
  }

  /// One cycle over W or the support; returns the largest change of A v that a coordinate caused, in the 2-norm.
  double pass(bool support_only) {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < size(); ++k) {
      const double old = v_(k);
      if (support_only && old == 0) continue;
      const Eigen::Index j = columns_[static_cast<std::size_t>(k)];
      const double curvature = gram_(k, k) + mu_(j);
      const double target = slope_(k) + curvature * old;
      const double shrunk = std::abs(target) - lambda_(j);
      v_(k) = shrunk > 0 && curvature > 0 ? std::copysign(shrunk, target) / curvature : 0.0;
      const double step = v_(k) - old;
      if (step == 0) continue;
      simd::kernels().add_scaled(gram_.col(k).data(), size(), -step, slope_.data());
      slope_(k) -= step * mu_(j);
      largest = std::max(largest, std::abs(step) * std::sqrt(gram_(k, k)));
    }
    return largest;
  }

  /// Newton's method on the support: to the minimiser with the signs as they are or, where a coefficient reaches zero
  /// before, to there and on without it. Never increases the objective.
  void newton() {
    std::vector<Eigen::Index> support;
    for (Eigen::Index k = 0; k < size(); ++k) {
      if (v_(k) != 0) support.push_back(k);
    }
    const std::size_t most_leaving = support.size() <= 64 ? 64 : 2;
    for (std::size_t leaving = 0; leaving < most_leaving && !support.empty(); ++leaving) {
      const auto count = static_cast<Eigen::Index>(support.size());
      Eigen::MatrixXd hessian(count, count);
      Eigen::VectorXd slope(count);
      for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index k = support[static_cast<std::size_t>(s)];
        const Eigen::Index j = columns_[static_cast<std::size_t>(k)];
        for (Eigen::Index i = s; i < count; ++i) hessian(i, s) = gram_(support[static_cast<std::size_t>(i)], k);
        hessian(s, s) += mu_(j);
        slope(s) = slope_(k) - std::copysign(lambda_(j), v_(k));
      }
      const Cholesky<> cholesky(std::move(hessian));
      if (!cholesky.succeeded()) return;
      const Eigen::VectorXd direction = cholesky.solve(slope);
      if (!direction.allFinite() || !(direction.dot(slope) > 0)) return;
      double step = 1.0;
      for (Eigen::Index s = 0; s < count; ++s) {
        const double to_zero = -v_(support[static_cast<std::size_t>(s)]) / direction(s);
        if (to_zero > 0) step = std::min(step, to_zero);
      }
      std::vector<Eigen::Index> staying;
      for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index k = support[static_cast<std::size_t>(s)];
        const double to_zero = -v_(k) / direction(s);
        const bool leaves = to_zero > 0 && to_zero <= step;
        v_(k) = leaves ? 0.0 : v_(k) + step * direction(s);
        if (!leaves) staying.push_back(k);
      }
      refresh_slope();
      if (staying.size() == support.size()) return;
      support = std::move(staying);
    }
  }

  const Columns& a_;
  const Eigen::VectorXd& b_;
  const Eigen::VectorXd& lambda_;
  const Eigen::VectorXd& mu_;
  std::vector<Eigen::Index> columns_;
  Eigen::MatrixXd gram_;         ///< with room to grow, as the next two
  Eigen::VectorXd correlation_;  ///< A_W'b
  Eigen::VectorXd v_;
  Eigen::VectorXd slope_;
};

}  // namespace aprender::solver
