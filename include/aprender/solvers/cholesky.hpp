/// Cholesky factorisation.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "aprender/simd/kernels.hpp"

namespace aprender::solver {

/// A = L L' of a symmetric positive definite matrix, by blocks of columns from the left (Golub and Van Loan, 2013,
/// section 4.2.6): what the columns before take from a block is one product of panels, in which nearly all of the work
/// is. Memory besides the matrix: as much again.
template <class Matrix = Eigen::MatrixXd>
class Cholesky {
 public:
  Cholesky() = default;

  /// Factors the lower triangle of `matrix`.
  explicit Cholesky(Matrix matrix);

  /// Whether the matrix was numerically positive definite.
  [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

  /// L in the lower triangle; the rest is undefined.
  [[nodiscard]] const Matrix& factor() const noexcept { return factor_; }

  /// A^-1 b, columns at once.
  [[nodiscard]] Matrix solve(Matrix b) const;

 private:
  static constexpr Eigen::Index block = 48;
  static_assert(block % simd::panel_width<double> == 0);

  [[nodiscard]] bool factor_in_place(Eigen::Index first, Eigen::Index size);

  Matrix factor_;
  bool succeeded_ = false;
};

template <class Matrix>
Cholesky<Matrix>::Cholesky(Matrix matrix) : factor_(std::move(matrix)) {
  const Eigen::Index n = factor_.rows();
  if (n <= 2 * block) {
    succeeded_ = factor_in_place(0, n);
    return;
  }
  std::vector<Eigen::VectorXd> packed;  // the blocks done, from the diagonal down, L' in panels
  const std::vector<double> ones(static_cast<std::size_t>(n), 1.0), zeros(static_cast<std::size_t>(n));
  Matrix product;
  for (Eigen::Index first = 0; first < n; first += block) {
    const Eigen::Index width = std::min(block, n - first), height = n - first;
    const Eigen::Index n_panels = simd::panels_of<double>(height);
    if (first > 0) {
      product.setZero(n_panels * simd::panel_width<double>, block);
      for (std::size_t k = 0; k < packed.size(); ++k) {
        const double* from = packed[k].data() + (first / block - static_cast<Eigen::Index>(k)) * block * block;
        simd::kernels().multiply(from, n_panels, from, simd::panels_of<double>(width), block, product.data(),
                                 product.rows(), 0);
      }
      factor_.block(first, first, height, width) -= product.topLeftCorner(height, width);
    }
    if (!factor_in_place(first, width)) return;
    const auto diagonal = factor_.block(first, first, width, width).template triangularView<Eigen::Lower>();
    auto below = factor_.block(first + width, first, height - width, width);
    diagonal.transpose().template solveInPlace<Eigen::OnTheRight>(below);
    if (height == width) break;
    packed.emplace_back(n_panels * simd::panel_width<double> * block);
    simd::kernels().pack(&factor_(first, first), n, Eigen::Index{1}, static_cast<const Eigen::Index*>(nullptr), height,
                         block, ones.data(), zeros.data(), static_cast<const double*>(nullptr), packed.back().data());
  }
  succeeded_ = true;
}

template <class Matrix>
Matrix Cholesky<Matrix>::solve(Matrix b) const {
  const auto lower = factor_.template triangularView<Eigen::Lower>();
  lower.solveInPlace(b);
  lower.transpose().solveInPlace(b);
  return b;
}

template <class Matrix>
bool Cholesky<Matrix>::factor_in_place(Eigen::Index first, Eigen::Index size) {
  Eigen::Ref<Matrix, 0, Eigen::OuterStride<>> corner = factor_.block(first, first, size, size);
  const Eigen::LLT<Eigen::Ref<Matrix, 0, Eigen::OuterStride<>>> llt(corner);
  return llt.info() == Eigen::Success && factor_.diagonal().segment(first, size).allFinite();
}

}  // namespace aprender::solver
