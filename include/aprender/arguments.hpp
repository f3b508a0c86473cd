/// What `fit` and `predict` accept, and how they answer arguments that do not fit: std::invalid_argument that names
/// both values.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <Eigen/Core>
#include <Eigen/SparseCore>

namespace aprender {

namespace argument {

/// Declared only, for concepts to ask what could be passed.
template <class Derived>
void accept_dense(const Eigen::MatrixBase<Derived>& x);
template <class Derived>
void accept_sparse(const Eigen::SparseMatrixBase<Derived>& x);

}  // namespace argument

/// The scalars of a model.
template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

/// Any dense Eigen matrix expression: matrix, block, transpose, product, Map, Ref.
template <class X>
concept MatrixExpression = requires(const X& x) {
  argument::accept_dense(x);
};

/// Any dense Eigen matrix expression of float or double.
template <class X>
concept DenseMatrix = MatrixExpression<X> && Real<typename X::Scalar>;

/// Any sparse Eigen matrix expression of float or double, of any storage order and index type.
template <class X>
concept SparseMatrix = requires(const X& x) {
  argument::accept_sparse(x);
}
&&Real<typename X::Scalar>;

/// What is fitted to or predicted from: n_samples x n_features.
template <class X>
concept DesignMatrix = DenseMatrix<X> || SparseMatrix<X>;

/// A column of real targets, n_samples; a matrix has one column a target.
template <class Y>
concept TargetVector = DenseMatrix<Y> && Y::ColsAtCompileTime == 1;
template <class Y>
concept TargetMatrix = DenseMatrix<Y> && Y::ColsAtCompileTime != 1;

/// A column of integer labels, n_samples.
template <class Y>
concept LabelVector = MatrixExpression<Y> && std::integral<typename Y::Scalar> && Y::ColsAtCompileTime == 1;

namespace argument {

/// A number in the shortest digits that read back the same, or anything else as it prints.
[[nodiscard]] std::string text(const auto& value) {
  using Value = std::remove_cvref_t<decltype(value)>;
  if constexpr (std::floating_point<Value>) {
    if (std::isnan(value)) return "nan";
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
  } else if constexpr (std::integral<Value>) {
    return std::to_string(value);
  } else {
    return std::string(value);
  }
}

[[noreturn]] void refuse(std::string_view what, const auto& value, std::string_view expected) {
  throw std::invalid_argument(std::string(what) + " is " + text(value) + ", expected " + std::string(expected));
}

void require(bool condition, std::string_view what, const auto& value, std::string_view expected) {
  if (!condition) refuse(what, value, expected);
}

template <class A, class B>
void require_equal(std::string_view what, const A& value, std::string_view expected, const B& expected_value) {
  if (value != expected_value) refuse(what, value, text(expected_value) + " (" + std::string(expected) + ")");
}

/// Every entry finite; names the first that is not, column by column: "X(3, 2) is nan, expected a finite number".
template <class Derived>
void require_finite(std::string_view what, const Eigen::DenseBase<Derived>& values) {
  for (Eigen::Index j = 0; j < values.cols(); ++j) {
    if (values.col(j).allFinite()) continue;
    for (Eigen::Index i = 0; i < values.rows(); ++i) {
      if (std::isfinite(values(i, j))) continue;
      const std::string column = Derived::ColsAtCompileTime == 1 ? "" : ", " + std::to_string(j);
      refuse(std::string(what) + "(" + std::to_string(i) + column + ")", values(i, j), "a finite number");
    }
  }
}

template <class Scalar>
[[nodiscard]] auto as_row(std::span<const Scalar> row, Eigen::Index n_features) {
  require_equal("length of the row", static_cast<Eigen::Index>(row.size()), "features of the model", n_features);
  return Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(row.data(), n_features);
}

/// The weights of the samples, normalised to sum to the number of samples present: those of positive weight.
/// An empty `sample_weight` gives n_samples ones. Throws std::invalid_argument on another size, a negative or
/// non-finite weight (naming its index), and if no weight is positive.
[[nodiscard]] inline Eigen::VectorXd normalised_weights(const Eigen::VectorXd& sample_weight, Eigen::Index n_samples) {
  if (sample_weight.size() == 0) return Eigen::VectorXd::Ones(n_samples);
  require_equal("length of sample_weight", sample_weight.size(), "rows of X", n_samples);
  for (Eigen::Index i = 0; i < n_samples; ++i) {
    const double weight = sample_weight(i);
    require(std::isfinite(weight) && weight >= 0, "sample_weight(" + std::to_string(i) + ")", weight,
            "a finite number >= 0");
  }
  const double largest = sample_weight.maxCoeff();
  require(largest > 0, "largest sample_weight", largest, "at least one positive weight");
  const Eigen::VectorXd relative = sample_weight / largest;
  const auto present = static_cast<double>((relative.array() > 0).count());
  return relative * (present / relative.sum());
}

/// Throws std::invalid_argument unless X has a row and a column and y as many rows, and y is finite. That X is finite
/// is checked where it is read first.
template <class X, class Y>
void require_samples(const X& x, const Eigen::DenseBase<Y>& y) {
  require(x.rows() > 0, "rows of X", x.rows(), "at least 1");
  require(x.cols() > 0, "columns of X", x.cols(), "at least 1");
  require_equal("rows of y", y.rows(), "rows of X", x.rows());
  if constexpr (std::floating_point<typename Y::Scalar>) require_finite("y", y);
}

}  // namespace argument
}  // namespace aprender
