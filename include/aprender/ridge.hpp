#pragma once

#include "aprender/fitted.hpp"

namespace aprender {

struct Ridge {
  double alpha = 1.0;
  bool fit_intercept = true;

  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<Ridge, LinearModel<typename X::Scalar>>;
};

}  // namespace aprender
