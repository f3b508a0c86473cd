// Ordinary least squares: certified answers, what rank deficiency means, and what must not change the answer.

#include "aprender/linear_regression.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <Eigen/SVD>

#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

template <class Scalar>
class LinearRegressionTyped : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LinearRegressionTyped, Scalars);

TYPED_TEST(LinearRegressionTyped, CertifiesRandomProblemsHonestly) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index p = random.integer(1, 8);
    const Eigen::Index n = p + random.integer(2, 40);
    const bool intercept = random.integer(0, 1) == 1;
    Eigen::MatrixXd x = random.matrix(n, p);
    for (Eigen::Index j = 0; j < p; ++j) x.col(j) *= std::ldexp(1.0, static_cast<int>(random.integer(-20, 20)));
    const Eigen::VectorXd y = random.vector(n);
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 5);

    const auto fit = LinearRegression{intercept}.fit(x.cast<TypeParam>(), y, {.sample_weight = weight});
    const CentredProblem problem(x, y, weight, intercept);
    const Vector w = fit.model.coefficients().template cast<Real>();
    EXPECT_TRUE(fit.report.converged);
    EXPECT_LE(*fit.report.backward_error, fit.report.tolerance);
    EXPECT_LE(problem.backward_error(w, 0), fit.report.tolerance);
    EXPECT_EQ(fit.report.rank, p);
    EXPECT_EQ(fit.report.n_samples, n);
    EXPECT_EQ(fit.report.n_features, p);
    EXPECT_EQ(fit.report.fit_intercept, intercept);
    const Real missed = fit.model.intercept() - problem.best_intercept(w);
    const Real objective = (problem.b - problem.a * w).squaredNorm() + problem.n * missed * missed;
    EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-12 * weight.maxCoeff() * y.squaredNorm());

    const Matrix scaled = problem.a * problem.norms(0).cwiseInverse().asDiagonal();
    const auto values = scaled.cast<double>().jacobiSvd().singularValues();
    const double condition = values(0) / values(p - 1);
    EXPECT_LE(*fit.report.condition_estimate, 2 * condition);  // columns have norms in [1/2, 1)
    EXPECT_GE(*fit.report.condition_estimate, condition / 4);
  }
}

TYPED_TEST(LinearRegressionTyped, RescalingColumnsByPowersOfTwoRescalesCoefficientsExactly) {
  Random random(2);
  const Eigen::MatrixXd x = random.matrix(30, 5);
  const Eigen::VectorXd y = random.vector(30);
  const int most = std::is_same_v<TypeParam, float> ? 60 : 500;
  const Eigen::VectorXi exponent{{-most, -7, 0, 13, most}};
  Eigen::MatrixX<TypeParam> rescaled = x.cast<TypeParam>();
  for (int j = 0; j < 5; ++j) rescaled.col(j) *= std::ldexp(TypeParam(1), exponent(j));

  const auto plain = LinearRegression{}.fit(x.cast<TypeParam>(), y).model;
  const auto scaled = LinearRegression{}.fit(rescaled, y).model;
  for (int j = 0; j < 5; ++j) {
    EXPECT_EQ(scaled.coefficients()(j), std::ldexp(plain.coefficients()(j), -exponent(j)));
  }
  EXPECT_EQ(scaled.intercept(), plain.intercept());
}

TYPED_TEST(LinearRegressionTyped, ShiftingColumnsMovesTheInterceptAlone) {
  Random random(3);
  const Eigen::MatrixXd x = random.integers(40, 4, -1000, 1000);
  const Eigen::VectorXd y = random.integers(40, 1, -1000, 1000);
  const Eigen::RowVector4d shift(5, -4000, 123456, 1 << 20);
  const auto plain = LinearRegression{}.fit(x.cast<TypeParam>(), y).model;
  const auto shifted = LinearRegression{}.fit((x.rowwise() + shift).cast<TypeParam>(), y).model;
  const CentredProblem problem(x, y, {}, true);
  const Vector w = plain.coefficients().template cast<Real>();
  const Vector moved = shifted.coefficients().template cast<Real>();
  EXPECT_LE(problem.distance(w, moved, 0), 1.001L * problem.distance_bound(w, moved, 0));
  const double scale = shift.cwiseAbs() * plain.coefficients().template cast<double>().cwiseAbs();
  EXPECT_NEAR(shifted.intercept(), plain.intercept() - shift * plain.coefficients().template cast<double>(),
              4 * std::numeric_limits<TypeParam>::epsilon() * scale);
}

TYPED_TEST(LinearRegressionTyped, WeightsAreRepetitions) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(25, 4);
  const Eigen::VectorXd y = random.vector(25);
  const Eigen::VectorXi times = random.integers(25, 1, 1, 6).cast<int>();
  const auto weighted = LinearRegression{}.fit(x.cast<TypeParam>(), y, {.sample_weight = times.cast<double>()}).model;
  const auto repeated = LinearRegression{}.fit(repeat(x, times).cast<TypeParam>(), repeat(y, times).col(0)).model;
  const CentredProblem problem(x, y, times.cast<double>(), true);
  const Vector w = weighted.coefficients().template cast<Real>();
  const Vector other = repeated.coefficients().template cast<Real>();
  EXPECT_LE(problem.distance(w, other, 0), 1.001L * problem.distance_bound(w, other, 0));
  EXPECT_LE(problem.distance_bound(w, other, 0), 1e-4L);
}

TYPED_TEST(LinearRegressionTyped, AZeroWeightIsAMissingRow) {
  Random random(5);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 3).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(20);
  Eigen::VectorXd weight = Eigen::VectorXd::Constant(20, 2.5);
  weight.segment(7, 4).setZero();
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < 20; ++i) {
    if (weight(i) > 0) kept.push_back(i);
  }
  const auto with_zeros = LinearRegression{}.fit(x, y, {.sample_weight = weight});
  const auto removed = LinearRegression{}.fit(x(kept, Eigen::all), y(kept));
  EXPECT_EQ(with_zeros.model.coefficients(), removed.model.coefficients());
  EXPECT_EQ(with_zeros.model.intercept(), removed.model.intercept());
  EXPECT_EQ(with_zeros.report.n_samples, 20);
}

TYPED_TEST(LinearRegressionTyped, OfManyMinimisersTakesTheShortest) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index rank = random.integer(1, 4);
    const Eigen::Index p = rank + random.integer(1, 5);
    const Eigen::Index n = random.integer(rank + 1, 12);
    // Small integers: the rank is exact, and so is every entry in float.
    const Eigen::MatrixXd left = random.integers(n, rank, -3, 3);
    const Eigen::MatrixXd x = left * random.integers(rank, p, -3, 3);
    const Eigen::VectorXd y = random.vector(n);
    const auto fit = LinearRegression{.fit_intercept = false}.fit(x.cast<TypeParam>(), y);
    EXPECT_TRUE(fit.report.converged);

    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(x, Eigen::ComputeThinU | Eigen::ComputeFullV);
    EXPECT_EQ(fit.report.rank, svd.rank());
    if (svd.rank() == p) continue;
    EXPECT_EQ(fit.report.solver, "pivoted QR, minimum norm");
    const CentredProblem problem(x, y, {}, false);
    const Eigen::VectorXd w = fit.model.coefficients().template cast<double>();
    EXPECT_LE(problem.backward_error(w.cast<Real>(), 0), fit.report.tolerance);
    // Nothing of it lies in the null space of X, up to the rounding of its direction.
    const Eigen::MatrixXd null_space = svd.matrixV().rightCols(p - svd.rank());
    const double condition = svd.singularValues()(0) / svd.singularValues()(svd.rank() - 1);
    EXPECT_LE((null_space.transpose() * w).norm(), fit.report.tolerance * condition * w.norm());
  }
}

TYPED_TEST(LinearRegressionTyped, DuplicateColumnsShareAndConstantColumnsAreIgnored) {
  Random random(6);
  Eigen::MatrixXd x = random.matrix(30, 5);
  x.col(1) = x.col(0);
  x.col(3).setConstant(0.1);
  const Eigen::VectorXd y = 3 * x.col(0) - x.col(2) + 0.5 * x.col(4);
  const auto fit = LinearRegression{}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.report.rank, 3);
  const double eps = 8 * std::numeric_limits<TypeParam>::epsilon();
  EXPECT_NEAR(fit.model.coefficients()(0), 1.5, eps);
  EXPECT_NEAR(fit.model.coefficients()(1), 1.5, eps);
  EXPECT_NEAR(fit.model.coefficients()(2), -1, eps);
  EXPECT_EQ(fit.model.coefficients()(3), 0);
  EXPECT_NEAR(fit.model.intercept(), 0, eps);
}

TYPED_TEST(LinearRegressionTyped, InterpolatesWithFewerSamplesThanFeatures) {
  Random random(7);
  const Eigen::MatrixXd x = random.matrix(6, 40);
  const Eigen::VectorXd y = random.vector(6);
  const auto fit = LinearRegression{}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.report.rank, 5);
  const Eigen::VectorXd error = fit.model.predict(x.cast<TypeParam>().eval()).template cast<double>() - y;
  EXPECT_LE(error.norm(), 40 * std::numeric_limits<TypeParam>::epsilon());
}

TYPED_TEST(LinearRegressionTyped, OneRowGivesItsTarget) {
  const Eigen::RowVector3<TypeParam> x(1, 2, 3);
  const auto with = LinearRegression{}.fit(x, Eigen::Matrix<double, 1, 1>(7.0));
  EXPECT_TRUE(with.report.converged);
  EXPECT_TRUE(with.model.coefficients().isZero(0));
  EXPECT_EQ(with.model.intercept(), 7);
  EXPECT_EQ(with.report.rank, 0);
  const auto without = LinearRegression{.fit_intercept = false}.fit(x, Eigen::Matrix<double, 1, 1>(7.0));
  EXPECT_TRUE(without.report.converged);
  for (int j = 0; j < 3; ++j) {  // the shortest w with x w = 7 is 7 x' / ||x||^2
    EXPECT_NEAR(without.model.coefficients()(j), 0.5 * x(j), 4 * std::numeric_limits<TypeParam>::epsilon());
  }
}

TYPED_TEST(LinearRegressionTyped, OneColumnGivesTheTextbookSlope) {
  const Eigen::Vector4<TypeParam> x(1, 2, 3, 4);
  const Eigen::Vector4d y(6, 5, 7, 10);
  const auto fit = LinearRegression{}.fit(x, y);  // slope 1.4, intercept 3.5
  EXPECT_NEAR(fit.model.coefficients()(0), 1.4, std::numeric_limits<TypeParam>::epsilon());
  EXPECT_NEAR(fit.model.intercept(), 3.5, 4 * std::numeric_limits<TypeParam>::epsilon());
  EXPECT_NEAR(fit.report.objective, 4.2, 1e-6);
}

TYPED_TEST(LinearRegressionTyped, AConstantTargetIsAnIntercept) {
  Random random(8);
  const auto fit = LinearRegression{}.fit(random.matrix(10, 3).cast<TypeParam>(), Eigen::VectorXd::Constant(10, 0.75));
  EXPECT_TRUE(fit.report.converged);
  EXPECT_TRUE(fit.model.coefficients().isZero(0));
  EXPECT_EQ(fit.model.intercept(), TypeParam(0.75));
  EXPECT_EQ(fit.report.objective, 0);
}

TYPED_TEST(LinearRegressionTyped, SeveralTargetsAreAsManyFits) {
  Random random(9);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 4).cast<TypeParam>();
  Eigen::MatrixXd y = random.matrix(20, 3);
  y.col(1) *= 1e6;
  const auto all = LinearRegression{}.fit(x, y);
  EXPECT_TRUE(all.report.converged);
  ASSERT_EQ(all.model.n_targets(), 3);
  double objective = 0;
  for (Eigen::Index t = 0; t < 3; ++t) {
    const auto one = LinearRegression{}.fit(x, y.col(t));
    EXPECT_EQ(all.model.coefficients().col(t), one.model.coefficients());
    EXPECT_EQ(all.model.intercept()(t), one.model.intercept());
    objective += one.report.objective;
  }
  EXPECT_DOUBLE_EQ(all.report.objective, objective);
}

TEST(LinearRegression, TakesColumnsOfAnyUnit) {
  Random random(10);
  Eigen::MatrixXd x = random.matrix(30, 4);
  const Eigen::VectorXd y = 2 * x.col(0) - 3 * x.col(1) + x.col(2) + 5 * x.col(3);
  const Eigen::Vector4d scale(1e-300, 1e300, 1, 1e-307);
  for (int j = 0; j < 4; ++j) x.col(j) *= scale(j);
  const auto fit = LinearRegression{}.fit(x, y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.report.rank, 4);
  EXPECT_NEAR(fit.model.coefficients()(0) * scale(0), 2, 1e-13);
  EXPECT_NEAR(fit.model.coefficients()(1) * scale(1), -3, 1e-13);
  EXPECT_NEAR(fit.model.coefficients()(2), 1, 1e-13);
  EXPECT_NEAR(fit.model.coefficients()(3) * scale(3), 5, 1e-12);
}

TEST(LinearRegression, TakesTheShortestOfManyInTheUsersUnits) {
  for (const double unit : {1.0, 1e-3, 1e-290}) {
    SCOPED_TRACE(unit);
    Random random(11);
    Eigen::MatrixXd x = random.matrix(30, 4);
    const Eigen::VectorXd y = 2 * x.col(0) - 3 * x.col(1) + x.col(2);
    x.col(3) = 2 * x.col(0);  // 2 = w_0 + 2 w_3 is shortest at w_3 = 2 w_0 = 4/5
    x.col(1) *= unit;
    x.col(2) /= unit;
    const auto fit = LinearRegression{}.fit(x, y);
    EXPECT_TRUE(fit.report.converged);
    EXPECT_EQ(fit.report.rank, 3);
    EXPECT_NEAR(fit.model.coefficients()(1) * unit, -3, 1e-13);
    EXPECT_NEAR(fit.model.coefficients()(2) / unit, 1, 1e-13);
    EXPECT_NEAR(fit.model.coefficients()(0) + 2 * fit.model.coefficients()(3), 2, 1e-13);
    // Where a digit of X lies decides between minimisers once another coefficient is 1e8 times as large.
    const double rounding = 1e-14 * std::pow(3 / unit, 2);
    EXPECT_NEAR(fit.model.coefficients()(0), 0.4, rounding);
  }
}

TEST(LinearRegression, SaysSoWhenACoefficientCannotBeRepresented) {
  Random random(12);
  const Eigen::VectorXd x = random.vector(10);
  const auto fit = LinearRegression{}.fit((x * 1e-300).eval(), (x * 1e300).eval());
  EXPECT_TRUE(std::isinf(fit.model.coefficients()(0)));
  EXPECT_FALSE(fit.report.converged);
}

}  // namespace
}  // namespace aprender::test
