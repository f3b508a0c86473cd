/// What `fit` and `predict` accept, and how they answer arguments that do not fit: std::invalid_argument that names
/// both values.
#pragma once

#include <concepts>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include <Eigen/Core>

namespace aprender {

/// Any dense Eigen matrix expression of float or double: n_samples x n_features.
template <class X>
concept DesignMatrix =
    std::derived_from<X, Eigen::MatrixBase<X>> && std::floating_point<typename X::Scalar>;

/// A column of real targets, n_samples; a matrix has one column a target.
template <class Y>
concept TargetVector = DesignMatrix<Y> && Y::ColsAtCompileTime == 1;
template <class Y>
concept TargetMatrix = DesignMatrix<Y> && Y::ColsAtCompileTime != 1;

/// A column of integer labels, n_samples.
template <class Y>
concept LabelVector = std::derived_from<Y, Eigen::MatrixBase<Y>> && std::integral<typename Y::Scalar> &&
                      Y::ColsAtCompileTime == 1;

namespace argument {

template <class A, class B>
void require_equal(std::string_view what, const A& value, std::string_view expected, const B& expected_value) {
  if (value == expected_value) return;
  std::ostringstream message;
  message << what << " is " << value << ", expected " << expected_value << " (" << expected << ")";
  throw std::invalid_argument(message.str());
}

template <class Scalar>
[[nodiscard]] auto as_row(std::span<const Scalar> row, Eigen::Index n_features) {
  require_equal("length of the row", static_cast<Eigen::Index>(row.size()), "features of the model", n_features);
  return Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(row.data(), n_features);
}

}  // namespace argument
}  // namespace aprender
