/// The samples a solver works on.
#pragma once

#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender::solver {

/// X as the solvers see it: what `fit` narrows every expression to, so that a solver is instantiated once a scalar.
/// Rows or columns that lie contiguously in memory are viewed, anything else is evaluated once.
template <Real Scalar>
class Design {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  using View = Eigen::Map<const Matrix, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

  /// x outlives this object.
  template <DesignMatrix X>
  explicit Design(const X& x) {
    if constexpr ((X::Flags & Eigen::DirectAccessBit) != 0) {
      if (x.innerStride() == 1) {
        view(x.data(), x.rows(), x.cols(), x.outerStride(), X::IsRowMajor != 0);
        return;
      }
    }
    owned_ = x;
    view(owned_.data(), owned_.rows(), owned_.cols(), owned_.rows(), false);
  }
  Design(const Design&) = delete;
  Design& operator=(const Design&) = delete;

  [[nodiscard]] Eigen::Index rows() const noexcept { return rows_; }
  [[nodiscard]] Eigen::Index cols() const noexcept { return cols_; }
  [[nodiscard]] const Scalar* data() const noexcept { return data_; }
  [[nodiscard]] Eigen::Index row_stride() const noexcept { return row_stride_; }
  [[nodiscard]] Eigen::Index column_stride() const noexcept { return column_stride_; }
  [[nodiscard]] View matrix() const { return {data_, rows_, cols_, {column_stride_, row_stride_}}; }

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

/// The samples of positive weight with weights that sum to their number. Views X unless some weight is zero, in which
/// case the other rows are copied: a sample of zero weight is one that is not there, to the last bit.
template <Real Scalar, class Targets>
class Samples {
 public:
  /// x outlives this object. y has a row a row of x. Throws std::invalid_argument on weights that cannot be used.
  Samples(const Design<Scalar>& x, Targets y, const Eigen::VectorXd& sample_weight)
      : weight_(argument::normalised_weights(sample_weight, x.rows())),
        present_(indices_of_positive(weight_)),
        rows_(all_present() ? Rows() : Rows(x.matrix()(present_, Eigen::all))),
        copy_(rows_),
        x_(all_present() ? x : copy_),
        y_(all_present() ? std::move(y) : Targets(y(present_, Eigen::all))) {
    if (all_present()) return;
    argument::require_finite("X", x.matrix());
    weight_ = Eigen::VectorXd(weight_(present_));
  }
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  [[nodiscard]] const Design<Scalar>& x() const noexcept { return x_; }
  [[nodiscard]] const Targets& y() const noexcept { return y_; }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return weight_; }

 private:
  using Rows = typename Design<Scalar>::Matrix;

  [[nodiscard]] static std::vector<Eigen::Index> indices_of_positive(const Eigen::VectorXd& weight) {
    std::vector<Eigen::Index> indices;
    if ((weight.array() > 0).all()) return indices;
    for (Eigen::Index i = 0; i < weight.size(); ++i) {
      if (weight(i) > 0) indices.push_back(i);
    }
    return indices;
  }
  [[nodiscard]] bool all_present() const noexcept { return present_.empty(); }

  Eigen::VectorXd weight_;
  std::vector<Eigen::Index> present_;  ///< empty: all
  Rows rows_;
  Design<Scalar> copy_;
  const Design<Scalar>& x_;
  Targets y_;
};

}  // namespace aprender::solver
