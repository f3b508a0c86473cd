/// L1-regularised quadratic problems of moderate size.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/soft_threshold.hpp"

namespace aprender::solver {

/// Minimises  Q(v) = 1/2 v'G v - c'v + sum_k lambda_k |v_k| + 1/2 sum_k mu_k v_k^2  over m variables, v >= 0 if
/// positive, by cyclic coordinate descent and Newton steps on the support. G is symmetric positive semidefinite and
/// given in full, so that a step of descent costs m operations (Friedman, Hastie, Tibshirani, 2010, section 2.2:
/// covariance updates). lambda_k = 0 is allowed. Memory: m^2 doubles with room to grow, what was there before
/// too while it does, and three times the square of the support.
template <class Matrix = Eigen::MatrixXd>
class QuadraticDescent {
 public:
  /// Room is made for more variables than are there, but for no more than `most`.
  explicit QuadraticDescent(bool positive = false, Eigen::Index most = std::numeric_limits<Eigen::Index>::max())
      : positive_(positive), most_(most) {}

  [[nodiscard]] Eigen::Index size() const noexcept { return size_; }
  [[nodiscard]] auto v() const { return v_.head(size_); }
  [[nodiscard]] auto c() const { return c_.head(size_); }
  [[nodiscard]] auto lambda() const { return lambda_.head(size_); }
  /// c - G v - mu v, as of the last refresh or step.
  [[nodiscard]] auto slope() const { return slope_.head(size_); }

  /// Adds variables, zero at first: `products` holds G's rows of the fresh variables and then of the old ones, by
  /// columns for the fresh ones; of the upper triangle of the first nothing is read.
  void extend(const Matrix& products, const Eigen::VectorXd& c) {
    const Eigen::Index before = size_, count = c.size();
    reserve(before + count);
    g_.block(before, before, count, count) = products.topRows(count);
    g_.block(before, before, count, count).template triangularView<Eigen::StrictlyUpper>() =
        products.topRows(count).transpose();
    g_.block(0, before, before, count) = products.bottomRows(before);
    g_.block(before, 0, count, before) = products.bottomRows(before).transpose();
    c_.segment(before, count) = c;
    v_.segment(before, count).setZero();
    lambda_.segment(before, count).setZero();
    mu_.segment(before, count).setZero();
    size_ += count;
  }

  /// Drops all variables but some, given in increasing order.
  void keep(const std::vector<Eigen::Index>& kept) {
    size_ = static_cast<Eigen::Index>(kept.size());
    for (Eigen::Index s = 0; s < size_; ++s) {
      const Eigen::Index k = kept[static_cast<std::size_t>(s)];
      for (Eigen::Index i = 0; i < size_; ++i) g_(i, s) = g_(kept[static_cast<std::size_t>(i)], k);
      for (Eigen::VectorXd* each : {&c_, &v_, &lambda_, &mu_, &slope_}) (*each)(s) = (*each)(k);
    }
  }

  /// Penalties of all variables.
  void set_penalty(const Eigen::VectorXd& lambda, const Eigen::VectorXd& mu) {
    lambda_.head(size_) = lambda;
    mu_.head(size_) = mu;
  }
  void set_v(const Eigen::VectorXd& v) { v_.head(size_) = v; }
  void add_to_c(const Eigen::VectorXd& change) { c_.head(size_) += change; }

  /// Computes the slope from v.
  void refresh() { slope_.head(size_) = residual(v()) - mu_.head(size_).cwiseProduct(v()); }

  /// c - G v.
  [[nodiscard]] Eigen::VectorXd residual(const Eigen::VectorXd& v) const {
    Eigen::VectorXd residual = c();
    for (Eigen::Index k = 0; k < size_; ++k) {
      if (v(k) != 0) simd::kernels().add_scaled(&g_(0, k), size_, -v(k), residual.data());
    }
    return residual;
  }

  /// One cycle over all variables or the support; returns the largest change that a variable made, as the root of the
  /// quadratic form.
  double pass(bool support_only) {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < size_; ++k) {
      const double old = v_(k);
      if (support_only && old == 0) continue;
      const double curvature = g_(k, k) + mu_(k);
      v_(k) = soft_threshold(slope_(k) + curvature * old, lambda_(k), curvature, positive_);
      const double step = v_(k) - old;
      if (step == 0) continue;
      simd::kernels().add_scaled(&g_(0, k), size_, -step, slope_.data());
      slope_(k) -= step * mu_(k);
      largest = std::max(largest, std::abs(step) * std::sqrt(g_(k, k)));
    }
    return largest;
  }

  /// Newton's method on the support. Where the step to the minimiser with the signs as they are carries coefficients
  /// through zero, these are left at zero if that lowers Q, else the step ends where the first of them arrives there;
  /// then on without them, at most `most_steps` times. Never increases Q.
  ///
  /// A singular Hessian, as of more variables than G has rank, has no such minimiser. If `raise`, its diagonal is
  /// raised a little then: the step goes far where Q is flat, so that variables leave.
  void newton(int most_steps, bool raise = false) {
    std::vector<Eigen::Index> support;
    for (Eigen::Index k = 0; k < size_; ++k) {
      if (v_(k) != 0) support.push_back(k);
    }
    for (int steps = 0; steps < most_steps && !support.empty(); ++steps) {
      const auto count = static_cast<Eigen::Index>(support.size());
      const Matrix hessian = hessian_of(support);
      Eigen::VectorXd slope(count), start(count);
      for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index k = support[static_cast<std::size_t>(s)];
        start(s) = v_(k);
        slope(s) = slope_(k) - std::copysign(lambda_(k), v_(k));
      }
      Eigen::VectorXd direction = direction_of(hessian, slope);
      if (raise && !(direction.dot(slope) > 0)) {
        Matrix raised = hessian;
        raised.diagonal().array() += 1e-9 * hessian.diagonal().maxCoeff();
        direction = direction_of(raised, slope);
      }
      if (!(direction.dot(slope) > 0)) return;
      const Eigen::VectorXd end = without_crossings(support, start, direction, slope, hessian);
      std::vector<Eigen::Index> staying;
      for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index k = support[static_cast<std::size_t>(s)];
        v_(k) = end(s);
        if (end(s) != 0) staying.push_back(k);
      }
      refresh();
      if (staying.size() == support.size()) return;
      support = std::move(staying);
    }
  }

 private:
  void reserve(Eigen::Index count) {
    if (count <= v_.size()) return;
    const Eigen::Index capacity = std::max(count, std::min(most_, v_.size() * 3 / 2));
    g_.conservativeResize(capacity, capacity);
    for (Eigen::VectorXd* each : {&c_, &v_, &lambda_, &mu_, &slope_}) each->conservativeResize(capacity);
  }

  /// The lower triangle of G + diag(mu) on the support.
  [[nodiscard]] Matrix hessian_of(const std::vector<Eigen::Index>& support) const {
    const auto count = static_cast<Eigen::Index>(support.size());
    Matrix hessian(count, count);
    for (Eigen::Index s = 0; s < count; ++s) {
      const Eigen::Index k = support[static_cast<std::size_t>(s)];
      const double* const column = &g_(0, k);
      for (Eigen::Index i = s; i < count; ++i) hessian(i, s) = column[support[static_cast<std::size_t>(i)]];
      hessian(s, s) += mu_(k);
    }
    return hessian;
  }

  /// The Newton step, zero if there is none.
  [[nodiscard]] static Eigen::VectorXd direction_of(const Matrix& hessian, const Eigen::VectorXd& slope) {
    const Cholesky<Matrix> cholesky(hessian);
    Eigen::VectorXd direction = Eigen::VectorXd::Zero(slope.size());
    if (cholesky.succeeded()) direction = cholesky.solve(slope);
    if (!direction.allFinite()) direction.setZero();
    return direction;
  }

  /// Where a step along `direction`, to the minimiser if signs stayed, leads without changing a sign. Variables without
  /// an L1 penalty and without a bound may cross zero.
  [[nodiscard]] Eigen::VectorXd without_crossings(const std::vector<Eigen::Index>& support,
                                                  const Eigen::VectorXd& start, const Eigen::VectorXd& direction,
                                                  const Eigen::VectorXd& slope, const Matrix& hessian) const {
    const auto crosses = [&](Eigen::Index s, double end) {
      return end * start(s) <= 0 && (positive_ || lambda_(support[static_cast<std::size_t>(s)]) > 0);
    };
    Eigen::VectorXd end = start + direction;
    double first = 2.0;
    for (Eigen::Index s = 0; s < start.size(); ++s) {
      if (!crosses(s, end(s))) continue;
      first = std::min(first, -start(s) / direction(s));
      end(s) = 0.0;
    }
    if (first > 1.0) return end;
    const Eigen::VectorXd moved = end - start;
    const double change = 0.5 * moved.dot(hessian.template selfadjointView<Eigen::Lower>() * moved) -
                          slope.dot(moved);  // of Q, signs kept
    const double partial = first * (0.5 * first - 1.0) * direction.dot(slope);
    if (change < partial) return end;
    end = start + first * direction;
    for (Eigen::Index s = 0; s < start.size(); ++s) {
      if (crosses(s, start(s) + direction(s)) && -start(s) / direction(s) <= first) end(s) = 0.0;
      if (crosses(s, end(s))) end(s) = 0.0;
    }
    return end;
  }

  bool positive_;
  Eigen::Index most_;
  Eigen::Index size_ = 0;
  Matrix g_;  ///< with room to grow, as the vectors
  Eigen::VectorXd c_, v_, lambda_, mu_, slope_;
};

}  // namespace aprender::solver
