// Least squares on enough rows for means to be those of a sample at first: data that mislead a sample.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

constexpr Eigen::Index n_rows = 6000;

/// The certificate of the report is the backward error as docs/numerics.md defines it, and within its tolerance.
void expect_certified(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& weight = {}) {
  for (const double alpha : {0.0, 10.0}) {
    for (const bool intercept : {true, false}) {
      SCOPED_TRACE("alpha " + std::to_string(alpha) + (intercept ? ", intercept" : ""));
      const CentredProblem problem(x, y, weight, intercept);
      const auto expect = [&](const auto& fit) {
        EXPECT_TRUE(fit.report.converged) << fit.report.solver << " " << *fit.report.backward_error;
        const Vector w = fit.model.coefficients().template cast<Real>();
        EXPECT_LE(static_cast<double>(problem.backward_error(w, alpha)), fit.report.tolerance);
        const Real missed = fit.model.intercept() - problem.best_intercept(w);
        EXPECT_LE(static_cast<double>(std::abs(missed)),
                  1e-12 * static_cast<double>(std::abs(problem.y_mean) + problem.x_mean.cwiseAbs().dot(w.cwiseAbs())));
        const Real objective =
            (problem.b - problem.a * w).squaredNorm() + problem.n * missed * missed + alpha * w.squaredNorm();
        EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-10 * static_cast<double>(objective));
      };
      for (const int threads : {1, 2}) {
        const FitOptions options{.sample_weight = weight, .threads = threads};
        expect(Ridge{.alpha = alpha, .fit_intercept = intercept}.fit(x, y, options));
      }
      const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> by_rows = x;
      expect(Ridge{.alpha = alpha, .fit_intercept = intercept}.fit(by_rows, y, {.sample_weight = weight}));
    }
  }
}

struct Data {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

Data data(std::uint64_t seed) {
  Random random(seed);
  const Eigen::MatrixXd x = random.matrix(n_rows, 4);
  const Eigen::VectorXd noise = random.vector(n_rows);
  return {x, x.rowwise().sum() + noise};
}

TEST(LargeLeastSquares, PlainAndWeighted) {
  const auto [x, y] = data(1);
  expect_certified(x, y);
  Random random(2);
  expect_certified(x, y, random.integers(n_rows, 1, 1, 3));
}

TEST(LargeLeastSquares, SortedRowsAndMeansFarFromZero) {
  auto [x, y] = data(3);
  std::sort(x.col(0).begin(), x.col(0).end());
  x.col(1).array() += 1e5;
  x.col(2) = 1e-200 * x.col(2).array() - 3e-198;
  expect_certified(x, y);
}

// A few rows, of which a sample sees none, hold nearly all of the squares.
TEST(LargeLeastSquares, OutliersThatASampleMisses) {
  auto [x, y] = data(4);
  for (const Eigen::Index row : {1, 1777, 5999}) x(row, 0) = 1e6 * static_cast<double>(row % 7 + 1);
  x(4001, 1) = -1e12;
  expect_certified(x, y);
}

// The sample is the outlier: its rows are not like the others.
TEST(LargeLeastSquares, ASampleUnlikeTheRest) {
  auto [x, y] = data(5);
  for (Eigen::Index k = 0; k < 256; ++k) x.row(k * n_rows / 256).array() += 1e9;
  expect_certified(x, y);
}

TEST(LargeLeastSquares, AColumnThatOverflowsBesideItsSample) {
  auto [x, y] = data(6);
  x.col(1) *= 1e-300;
  x(3, 1) = 1e300;
  const auto fit = Ridge{.alpha = 1}.fit(x, y);
  EXPECT_TRUE(fit.model.coefficients().allFinite());
  EXPECT_TRUE(fit.report.converged);
}

TEST(LargeLeastSquares, WhatIsNotFiniteIsNamedWhereverItIs) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto [x, y] = data(7);
    x(4567, 2) = bad;
    try {
      static_cast<void>(LinearRegression{}.fit(x, y));
      ADD_FAILURE() << "accepted";
    } catch (const std::invalid_argument& refused) {
      EXPECT_NE(std::string(refused.what()).find("X(4567, 2) is "), std::string::npos) << refused.what();
    }
  }
}

TEST(LargeLeastSquares, ConstantAndCollinearColumnsGoToTheFactorisation) {
  auto [x, y] = data(8);
  x.col(1).setConstant(0.1);
  x.col(3) = 2 * x.col(0);
  const auto fit = LinearRegression{}.fit(x, y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.report.rank, 2);
  EXPECT_EQ(fit.model.coefficients()(1), 0);
  EXPECT_NEAR(fit.model.coefficients()(3), 2 * fit.model.coefficients()(0), 1e-12);
}

TEST(LargeLeastSquares, OfFloatsIsCertifiedAtTheRoundedCoefficients) {
  const auto [x, y] = data(9);
  const auto fit = LinearRegression{}.fit(x.cast<float>(), y);
  EXPECT_TRUE(fit.report.converged);
  const CentredProblem problem(x, y, {}, true);
  const double error = static_cast<double>(problem.backward_error(fit.model.coefficients().cast<Real>(), 0));
  EXPECT_NEAR(*fit.report.backward_error, error, 0.5 * error + 1e-12);
}

}  // namespace
}  // namespace aprender::test
