/// Random regression and classification problems of a given size.
#pragma once

#include <algorithm>

#include <Eigen/Core>

#include "aprender/model_selection.hpp"

namespace aprender::bench {

struct Problem {
  Eigen::MatrixXd x;       ///< correlated columns: each is half the one before and half noise
  Eigen::VectorXd y;       ///< a tenth of the columns matter
  Eigen::VectorXi labels;  ///< of n_classes equally frequent classes
};

inline Problem make_problem(Eigen::Index n, Eigen::Index p, int n_classes = 2) {
  SplitMix64 random(1);
  const auto uniform = [&random] { return static_cast<double>(random() >> 11) * 0x1p-52 - 1.0; };
  Problem problem;
  problem.x = Eigen::MatrixXd::NullaryExpr(n, p, uniform);
  for (Eigen::Index j = 1; j < p; ++j) problem.x.col(j) = 0.5 * problem.x.col(j - 1) + 0.5 * problem.x.col(j);
  problem.y = Eigen::VectorXd::NullaryExpr(n, uniform);
  for (Eigen::Index j = 0; j < p; j += 10) problem.y += 2 * problem.x.col(j);
  // Equal steps of the rank of y.
  problem.labels.resize(n);
  Eigen::VectorXd sorted = problem.y;
  std::sort(sorted.begin(), sorted.end());
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), problem.y(i)) - sorted.begin();
    problem.labels(i) = static_cast<int>(rank * n_classes / n);
  }
  return problem;
}

}  // namespace aprender::bench
