/// Linear scores of many samples.
#pragma once

#include <algorithm>
#include <concepts>

#include <Eigen/Core>

#include "aprender/arguments.hpp"
#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/design.hpp"
#include "aprender/solvers/team.hpp"

namespace aprender {

namespace solver {

/// As linear_scores.
template <Real Scalar, int Outputs>
[[nodiscard]] Eigen::Matrix<Scalar, Eigen::Dynamic, Outputs> dense_scores(
    const DenseDesign<Scalar>& x, const Eigen::Matrix<Scalar, Eigen::Dynamic, Outputs>& w,
    const Eigen::Matrix<Scalar, 1, Outputs>& b, int threads) {
  constexpr Eigen::Index most_outputs = 8;  // beyond which a product of matrices costs less than one for each
  const bool by_rows = x.column_stride() == 1, by_kernels = w.cols() <= most_outputs;
  const Eigen::MatrixXd v = w.template cast<double>();
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(by_rows ? 0 : w.rows());
  const Eigen::VectorXd zeros = Eigen::VectorXd::Zero(ones.size());
  // Strips that stay in the cache for the outputs after the first, and in which columns are long enough to be read
  // ahead.
  const Eigen::Index height = std::clamp<Eigen::Index>((1 << 16) / std::max<Eigen::Index>(w.rows(), 1), 16, 4096);
  Eigen::Matrix<Scalar, Eigen::Dynamic, Outputs> scores(x.rows(), w.cols());
  Team team(threads);
  team.run([&](int member) {
    const auto [begin, end] = team.share(x.rows(), member, 16);
    for (Eigen::Index first = begin; first < end; first += height) {
      const Eigen::Index count = std::min(height, end - first);
      auto strip = scores.middleRows(first, count);
      if (!by_kernels) {
        strip.noalias() = x.matrix().middleRows(first, count) * w;
        strip.rowwise() += b;
        continue;
      }
      const Scalar* const from = x.data() + first * x.row_stride();
      Eigen::VectorXd sums(count);
      for (Eigen::Index k = 0; k < w.cols(); ++k) {
        sums.setConstant(static_cast<double>(b(k)));
        if (by_rows) {
          simd::kernels().row_products(from, x.row_stride(), v.rows(), count, static_cast<const double*>(nullptr),
                                       static_cast<const double*>(nullptr), v.data() + k * v.rows(), sums.data());
        } else {
          simd::kernels().combine(from, x.column_stride(), static_cast<const Eigen::Index*>(nullptr), v.rows(), count,
                                  ones.data(), zeros.data(), v.data() + k * v.rows(), sums.data());
        }
        strip.col(k) = sums.template cast<Scalar>();
      }
    }
  });
  return scores;
}

/// x'w of one sample, without allocating: a short one is not worth the choice of an instruction set.
template <Real Scalar>
[[nodiscard]] Scalar row_score(const Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>& x, const Scalar* w) {
#ifndef __AVX__  // else Eigen's own, which is inline, is as good
  if constexpr (std::same_as<Scalar, double>) {
    if (x.size() >= 24) return simd::kernels().dot(x.data(), w, x.size());
  }
#endif
  return x.dot(Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(w, x.size()));
}

}  // namespace solver

/// X W + b: n_samples x n_outputs, W being n_features x n_outputs. The sums of up to eight outputs of a dense X are
/// taken in double; a sample's do not depend on the samples beside it or the number of threads. Memory: the result, X
/// if it does not lie in memory as a matrix, and p doubles an output.
/// Throws std::invalid_argument if X has another number of columns than W has rows, or threads < 1.
template <DesignMatrix X, int Outputs>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, Outputs> linear_scores(
    const X& x, const Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, Outputs>& w,
    const Eigen::Matrix<typename X::Scalar, 1, Outputs>& b, int threads) {
  argument::require_equal("columns of X", x.cols(), "features of the model", w.rows());
  argument::require(threads >= 1, "threads", threads, "at least 1");
  if constexpr (SparseMatrix<X>) {
    Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, Outputs> scores = x * w;
    scores.rowwise() += b;
    return scores;
  } else {
    return solver::dense_scores<typename X::Scalar, Outputs>(solver::DenseDesign<typename X::Scalar>(x), w, b, threads);
  }
}

}  // namespace aprender
