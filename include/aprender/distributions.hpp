/// Normal, Student t and F distributions, for tests and confidence intervals.
///
/// Probabilities keep their relative accuracy in both tails, down to 1e-300: the relative error is below 1e-14
/// (normal), 1e-12 (t) and 1e-11 (F), with 1 to 1e6 degrees of freedom. NaN gives NaN.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "aprender/arguments.hpp"
#include "aprender/solvers/incomplete_beta.hpp"

namespace aprender {

namespace argument {

inline void require_probability(double probability) {
  require(probability > 0 && probability < 1, "probability", probability, "a number between 0 and 1");
}

inline void require_degrees_of_freedom(double degrees_of_freedom) {
  require(std::isfinite(degrees_of_freedom) && degrees_of_freedom > 0, "degrees_of_freedom", degrees_of_freedom,
          "a finite number > 0");
}

}  // namespace argument

/// The standard normal distribution.
class NormalDistribution {
 public:
  [[nodiscard]] double density(double z) const { return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi); }

  /// P(Z > z).
  [[nodiscard]] double survival(double z) const {
    const double x = z / std::numbers::sqrt2;
    const double tail = 0.5 * std::erfc(x);
    if (!(tail > 0) || !(std::abs(z) < 1e3)) return tail;
    // x is rounded, and sqrt2 too: z = sqrt2 (x + missed).
    const double missed = (std::fma(-x, std::numbers::sqrt2, z) - x * rounding_of_sqrt2) / std::numbers::sqrt2;
    return tail - missed * std::exp(-x * x) / std::sqrt(std::numbers::pi);
  }

  /// P(Z <= z).
  [[nodiscard]] double cdf(double z) const { return survival(-z); }

  /// The z with P(Z > z) = probability, 0 < probability < 1.
  [[nodiscard]] double upper_quantile(double probability) const {
    argument::require_probability(probability);
    if (probability > 0.5) return -upper_quantile(1 - probability);
    if (probability == 0.5) return 0.0;
    if (probability > 0.25) {
      const auto central = [](double z) { return 0.5 * std::erf(z / std::numbers::sqrt2); };
      return solver::solve_monotone(
          central, [&](double z) { return z * density(z) / central(z); }, 0.5 - probability, true);
    }
    return solver::solve_monotone([this](double z) { return survival(z); },
                                  [this](double z) { return -z * density(z) / survival(z); }, probability, false);
  }

 private:
  static constexpr double rounding_of_sqrt2 = -9.667293313452913e-17;  ///< sqrt(2) - numbers::sqrt2
};

/// Student's t distribution.
class StudentTDistribution {
 public:
  /// Throws std::invalid_argument unless degrees_of_freedom is finite and positive.
  explicit StudentTDistribution(double degrees_of_freedom) : degrees_of_freedom_(degrees_of_freedom) {
    argument::require_degrees_of_freedom(degrees_of_freedom);
  }

  /// P(T > t).
  [[nodiscard]] double survival(double t) const {
    if (t < 0) return 0.5 + central(-t);
    const double r = t / std::sqrt(degrees_of_freedom_);
    const auto [x, y] = shares(std::min(r, power_law));
    const double tail = 0.5 * solver::incomplete_beta(0.5 * degrees_of_freedom_, 0.5, x, y);
    return r > power_law ? tail * std::pow(power_law / r, degrees_of_freedom_) : tail;
  }

  /// P(T <= t).
  [[nodiscard]] double cdf(double t) const { return survival(-t); }

  /// The t with P(T > t) = probability, 0 < probability < 1.
  [[nodiscard]] double upper_quantile(double probability) const {
    argument::require_probability(probability);
    if (probability > 0.5) return -upper_quantile(1 - probability);
    if (probability == 0.5) return 0.0;
    if (probability > 0.25) {
      return solver::solve_monotone([this](double t) { return central(t); },
                                    [this](double t) { return density_times_t(t) / central(t); }, 0.5 - probability,
                                    true);
    }
    const double longest = power_law * std::sqrt(degrees_of_freedom_);
    const auto elasticity = [&](double t) {
      return t < longest ? -density_times_t(t) / survival(t) : -degrees_of_freedom_;
    };
    return solver::solve_monotone([this](double t) { return survival(t); }, elasticity, probability, false);
  }

 private:
  /// Beyond this multiple of sqrt(degrees of freedom) the tail is t^-degrees_of_freedom to the last digit.
  static constexpr double power_law = 1e8;

  struct Shares {
    double x, y;
  };
  /// 1 / (1 + r^2) and r^2 / (1 + r^2).
  [[nodiscard]] static Shares shares(double r) { return {1 / (1 + r * r), 1 / (1 + 1 / (r * r))}; }
  /// P(0 < T < t).
  [[nodiscard]] double central(double t) const {
    const auto [x, y] = shares(t / std::sqrt(degrees_of_freedom_));
    return 0.5 * solver::incomplete_beta(0.5, 0.5 * degrees_of_freedom_, y, x);
  }
  [[nodiscard]] double density_times_t(double t) const {
    const auto [x, y] = shares(t / std::sqrt(degrees_of_freedom_));
    return solver::beta_power(0.5 * degrees_of_freedom_, 0.5, x, y);
  }

  double degrees_of_freedom_;
};

/// The F distribution.
class FDistribution {
 public:
  /// Throws std::invalid_argument unless both degrees of freedom are finite and positive.
  FDistribution(double numerator, double denominator) : numerator_(numerator), denominator_(denominator) {
    argument::require_degrees_of_freedom(numerator);
    argument::require_degrees_of_freedom(denominator);
  }

  /// P(F > f).
  [[nodiscard]] double survival(double f) const {
    if (f <= 0) return 1.0;
    const double ratio = numerator_ * f / denominator_;
    return solver::incomplete_beta(0.5 * denominator_, 0.5 * numerator_, 1 / (1 + ratio), 1 / (1 + 1 / ratio));
  }

  /// P(F <= f).
  [[nodiscard]] double cdf(double f) const {
    if (f <= 0) return 0.0;
    const double ratio = numerator_ * f / denominator_;
    return solver::incomplete_beta(0.5 * numerator_, 0.5 * denominator_, 1 / (1 + 1 / ratio), 1 / (1 + ratio));
  }

 private:
  double numerator_, denominator_;
};

}  // namespace aprender
