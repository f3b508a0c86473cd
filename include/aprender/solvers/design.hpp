/// X as the solvers see it: what `fit` narrows every expression to, so that a solver is instantiated once a scalar and
/// kind of matrix.
#pragma once

#include <cmath>
#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include "aprender/arguments.hpp"

namespace aprender::solver {

/// A dense X. Rows or columns that lie contiguously in memory are viewed, anything else is evaluated once.
template <Real Scalar_>
class DenseDesign {
 public:
  using Scalar = Scalar_;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  using View = Eigen::Map<const Matrix, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

  /// x outlives this object.
  template <DenseMatrix X>
  explicit DenseDesign(const X& x) {
    if constexpr ((X::Flags & Eigen::DirectAccessBit) != 0) {
      if (x.innerStride() == 1) {
        view(x.data(), x.rows(), x.cols(), x.outerStride(), X::IsRowMajor != 0);
        return;
      }
    }
    owned_ = x;
    view(owned_.data(), owned_.rows(), owned_.cols(), owned_.rows(), false);
  }
  DenseDesign(const DenseDesign&) = delete;
  DenseDesign& operator=(const DenseDesign&) = delete;

  [[nodiscard]] Eigen::Index rows() const noexcept { return rows_; }
  [[nodiscard]] Eigen::Index cols() const noexcept { return cols_; }
  [[nodiscard]] const Scalar* data() const noexcept { return data_; }
  [[nodiscard]] Eigen::Index row_stride() const noexcept { return row_stride_; }
  [[nodiscard]] Eigen::Index column_stride() const noexcept { return column_stride_; }
  [[nodiscard]] View matrix() const { return {data_, rows_, cols_, {column_stride_, row_stride_}}; }

  /// A copy of some rows.
  [[nodiscard]] Matrix select(const std::vector<Eigen::Index>& rows) const { return matrix()(rows, Eigen::all); }

  /// Throws std::invalid_argument naming the first entry that is not finite, if there is one.
  void require_finite() const { argument::require_finite("X", matrix()); }

 private:
  void view(const Scalar* data, Eigen::Index rows, Eigen::Index cols, Eigen::Index outer_stride, bool row_major) {
    data_ = data;
    rows_ = rows;
    cols_ = cols;
    row_stride_ = row_major ? outer_stride : 1;
    column_stride_ = row_major ? 1 : outer_stride;
  }

  Matrix owned_;
  const Scalar* data_ = nullptr;
  Eigen::Index rows_ = 0, cols_ = 0, row_stride_ = 1, column_stride_ = 1;
};

/// A sparse X, compressed by columns (CSC) or by rows (CSR). Viewed if it is compressed in memory, else evaluated once.
template <Real Scalar_, std::integral StorageIndex>
class SparseDesign {
 public:
  using Scalar = Scalar_;
  using Matrix = Eigen::SparseMatrix<Scalar, Eigen::ColMajor, StorageIndex>;

  /// x outlives this object. Entries lie together as they do in x or, if by_columns, by columns, which copies an x that
  /// is compressed by rows. Throws std::invalid_argument if positions are out of range or not strictly increasing
  /// within a column or row.
  template <SparseMatrix X>
  explicit SparseDesign(const X& x, bool by_columns = false)
      : rows_(x.rows()), cols_(x.cols()), row_major_(X::IsRowMajor != 0) {
    if constexpr (requires { x.outerIndexPtr(); }) {
      if (x.isCompressed()) {
        view(x);
        require_sorted();
        if (!row_major_ || !by_columns) return;
      }
    }
    if (row_major_ && !by_columns) {
      owned_rows_ = x;
      owned_rows_.makeCompressed();
      view(owned_rows_);
    } else {
      owned_ = x;
      owned_.makeCompressed();
      view(owned_);
      row_major_ = false;
    }
    require_sorted();
  }
  SparseDesign(const SparseDesign&) = delete;
  SparseDesign& operator=(const SparseDesign&) = delete;

  [[nodiscard]] Eigen::Index rows() const noexcept { return rows_; }
  [[nodiscard]] Eigen::Index cols() const noexcept { return cols_; }
  [[nodiscard]] bool row_major() const noexcept { return row_major_; }
  [[nodiscard]] Eigen::Index outer_size() const noexcept { return row_major_ ? rows_ : cols_; }
  /// Entries begin(k), ..., begin(k + 1) - 1 are those of column k, or of row k if row_major().
  [[nodiscard]] Eigen::Index begin(Eigen::Index k) const noexcept { return static_cast<Eigen::Index>(outer_[k]); }
  [[nodiscard]] Eigen::Index inner(Eigen::Index entry) const noexcept {
    return static_cast<Eigen::Index>(inner_[entry]);
  }
  [[nodiscard]] double value(Eigen::Index entry) const noexcept { return static_cast<double>(values_[entry]); }
  [[nodiscard]] Eigen::Index n_entries() const noexcept { return begin(outer_size()) - begin(0); }

  /// A copy of some rows, in increasing order.
  [[nodiscard]] Matrix select(const std::vector<Eigen::Index>& rows) const {
    std::vector<Eigen::Index> position(static_cast<std::size_t>(rows_), -1);
    for (std::size_t k = 0; k < rows.size(); ++k)
      position[static_cast<std::size_t>(rows[k])] = static_cast<Eigen::Index>(k);
    std::vector<Eigen::Triplet<Scalar, StorageIndex>> entries;
    for (Eigen::Index k = 0; k < outer_size(); ++k) {
      for (Eigen::Index e = begin(k); e < begin(k + 1); ++e) {
        const Eigen::Index i = position[static_cast<std::size_t>(row_major_ ? k : inner(e))];
        const Eigen::Index j = row_major_ ? inner(e) : k;
        if (i >= 0) entries.emplace_back(static_cast<StorageIndex>(i), static_cast<StorageIndex>(j), values_[e]);
      }
    }
    Matrix selected(static_cast<Eigen::Index>(rows.size()), cols_);
    selected.setFromTriplets(entries.begin(), entries.end());
    return selected;
  }

  /// Throws std::invalid_argument naming the first entry that is not finite, if there is one.
  void require_finite() const {
    for (Eigen::Index k = 0; k < outer_size(); ++k) {
      for (Eigen::Index e = begin(k); e < begin(k + 1); ++e) {
        if (std::isfinite(values_[e])) continue;
        const Eigen::Index i = row_major_ ? k : inner(e), j = row_major_ ? inner(e) : k;
        argument::refuse("X(" + std::to_string(i) + ", " + std::to_string(j) + ")", values_[e], "a finite number");
      }
    }
  }

 private:
  using RowMatrix = Eigen::SparseMatrix<Scalar, Eigen::RowMajor, StorageIndex>;

  void view(const auto& matrix) {
    values_ = matrix.valuePtr();
    inner_ = matrix.innerIndexPtr();
    outer_ = matrix.outerIndexPtr();
  }

  void require_sorted() const {
    const Eigen::Index inner_size = row_major_ ? cols_ : rows_;
    for (Eigen::Index k = 0; k < outer_size(); ++k) {
      Eigen::Index last = -1;
      for (Eigen::Index e = begin(k); e < begin(k + 1); last = inner(e), ++e) {
        if (inner(e) > last && inner(e) < inner_size) continue;
        argument::refuse(
            "position of an entry of X in " + std::string(row_major_ ? "row " : "column ") + std::to_string(k),
            inner(e), "positions that increase, below " + std::to_string(inner_size));
      }
    }
  }

  Matrix owned_;
  RowMatrix owned_rows_;
  const Scalar* values_ = nullptr;
  const StorageIndex* inner_ = nullptr;
  const StorageIndex* outer_ = nullptr;
  Eigen::Index rows_ = 0, cols_ = 0;
  bool row_major_ = false;
};

template <class Design>
inline constexpr bool is_sparse = false;
template <Real Scalar, std::integral StorageIndex>
inline constexpr bool is_sparse<SparseDesign<Scalar, StorageIndex>> = true;

template <DesignMatrix X>
struct DesignType {
  using type = DenseDesign<typename X::Scalar>;
};
template <SparseMatrix X>
struct DesignType<X> {
  using type = SparseDesign<typename X::Scalar, typename X::StorageIndex>;
};
/// What X is narrowed to.
template <DesignMatrix X>
using DesignOf = typename DesignType<X>::type;

/// X so that a sparse one lies by columns. x outlives the result.
template <DesignMatrix X>
[[nodiscard]] DesignOf<X> with_columns(const X& x) {
  if constexpr (SparseMatrix<X>) {
    return DesignOf<X>(x, true);
  } else {
    return DesignOf<X>(x);
  }
}

}  // namespace aprender::solver
