// Distributions agree with R, and with what is known in closed form, to their last digits and far into the tails.

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/distributions.hpp"

namespace aprender {
namespace {

/// Distance in units of the expected value.
double relative_error(double value, double expected) { return std::abs(value - expected) / std::abs(expected); }

struct Reference {
  std::string function;
  double first;
  double second;
  double at;
  double value;
};

double evaluate(const Reference& reference) {
  const auto& [function, first, second, at, value] = reference;
  if (function == "normal survival") return NormalDistribution().survival(at);
  if (function == "normal quantile") return NormalDistribution().upper_quantile(at);
  if (function == "t survival") return StudentTDistribution(first).survival(at);
  if (function == "t quantile") return StudentTDistribution(first).upper_quantile(at);
  if (function == "F survival") return FDistribution(first, second).survival(at);
  if (function == "F cdf") return FDistribution(first, second).cdf(at);
  throw std::logic_error(function);
}

// Neither R nor this library is exact to the last digit at 1e-300: an argument of F rounded by half a unit in the last
// place already moves the probability by 1e-12. (The quantiles of t are left out below 1e-20, where R has four digits.)
TEST(Distributions, AgreeWithR) {
  const std::vector<Reference> references = {
#include "models/reference_distributions.inc"
  };
  for (const Reference& reference : references) {
    const double tolerance = reference.function.front() == 'F' ? 1e-11 : 1e-12;
    EXPECT_LE(relative_error(evaluate(reference), reference.value), tolerance)
        << reference.function << " with " << reference.first << ", " << reference.second << " at " << reference.at
        << ": " << evaluate(reference) << ", R " << reference.value;
  }
  EXPECT_GE(references.size(), 900U);
}

// Abramowitz and Stegun, 26.7: closed forms for one and two degrees of freedom; beyond 1e8 those of a power law.
TEST(StudentT, HasItsClosedForms) {
  for (const double t : {1e-12, 0.3, 1.0, 4.0, 1e5, 1e8, 1e9, 1e40, 1e149}) {
    EXPECT_LE(relative_error(StudentTDistribution(1).survival(t), std::atan(1 / t) / std::numbers::pi), 1e-13) << t;
    const double root = std::sqrt(2.0) * std::hypot(1.0, t / std::sqrt(2.0));
    EXPECT_LE(relative_error(StudentTDistribution(2).survival(t), 1 / root / (root + t)), 1e-13) << t;
  }
}

TEST(StudentT, TendsToTheNormalDistribution) {
  for (const double z : {0.01, 1.0, 3.0, 8.0}) {
    // The first term of the expansion in 1 / degrees of freedom is z (z^2 + 1) / 4 times the density.
    const double distance = z * (z * z + 1) / 4 * NormalDistribution().density(z) / 1e6;
    EXPECT_NEAR(StudentTDistribution(1e6).survival(z), NormalDistribution().survival(z) + distance, 1e-3 * distance);
    EXPECT_LE(relative_error(StudentTDistribution(1e13).survival(z), NormalDistribution().survival(z)), 1e-8);
  }
}

TEST(F, OfOneNumeratorIsTheSquareOfT) {
  for (const double df : {1.0, 3.5, 20.0, 1e5}) {
    for (const double t : {1e-5, 0.7, 2.0, 9.0, 30.0}) {
      const double both_tails = 2 * StudentTDistribution(df).survival(t);
      EXPECT_LE(relative_error(FDistribution(1, df).survival(t * t), both_tails), 1e-12) << df << " " << t;
    }
  }
}

TEST(F, TurnsUpsideDown) {
  for (const double f : {1e-3, 0.8, 1.3, 40.0}) {
    EXPECT_LE(relative_error(FDistribution(3, 17).survival(f), FDistribution(17, 3).cdf(1 / f)), 1e-13) << f;
  }
}

// A quantile in error by its last digit moves a probability of 1e-290 by 1e-12.
TEST(Distributions, QuantilesInvertSurvival) {
  for (const double p : {1e-290, 1e-30, 1e-3, 0.2499, 0.2501, 0.5, 0.4999999, 0.9, 0.99999}) {
    EXPECT_LE(relative_error(NormalDistribution().survival(NormalDistribution().upper_quantile(p)), p), 2e-12) << p;
    for (const double df : {1.0, 2.5, 11.0, 1e6}) {
      const StudentTDistribution t(df);
      EXPECT_LE(relative_error(t.survival(t.upper_quantile(p)), p), 2e-12) << df << " " << p;
    }
  }
}

TEST(Distributions, HaveTheirLimits) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(NormalDistribution().survival(infinity), 0);
  EXPECT_EQ(NormalDistribution().survival(-infinity), 1);
  EXPECT_EQ(NormalDistribution().upper_quantile(0.5), 0);
  for (const double df : {1.0, 4.0, 1e6}) {
    const StudentTDistribution t(df);
    EXPECT_EQ(t.survival(0), 0.5);
    EXPECT_EQ(t.survival(infinity), 0);
    EXPECT_EQ(t.survival(-infinity), 1);
    EXPECT_EQ(t.upper_quantile(0.5), 0);
    EXPECT_EQ(FDistribution(2, df).survival(0), 1);
    EXPECT_EQ(FDistribution(2, df).survival(-1), 1);
    EXPECT_EQ(FDistribution(2, df).survival(infinity), 0);
    EXPECT_EQ(FDistribution(2, df).cdf(infinity), 1);
    EXPECT_EQ(FDistribution(2, df).cdf(0), 0);
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(NormalDistribution().survival(nan)));
  EXPECT_TRUE(std::isnan(StudentTDistribution(3).survival(nan)));
  EXPECT_TRUE(std::isnan(FDistribution(3, 3).survival(nan)));
  EXPECT_TRUE(std::isnan(FDistribution(3, 3).cdf(nan)));
}

TEST(Distributions, RefuseWhatTheyAreNotDefinedFor) {
  for (const double df : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THROW(StudentTDistribution{df}, std::invalid_argument) << df;
    EXPECT_THROW(FDistribution(df, 1), std::invalid_argument) << df;
    EXPECT_THROW(FDistribution(1, df), std::invalid_argument) << df;
  }
  for (const double p : {0.0, 1.0, -0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(static_cast<void>(NormalDistribution().upper_quantile(p)), std::invalid_argument) << p;
    EXPECT_THROW(static_cast<void>(StudentTDistribution(3).upper_quantile(p)), std::invalid_argument) << p;
  }
}

}  // namespace
}  // namespace aprender
