/// Sums of products as if computed with twice the digits (Ogita, Rump, Oishi: Accurate sum and dot product, 2005).
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

namespace aprender::archive {

class CompensatedSum {
 public:
  void add(double value) noexcept {
    const double sum = high_ + value;
    const double shifted = sum - high_;
    low_ += (high_ - (sum - shifted)) + (value - shifted);
    high_ = sum;
  }
  void add_product(double a, double b) noexcept {
    const double product = a * b;
    add(product);
    low_ += std::fma(a, b, -product);
  }

  /// The sum, rounded once to Scalar.
  template <std::floating_point Scalar>
  [[nodiscard]] Scalar rounded() const noexcept {
    double high = high_ + low_;
    if constexpr (sizeof(Scalar) < sizeof(double)) {
      // Round to odd first: rounding that to fewer digits is as good as rounding the exact sum.
      const double low = low_ - (high - high_);
      if (low != 0.0 && is_even(high)) high = std::nextafter(high, low > 0.0 ? infinity : -infinity);
    }
    return static_cast<Scalar>(high);
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  [[nodiscard]] static bool is_even(double value) noexcept {
    int exponent = 0;
    const double digits = std::ldexp(std::frexp(value, &exponent), std::numeric_limits<double>::digits);
    return std::fmod(digits, 2.0) == 0.0;
  }

  double high_ = 0.0;
  double low_ = 0.0;
};

}  // namespace aprender::archive
