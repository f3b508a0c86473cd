/// What logistic regression does with X: scores, something with the scores, and back.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "aprender/solvers/logistic_problem.hpp"

namespace aprender::solver {

/// [Z'f(S); sum of f(S)] for S = Z v with the intercepts, size() x outputs(); f is the work of `transform(member of the
/// team, first row, block)`, which replaces a block of rows of S by that of f(S). One pass over X, because a block of
/// its rows is in the cache when it is needed again; two for a sparse X by columns. Memory: that of v for each thread,
/// twice for a sparse X.
template <Real Scalar, class Transform>
[[nodiscard]] Eigen::MatrixXd sweep(const LogisticProblem<DenseDesign<Scalar>>& problem, const Eigen::MatrixXd& v,
                                    const Transform& transform) {
  const auto& z = problem.z();
  const Eigen::Index p = problem.n_columns(), m = v.cols();
  std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(z.team().size()),
                                     Eigen::MatrixXd::Zero(problem.size(), m));
  z.for_each_cached_strip([&](int member, Eigen::Index first, Eigen::Index count) {
    Eigen::MatrixXd& part = parts[static_cast<std::size_t>(member)];
    Eigen::MatrixXd block = Eigen::MatrixXd::Zero(count, m);
    if (problem.fit_intercept()) block.rowwise() += v.row(p);
    for (Eigen::Index k = 0; k < m; ++k) z.add_products(first, count, &v(0, k), &block(0, k));
    transform(member, first, block);
    for (Eigen::Index k = 0; k < m; ++k) z.add_correlations(first, count, &block(0, k), &part(0, k));
    if (problem.fit_intercept()) part.row(p) += block.colwise().sum();
  });
  for (std::size_t member = 1; member < parts.size(); ++member) parts[0] += parts[member];
  return std::move(parts[0]);
}

/// The same for a sparse X by rows. Outputs: 1 or Eigen::Dynamic.
template <int Outputs, class Design, class Transform>
[[nodiscard]] Eigen::MatrixXd sweep_rows(const LogisticProblem<Design>& problem, const Eigen::MatrixXd& v,
                                         const Transform& transform) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr Eigen::Index height = 8;  // rows whose columns are still in the first-level cache on the way back
  const Design& x = problem.x();
  const auto& z = problem.z();
  const Eigen::Index p = problem.n_columns(), m = Outputs == 1 ? 1 : v.cols();
  const RowMajor w = z.gain().asDiagonal() * v.topRows(p);
  Eigen::RowVectorXd constant = -z.shift().transpose() * v.topRows(p);
  if (problem.fit_intercept()) constant += v.row(p);
  // Of each column w and, beside it for the same entries of X, the sums.
  std::vector<RowMajor> parts(static_cast<std::size_t>(z.team().size()));
  std::vector<Eigen::RowVectorXd> totals(parts.size(), Eigen::RowVectorXd::Zero(m));
  z.team().run([&](int member) {
    RowMajor& part = parts[static_cast<std::size_t>(member)];
    part.setZero(p, 2 * m);
    part.leftCols(m) = w;
    double* const pairs = part.data();
    const auto [begin, end] = z.team().share(z.rows(), member, height);
    Eigen::MatrixXd block;
    for (Eigen::Index first = begin; first < end; first += height) {
      block = constant.replicate(std::min(height, end - first), 1);
      for (Eigen::Index i = 0; i < block.rows(); ++i) {
        const Eigen::Index last = x.begin(first + i + 1);
        for (Eigen::Index k = 0; k < m; ++k) {
          double sum = block(i, k);
          for (Eigen::Index e = x.begin(first + i); e < last; ++e) sum += x.value(e) * pairs[x.inner(e) * 2 * m + k];
          block(i, k) = sum;
        }
      }
      transform(member, first, block);
      totals[static_cast<std::size_t>(member)] += block.colwise().sum();
      for (Eigen::Index i = 0; i < block.rows(); ++i) {
        const Eigen::Index last = x.begin(first + i + 1);
        for (Eigen::Index k = 0; k < m; ++k) {
          const double right = block(i, k);
          for (Eigen::Index e = x.begin(first + i); e < last; ++e)
            pairs[(x.inner(e) * 2 + 1) * m + k] += x.value(e) * right;
        }
      }
    }
  });
  for (std::size_t member = 1; member < parts.size(); ++member) {
    parts[0].rightCols(m) += parts[member].rightCols(m);
    totals[0] += totals[member];
  }
  Eigen::MatrixXd result(problem.size(), m);
  result.topRows(p) = z.gain().asDiagonal() * parts[0].rightCols(m) - z.shift() * totals[0];
  if (problem.fit_intercept()) result.row(p) = totals[0];
  return result;
}

template <Real Scalar, class StorageIndex, class Transform>
[[nodiscard]] Eigen::MatrixXd sweep(const LogisticProblem<SparseDesign<Scalar, StorageIndex>>& problem,
                                    const Eigen::MatrixXd& v, const Transform& transform) {
  const SparseDesign<Scalar, StorageIndex>& x = problem.x();
  if (!x.row_major()) {
    Eigen::MatrixXd scores = problem.scores(v);
    problem.for_each_strip([&](int member, Eigen::Index first, Eigen::Index count) {
      Eigen::MatrixXd block = scores.middleRows(first, count);
      transform(member, first, block);
      scores.middleRows(first, count) = block;
    });
    return problem.gradient(scores);
  }

  return v.cols() == 1 ? sweep_rows<1>(problem, v, transform) : sweep_rows<Eigen::Dynamic>(problem, v, transform);
}

/// H v, H the Hessian of the loss at the point whose probabilities (as LogLoss::evaluate leaves them) are given.
template <class Design>
[[nodiscard]] Eigen::MatrixXd hessian_product(const LogisticProblem<Design>& problem, const Eigen::MatrixXd& v,
                                              const Eigen::MatrixXd& probability) {
  return sweep(problem, v, [&](int, Eigen::Index first, Eigen::MatrixXd& block) {
    problem.loss().curve(first, probability.middleRows(first, block.rows()), block);
  });
}

}  // namespace aprender::solver
