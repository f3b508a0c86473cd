/// Cholesky factorisation of what may not quite be positive definite.
#pragma once

#include <cmath>
#include <utility>

#include "aprender/solvers/cholesky.hpp"

namespace aprender::solver {

/// A Hessian A that is scaled to a diagonal of about one, whose diagonal is raised (Levenberg, 1944) as little as makes
/// it numerically positive definite.
template <class Matrix = Eigen::MatrixXd>
class RaisedCholesky {
 public:
  RaisedCholesky() = default;

  /// The lower triangle of A is read.
  explicit RaisedCholesky(Matrix matrix);

  [[nodiscard]] Eigen::Index size() const noexcept { return scale_.size(); }

  /// False if A is far from positive definite or not finite.
  [[nodiscard]] bool succeeded() const noexcept { return factor_.succeeded(); }

  /// A^-1 b.
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& b) const;

 private:
  Eigen::VectorXd scale_;
  Cholesky<Matrix> factor_;
};

template <class Matrix>
RaisedCholesky<Matrix>::RaisedCholesky(Matrix matrix) {
  // Powers of two leave the digits of A as they are.
  scale_ =
      matrix.diagonal().unaryExpr([](double a) { return a > 0 ? std::ldexp(1.0, -std::ilogb(std::sqrt(a))) : 1.0; });
  matrix.array().colwise() *= scale_.array();
  matrix.array().rowwise() *= scale_.transpose().array();
  double shift = 0.0;
  for (int attempt = 0; attempt < 12 && !factor_.succeeded(); ++attempt) {
    factor_ = Cholesky<Matrix>(matrix);
    const double next = shift == 0 ? 1e-14 : 30 * shift;
    matrix.diagonal().array() += next - shift;
    shift = next;
  }
}

template <class Matrix>
Eigen::VectorXd RaisedCholesky<Matrix>::solve(const Eigen::VectorXd& b) const {
  return scale_.cwiseProduct(factor_.solve(scale_.cwiseProduct(b)));
}

}  // namespace aprender::solver
