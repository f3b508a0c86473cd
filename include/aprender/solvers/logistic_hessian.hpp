/// The Hessian of logistic regression in some columns.
#pragma once

#include <vector>

#include "aprender/solvers/weighted_gram.hpp"

namespace aprender::solver {

/// What the Hessian of the loss is made of, one a pair of outputs k >= l: Z_S'hZ_S (lower triangle), Z_S'h and sum h of
/// the second derivatives h.
struct HessianParts {
  std::vector<Eigen::MatrixXd> curvature;  ///< |S| x |S|, or larger
  Eigen::MatrixXd edge;                    ///< |S| x pairs, or more rows
  Eigen::RowVectorXd curvature_sum;        ///< pairs
};

/// Output by output [Z_S'hZ_S + ridge, Z_S'h; h'Z_S, sum h], each block of two outputs whole, those above the diagonal
/// of outputs undefined.
///
/// Adding the same number to all intercepts of the softmax changes nothing, so that H u = 0 and g'u = 0 along that
/// direction u; u u' is added, which leaves the step as it is.
template <class Design>
[[nodiscard]] Eigen::MatrixXd assembled_hessian(const LogisticProblem<Design>& problem,
                                                const std::vector<Eigen::Index>& columns, const HessianParts& parts) {
  const auto size = static_cast<Eigen::Index>(columns.size());
  const Eigen::Index m = problem.outputs(), q = size + (problem.fit_intercept() ? 1 : 0);
  Eigen::MatrixXd hessian(q * m, q * m);
  std::size_t pair = 0;
  for (Eigen::Index k = 0; k < m; ++k) {
    for (Eigen::Index l = 0; l <= k; ++l, ++pair) {
      const auto column = static_cast<Eigen::Index>(pair);
      auto block = hessian.block(k * q, l * q, q, q);
      block.topLeftCorner(size, size) = parts.curvature[pair].topLeftCorner(size, size);
      if (problem.fit_intercept()) {
        block.row(size).head(size) = parts.edge.col(column).head(size).transpose();
        block(size, size) = parts.curvature_sum(column);
        if (m > 1) block(size, size) += static_cast<double>(problem.z().rows()) / static_cast<double>(m * m);
      }
      block.template triangularView<Eigen::StrictlyUpper>() = block.transpose().eval();
      if (k == l) block.diagonal().head(size) += problem.ridge()(columns);
    }
  }
  return hessian;
}

/// The same from the Gram matrices of the columns, at the point whose probabilities (as LogLoss::evaluate leaves them)
/// are given.
template <class Design>
[[nodiscard]] Eigen::MatrixXd logistic_hessian(const LogisticProblem<Design>& problem,
                                               const std::vector<Eigen::Index>& columns,
                                               const WeightedGram<Design>& gram, const Eigen::MatrixXd& probability) {
  const Eigen::Index m = problem.outputs(), pairs = m * (m + 1) / 2;
  HessianParts parts;
  parts.edge.resize(static_cast<Eigen::Index>(columns.size()), pairs);
  parts.curvature_sum.resize(pairs);
  Eigen::VectorXd edge;
  for (Eigen::Index k = 0, pair = 0; k < m; ++k) {
    for (Eigen::Index l = 0; l <= k; ++l, ++pair) {
      const Eigen::VectorXd weight = problem.loss().curvature(0, probability, k, l);
      parts.curvature.push_back(gram(weight, edge));
      parts.edge.col(pair) = edge;
      parts.curvature_sum(pair) = weight.sum();
    }
  }
  return assembled_hessian(problem, columns, parts);
}

}  // namespace aprender::solver
