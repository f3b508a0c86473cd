#pragma once

#include "aprender/fitted.hpp"

namespace aprender {

struct ElasticNet {
  double alpha = 1.0;
  double l1_ratio = 0.5;
  bool fit_intercept = true;
  double tol = 1e-8;
  std::int64_t max_iter = 10'000;

  template <DesignMatrix X, TargetVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& y, const FitOptions& options = {}) const
      -> Fit<ElasticNet, LinearModel<typename X::Scalar>>;
};

}  // namespace aprender
