// Coefficients constrained to be positive: optimality conditions, closed form, and the gap from its definition.

#include <algorithm>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

TEST(Positive, MeetsTheOptimalityConditions) {
  int active = 0, at_bound = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index n = random.integer(3, 60), p = random.integer(1, 80);
    const bool intercept = random.integer(0, 1) == 1;
    const double l1_ratio = random.integer(0, 1) == 1 ? 1.0 : 0.4;
    const Eigen::MatrixXd x = random.matrix(n, p);
    const Eigen::VectorXd w_true = random.vector(p), noise = random.vector(n), y = x * w_true + noise;
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 4);
    const CentredProblem problem(x, y, weight, intercept);
    const double alpha = 0.02 * y.norm() / static_cast<double>(n);
    const auto fit = ElasticNet{.alpha = alpha, .l1_ratio = l1_ratio, .fit_intercept = intercept, .positive = true}.fit(
        x, y, {.sample_weight = weight});
    EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap;

    const Vector w = fit.model.coefficients().cast<Real>();
    EXPECT_GE(w.minCoeff(), 0);
    const Real l1 = alpha * l1_ratio, l2 = alpha * (1 - l1_ratio);
    const Vector r = problem.b - problem.a * w;
    const Vector slope = problem.a.transpose() * r - problem.n * l2 * w;
    const Real slack = 2e-4L * problem.b.norm() * std::sqrt(problem.n);
    for (Eigen::Index j = 0; j < p; ++j) {
      EXPECT_LE(slope(j), problem.n * l1 + slack);
      if (w(j) > 0) {
        EXPECT_GE(slope(j), problem.n * l1 - slack - 1e-3L * std::abs(slope(j)));
        ++active;
      } else {
        ++at_bound;
      }
    }
    // D(c r~) of the dual with one-sided constraints, c the best feasible multiple.
    const Real square = r.squaredNorm() + problem.n * l2 * w.squaredNorm();
    const Real primal = square / 2 + problem.n * l1 * w.sum();
    Real c = problem.b.dot(r) / square;
    if (slope.maxCoeff() > 0) c = std::min(c, problem.n * l1 / slope.maxCoeff());
    if (slope.minCoeff() < 0 && c < 0) c = std::max(c, problem.n * l1 / slope.minCoeff());
    const Real gap = (primal - c * problem.b.dot(r) + c * c * square / 2) / (problem.b.squaredNorm() / 2);
    EXPECT_NEAR(*fit.report.duality_gap, static_cast<double>(gap), 1e-3 * static_cast<double>(gap) + 1e-11);
    EXPECT_LE(gap, 1.001L * fit.report.tolerance);
  }
  EXPECT_GT(active, 100);
  EXPECT_GT(at_bound, 100);
}

TEST(Positive, SoftThresholdsOneSideOfOrthogonalColumns) {
  const Eigen::Matrix4d hadamard{{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
  const Eigen::Vector3d c(2, -0.75, 0.25);
  const Eigen::Vector4d y = hadamard.rightCols(3) * c;
  const auto fit = Lasso{.alpha = 0.5, .positive = true}.fit(hadamard.rightCols(3), y);
  EXPECT_EQ(fit.model.coefficients(), Eigen::Vector3d(1.5, 0, 0));
  const auto none = Lasso{.alpha = 0.5, .positive = true}.fit(hadamard.rightCols(3), Eigen::Vector4d(-y));
  EXPECT_EQ(none.model.coefficients(), Eigen::Vector3d(0, 0.25, 0));
}

TEST(Positive, IsNoConstraintWhereTheSolutionIsPositive) {
  Random random(50);
  const Eigen::MatrixXd x = random.matrix(80, 6);
  const Eigen::VectorXd y = x.rowwise().sum() + 0.1 * random.vector(80);
  const auto free = Lasso{.alpha = 0.01, .tol = 1e-12}.fit(x, y);
  const auto positive = Lasso{.alpha = 0.01, .positive = true, .tol = 1e-12}.fit(x, y);
  ASSERT_GT(free.model.coefficients().minCoeff(), 0);
  EXPECT_LE((positive.model.coefficients() - free.model.coefficients()).norm(), 1e-5);
}

TEST(Positive, NeedsAnL1Part) {
  Random random(51);
  const Eigen::MatrixXd x = random.matrix(10, 2);
  const Eigen::VectorXd y = random.vector(10);
  EXPECT_THROW(static_cast<void>(Lasso{.alpha = 0, .positive = true}.fit(x, y)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(ElasticNet{.l1_ratio = 0, .positive = true}.fit(x, y)), std::invalid_argument);
}

}  // namespace
}  // namespace aprender::test
