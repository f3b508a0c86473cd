/// The loss of logistic regression, binomial and multinomial.
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/class_indices.hpp"

namespace aprender::solver {

/// The log loss of rows of scores, one column (the log-odds of the second of two classes) or one a class (softmax).
class LogLoss {
 public:
  /// y and weight outlive this object.
  LogLoss(const ClassIndices& y, const Eigen::VectorXd& weight)
      : y_(y), weight_(weight), sign_((y.array() == 1).select(Eigen::VectorXd::Ones(y.size()), -1.0)) {}

  /// sum_i s_i loss_i over rows first, first + 1, ... of the samples, whose scores are given; slope and p have the size
  /// of the scores. slope_ik becomes the derivative s_i (p_ik - [y_i = k]), summed from the other classes where y_i = k
  /// so that it keeps its digits when the model is sure. p_ik becomes the probability, but s_i p_i (1 - p_i) where
  /// there is one column.
  [[nodiscard]] double evaluate(Eigen::Index first, const Eigen::Ref<const Eigen::MatrixXd>& scores,
                                Eigen::Ref<Eigen::MatrixXd> slope, Eigen::Ref<Eigen::MatrixXd> p) const {
    const Eigen::Index rows = scores.rows(), n_classes = scores.cols();
    eigen_assert(slope.rows() == rows && slope.cols() == n_classes && p.rows() == rows && p.cols() == n_classes);
    if (n_classes == 1) {
      return simd::kernels().logistic(scores.data(), sign_.data() + first, weight_.data() + first, rows, slope.data(),
                                      p.data());
    }
    Eigen::ArrayXd largest = scores.col(0), total = Eigen::ArrayXd::Zero(rows), others = Eigen::ArrayXd::Zero(rows);
    for (Eigen::Index k = 1; k < n_classes; ++k) largest = largest.max(scores.col(k).array());
    for (Eigen::Index k = 0; k < n_classes; ++k) {
      p.col(k) = (scores.col(k).array() - largest).exp();
      total += p.col(k).array();
    }
    double sum = 0.0;
    for (Eigen::Index i = 0; i < rows; ++i) {
      sum += weight_(first + i) * (std::log(total(i)) + (largest(i) - scores(i, y_(first + i))));
    }
    total = total.inverse();
    for (Eigen::Index k = 0; k < n_classes; ++k) {
      p.col(k).array() *= total;
      slope.col(k).array() = weight_.segment(first, rows).array() * p.col(k).array();
    }
    for (Eigen::Index i = 0; i < rows; ++i) slope(i, y_(first + i)) = 0;
    for (Eigen::Index k = 0; k < n_classes; ++k) others += slope.col(k).array();
    for (Eigen::Index i = 0; i < rows; ++i) slope(i, y_(first + i)) = -others(i);
    return sum;
  }

  /// moved_i becomes H_i moved_i, H_i the second derivative of s_i loss_i by the scores of row first + i, with p as
  /// `evaluate` left it.
  void curve(Eigen::Index first, const Eigen::Ref<const Eigen::MatrixXd>& p, Eigen::Ref<Eigen::MatrixXd> moved) const {
    if (p.cols() == 1) {
      moved.array() *= p.array();
      return;
    }
    Eigen::ArrayXd mean = Eigen::ArrayXd::Zero(p.rows());
    for (Eigen::Index k = 0; k < p.cols(); ++k) mean += p.col(k).array() * moved.col(k).array();
    const auto s = weight_.segment(first, p.rows()).array();
    for (Eigen::Index k = 0; k < p.cols(); ++k) {
      moved.col(k).array() = s * p.col(k).array() * (moved.col(k).array() - mean);
    }
  }

  /// The second derivative of s_i loss_i by scores k and l, of rows first, first + 1, ..., with p as `evaluate` left
  /// it.
  [[nodiscard]] Eigen::VectorXd curvature(Eigen::Index first, const Eigen::Ref<const Eigen::MatrixXd>& p,
                                          Eigen::Index k, Eigen::Index l) const {
    if (p.cols() == 1) return p.col(0);
    const auto s = weight_.segment(first, p.rows()).array();
    if (k == l) return s * p.col(k).array() * (1.0 - p.col(k).array());
    return -s * p.col(k).array() * p.col(l).array();
  }

  [[nodiscard]] const ClassIndices& y() const noexcept { return y_; }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return weight_; }

 private:
  const ClassIndices& y_;
  const Eigen::VectorXd& weight_;
  Eigen::VectorXd sign_;
};

}  // namespace aprender::solver
