// What varies from call to call: where a fit starts, who is told of its progress and may stop it.

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace aprender::test
