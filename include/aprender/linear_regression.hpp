#pragma once

#include "aprender/fitted.hpp"

namespace aprender {

struct LinearRegression {
  bool fit_intercept = true;

  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<LinearRegression, LinearModel<typename X::Scalar>>;
};

}  // namespace aprender
