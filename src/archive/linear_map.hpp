/// Every model of the library is a linear map x W' + b before anything else: one way to look at all of them.
#pragma once

#include <Eigen/Core>

#include "aprender/archive.hpp"

namespace aprender::archive {

template <class Scalar, int Targets>
[[nodiscard]] Eigen::Index n_outputs(const LinearModel<Scalar, Targets>& model) {
  return model.n_targets();
}
template <class Scalar>
[[nodiscard]] Eigen::Index n_outputs(const LogisticModel<Scalar>& model) {
  return model.coefficients().rows();
}

/// Coefficients of one output, in storage order: the row-major tensor is these one after the other.
template <class Scalar, int Targets>
[[nodiscard]] auto coefficients_of(const LinearModel<Scalar, Targets>& model, Eigen::Index output) {
  return Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(
      model.coefficients().data() + output * model.n_features(), model.n_features());
}
template <class Scalar>
[[nodiscard]] auto coefficients_of(const LogisticModel<Scalar>& model, Eigen::Index output) {
  return Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(
      model.coefficients().data() + output * model.n_features(), model.n_features());
}

template <class Scalar, int Targets>
[[nodiscard]] Scalar intercept_of(const LinearModel<Scalar, Targets>& model, Eigen::Index output) {
  if constexpr (Targets == 1) {
    return model.intercept();
  } else {
    return model.intercept()(output);
  }
}
template <class Scalar>
[[nodiscard]] Scalar intercept_of(const LogisticModel<Scalar>& model, Eigen::Index output) {
  return model.intercept()(output);
}

template <class Model>
inline constexpr bool is_classifier = false;
template <class Scalar>
inline constexpr bool is_classifier<LogisticModel<Scalar>> = true;

/// x W' + b by the code path that users call.
template <class Scalar, int Targets, class X>
[[nodiscard]] auto scores_of(const LinearModel<Scalar, Targets>& model, const X& x) {
  return model.predict(x);
}
template <class Scalar, class X>
[[nodiscard]] auto scores_of(const LogisticModel<Scalar>& model, const X& x) {
  return model.decision_function(x);
}

}  // namespace aprender::archive
