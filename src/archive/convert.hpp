/// A stored model as the type that is asked for.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aprender/error.hpp"
#include "archive/linear_map.hpp"

namespace aprender::archive {

/// Rounds each element once; false if a finite one became infinite or a nonzero one zero.
template <class To, class From>
[[nodiscard]] bool narrow(const From& from, To& to) {
  to = from.template cast<typename To::Scalar>();
  for (Eigen::Index i = 0; i < from.size(); ++i) {
    const auto value = to.data()[i];
    if (!std::isfinite(value) || (value == 0 && from.data()[i] != 0)) return false;
  }
  return true;
}

[[nodiscard]] inline const char* scalar_name(float) { return "float"; }
[[nodiscard]] inline const char* scalar_name(double) { return "double"; }

template <class Scalar, int Targets>
[[nodiscard]] std::string type_name(const LinearModel<Scalar, Targets>*) {
  return std::string("LinearModel<") + scalar_name(Scalar{}) + (Targets == 1 ? ">" : ", Dynamic>");
}
template <class Scalar>
[[nodiscard]] std::string type_name(const LogisticModel<Scalar>*) {
  return std::string("LogisticModel<") + scalar_name(Scalar{}) + ">";
}

/// The model with its weights rounded to another scalar; models of different kinds do not convert.
template <class To, class From>
[[nodiscard]] Result<To> convert(const From& from) {
  const auto lossy = [](std::string_view tensor) {
    return tl::unexpected(Error{ErrorCode::lossy_conversion,
                                std::string(tensor) + ": a weight is out of the range of the requested scalar"});
  };
  constexpr bool same_kind = is_classifier<To> == is_classifier<From> &&
                             int{To::Coefficients::ColsAtCompileTime} == int{From::Coefficients::ColsAtCompileTime};
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else if constexpr (same_kind) {
    typename To::Coefficients w;
    if (!narrow(from.coefficients(), w)) return lossy("coefficients");
    Eigen::Matrix<typename From::Scalar, 1, Eigen::Dynamic> b(n_outputs(from));
    for (Eigen::Index o = 0; o < b.size(); ++o) b(o) = intercept_of(from, o);
    Eigen::Matrix<typename To::Scalar, 1, Eigen::Dynamic> intercept;
    if (!narrow(b, intercept)) return lossy("intercept");
    if constexpr (is_classifier<To>) {
      return To(std::move(w), std::move(intercept), from.classes());
    } else {
      return To(std::move(w), typename To::Intercept(intercept));
    }
  } else {
    return tl::unexpected(
        Error{ErrorCode::wrong_model_type, "the archive holds a " + type_name(static_cast<const From*>(nullptr)) +
                                               ", not a " + type_name(static_cast<const To*>(nullptr))});
  }
}

}  // namespace aprender::archive
