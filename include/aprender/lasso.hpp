#pragma once

#include "aprender/fitted.hpp"

namespace aprender {

struct Lasso {
  double alpha = 1.0;
  bool fit_intercept = true;
  double tol = 1e-8;
  std::int64_t max_iter = 10'000;

  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<Lasso, LinearModel<typename X::Scalar>>;
};

}  // namespace aprender
