/// The regularised incomplete beta function and the inversion of distributions.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace aprender::solver {

/// x - log(1 + x) >= 0 for ratio = 1 + x > 0, both given so that neither loses digits.
[[nodiscard]] inline double log_remainder(double x, double ratio) {
  if (std::abs(x) > 0.5) return x - std::log(ratio);
  const double s = x / (2 + x);  // log(1 + x) = 2 atanh(s)
  double power = s * s * s;
  double sum = 0.0;
  for (int k = 3; std::abs(power) > std::numeric_limits<double>::epsilon() * std::abs(sum); k += 2, power *= s * s) {
    sum += power / k;
  }
  return x * s - 2 * sum;
}

/// log Gamma(x + 1) - ((x + 1/2) log x - x + log(2 pi) / 2) for x > 0: what Stirling's formula misses.
[[nodiscard]] inline double stirling_error(double x) {
  double below = 0.0;
  for (; x < 12; ++x) below += (x + 0.5) * std::log1p(1 / x) - 1;
  const double z = 1 / (x * x);
  const double series =
      1.0 / 12 -
      z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360360 - z / 156)))));
  return below + series / x;
}

/// x^a y^b / B(a, b) for a, b > 0 and y = 1 - x, as the deviance of a binomial (Loader, 2000), which takes no
/// difference of large logarithms.
[[nodiscard]] inline double beta_power(double a, double b, double x, double y) {
  if (x <= 0 || y <= 0) return 0.0;
  const double n = a + b;
  const double excess = a * y - b * x;
  const double deviance = a * log_remainder(-excess / a, n * x / a) + b * log_remainder(excess / b, n * y / b);
  const double correction = stirling_error(n) - stirling_error(a) - stirling_error(b);
  return std::sqrt(a * (b / n) / (2 * std::numbers::pi)) * std::exp(correction - deviance);
}

/// The regularised incomplete beta function I_x(a, b) for a, b > 0 and y = 1 - x.
///
/// The continued fraction of DiDonato and Morris (1992, equation 9) by Lentz's method, for x or y, whichever converges
/// fast: at most O(sqrt(max(a, b))) terms.
[[nodiscard]] inline double incomplete_beta(double a, double b, double x, double y) {
  if (std::isnan(x) || std::isnan(y)) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0) return 0.0;
  if (y <= 0) return 1.0;
  const double n = a + b;
  const bool complement = x > (a + 1) / (n + 2);
  if (complement) {
    std::swap(a, b);
    std::swap(x, y);
  }
  const auto nonzero = [](double value) { return value == 0 ? std::numeric_limits<double>::min() : value; };
  const double excess = a * y - b * x + 1;
  double c = nonzero(a * excess / (a + 1));
  double d = 0.0;
  double fraction = c;
  for (double m = 1; m < 1e6; ++m) {
    const double before = a + 2 * m - 1;
    const double numerator = (a + m - 1) * ((n + m - 1) / before) * (m / before) * (b - m) * x * x;
    const double denominator = m + m * (b - m) * x / before + (a + m) * (excess + m * (1 + y)) / (before + 2);
    d = 1 / nonzero(denominator + numerator * d);
    c = nonzero(denominator + numerator / c);
    fraction *= c * d;
    if (std::abs(c * d - 1) <= std::numeric_limits<double>::epsilon()) break;
  }
  const double tail = beta_power(a, b, x, y) / fraction;
  return complement ? 1 - tail : tail;
}

/// The t > 0 with g(t) = value > 0 for a positive monotone g; elasticity(t) = t g'(t) / g(t), negative if g decreases.
/// Newton's method on log g as a function of log t, kept inside a bracket.
template <class Function, class Elasticity>
[[nodiscard]] double solve_monotone(const Function& g, const Elasticity& elasticity, double value, bool increasing) {
  double low = -745, high = 710;  // log t
  double u = 0.0;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const double t = std::exp(u);
    const double at = g(t);
    if (at == value) break;
    ((at < value) == increasing ? low : high) = u;
    const double newton = u + std::log(value / at) / elasticity(t);
    const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
    if (std::abs(next - u) <= 2 * std::numeric_limits<double>::epsilon()) break;
    u = next;
  }
  return std::exp(u);
}

}  // namespace aprender::solver
