/// Estimates of condition numbers.
#pragma once

#include <cmath>
#include <limits>

#include <Eigen/Core>

namespace aprender::solver {

/// Largest eigenvalue of a symmetric positive semidefinite operator of order n by the power method, from below;
/// `iterations` applications, deterministic. Golub and Van Loan (2013), section 8.2.
template <class Apply>
[[nodiscard]] double largest_eigenvalue(Eigen::Index n, const Apply& apply, int iterations = 12) {
  // A start without symmetry, lest it be orthogonal to the eigenvector sought.
  Eigen::VectorXd x = Eigen::VectorXd::NullaryExpr(
      n, [](Eigen::Index i) { return 1.0 + std::sin(1.0 + 3.0 * static_cast<double>(i)); });
  double eigenvalue = 0.0;
  for (int k = 0; k < iterations; ++k) {
    const double norm = x.stableNorm();
    if (!(norm > 0)) return 0.0;
    x /= norm;
    x = apply(x);
    eigenvalue = x.stableNorm();
  }
  return eigenvalue;
}

/// 2-norm condition number, estimated from below, of the upper or lower triangle T of a square matrix:
/// sqrt(lambda_max(T'T) lambda_max((T'T)^-1)).
template <unsigned int triangle>
[[nodiscard]] double triangular_condition(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
  if (matrix.rows() == 0) return 1.0;
  const auto t = matrix.template triangularView<triangle>();
  const double largest = largest_eigenvalue(matrix.rows(), [&](Eigen::VectorXd x) {
    x = t * x;
    x = t.transpose() * x;
    return x;
  });
  const double inverse = largest_eigenvalue(matrix.rows(), [&](Eigen::VectorXd x) {
    t.transpose().solveInPlace(x);
    t.solveInPlace(x);
    return x;
  });
  return std::sqrt(largest) * std::sqrt(inverse);
}

}  // namespace aprender::solver
