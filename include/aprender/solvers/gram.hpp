/// Gram matrices without a copy of X.
#pragma once

#include <algorithm>
#include <vector>

#include <Eigen/Core>

#include "aprender/solvers/centred_columns.hpp"

namespace aprender::solver {

/// The lower triangle of A_S'A_S + diag(ridge), S a list of columns, by blocks of 256 rows. Memory: |S|^2 + 256 |S|
/// doubles.
template <Real Scalar>
[[nodiscard]] Eigen::MatrixXd gram(const CentredColumns<Scalar>& a, const std::vector<Eigen::Index>& columns,
                                   const Eigen::VectorXd& ridge) {
  constexpr Eigen::Index block_rows = 256;
  Eigen::MatrixXd product = ridge.asDiagonal();
  for (Eigen::Index first = 0; first < a.rows(); first += block_rows) {
    Eigen::MatrixXd block(std::min(block_rows, a.rows() - first), ridge.size());
    for (Eigen::Index k = 0; k < block.cols(); ++k) {
      block.col(k) = a.a(columns[static_cast<std::size_t>(k)], first, block.rows());
    }
    product.selfadjointView<Eigen::Lower>().rankUpdate(block.adjoint());
  }
  return product;
}

}  // namespace aprender::solver
