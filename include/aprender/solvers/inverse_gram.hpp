/// Standard errors of least squares: the diagonal of (A'A)^-1, as far as it exists.
#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <Eigen/QR>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/column_scaling.hpp"
#include "aprender/solvers/condition.hpp"

namespace aprender::solver {

/// (A'A)^-1 from any M with M'M = A'A. Where columns are linearly dependent, of the combinations of coefficients that
/// are the same for all minimisers of ||b - A v||. Memory: M and 2 p^2 doubles.
///
/// With M P = Q [R11 R12; 0 ~0] (Householder QR with column pivoting of the equilibrated M) the minimisers differ by
/// [-N; I] z, N = R11^-1 R12; q'v is estimable if q' [-N; I] = 0, and its variance is then ||R11^-T q_1||^2 (Searle,
/// 1971, section 5.4).
template <class Matrix = Eigen::MatrixXd>
class InverseGram {
 public:
  /// |R_ii| <= tolerance |R_11| counts as zero.
  InverseGram(Matrix m, double tolerance);

  /// The number of linearly independent columns.
  [[nodiscard]] Eigen::Index rank() const noexcept { return rank_; }

  /// Square root of [(A'A)^-1]_jj; NaN if v_j is not estimable.
  [[nodiscard]] double standard_error(Eigen::Index j) const;

  /// (A'A)^-1 q, if the rank is full.
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& q) const;

  /// Square root of q'(A'A)^-1 q; NaN if q'v is not estimable. Coefficients of columns of zeros count as known.
  [[nodiscard]] double standard_error(const Eigen::VectorXd& q) const;

 private:
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  static constexpr double negligible = 1e-8;  ///< relative, of a dependence that rounding can have made

  Eigen::VectorXi shift_;                                    ///< column j of M was scaled by 2^-shift_j
  std::vector<bool> zero_;                                   ///< columns of zeros
  Eigen::Matrix<Eigen::Index, Eigen::Dynamic, 1> position_;  ///< of a column in the order of the pivots
  Eigen::VectorXi order_;                                    ///< the column in a position
  Eigen::Index rank_ = 0;
  Matrix inverse_;     ///< R11^-1
  Matrix dependence_;  ///< N
};

template <class Matrix>
InverseGram<Matrix>::InverseGram(Matrix m, double tolerance) : shift_(m.cols()), position_(m.cols()) {
  const Eigen::Index p = m.cols();
  for (Eigen::Index j = 0; j < p; ++j) {
    const double norm = m.col(j).stableNorm();
    shift_(j) = exponent_above(norm);
    zero_.push_back(norm == 0);
    m.col(j) *= std::ldexp(1.0, -shift_(j));
  }
  const Eigen::ColPivHouseholderQR<Eigen::Ref<Matrix>> qr(m);
  const Eigen::VectorXd diagonal = qr.matrixQR().diagonal().cwiseAbs();
  while (rank_ < diagonal.size() && diagonal(rank_) > tolerance * diagonal(0)) ++rank_;
  order_ = qr.colsPermutation().indices();
  for (Eigen::Index k = 0; k < p; ++k) position_(order_(k)) = k;

  const auto r11 = qr.matrixQR().topLeftCorner(rank_, rank_).template triangularView<Eigen::Upper>();
  inverse_ = r11.solve(Matrix::Identity(rank_, rank_));
  dependence_ = r11.solve(qr.matrixQR().topRightCorner(rank_, p - rank_));
  dependence_ = (dependence_.array().abs() > negligible).select(dependence_, 0.0);
}

template <class Matrix>
double InverseGram<Matrix>::standard_error(Eigen::Index j) const {
  const Eigen::Index k = position_(j);
  if (k >= rank_ || (dependence_.row(k).array() != 0).any()) return missing;
  return std::ldexp(inverse_.row(k).norm(), -shift_(j));
}

template <class Matrix>
double InverseGram<Matrix>::standard_error(const Eigen::VectorXd& q) const {
  Eigen::VectorXd sorted(q.size());
  for (Eigen::Index k = 0; k < q.size(); ++k) {
    const Eigen::Index j = order_(k);
    sorted(k) = zero_[static_cast<std::size_t>(j)] ? 0.0 : std::ldexp(q(j), -shift_(j));
  }
  for (Eigen::Index k = rank_; k < q.size(); ++k) {
    if (zero_[static_cast<std::size_t>(order_(k))]) continue;
    const Eigen::VectorXd terms = dependence_.col(k - rank_).cwiseProduct(sorted.head(rank_));
    const double scale = std::abs(sorted(k)) + terms.cwiseAbs().sum();
    if (std::abs(sorted(k) - terms.sum()) > negligible * scale) return missing;
  }
  return (inverse_.template triangularView<Eigen::Upper>().transpose() * sorted.head(rank_)).norm();
}

template <class Matrix>
Eigen::VectorXd InverseGram<Matrix>::solve(const Eigen::VectorXd& q) const {
  const auto inverse = inverse_.template triangularView<Eigen::Upper>();
  const Eigen::VectorXd scale = shift_.unaryExpr([](int by) { return std::ldexp(1.0, -by); });
  Eigen::VectorXd sorted = scale.cwiseProduct(q)(order_);
  sorted = inverse.transpose() * sorted;
  sorted = inverse * sorted;
  return scale.cwiseProduct(sorted(position_));
}

/// Up to this condition number the normal equations give standard errors with ten digits or more.
inline constexpr double gram_condition_limit = 1e3;

/// (A'A)^-1 from the Cholesky factor of A'A where that is well-conditioned, else from A. One pass over X; memory: 4 p^2
/// doubles, n p more if ill-conditioned. tolerance: as that of InverseGram.
template <class Design>
[[nodiscard]] InverseGram<> inverse_gram(const CentredColumns<Design>& a, double tolerance) {
  const Eigen::Index p = a.cols();
  if (p <= a.rows()) {
    Eigen::MatrixXd correlation;
    Eigen::MatrixXd gram = a.products(a.all(), p, Eigen::VectorXd::Zero(a.rows()), correlation);
    const Eigen::VectorXd diagonal = gram.diagonal();
    const Eigen::VectorXd scale = diagonal.unaryExpr(
        [](double square) { return square > 0 ? std::ldexp(1.0, -exponent_above(std::sqrt(square))) : 1.0; });
    gram.array().colwise() *= scale.array();
    gram.array().rowwise() *= scale.transpose().array();
    for (Eigen::Index j = 0; j < p; ++j) {
      if (diagonal(j) == 0) gram(j, j) = 1.0;
    }
    const Cholesky<> cholesky(std::move(gram));
    if (cholesky.succeeded() && triangular_condition<Eigen::Lower>(cholesky.factor()) <= gram_condition_limit) {
      Eigen::MatrixXd upper = cholesky.factor().template triangularView<Eigen::Lower>().transpose();
      for (Eigen::Index j = 0; j < p; ++j) upper.col(j) *= diagonal(j) == 0 ? 0.0 : 1 / scale(j);
      return {std::move(upper), tolerance};
    }
  }
  Eigen::MatrixXd columns(a.rows(), p);
  Eigen::VectorXd column(a.rows());
  for (Eigen::Index j = 0; j < p; ++j) {
    column.setZero();
    a.add(j, 1.0, column);
    columns.col(j) = column;
  }
  return {std::move(columns), tolerance};
}

}  // namespace aprender::solver
