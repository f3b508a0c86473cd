/// Least squares by orthogonal transformations.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <Eigen/QR>

#include "aprender/solvers/column_scaling.hpp"
#include "aprender/solvers/condition.hpp"

namespace aprender::solver {

/// The solution of least norm of M w = c, for many c, where M (r x p) has full row rank and columns of any scale within
/// 2^-450 ... 1: w = Q T'^-1 c with M' = Q T. The rows of M' are sorted by size and its columns pivoted, which keeps
/// the error of each row of M' relative to that row (Cox and Higham, 1998).
template <class Matrix = Eigen::MatrixXd>
class MinimumNorm {
 public:
  explicit MinimumNorm(const Matrix& m);
  MinimumNorm(const MinimumNorm&) = delete;
  MinimumNorm& operator=(const MinimumNorm&) = delete;

  /// c: r. Returns w: p.
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& c) const;

  /// Condition number of M.
  [[nodiscard]] double condition() const;

 private:
  /// The columns of m, those of the largest entries first.
  [[nodiscard]] static std::vector<Eigen::Index> by_size(const Matrix& m);

  std::vector<Eigen::Index> order_;
  Matrix sorted_;  ///< M', factored in place
  Eigen::ColPivHouseholderQR<Eigen::Ref<Matrix>> qr_;
};

template <class Matrix>
MinimumNorm<Matrix>::MinimumNorm(const Matrix& m)
    : order_(by_size(m)), sorted_(m(Eigen::all, order_).transpose()), qr_(sorted_) {}

template <class Matrix>
Eigen::VectorXd MinimumNorm<Matrix>::solve(const Eigen::VectorXd& c) const {
  const Eigen::Index r = qr_.cols();
  Eigen::VectorXd w = Eigen::VectorXd::Zero(qr_.rows());
  w.head(r) = qr_.colsPermutation().transpose() * c;
  qr_.matrixQR().topRows(r).template triangularView<Eigen::Upper>().transpose().solveInPlace(w.head(r));
  w.applyOnTheLeft(qr_.householderQ());
  Eigen::VectorXd unsorted(w.size());
  unsorted(order_) = w;
  return unsorted;
}

template <class Matrix>
double MinimumNorm<Matrix>::condition() const {
  return triangular_condition<Eigen::Upper>(qr_.matrixQR().topRows(qr_.cols()));
}

template <class Matrix>
std::vector<Eigen::Index> MinimumNorm<Matrix>::by_size(const Matrix& m) {
  const Eigen::VectorXd size = m.cwiseAbs().colwise().maxCoeff();
  std::vector<Eigen::Index> order(static_cast<std::size_t>(m.cols()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index i, Eigen::Index j) { return size(i) > size(j); });
  return order;
}

/// min ||b - A v|| by Householder QR with column pivoting. If A is numerically rank deficient, of all minimisers the v
/// for which the norm of w_j = 2^-exponent_j v_j is least: the choice does not depend on how A was scaled.
///
/// With A P = Q [R11 R12; 0 ~0] the minimisers are the v with M v = c, M = [R11 R12] P' and c the head of Q'b
/// (Golub and Van Loan, 2013, section 5.5).
template <class Matrix = Eigen::MatrixXd>
class PivotedQr {
 public:
  /// a: n x p with columns of norms near one, factored in place; outlives this object. |R_ii| <= tolerance |R_11|
  /// counts as zero.
  PivotedQr(Matrix& a, const Eigen::VectorXi& exponent, double tolerance);

  [[nodiscard]] Eigen::Index rank() const noexcept { return rank_; }
  [[nodiscard]] bool full_rank() const noexcept { return rank_ == qr_.cols(); }

  /// b: n. Returns v: p.
  [[nodiscard]] Eigen::VectorXd solve(Eigen::VectorXd b) const;

  /// (A'A)^-1 slope, if the rank is full.
  [[nodiscard]] Eigen::VectorXd solve_normal(const Eigen::VectorXd& slope) const;

  /// Condition number of R11.
  [[nodiscard]] double condition() const;

 private:
  /// Keeps the squares of M's entries normal numbers: columns whose w weigh 2^450 times the least weigh no more.
  static constexpr int largest_weight_exponent = 450;

  Eigen::VectorXi weight_exponent_;
  Eigen::ColPivHouseholderQR<Eigen::Ref<Matrix>> qr_;
  Eigen::Index rank_ = 0;
  std::optional<MinimumNorm<Matrix>> minimum_norm_;
};

template <class Matrix>
PivotedQr<Matrix>::PivotedQr(Matrix& a, const Eigen::VectorXi& exponent, double tolerance)
    : weight_exponent_((exponent.maxCoeff() - exponent.array()).cwiseMin(largest_weight_exponent)), qr_(a) {
  const Eigen::VectorXd diagonal = qr_.matrixQR().diagonal().cwiseAbs();
  while (rank_ < diagonal.size() && diagonal(rank_) > tolerance * diagonal(0)) ++rank_;
  if (full_rank() || rank_ == 0) return;

  Matrix m = qr_.matrixQR().topRows(rank_).template triangularView<Eigen::Upper>();
  const double rounding =
      static_cast<double>(std::max(a.rows(), a.cols())) * std::numeric_limits<double>::epsilon() * diagonal(0);
  m = (m.array().abs() > rounding).select(m, 0.0);
  m *= qr_.colsPermutation().transpose();
  for (Eigen::Index j = 0; j < m.cols(); ++j) m.col(j) *= std::ldexp(1.0, -weight_exponent_(j));
  minimum_norm_.emplace(m);
}

template <class Matrix>
Eigen::VectorXd PivotedQr<Matrix>::solve(Eigen::VectorXd b) const {
  if (rank_ == 0) return Eigen::VectorXd::Zero(qr_.cols());
  b.applyOnTheLeft(qr_.householderQ().setLength(rank_).adjoint());
  if (full_rank()) {
    Eigen::VectorXd c = b.head(rank_);
    qr_.matrixQR().topRows(rank_).template triangularView<Eigen::Upper>().solveInPlace(c);
    return qr_.colsPermutation() * c;
  }
  Eigen::VectorXd v = minimum_norm_->solve(b.head(rank_));
  for (Eigen::Index j = 0; j < v.size(); ++j) v(j) = std::ldexp(v(j), -weight_exponent_(j));
  return v;
}

template <class Matrix>
Eigen::VectorXd PivotedQr<Matrix>::solve_normal(const Eigen::VectorXd& slope) const {
  const auto r = qr_.matrixQR().topRows(rank_).template triangularView<Eigen::Upper>();
  Eigen::VectorXd v = qr_.colsPermutation().transpose() * slope;
  r.transpose().solveInPlace(v);
  r.solveInPlace(v);
  return qr_.colsPermutation() * v;
}

template <class Matrix>
double PivotedQr<Matrix>::condition() const {
  return triangular_condition<Eigen::Upper>(qr_.matrixQR().topLeftCorner(rank_, rank_));
}

}  // namespace aprender::solver
