/// The columns of X as the solvers see them.
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "aprender/solvers/samples.hpp"

namespace aprender::solver {

/// The exponent e of the smallest power of two above |value|, so that |value| 2^-e lies in [1/2, 1); 0 for 0.
/// Never below -1023, so that 2^-e is finite.
[[nodiscard]] inline int exponent_above(double value) {
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::max(exponent, -1023);
}

/// Centred and scaled columns z_j = 2^-e_j x_j - m_j and their weighted form a_j = sqrt(s) z_j, computed on the fly.
///
/// e_j is such that the largest |x_ij| is scaled to [1/2, 1), so that nothing overflows whatever the unit of a column;
/// m_j is the mean under the weights s (0 if not centred), exact for a constant column. X is not copied; extra memory
/// is n + 2p doubles. Subtracting entry by entry, instead of correcting products with X afterwards, keeps the
/// digits of a column whose mean is large against its deviation.
template <Real Scalar>
class CentredColumns {
 public:
  /// x and weight (summing to the number of rows) outlive this object. Columns are never scaled by more than
  /// 1 / smallest_scale.
  CentredColumns(const Design<Scalar>& x, const Eigen::VectorXd& weight, bool centre, double smallest_scale = 0.0)
      : x_(x), root_weight_(weight.cwiseSqrt()), factor_(x.cols()), mean_(Eigen::VectorXd::Zero(x.cols())) {
    exponent_.resize(x.cols());
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      const double low = x.col(j).minCoeff();
      const double high = x.col(j).maxCoeff();
      exponent_(j) = exponent_above(std::max({std::abs(low), std::abs(high), smallest_scale}));
      factor_(j) = std::ldexp(1.0, -exponent_(j));
      if (!centre) continue;
      if (low == high) {
        mean_(j) = low * factor_(j);
      } else {
        for (int pass = 0; pass < 2; ++pass) mean_(j) += weight.dot(z(j)) / weight.sum();
      }
    }
  }

  [[nodiscard]] Eigen::Index rows() const noexcept { return x_.rows(); }
  [[nodiscard]] Eigen::Index cols() const noexcept { return x_.cols(); }
  [[nodiscard]] int exponent(Eigen::Index j) const { return exponent_(j); }     ///< e_j
  [[nodiscard]] double factor(Eigen::Index j) const { return factor_(j); }      ///< 2^-e_j
  [[nodiscard]] const Eigen::VectorXd& mean() const noexcept { return mean_; }  ///< m
  [[nodiscard]] const Eigen::VectorXd& root_weight() const noexcept { return root_weight_; }

  /// Rows [first, first + count) of z_j, an expression that views X.
  [[nodiscard]] auto z(Eigen::Index j, Eigen::Index first, Eigen::Index count) const {
    using Column = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
    return (Column(x_.data() + j * x_.outerStride() + first, count).template cast<double>() * factor_(j) - mean_(j))
        .matrix();
  }
  [[nodiscard]] auto z(Eigen::Index j) const { return z(j, 0, rows()); }

  /// The same of a_j.
  [[nodiscard]] auto a(Eigen::Index j, Eigen::Index first, Eigen::Index count) const {
    return z(j, first, count).cwiseProduct(root_weight_.segment(first, count));
  }
  [[nodiscard]] auto a(Eigen::Index j) const { return a(j, 0, rows()); }

  /// r - A v, with one column a target: n x t, p x t.
  [[nodiscard]] Eigen::MatrixXd residual(Eigen::MatrixXd r, const Eigen::MatrixXd& v) const {
    for (Eigen::Index t = 0; t < r.cols(); ++t) {
      for (Eigen::Index j = 0; j < cols(); ++j) {
        if (v(j, t) != 0) r.col(t) -= v(j, t) * a(j);
      }
    }
    return r;
  }

  /// A' r: p x t.
  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r) const {
    Eigen::MatrixXd product(cols(), r.cols());
    for (Eigen::Index t = 0; t < r.cols(); ++t) {
      for (Eigen::Index j = 0; j < cols(); ++j) product(j, t) = a(j).dot(r.col(t));
    }
    return product;
  }

 private:
  const Design<Scalar>& x_;
  Eigen::VectorXd root_weight_;
  Eigen::VectorXi exponent_;
  Eigen::VectorXd factor_;
  Eigen::VectorXd mean_;
};

}  // namespace aprender::solver
