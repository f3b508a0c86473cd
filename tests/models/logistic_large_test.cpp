// Two classes with more samples and features than Newton's method is for: whatever the metric of L-BFGS is taken from,
// the gradient vanishes.

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/logistic_regression.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Neighbouring columns have correlation rho.
Eigen::MatrixXd correlated(Random& random, Eigen::Index n, Eigen::Index p, double rho) {
  Eigen::MatrixXd x = random.matrix(n, p);
  for (Eigen::Index j = 1; j < p; ++j) x.col(j) = rho * x.col(j - 1) + std::sqrt(1 - rho * rho) * x.col(j);
  return x;
}

Eigen::VectorXi drawn_labels(Random& random, const Eigen::MatrixXd& x, double strength) {
  const Eigen::VectorXd w = random.vector(x.cols()) * (strength / std::sqrt(static_cast<double>(x.cols())));
  const Eigen::VectorXd scores = x * w;
  const Eigen::VectorXd chance = random.vector(x.rows());
  Eigen::VectorXi y = (scores.array() > 0.5 * chance.array()).cast<int>();
  y.head(2) << 0, 1;
  return y;
}

/// A converged fit by L-BFGS, whose gradient is computed anew in long double.
void expect_solved(const auto& x, const Eigen::VectorXi& y, const LogisticRegression& estimator,
                   const FitOptions& options = {}, std::int64_t most_steps = 100) {
  const auto fit = estimator.fit(x, y, options);
  EXPECT_EQ(fit.report.solver, "L-BFGS");
  EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
  EXPECT_LE(fit.report.iterations, most_steps);
  const LogisticProblem problem(x.template cast<double>(), y, options.sample_weight, estimator.C,
                                estimator.fit_intercept);
  Matrix theta(x.cols() + 1, 1);
  theta << fit.model.coefficients().transpose().template cast<Real>(), fit.model.intercept().template cast<Real>();
  const auto gradient = static_cast<double>(problem.relative_gradient(theta));
  EXPECT_LE(gradient, fit.report.tolerance * (1 + 1e-6) + 1e-13);
  EXPECT_NEAR(*fit.report.gradient_norm, gradient, 1e-6 * gradient + 1e-13);
}

TEST(LogisticLarge, ManyRowsAColumn) {
  Random random(1);
  const Eigen::MatrixXd x = correlated(random, 4000, 90, 0.5).array() + 3.0;
  const Eigen::VectorXi y = drawn_labels(random, x.array() - 3.0, 3);
  for (const bool intercept : {true, false}) {
    for (const double tol : {1e-4, 1e-8, 1e-12}) {
      SCOPED_TRACE(tol);
      const LogisticRegression estimator{.fit_intercept = intercept, .tol = tol};
      expect_solved(x, y, estimator, {}, 25);
      expect_solved(RowMajor(x), y, estimator, {}, 25);
      expect_solved(x, y, estimator, {.threads = 3}, 25);
    }
  }
  expect_solved(x.cast<float>().eval(), y, {});
}

TEST(LogisticLarge, FewRowsAColumnBeginFromTheDiagonal) {
  Random random(2);
  const Eigen::MatrixXd x = correlated(random, 900, 200, 0.3);
  const Eigen::VectorXi y = drawn_labels(random, x, 3);
  for (const double c : {1e-3, 1.0}) expect_solved(RowMajor(x), y, {.C = c, .tol = 1e-9}, {}, 60);
}

TEST(LogisticLarge, CorrelatedColumnsTakeTheHessianOfAllRows) {
  Random random(3);
  const Eigen::MatrixXd x = correlated(random, 1200, 150, 0.999);
  const Eigen::VectorXi y = drawn_labels(random, x, 3);
  expect_solved(RowMajor(x), y, {.C = 100, .tol = 1e-10}, {}, 60);
}

TEST(LogisticLarge, RowsInTheOrderOfClassesAndRareColumns) {
  Random random(4);
  const Eigen::Index n = 6000;
  Eigen::MatrixXd x = random.matrix(n, 84);
  // Blocks of rows that an estimate leaves out know these columns alone.
  x.rightCols(4).setZero();
  x.block(n / 2 + 700, 80, 5, 4) = random.matrix(5, 4);
  Eigen::VectorXi y(n);
  for (Eigen::Index i = 0; i < n; ++i) y(i) = i < n / 2 ? 0 : 1;
  x.col(0).tail(n / 2).array() += 1.0;
  expect_solved(RowMajor(x), y, {});
  expect_solved(RowMajor(x), y, {.C = 1e6});
}

TEST(LogisticLarge, WeightsAndUnitsOfColumns) {
  Random random(5);
  const Eigen::MatrixXd x = correlated(random, 3000, 20, 0.5);
  const Eigen::VectorXi y = drawn_labels(random, x, 2);
  const Eigen::VectorXd weight = random.integers(3000, 1, 0, 3);
  std::vector<Eigen::Index> present;
  for (Eigen::Index i = 0; i < weight.size(); ++i) {
    for (int copy = 0; copy < static_cast<int>(weight(i)); ++copy) present.push_back(i);
  }
  const Eigen::MatrixXd repeated = x(present, Eigen::all);
  const Eigen::VectorXi repeated_y = y(present);
  const LogisticRegression estimator{.C = 1e4, .tol = 1e-10};
  const double rows = static_cast<double>((weight.array() > 0).count()), copies = static_cast<double>(present.size());
  const auto weighted = estimator.fit(x, y, {.sample_weight = weight});
  const auto plain = LogisticRegression{.C = 1e4 * rows / copies, .tol = 1e-10}.fit(repeated, repeated_y);
  EXPECT_EQ(weighted.report.solver, "L-BFGS");
  EXPECT_LE((weighted.model.coefficients() - plain.model.coefficients()).norm(),
            1e-7 * plain.model.coefficients().norm());

  Eigen::VectorXd unit(20);
  for (Eigen::Index j = 0; j < 20; ++j) unit(j) = std::pow(10.0, static_cast<double>(j - 10));
  const LogisticRegression unpenalised{.C = 1e300, .tol = 1e-10};
  const auto other_units = unpenalised.fit(x * unit.asDiagonal(), y);
  const auto same_units = unpenalised.fit(x, y);
  EXPECT_TRUE(other_units.report.converged);
  EXPECT_LE((other_units.model.coefficients() * unit.asDiagonal() - same_units.model.coefficients()).norm(),
            1e-6 * same_units.model.coefficients().norm());
}

TEST(LogisticLarge, DegenerateColumnsAndSeparableClasses) {
  Random random(6);
  Eigen::MatrixXd x = random.matrix(2500, 22);
  x.col(1) = x.col(0);
  x.col(2).setConstant(7);
  x.col(3).setZero();
  x.col(4) *= 1e150;
  x.col(5) *= 1e-150;
  const Eigen::VectorXi y = drawn_labels(random, random.matrix(2500, 22), 3);
  const auto fit = LogisticRegression{}.fit(x, y);
  EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
  EXPECT_EQ(fit.model.coefficients()(0, 2), 0);
  EXPECT_EQ(fit.model.coefficients()(0, 3), 0);
  EXPECT_NEAR(fit.model.coefficients()(0, 1), fit.model.coefficients()(0, 0), 1e-6);

  const Eigen::MatrixXd plain = random.matrix(2500, 20);
  const Eigen::VectorXi separable = (plain.col(0).array() > 0).cast<int>();
  for (const double c : {1.0, 1e4, 1e8}) {
    SCOPED_TRACE(c);
    const auto separated = LogisticRegression{.C = c}.fit(RowMajor(plain), separable);
    EXPECT_TRUE(separated.report.converged) << *separated.report.gradient_norm << ", " << separated.report.iterations;
    EXPECT_TRUE(separated.model.coefficients().allFinite());
  }
}

TEST(LogisticLarge, StopsWhereItIsTold) {
  Random random(7);
  const Eigen::MatrixXd x = random.matrix(2000, 20);
  const Eigen::VectorXi y = drawn_labels(random, x, 3);
  const auto limited = LogisticRegression{.tol = 1e-12, .max_iter = 2}.fit(x, y);
  EXPECT_EQ(limited.report.iterations, 2);
  EXPECT_FALSE(limited.report.converged);
  const auto stopped = LogisticRegression{.tol = 1e-12}.fit(
      x, y, {.progress = [](const FitProgress& progress) { return progress.iterations < 3; }});
  EXPECT_TRUE(stopped.report.stopped);
  EXPECT_EQ(stopped.report.iterations, 3);
  const auto full = LogisticRegression{.tol = 1e-12}.fit(x, y);
  const auto warm = LogisticRegression{.tol = 1e-12}.fit(x, y, {.initial_coefficients = full.model.coefficients()});
  EXPECT_LE(warm.report.iterations, 1);
}

}  // namespace
}  // namespace aprender::test
