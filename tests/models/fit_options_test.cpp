// What varies from call to call: where a fit starts, who is told of its progress and may stop it.

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/SparseCore>

#include "aprender/models.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

struct Data {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

Data data(std::uint64_t seed, Eigen::Index n = 60, Eigen::Index p = 200) {
  Random random(seed);
  const Eigen::MatrixXd x = random.matrix(n, p);
  const Eigen::VectorXd y = x.leftCols(5).rowwise().sum() + 0.5 * random.vector(n);
  return {x, y};
}

TEST(WarmStart, FromTheSolutionThereIsNothingToDo) {
  const auto [x, y] = data(1);
  const Lasso lasso{.alpha = 0.01};
  const auto cold = lasso.fit(x, y);
  ASSERT_TRUE(cold.report.converged);
  ASSERT_GT(cold.report.iterations, 0);
  const auto warm = lasso.fit(x, y, {.initial_coefficients = cold.model.coefficients()});
  EXPECT_TRUE(warm.report.converged);
  EXPECT_EQ(warm.report.iterations, 0);
  EXPECT_EQ(warm.model.coefficients(), cold.model.coefficients());
}

TEST(WarmStart, FromAnywhereTheSolutionIsTheSame) {
  const auto [x, y] = data(2);
  Random random(3);
  for (const bool positive : {false, true}) {
    const ElasticNet net{.alpha = 0.05, .positive = positive, .tol = 1e-12};
    const auto cold = net.fit(x, y);
    const auto warm = net.fit(x, y, {.initial_coefficients = 100 * random.vector(x.cols())});
    EXPECT_TRUE(warm.report.converged) << *warm.report.duality_gap;
    EXPECT_LE((warm.model.coefficients() - cold.model.coefficients()).norm(), 1e-4);
    EXPECT_NEAR(warm.report.objective, cold.report.objective, 1e-10 * cold.report.objective);
  }
}

// The unconstrained solution is optimal but for the constraint, and no place to stay.
TEST(WarmStart, BelowZeroIsNoStartForCoefficientsThatMayNotBe) {
  const auto [x, y] = data(11, 80, 10);
  const auto free = Lasso{.alpha = 0.01}.fit(x, -y);
  ASSERT_LT(free.model.coefficients().minCoeff(), 0);
  const Lasso constrained{.alpha = 0.01, .positive = true};
  const auto cold = constrained.fit(x, -y);
  const auto warm = constrained.fit(x, -y, {.initial_coefficients = free.model.coefficients()});
  EXPECT_TRUE(warm.report.converged);
  EXPECT_GE(warm.model.coefficients().minCoeff(), 0);
  EXPECT_NEAR(warm.report.objective, cold.report.objective, 1e-7 * cold.report.objective);
}

TEST(WarmStart, OfAnotherShapeOrNotFiniteIsRefused) {
  const auto [x, y] = data(4);
  Eigen::MatrixXd start = Eigen::VectorXd::Zero(199);
  EXPECT_THROW(static_cast<void>(Lasso{}.fit(x, y, {.initial_coefficients = start})), std::invalid_argument);
  start = Eigen::MatrixXd::Zero(200, 2);
  EXPECT_THROW(static_cast<void>(Lasso{}.fit(x, y, {.initial_coefficients = start})), std::invalid_argument);
  start = Eigen::VectorXd::Constant(200, std::numeric_limits<double>::infinity());
  EXPECT_THROW(static_cast<void>(Lasso{}.fit(x, y, {.initial_coefficients = start})), std::invalid_argument);
}

TEST(Progress, IsToldFromTheStartToTheCertificate) {
  const auto [x, y] = data(5);
  std::vector<FitProgress> told;
  FitOptions options;
  options.progress = [&](const FitProgress& progress) {
    told.push_back(progress);
    return true;
  };
  const auto fit = Lasso{.alpha = 0.01, .tol = 1e-9}.fit(x, y, options);
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.front().iterations, 0);
  EXPECT_GT(told.front().certificate, 1e-9);
  EXPECT_EQ(told.back().iterations, fit.report.iterations);
  EXPECT_LE(told.back().certificate, 1e-9);
  for (const FitProgress& progress : told) {
    EXPECT_EQ(progress.tolerance, 1e-9);
    EXPECT_EQ(progress.fit, 0);
    EXPECT_EQ(progress.n_fits, 1);
  }
  EXPECT_FALSE(fit.report.stopped);
  EXPECT_EQ(fit.model.coefficients(), (Lasso{.alpha = 0.01, .tol = 1e-9}.fit(x, y).model.coefficients()));
}

TEST(Progress, MayStopAFitWhichSaysSo) {
  const auto [x, y] = data(6);
  FitOptions options;
  options.progress = [](const FitProgress& progress) { return progress.iterations == 0; };
  const auto lasso = Lasso{.alpha = 1e-4, .tol = 1e-14}.fit(x, y, options);
  EXPECT_TRUE(lasso.report.stopped);
  EXPECT_FALSE(lasso.report.converged);
  EXPECT_GT(lasso.report.iterations, 0);
  EXPECT_GT(*lasso.report.duality_gap, 1e-14);

  const Eigen::VectorXi labels = (y.array() > 0).cast<int>();
  const auto logistic = LogisticRegression{.tol = 1e-12}.fit(x, labels, options);
  EXPECT_TRUE(logistic.report.stopped);
  EXPECT_FALSE(logistic.report.converged);
  EXPECT_FALSE((LogisticRegression{.tol = 1e-12}.fit(x, labels).report.stopped));
}

TEST(Progress, OfAPathCountsFitsAndStopsBetweenThem) {
  const auto [x, y] = data(7);
  std::vector<std::int64_t> seen;
  FitOptions options;
  options.progress = [&](const FitProgress& progress) {
    EXPECT_EQ(progress.n_fits, 20);
    seen.push_back(progress.fit);
    return progress.fit < 7;
  };
  PathOptions grid;
  grid.n_alphas = 20;
  const auto path = Lasso{}.path(x, y, grid, options);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  ASSERT_EQ(path.size(), 8U);
  EXPECT_TRUE(path.back().report.stopped);
  EXPECT_FALSE(path[6].report.stopped);
  EXPECT_TRUE(path[6].report.converged);
}

/// What was told by a call that goes on until it was told so many times.
struct Listener {
  std::vector<FitProgress> told = {};
  FitOptions options = {};

  explicit Listener(std::size_t most = 1'000'000) {
    options.progress = [this, most](const FitProgress& progress) {
      told.push_back(progress);
      return told.size() < most;
    };
  }
  Listener(const Listener&) = delete;
};

TEST(Progress, OfADirectSolverIsItsCertificate) {
  const auto [x, y] = data(8, 60, 5);
  Listener listener;
  const auto fit = LinearRegression{}.fit(x, y, listener.options);
  ASSERT_EQ(listener.told.size(), 1U);
  EXPECT_EQ(listener.told[0].iterations, 0);
  EXPECT_EQ(listener.told[0].certificate, *fit.report.backward_error);
  EXPECT_EQ(listener.told[0].tolerance, fit.report.tolerance);
  EXPECT_FALSE(fit.report.stopped);
  Listener once(1);
  EXPECT_TRUE(Ridge{}.fit(x, y, once.options).report.stopped);
}

// Too many columns for a Gram matrix.
TEST(Progress, MayStopLsqr) {
  const auto [x, y] = data(9, 700, 600);
  const Eigen::SparseMatrix<double> sparse = x.sparseView();
  Listener all, some(3);
  const auto whole = Ridge{.alpha = 1e-3}.fit(sparse, y, all.options);
  ASSERT_EQ(whole.report.solver, "LSQR");
  EXPECT_TRUE(whole.report.converged);
  EXPECT_FALSE(whole.report.stopped);
  EXPECT_EQ(all.told.back().iterations, whole.report.iterations);
  EXPECT_LE(all.told.back().certificate, all.told.back().tolerance);
  EXPECT_GT(all.told.front().certificate, all.told.front().tolerance);

  const auto part = Ridge{.alpha = 1e-3}.fit(sparse, y, some.options);
  EXPECT_EQ(some.told.size(), 3U);
  EXPECT_EQ(part.report.iterations, 3);
  EXPECT_TRUE(part.report.stopped);
  EXPECT_FALSE(part.report.converged);
  EXPECT_GT(*part.report.backward_error, part.report.tolerance);
}

TEST(Progress, OfARidgePathAndOfLeavingOneOutCountsAlphas) {
  const auto [x, y] = data(10, 60, 5);
  const PathOptions grid{.n_alphas = 40};
  Listener listener(21);
  const auto path = Ridge{}.path(x, y, grid, listener.options);
  ASSERT_EQ(path.size(), 21U);
  EXPECT_TRUE(path.back().report.stopped);
  EXPECT_TRUE(path.back().report.converged);
  EXPECT_FALSE(path[19].report.stopped);
  for (std::size_t k = 0; k < listener.told.size(); ++k) {
    EXPECT_EQ(listener.told[k].fit, static_cast<std::int64_t>(k));
    EXPECT_EQ(listener.told[k].n_fits, 40);
  }

  Listener other(7);
  const LeaveOneOut part = Ridge{}.leave_one_out(x, y, grid, other.options);
  const LeaveOneOut whole = Ridge{}.leave_one_out(x, y, grid);
  EXPECT_TRUE(part.validation.stopped);
  EXPECT_FALSE(whole.validation.stopped);
  EXPECT_EQ(part.validation.alphas, whole.validation.alphas.head(7));
  EXPECT_EQ(part.validation.mean, whole.validation.mean.head(7));
  EXPECT_EQ(part.gcv, whole.gcv.head(7));
  EXPECT_EQ(part.degrees_of_freedom, whole.degrees_of_freedom.head(7));
}

}  // namespace
}  // namespace aprender::test
