// Ridge regression: the same answer whichever factorisation gives it.

#include "aprender/ridge.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <Eigen/Cholesky>

#include "aprender/linear_regression.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

/// The minimiser in long double, from the n x n dual problem if there are more features than samples.
Vector minimiser(const CentredProblem& problem, Real alpha) {
  const Matrix& a = problem.a;
  if (a.cols() > a.rows()) {
    const Matrix kernel = a * a.transpose() + alpha * Matrix::Identity(a.rows(), a.rows());
    return a.transpose() * kernel.ldlt().solve(problem.b);
  }
  const Matrix gram = a.transpose() * a + alpha * Matrix::Identity(a.cols(), a.cols());
  return gram.ldlt().solve(a.transpose() * problem.b);
}

template <class Scalar>
class RidgeTyped : public ::testing::Test {
 public:
  /// The fit is certified, and as close to the minimiser as its certificate promises.
  static void expect_minimises(const Fit<Ridge, LinearModel<Scalar>>& fit, const CentredProblem& problem) {
    const Real alpha = fit.estimator.alpha;
    EXPECT_TRUE(fit.report.converged) << fit.report.solver;
    const Vector w = fit.model.coefficients().template cast<Real>();
    EXPECT_LE(problem.backward_error(w, alpha), fit.report.tolerance);
    const Vector exact = minimiser(problem, alpha);
    EXPECT_LE(problem.distance(w, exact, alpha), 1.001L * problem.distance_bound(w, exact, alpha));
    const Real missed = fit.model.intercept() - problem.best_intercept(w);
    const Real objective =
        (problem.b - problem.a * w).squaredNorm() + problem.n * missed * missed + alpha * w.squaredNorm();
    EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-10 * static_cast<double>(problem.n));
  }
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(RidgeTyped, Scalars);

TYPED_TEST(RidgeTyped, MinimisesRandomProblemsOfAnyShape) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index n = random.integer(1, 20);
    const Eigen::Index p = random.integer(1, 20);
    const bool intercept = random.integer(0, 1) == 1;
    const double alpha = std::ldexp(1.0, static_cast<int>(random.integer(-10, 10)));
    const Eigen::MatrixXd x = random.matrix(n, p);
    const Eigen::VectorXd y = random.vector(n);
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 5);
    const auto fit = Ridge{alpha, intercept}.fit(x.cast<TypeParam>(), y, {.sample_weight = weight});
    EXPECT_EQ(fit.report.solver, p > n ? "dual Cholesky" : "Cholesky");
    this->expect_minimises(fit, CentredProblem(x, y, weight, intercept));
  }
}

TYPED_TEST(RidgeTyped, TurnsToOrthogonalFactorisationsWhenIllConditioned) {
  Random random(1);
  Eigen::MatrixXd tall = random.matrix(30, 6);
  tall.col(5) = tall.col(4);  // only alpha tells the two apart
  const Eigen::VectorXd y = random.vector(30);
  const auto fit = Ridge{.alpha = 1e-11}.fit(tall.cast<TypeParam>(), y);
  EXPECT_EQ(fit.report.solver, "pivoted QR");
  this->expect_minimises(fit, CentredProblem(tall, y, {}, true));

  const auto wide = Ridge{.alpha = 1e-11}.fit(tall.transpose().cast<TypeParam>(), y.head(6));
  EXPECT_EQ(wide.report.solver, "dual pivoted QR");
  this->expect_minimises(wide, CentredProblem(tall.transpose(), y.head(6), {}, true));
}

TYPED_TEST(RidgeTyped, WithoutPenaltyIsOrdinaryLeastSquares) {
  Random random(2);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 4).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(20);
  const auto ridge = Ridge{.alpha = 0}.fit(x, y);
  const auto ols = LinearRegression{}.fit(x, y);
  EXPECT_EQ(ridge.model.coefficients(), ols.model.coefficients());
  EXPECT_EQ(ridge.model.intercept(), ols.model.intercept());
  EXPECT_EQ(ridge.report.solver, ols.report.solver);
  EXPECT_EQ(ridge.report.rank, 4);
}

TYPED_TEST(RidgeTyped, OneColumnGivesTheTextbookFormula) {
  const Eigen::Vector3<TypeParam> x(1, 2, 3);
  const Eigen::Vector3d y(2, 3, 7);
  const auto fit = Ridge{.alpha = 6, .fit_intercept = false}.fit(x, y);  // x'y / (x'x + alpha) = 29 / 20
  EXPECT_NEAR(fit.model.coefficients()(0), 1.45, std::numeric_limits<TypeParam>::epsilon());
}

TYPED_TEST(RidgeTyped, WeightsAreRepetitionsOfScaledPenalty) {
  Random random(3);
  const Eigen::MatrixXd x = random.matrix(15, 4);
  const Eigen::VectorXd y = random.vector(15);
  const Eigen::VectorXi times = random.integers(15, 1, 1, 6).cast<int>();
  // Weights are normalised to sum to n: the penalty of the repeated rows counts n / sum of that.
  const double alpha = 0.5;
  const double repeated_alpha = alpha * times.sum() / 15;
  const auto weighted = Ridge{alpha}.fit(x.cast<TypeParam>(), y, {.sample_weight = times.cast<double>()}).model;
  const auto repeated = Ridge{repeated_alpha}.fit(repeat(x, times).cast<TypeParam>(), repeat(y, times).col(0)).model;
  const CentredProblem problem(x, y, times.cast<double>(), true);
  const Vector w = weighted.coefficients().template cast<Real>();
  const Vector other = repeated.coefficients().template cast<Real>();
  EXPECT_LE(problem.distance(w, other, alpha), 1.001L * problem.distance_bound(w, other, alpha));
  EXPECT_LE(problem.distance_bound(w, other, alpha), 1e-4L);
}

TYPED_TEST(RidgeTyped, AZeroWeightIsAMissingRow) {
  Random random(4);
  const Eigen::MatrixX<TypeParam> x = random.matrix(12, 3).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(12);
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(12);
  weight.tail(5).setZero();
  const auto with_zeros = Ridge{}.fit(x, y, {.sample_weight = weight}).model;
  const auto removed = Ridge{}.fit(x.topRows(7), y.head(7)).model;
  EXPECT_EQ(with_zeros.coefficients(), removed.coefficients());
  EXPECT_EQ(with_zeros.intercept(), removed.intercept());
}

TYPED_TEST(RidgeTyped, SeveralTargetsAreAsManyFits) {
  Random random(5);
  for (const Eigen::Index n : {4, 20}) {  // dual and primal
    const Eigen::MatrixX<TypeParam> x = random.matrix(n, 6).cast<TypeParam>();
    const Eigen::MatrixXd y = random.matrix(n, 2);
    const auto both = Ridge{}.fit(x, y);
    ASSERT_EQ(both.model.n_targets(), 2);
    EXPECT_TRUE(both.report.converged);
    for (Eigen::Index t = 0; t < 2; ++t) {
      const auto one = Ridge{}.fit(x, y.col(t)).model;
      const auto difference = (both.model.coefficients().col(t) - one.coefficients()).eval();
      EXPECT_LE(difference.norm(), 64 * std::numeric_limits<TypeParam>::epsilon() * one.coefficients().norm());
    }
  }
}

TEST(Ridge, TakesColumnsOfAnyUnit) {
  Random random(6);
  for (const Eigen::Index n : {3, 30}) {
    SCOPED_TRACE(n);
    Eigen::MatrixXd x = random.matrix(n, 5);
    const Eigen::VectorXd y = random.vector(n);
    const Eigen::VectorXd scale{{1e-300, 1e300, 1, 1e-20, 1e12}};
    x = x * scale.asDiagonal();
    const auto fit = Ridge{}.fit(x, y);
    EXPECT_TRUE(fit.report.converged) << fit.report.solver;
    EXPECT_TRUE(fit.model.coefficients().allFinite());
    // The penalty dominates a tiny column: w_j = x_j' r / alpha.
    const Eigen::VectorXd r = y - fit.model.predict(x);
    const double slope = (x.col(0).array() - x.col(0).mean()).matrix().dot(r);
    EXPECT_NEAR(fit.model.coefficients()(0) * 1e300, slope * 1e300, 1e-12);
  }
}

TEST(Ridge, ShrinksTowardsZeroAsThePenaltyGrows) {
  Random random(7);
  const Eigen::MatrixXd x = random.matrix(30, 4);
  const Eigen::VectorXd y = random.vector(30);
  double last = std::numeric_limits<double>::infinity();
  for (const double alpha : {0.0, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e300}) {
    const auto fit = Ridge{.alpha = alpha}.fit(x, y);
    EXPECT_TRUE(fit.report.converged) << alpha;
    EXPECT_LT(fit.model.coefficients().norm(), last);
    last = fit.model.coefficients().norm();
  }
}

}  // namespace
}  // namespace aprender::test
