// Fits large enough for their Gram matrices to be taken in single precision first: what comes of them is as exact as
// without.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <Eigen/QR>

#include "aprender/models.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

struct Data {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

Data data(std::uint64_t seed, Eigen::Index n, Eigen::Index p) {
  Random random(seed);
  const Eigen::MatrixXd x = random.matrix(n, p);
  const Eigen::VectorXd noise = random.vector(n);
  return {x, x.leftCols(10).rowwise().sum() + noise};
}

/// Certified as docs/numerics.md defines it, and within a few units of the limits of double of the solution by QR of
/// the centred columns.
void expect_exact(const Data& given, const Eigen::VectorXd& weight = {}) {
  for (const bool intercept : {true, false}) {
    SCOPED_TRACE(intercept ? "intercept" : "no intercept");
    const CentredProblem problem(given.x, given.y, weight, intercept);
    const Eigen::MatrixXd a = problem.a.cast<double>();
    const Eigen::VectorXd b = problem.b.cast<double>();
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(a);
    Eigen::VectorXd reference = qr.solve(b);
    reference += qr.solve(Eigen::VectorXd((problem.b - problem.a * reference.cast<Real>()).cast<double>()));
    for (const int threads : {1, 2}) {
      const auto fit = LinearRegression{.fit_intercept = intercept}.fit(given.x, given.y,
                                                                        {.sample_weight = weight, .threads = threads});
      EXPECT_EQ(fit.report.solver, "Cholesky");
      EXPECT_TRUE(fit.report.converged) << *fit.report.backward_error;
      const Vector w = fit.model.coefficients().cast<Real>();
      EXPECT_LE(static_cast<double>(problem.backward_error(w, 0)), fit.report.tolerance);
      EXPECT_LE((fit.model.coefficients() - reference).norm(), 1e-13 * reference.norm());
      const Real missed = fit.model.intercept() - problem.best_intercept(w);
      EXPECT_LE(static_cast<double>(std::abs(missed)),
                1e-14 * static_cast<double>(std::abs(problem.y_mean) + problem.x_mean.cwiseAbs().dot(w.cwiseAbs())));
      const Real objective = (problem.b - problem.a * w).squaredNorm() + problem.n * missed * missed;
      EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-12 * static_cast<double>(objective));
    }
  }
}

TEST(ReducedLeastSquares, OfFewAndOfManyRows) {
  expect_exact(data(1, 2'100, 513));
  expect_exact(data(2, 4'200, 520));
}

TEST(ReducedLeastSquares, Weighted) {
  Random random(3);
  expect_exact(data(4, 2'100, 513), random.integers(2'100, 1, 1, 4));
}

TEST(ReducedLeastSquares, MeansFarFromZeroAndOtherUnits) {
  Data given = data(5, 4'200, 520);
  given.x.col(0).array() += 1e3;
  given.x.col(1) *= 1e-200;
  given.x.col(2) *= 1e200;
  given.x.rightCols(300).array() += 50;
  const auto fit = LinearRegression{}.fit(given.x, given.y);
  EXPECT_EQ(fit.report.solver, "Cholesky");
  EXPECT_TRUE(fit.report.converged) << *fit.report.backward_error;
  EXPECT_LE(*fit.report.backward_error, 1e-15);
  const CentredProblem problem(given.x, given.y, {}, true);
  const Vector w = fit.model.coefficients().cast<Real>();
  EXPECT_LE(static_cast<double>(problem.backward_error(w, 0)), 1e-15);
  EXPECT_LE(static_cast<double>(std::abs(fit.model.intercept() - problem.best_intercept(w))),
            1e-14 * static_cast<double>(std::abs(problem.y_mean) + problem.x_mean.cwiseAbs().dot(w.cwiseAbs())));
}

TEST(ReducedLeastSquares, ColumnsNearlyParallelGoBeyondSinglePrecision) {
  Random random(6);
  for (const double apart : {1e-2, 1e-4, 1e-6, 0.0}) {
    SCOPED_TRACE(apart);
    Data given = data(7, 2'100, 513);
    given.x.col(1) = given.x.col(0) + apart * random.vector(2'100);
    const auto fit = LinearRegression{}.fit(given.x, given.y);
    EXPECT_TRUE(fit.report.converged) << fit.report.solver << " " << *fit.report.backward_error;
    EXPECT_EQ(*fit.report.rank, apart == 0 ? 512 : 513);
    const CentredProblem problem(given.x, given.y, {}, true);
    const double error = static_cast<double>(problem.backward_error(fit.model.coefficients().cast<Real>(), 0));
    EXPECT_LE(error, fit.report.tolerance);
    if (apart > 0) {  // the sum of the two is well determined
      EXPECT_NEAR(fit.model.coefficients()(0) + fit.model.coefficients()(1), 1.0, 0.2);
    }
  }
}

TEST(ReducedLeastSquares, OutliersBeyondTheRangeOfFloat) {
  Data given = data(8, 4'200, 520);
  given.x(1'777, 3) = 1e30;
  const auto fit = Ridge{.alpha = 1}.fit(given.x, given.y);
  EXPECT_TRUE(fit.report.converged) << fit.report.solver << " " << *fit.report.backward_error;
  EXPECT_TRUE(fit.model.coefficients().allFinite());
  EXPECT_NEAR(fit.model.coefficients()(0), 1, 0.2);
}

TEST(ReducedLeastSquares, WhatIsNotFiniteIsNamed) {
  Data given = data(9, 4'200, 520);
  given.x(4'100, 77) = std::numeric_limits<double>::quiet_NaN();
  try {
    static_cast<void>(LinearRegression{}.fit(given.x, given.y));
    ADD_FAILURE() << "accepted";
  } catch (const std::invalid_argument& refused) {
    EXPECT_NE(std::string(refused.what()).find("X(4100, 77) is "), std::string::npos) << refused.what();
  }
}

TEST(ReducedLeastSquares, SeveralTargetsAndFloats) {
  const Data given = data(10, 2'100, 513);
  Eigen::MatrixXd y(given.y.size(), 2);
  y << given.y, -1e6 * given.y + given.x.col(20);
  const auto both = Ridge{.alpha = 0.5}.fit(given.x, y);
  EXPECT_TRUE(both.report.converged);
  for (Eigen::Index t = 0; t < 2; ++t) {
    const auto one = Ridge{.alpha = 0.5}.fit(given.x, y.col(t).eval());
    EXPECT_LE((both.model.coefficients().col(t) - one.model.coefficients()).norm(),
              1e-13 * one.model.coefficients().norm());
  }
  const auto narrow = LinearRegression{}.fit(given.x.cast<float>(), given.y);  // whose entries are floats
  EXPECT_TRUE(narrow.report.converged);
  const auto wide = LinearRegression{}.fit(given.x, given.y);
  EXPECT_LE((narrow.model.coefficients().cast<double>() - wide.model.coefficients()).cwiseAbs().maxCoeff(),
            std::numeric_limits<float>::epsilon());
}

template <class Scalar>
void expect_gap(const ElasticNet& net, const Data& given, const FitOptions& options = {}) {
  const auto fit = net.fit(given.x.cast<Scalar>(), given.y, options);
  EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap << " after " << fit.report.iterations;
  const CentredProblem problem(given.x, given.y, options.sample_weight, net.fit_intercept);
  const Real gap = problem.relative_gap(fit.model.coefficients().template cast<Real>(), fit.model.intercept(),
                                        net.alpha * net.l1_ratio, net.alpha * (1 - net.l1_ratio));
  EXPECT_LE(static_cast<double>(gap), 1.001 * fit.report.tolerance + 1e-16);
  EXPECT_NEAR(static_cast<double>(gap), *fit.report.duality_gap, 1e-3 * static_cast<double>(gap) + 1e-13);
}

TEST(ReducedLasso, TheGapIsWhatItIsDownToTheLimitsOfDouble) {
  const Data given = data(11, 2'100, 60);
  Random random(12);
  const Eigen::VectorXd weight = random.integers(2'100, 1, 1, 4);
  for (const double alpha : {0.2, 0.01, 1e-4}) {
    for (const double tol : {1e-3, 1e-8, 1e-13}) {
      SCOPED_TRACE(std::to_string(alpha) + " " + std::to_string(std::log10(tol)));
      expect_gap<double>({.alpha = alpha, .l1_ratio = 1, .tol = tol}, given);
      expect_gap<double>({.alpha = alpha, .l1_ratio = 0.4, .fit_intercept = false, .tol = tol}, given,
                         {.sample_weight = weight, .threads = 2});
      expect_gap<float>({.alpha = alpha, .l1_ratio = 1, .tol = tol}, given);
    }
  }
}

TEST(ReducedLasso, CollinearAndNearlyParallelColumnsAndMeansFarFromZero) {
  Data given = data(13, 2'100, 40);
  Random random(14);
  given.x.col(1) = given.x.col(0);
  given.x.col(3).setConstant(7);
  given.x.col(5) = given.x.col(4) + 1e-6 * random.vector(2'100);
  given.x.col(7) = -given.x.col(6) + 1e-3 * random.vector(2'100);
  given.x.col(8).array() += 1e4;
  for (const double alpha : {0.1, 1e-3}) {
    SCOPED_TRACE(alpha);
    expect_gap<double>({.alpha = alpha, .l1_ratio = 1, .tol = 1e-10}, given);
    expect_gap<double>({.alpha = alpha, .l1_ratio = 0.9, .tol = 1e-10}, given);
  }
}

TEST(ReducedLasso, StartsWhereItIsTold) {
  const Data given = data(15, 2'100, 50);
  const Lasso lasso{.alpha = 0.01, .tol = 1e-12};
  const auto cold = lasso.fit(given.x, given.y);
  const auto warm = lasso.fit(given.x, given.y, {.initial_coefficients = cold.model.coefficients()});
  EXPECT_TRUE(warm.report.converged);
  EXPECT_LE(warm.report.iterations, 1);
  EXPECT_LE((warm.model.coefficients() - cold.model.coefficients()).cwiseAbs().maxCoeff(), 1e-7);
}

}  // namespace
}  // namespace aprender::test
