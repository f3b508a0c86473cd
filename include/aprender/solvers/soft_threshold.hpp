/// The step of coordinate descent on an L1 penalty.
#pragma once

#include <cmath>

namespace aprender::solver {

/// The minimiser over v of  1/2 curvature v^2 - target v + lambda |v|,  v >= 0 if positive (Friedman, Hastie,
/// Tibshirani, 2010, equation 6); zero if there is no curvature.
[[nodiscard]] inline double soft_threshold(double target, double lambda, double curvature, bool positive) {
  const double shrunk = (positive ? target : std::abs(target)) - lambda;
  return shrunk > 0 && curvature > 0 ? std::copysign(shrunk, target) / curvature : 0.0;
}

}  // namespace aprender::solver
