// Lasso and ElasticNet: optimality conditions, closed forms, and a gap that says what it is.

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "aprender/elastic_net.hpp"
#include "aprender/lasso.hpp"
#include "aprender/ridge.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

template <class Scalar>
class CoordinateDescent : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(CoordinateDescent, Scalars);

/// The smallest alpha for which every coefficient of the Lasso is zero.
double largest_alpha(const CentredProblem& problem) {
  return static_cast<double>((problem.a.transpose() * problem.b).cwiseAbs().maxCoeff() / problem.n);
}

TYPED_TEST(CoordinateDescent, MeetsTheOptimalityConditions) {
  int active = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index n = random.integer(3, 40);
    const Eigen::Index p = random.integer(1, 60);
    const bool intercept = random.integer(0, 1) == 1;
    const double l1_ratio = random.integer(0, 1) == 1 ? 1.0 : 0.3;
    Eigen::MatrixXd x = random.matrix(n, p);
    if (p > 3) x.col(3) = 0.875 * x.col(2) + 0.125 * random.vector(n);  // nearly parallel
    x = x.cast<float>().cast<double>().eval();
    const Eigen::VectorXd y = random.vector(n);
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 5);
    const CentredProblem problem(x, y, weight, intercept);
    const double alpha = largest_alpha(problem) * (random.integer(0, 1) == 1 ? 0.5 : 0.01);

    const auto fit = ElasticNet{.alpha = alpha, .l1_ratio = l1_ratio, .fit_intercept = intercept}.fit(
        x.cast<TypeParam>(), y, {.sample_weight = weight});
    const FitReport& report = fit.report;
    EXPECT_TRUE(report.converged) << *report.duality_gap << " " << report.iterations;
    EXPECT_EQ(report.solver, "coordinate descent");
    const Vector w = fit.model.coefficients().template cast<Real>();
    const Real l1 = alpha * l1_ratio;
    const Real l2 = alpha * (1 - l1_ratio);
    const Real gap = problem.relative_gap(w, fit.model.intercept(), l1, l2);
    EXPECT_LE(gap, 1.001L * report.tolerance);
    EXPECT_NEAR(static_cast<double>(gap), *report.duality_gap, 1e-3 * static_cast<double>(gap) + 1e-12);

    // A w is within sqrt(2 gap P(0)) of the optimal fitted values, slopes within ||a_j|| times that of the optimal
    // ones.
    const Real moved = 1.001L * std::sqrt((std::max(gap, Real(0)) + 1e-18L) * problem.b.squaredNorm());
    const Vector slope = problem.a.transpose() * (problem.b - problem.a * w) - problem.n * l2 * w;
    const Vector norm = problem.norms(problem.n * l2);
    const Real smallest = problem.smallest_eigenvalue(problem.n * l2);
    for (Eigen::Index j = 0; j < p; ++j) {
      EXPECT_LE(std::abs(slope(j)), problem.n * l1 + norm(j) * moved);
      if (smallest > 0 && std::abs(w(j)) * norm(j) > moved / std::sqrt(smallest)) {  // not zero at the optimum either
        EXPECT_LE(std::abs(slope(j) * (w(j) > 0 ? 1 : -1) - problem.n * l1), norm(j) * moved);
        ++active;
      }
    }
    const Real missed = fit.model.intercept() - problem.best_intercept(w);
    const Real objective = ((problem.b - problem.a * w).squaredNorm() / problem.n + missed * missed) / 2 +
                           l1 * w.cwiseAbs().sum() + l2 / 2 * w.squaredNorm();
    EXPECT_NEAR(report.objective, static_cast<double>(objective), 1e-12 * (1 + y.squaredNorm()));
  }
  EXPECT_GT(active, 100);
}

TYPED_TEST(CoordinateDescent, MostColumnsOfATallDesignMatter) {
  // Columns that are independent and, where few passes are not enough, correlated with their neighbours.
  for (const double correlation : {0.0, 0.95}) {
    for (const bool positive : {false, true}) {
      Random random(7);
      Eigen::MatrixXd x = random.matrix(2000, 440);
      const double own = std::sqrt(1 - correlation * correlation);
      for (Eigen::Index j = 1; j < x.cols(); ++j) x.col(j) = correlation * x.col(j - 1) + own * x.col(j);
      x = x.cast<float>().cast<double>().eval();
      const Eigen::VectorXd w_true = random.vector(440);
      const Eigen::VectorXd y = x * (positive ? w_true.cwiseAbs().eval() : w_true) + random.vector(2000);
      const Eigen::VectorXd weight = positive ? random.integers(2000, 1, 1, 3) : Eigen::VectorXd::Ones(2000);
      const CentredProblem problem(x, y, weight, true);
      const double alpha = 1e-3 * largest_alpha(problem), l1_ratio = positive ? 0.5 : 1.0;
      for (const double tol : {1e-4, 1e-8}) {
        SCOPED_TRACE(std::to_string(correlation) + (positive ? " positive " : " ") + std::to_string(tol));
        const ElasticNet net{.alpha = alpha, .l1_ratio = l1_ratio, .positive = positive, .tol = tol};
        const auto fit = net.fit(x.cast<TypeParam>(), y, {.sample_weight = weight});
        EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap << " " << fit.report.iterations;
        const Vector w = fit.model.coefficients().template cast<Real>();
        EXPECT_GT((w.array() != 0).count(), 300);
        if (positive) {
          EXPECT_GE(w.minCoeff(), 0);
        } else {
          const Real gap = problem.relative_gap(w, fit.model.intercept(), alpha * l1_ratio, alpha * (1 - l1_ratio));
          EXPECT_LE(gap, 1.001L * fit.report.tolerance);
          EXPECT_NEAR(static_cast<double>(gap), *fit.report.duality_gap, 1e-3 * static_cast<double>(gap) + 1e-12);
        }
        const auto by_two = net.fit(x.cast<TypeParam>(), y, {.sample_weight = weight, .threads = 2});
        EXPECT_TRUE(by_two.report.converged);
        EXPECT_NEAR(by_two.report.objective, fit.report.objective, 2 * fit.report.tolerance * y.squaredNorm());
      }
    }
  }
}

TYPED_TEST(CoordinateDescent, SoftThresholdsOrthogonalColumns) {
  // Columns of a Hadamard matrix: w_j = sign(c_j) max(|c_j| - alpha l1_ratio, 0) / (1 + alpha (1 - l1_ratio)) with
  // c_j = x_j'y / n.
  const Eigen::Matrix4<TypeParam> hadamard{{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
  const Eigen::Vector3d c(2, -0.75, -0.25);
  const Eigen::Vector4d y = hadamard.rightCols(3).template cast<double>() * c;
  const auto lasso = Lasso{.alpha = 0.5}.fit(hadamard.rightCols(3), y);
  EXPECT_EQ(lasso.model.coefficients(), Eigen::Vector3<TypeParam>(1.5, -0.25, 0));
  EXPECT_FALSE(std::signbit(lasso.model.coefficients()(2)));  // a zero is printed as 0, not as -0
  EXPECT_EQ(lasso.model.intercept(), 0);
  const auto net = ElasticNet{.alpha = 2, .l1_ratio = 0.5}.fit(hadamard.rightCols(3), y);
  EXPECT_EQ(net.model.coefficients(), Eigen::Vector3<TypeParam>(0.5, 0, 0));
}

TYPED_TEST(CoordinateDescent, IsZeroFromTheLargestAlphaOn) {
  Random random(1);
  const Eigen::MatrixXd x = random.matrix(20, 5);
  const Eigen::VectorXd y = random.vector(20).array() + 3.0;
  const double alpha = largest_alpha(CentredProblem(x, y, {}, true));
  const auto zero = Lasso{.alpha = 1.000001 * alpha}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(zero.report.converged);
  EXPECT_EQ(zero.report.iterations, 0);
  EXPECT_TRUE(zero.model.coefficients().isZero(0));
  EXPECT_NEAR(zero.model.intercept(), y.mean(), 2 * std::numeric_limits<TypeParam>::epsilon() * 3);
  const auto one = Lasso{.alpha = 0.999 * alpha}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(one.report.converged);
  EXPECT_EQ((one.model.coefficients().array() != 0).count(), 1);
}

// A coefficient that is left out is 0, not -0, whatever the sign of its column's correlation.
TYPED_TEST(CoordinateDescent, LeavesNoNegativeZeros) {
  Random random(5);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 10).template cast<TypeParam>();
  const Eigen::VectorXd y = x.col(0).template cast<double>() + 0.1 * random.vector(20);
  const auto w = Lasso{.alpha = 0.3}.fit(x, y).model.coefficients();
  EXPECT_GT((w.array() == 0).count(), 0);
  for (const auto value : w) EXPECT_TRUE(value != 0 || !std::signbit(value));
}

TYPED_TEST(CoordinateDescent, WithoutL1PartIsSolvedDirectly) {
  Random random(2);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 4).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(20);
  const auto ridge = Ridge{.alpha = 20 * 0.25}.fit(x, y);
  const auto net = ElasticNet{.alpha = 0.25, .l1_ratio = 0}.fit(x, y);
  EXPECT_EQ(net.model.coefficients(), ridge.model.coefficients());
  EXPECT_EQ(net.report.solver, "Cholesky");
  EXPECT_TRUE(net.report.backward_error.has_value());
  EXPECT_FALSE(net.report.duality_gap.has_value());
  EXPECT_DOUBLE_EQ(net.report.objective, ridge.report.objective / 40);
  const auto lasso = Lasso{.alpha = 0}.fit(x, y);
  EXPECT_EQ(lasso.model.coefficients(), Ridge{.alpha = 0}.fit(x, y).model.coefficients());
  EXPECT_EQ(lasso.report.solver, "Cholesky");
}

TYPED_TEST(CoordinateDescent, TheLassoIsAnElasticNetOfL1PartAlone) {
  Random random(3);
  const Eigen::MatrixX<TypeParam> x = random.matrix(30, 8).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(30);
  const auto lasso = Lasso{.alpha = 0.05}.fit(x, y);
  const auto net = ElasticNet{.alpha = 0.05, .l1_ratio = 1}.fit(x, y);
  EXPECT_EQ(lasso.model.coefficients(), net.model.coefficients());
  EXPECT_EQ(lasso.report.duality_gap, net.report.duality_gap);
}

TYPED_TEST(CoordinateDescent, WeightsAreRepetitionsAndZeroWeightsMissingRows) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(20, 4);
  const Eigen::VectorXd y = random.vector(20);
  const Eigen::VectorXi times = random.integers(20, 1, 1, 4).cast<int>();
  const Lasso lasso{.alpha = 0.02, .tol = 1e-13};
  const auto weighted = lasso.fit(x.cast<TypeParam>(), y, {.sample_weight = times.cast<double>()});
  const auto repeated = lasso.fit(repeat(x, times).cast<TypeParam>(), repeat(y, times).col(0));
  const CentredProblem problem(x, y, times.cast<double>(), true);
  const Real at_zero = 0.5L * problem.b.squaredNorm();
  const Real bound = std::sqrt(2 * *weighted.report.duality_gap * at_zero) +
                     std::sqrt(2 * *repeated.report.duality_gap * at_zero) + 1e-12L;
  const Vector w = weighted.model.coefficients().template cast<Real>();
  EXPECT_LE((problem.a * (w - repeated.model.coefficients().template cast<Real>())).norm(), bound);

  Eigen::VectorXd weight = Eigen::VectorXd::Ones(20);
  weight.head(6).setZero();
  const auto with_zeros = lasso.fit(x.cast<TypeParam>(), y, {.sample_weight = weight});
  const auto removed = lasso.fit(x.bottomRows(14).cast<TypeParam>(), y.tail(14));
  EXPECT_EQ(with_zeros.model.coefficients(), removed.model.coefficients());
  EXPECT_EQ(with_zeros.report.duality_gap, removed.report.duality_gap);
}

TYPED_TEST(CoordinateDescent, ReportsTheTrueGapWhenItRunsOutOfPasses) {
  Random random(5);
  Eigen::MatrixXd x = random.matrix(40, 10);
  x.col(1) = (x.col(0) + 0.01 * x.col(1)).cast<float>().cast<double>();
  const Eigen::VectorXd y = x.rowwise().sum() + random.vector(40);
  const auto fit = Lasso{.alpha = 1e-4, .max_iter = 1}.fit(x.cast<TypeParam>(), y);
  EXPECT_FALSE(fit.report.converged);
  EXPECT_EQ(fit.report.iterations, 1);
  EXPECT_GT(*fit.report.duality_gap, fit.report.tolerance);
  const CentredProblem problem(x, y, {}, true);
  const auto gap = static_cast<double>(
      problem.relative_gap(fit.model.coefficients().template cast<Real>(), fit.model.intercept(), 1e-4L, 0));
  EXPECT_NEAR(gap, *fit.report.duality_gap, 1e-6 * gap);
}

TYPED_TEST(CoordinateDescent, SettlesOnNearlyParallelColumns) {
  Random random(6);
  const Eigen::VectorXd base = random.vector(50);
  Eigen::MatrixXd x(50, 6);
  for (Eigen::Index j = 0; j < 6; ++j) x.col(j) = base + 1e-3 * random.vector(50);
  x = x.cast<float>().cast<double>().eval();
  const Eigen::VectorXd noise = 0.01 * random.vector(50);
  const Eigen::VectorXd y = x * random.vector(6) + noise;
  const auto fit = Lasso{.alpha = 1e-5}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap;
  EXPECT_LE(fit.report.iterations, 300);
}

TYPED_TEST(CoordinateDescent, AConstantTargetIsAnIntercept) {
  Random random(7);
  const auto fit = Lasso{.alpha = 0.1}.fit(random.matrix(10, 3).cast<TypeParam>(), Eigen::VectorXd::Constant(10, 0.75));
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.report.duality_gap, 0);
  EXPECT_TRUE(fit.model.coefficients().isZero(0));
  EXPECT_EQ(fit.model.intercept(), TypeParam(0.75));
}

TYPED_TEST(CoordinateDescent, DuplicateColumnsConvergeAndConstantColumnsStayZero) {
  Random random(8);
  Eigen::MatrixXd x = random.matrix(30, 5);
  x.col(1) = x.col(0);
  x.col(3).setConstant(0.1);
  const Eigen::VectorXd y = 3 * x.col(0) - x.col(2) + 0.1 * random.vector(30);
  const auto lasso = Lasso{.alpha = 0.01}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(lasso.report.converged);
  EXPECT_EQ(lasso.model.coefficients()(3), 0);
  // With an L2 part duplicates share alike.
  const auto net = ElasticNet{.alpha = 0.01, .tol = 1e-13}.fit(x.cast<TypeParam>(), y);
  EXPECT_TRUE(net.report.converged);
  EXPECT_NEAR(net.model.coefficients()(0), net.model.coefficients()(1), 1e-4);
  EXPECT_EQ(net.model.coefficients()(3), 0);
}

TYPED_TEST(CoordinateDescent, OneRowAndOneColumn) {
  const auto row = Lasso{}.fit(Eigen::RowVector3<TypeParam>(1, 2, 3), Eigen::Matrix<double, 1, 1>(7.0));
  EXPECT_TRUE(row.report.converged);
  EXPECT_TRUE(row.model.coefficients().isZero(0));
  EXPECT_EQ(row.model.intercept(), 7);
  // x'y/n = 2.5 centred, x'x/n = 2/3 ... by hand: y = 3 x exactly, so w = 3 - alpha / (x'x/n).
  const auto column = Lasso{.alpha = 0.5}.fit(Eigen::Vector3<TypeParam>(-1, 0, 1), Eigen::Vector3d(-3, 0, 3));
  EXPECT_NEAR(column.model.coefficients()(0), 3 - 0.75, 4 * std::numeric_limits<TypeParam>::epsilon());
}

TYPED_TEST(CoordinateDescent, RescalingTheTargetAndThePenaltyRescalesCoefficientsExactly) {
  Random random(9);
  const Eigen::MatrixX<TypeParam> x = random.matrix(30, 6).cast<TypeParam>();
  const Eigen::VectorXd y = random.vector(30);
  const auto plain = Lasso{.alpha = 0.03125}.fit(x, y).model;
  const auto scaled = Lasso{.alpha = std::ldexp(0.03125, 40)}.fit(x, (y * 0x1p40).eval()).model;
  for (int j = 0; j < 6; ++j) EXPECT_EQ(scaled.coefficients()(j), std::ldexp(plain.coefficients()(j), 40));
}

TEST(Lasso, TakesColumnsOfAnyUnit) {
  Random random(10);
  Eigen::MatrixXd x = random.matrix(30, 3);
  const Eigen::VectorXd y = 2 * x.col(0) - 3 * x.col(1) + x.col(2);
  x = x * Eigen::Vector3d(1e-300, 1e4, 1).asDiagonal();
  const auto fit = Lasso{.alpha = 1e-3}.fit(x, y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.model.coefficients()(0), 0);  // the smallest coefficient that helps costs 1e300 alpha
  EXPECT_TRUE(fit.model.coefficients().allFinite());
  EXPECT_NE(fit.model.coefficients()(1), 0);
  EXPECT_NE(fit.model.coefficients()(2), 0);

  // A penalty far below the rounding of X: certified by a dual point that is orthogonal to that column.
  x.col(1) *= 1e296;
  const auto far = Lasso{.alpha = 1e-3}.fit(x, y);
  EXPECT_TRUE(far.report.converged);
  EXPECT_LE(*far.report.duality_gap, far.report.tolerance);
  EXPECT_TRUE(far.model.coefficients().allFinite());
  EXPECT_NEAR(far.model.coefficients()(1) * 1e300, fit.model.coefficients()(1) * 1e4, 1e-3);
}

TEST(ElasticNet, PenaltiesOfAnySizeAreFine) {
  Random random(11);
  const Eigen::MatrixXd x = random.matrix(30, 4);
  const Eigen::VectorXd y = random.vector(30);
  for (const double alpha : {5e-324, 1e-300, 1e300, std::numeric_limits<double>::max()}) {
    for (const double l1_ratio : {0.0, 0.5, 1.0}) {
      const auto fit = ElasticNet{.alpha = alpha, .l1_ratio = l1_ratio}.fit(x, y);
      EXPECT_TRUE(fit.model.coefficients().allFinite()) << alpha << " " << l1_ratio;
      EXPECT_FALSE(std::isnan(fit.report.duality_gap.value_or(0)));
      if (alpha < 1) continue;
      EXPECT_TRUE(fit.report.converged) << alpha << " " << l1_ratio;
      EXPECT_LE(fit.model.coefficients().norm(), 1e-290);
    }
  }
}

}  // namespace
}  // namespace aprender::test
