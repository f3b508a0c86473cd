#pragma once

#include "aprender/fitted.hpp"

namespace aprender {

struct LogisticRegression {
  double C = 1.0;
  bool fit_intercept = true;
  double tol = 1e-8;
  std::int64_t max_iter = 100;

  template <DesignMatrix X, LabelVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& labels, const FitOptions& options = {}) const
      -> Fit<LogisticRegression, LogisticModel<typename X::Scalar>>;
};

}  // namespace aprender
