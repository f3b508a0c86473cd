/// Summaries as lists of estimates, and problems to take them of.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Core>

#include "aprender/summary.hpp"
#include "models/random.hpp"

namespace aprender::test {

/// Intercept first.
std::vector<Estimate> estimates(const auto& summary) {
  std::vector<Estimate> all;
  if (summary.intercept) all.push_back(*summary.intercept);
  all.insert(all.end(), summary.coefficients.begin(), summary.coefficients.end());
  return all;
}

inline std::vector<Estimate> estimates(const LogisticSummary& summary) {
  std::vector<Estimate> all;
  for (const LogOdds& odds : summary.log_odds) {
    const std::vector<Estimate> more = estimates<LogOdds>(odds);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

/// The fit whose penalty has no say: maximum likelihood.
inline LogisticRegression likelihood(bool fit_intercept = true) {
  return {.C = 1e10, .fit_intercept = fit_intercept, .tol = 1e-12};
}

/// A problem of each kind whose columns have means and units of their own.
struct Problem {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  Eigen::VectorXi classes;  ///< 0, 1, 2

  explicit Problem(std::uint64_t seed, Eigen::Index n = 60, Eigen::Index p = 3) : x(n, p), y(n), classes(n) {
    Random random(seed);
    const Eigen::MatrixXd u = random.matrix(n, p);
    y = u.col(0) - u.col(p - 1) + 2 * random.vector(n);
    for (Eigen::Index j = 0; j < p; ++j) x.col(j) = (u.col(j).array() + static_cast<double>(j)) * std::pow(10, j);
    for (Eigen::Index i = 0; i < n; ++i) classes(i) = y(i) < -0.6 ? 0 : y(i) < 0.6 ? 1 : 2;
  }
  [[nodiscard]] Eigen::VectorXi two_classes() const { return (classes.array() > 0).cast<int>(); }
};

/// Both kinds of classification, and the regression, of a problem.
inline std::vector<std::vector<Estimate>> all_estimates(const Problem& problem, const Eigen::MatrixXd& x,
                                                        const FitOptions& fit_options = {}) {
  const auto classify = [&](const Eigen::VectorXi& labels) {
    return estimates(summary(likelihood().fit(x, labels, fit_options), x, labels, fit_options));
  };
  const auto fit = LinearRegression{}.fit(x, problem.y, fit_options);
  return {estimates(summary(fit, x, problem.y, fit_options)), classify(problem.two_classes()),
          classify(problem.classes)};
}

inline void expect_close(const Estimate& a, const Estimate& b, double relative) {
  EXPECT_NEAR(a.value, b.value, relative * b.standard_error);
  EXPECT_NEAR(a.standard_error, b.standard_error, relative * b.standard_error);
  EXPECT_NEAR(a.statistic, b.statistic, relative * (1 + std::abs(b.statistic)));
  EXPECT_NEAR(a.p_value, b.p_value, 10 * relative);
}

inline void expect_missing(const Estimate& estimate) {
  EXPECT_TRUE(std::isnan(estimate.standard_error));
  EXPECT_TRUE(std::isnan(estimate.statistic));
  EXPECT_TRUE(std::isnan(estimate.p_value));
  EXPECT_TRUE(std::isnan(estimate.lower));
  EXPECT_TRUE(std::isnan(estimate.upper));
}

}  // namespace aprender::test
