// Sparse X: the answers of the dense one, from columns or rows, views and expressions, without ever being densified.

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

using ByColumns = Eigen::SparseMatrix<double>;
using ByRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;
using LongIndices = Eigen::SparseMatrix<double, Eigen::ColMajor, long>;

/// About `density` of the entries of a random matrix, at least one a column.
Eigen::MatrixXd holes(Random& random, Eigen::Index n, Eigen::Index p, double density) {
  Eigen::MatrixXd x = random.matrix(n, p);
  for (Eigen::Index j = 0; j < p; ++j) {
    for (Eigen::Index i = 0; i < n; ++i) {
      if (i != j % n && std::abs(random.uniform()) > density) x(i, j) = 0;
    }
  }
  return x;
}

template <class Estimator>
void expect_the_answers_of_dense(const Estimator& estimator, const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                 const FitOptions& options, double tolerance) {
  const auto dense = estimator.fit(x, y, options);
  const ByColumns columns = x.sparseView();
  const ByRows rows = columns;
  const LongIndices longer = columns;
  const double scale = 1 + dense.model.coefficients().norm();
  for (const auto& fit :
       {estimator.fit(columns, y, options), estimator.fit(rows, y, options), estimator.fit(longer, y, options)}) {
    EXPECT_TRUE(fit.report.converged) << fit.report.solver;
    EXPECT_LE((fit.model.coefficients() - dense.model.coefficients()).norm(), tolerance * scale) << fit.report.solver;
    EXPECT_NEAR(fit.model.intercept(), dense.model.intercept(), tolerance * scale);
    EXPECT_NEAR(fit.report.objective, dense.report.objective, tolerance * (1 + dense.report.objective));
    EXPECT_EQ(fit.report.n_samples, x.rows());
    const Eigen::VectorXd predicted = fit.model.predict(rows);
    EXPECT_LE((predicted - fit.model.predict(x)).cwiseAbs().maxCoeff(), 1e-13 * scale);
  }
}

TEST(Sparse, FitsAsDenseDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index n = random.integer(2, 80), p = random.integer(1, 60);
    const bool intercept = random.integer(0, 1) == 1;
    const Eigen::MatrixXd x = holes(random, n, p, 0.2);
    const Eigen::VectorXd w = random.vector(p), noise = random.vector(n), y = x * w + noise;
    const FitOptions options{.sample_weight = random.integers(n, 1, seed % 3 == 0 ? 0 : 1, 3),
                             .threads = static_cast<int>(random.integer(1, 3))};
    expect_the_answers_of_dense(LinearRegression{.fit_intercept = intercept}, x, y, options, 1e-9);
    expect_the_answers_of_dense(Ridge{.alpha = 0.5, .fit_intercept = intercept}, x, y, options, 1e-9);
    expect_the_answers_of_dense(Lasso{.alpha = 0.02, .fit_intercept = intercept, .tol = 1e-12}, x, y, options, 1e-4);
    expect_the_answers_of_dense(ElasticNet{.alpha = 0.05, .fit_intercept = intercept, .tol = 1e-13}, x, y, options,
                                1e-5);
    expect_the_answers_of_dense(Lasso{.alpha = 0.02, .fit_intercept = intercept, .positive = true, .tol = 1e-12}, x, y,
                                options, 1e-4);
  }
}

// More columns than a Gram matrix is formed for: LSQR has to find the same minimum, certified by the same bound.
TEST(Sparse, ManyColumnsAreSolvedByIteration) {
  Random random(31);
  const Eigen::MatrixXd x = holes(random, 700, 600, 0.02);
  const Eigen::VectorXd y = random.vector(700);
  const ByColumns sparse = x.sparseView();
  for (const double alpha : {0.0, 1e-3, 1.0}) {
    const auto fit = Ridge{.alpha = alpha}.fit(sparse, y);
    const auto dense = Ridge{.alpha = alpha}.fit(x, y);
    EXPECT_EQ(fit.report.solver, "LSQR");
    EXPECT_GT(fit.report.iterations, 0);
    EXPECT_TRUE(fit.report.converged) << *fit.report.backward_error;
    const CentredProblem problem(x, y, {}, true);
    const double error = static_cast<double>(problem.backward_error(fit.model.coefficients().cast<Real>(), alpha));
    EXPECT_LE(error, fit.report.tolerance);
    EXPECT_LE((fit.model.coefficients() - dense.model.coefficients()).norm(), 1e-6 * dense.model.coefficients().norm());
  }
}

TEST(Sparse, SeveralTargets) {
  Random random(32);
  const Eigen::MatrixXd x = holes(random, 50, 8, 0.3);
  const Eigen::MatrixXd y = random.matrix(50, 3);
  const ByRows sparse = x.sparseView();
  const auto fit = LinearRegression{}.fit(sparse, y);
  const auto dense = LinearRegression{}.fit(x, y);
  EXPECT_LE((fit.model.coefficients() - dense.model.coefficients()).norm(), 1e-12);
  EXPECT_LE((fit.model.predict(sparse) - dense.model.predict(x)).norm(), 1e-12);
}

// The columns of a one-hot code sum to one, so that with an intercept the minimum is not unique: the shortest counts.
TEST(Sparse, OneHotCodesHaveTheMinimumNormSolution) {
  Random random(33);
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(60, 7);
  for (Eigen::Index i = 0; i < 60; ++i) x(i, i < 7 ? i : random.integer(0, 6)) = 1;
  const Eigen::VectorXd y = random.vector(60);
  const ByColumns sparse = x.sparseView();
  const auto fit = LinearRegression{}.fit(sparse, y);
  const auto dense = LinearRegression{}.fit(x, y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(dense.report.rank, 6);
  EXPECT_LE((fit.model.coefficients() - dense.model.coefficients()).norm(), 1e-10);
}

TEST(Sparse, ExpressionsAndPartsOfAMatrix) {
  Random random(34);
  const Eigen::MatrixXd x = holes(random, 40, 12, 0.3);
  const Eigen::VectorXd y = random.vector(40);
  ByColumns sparse = x.sparseView();
  const Lasso lasso{.alpha = 0.01};
  const Eigen::VectorXd part = lasso.fit(Eigen::MatrixXd(x.middleCols(3, 6)), y).model.coefficients();
  EXPECT_LE((lasso.fit(sparse.middleCols(3, 6), y).model.coefficients() - part).norm(), 1e-6);
  EXPECT_LE((lasso.fit(ByRows(sparse).transpose().transpose().middleCols(3, 6), y).model.coefficients() - part).norm(),
            1e-6);
  const Eigen::VectorXd doubled = lasso.fit(Eigen::MatrixXd(2 * x), y).model.coefficients();
  EXPECT_LE((lasso.fit(2 * sparse, y).model.coefficients() - doubled).norm(), 1e-6);
  const Eigen::VectorXd whole = lasso.fit(sparse, y).model.coefficients();
  sparse.uncompress();
  EXPECT_EQ(lasso.fit(sparse, y).model.coefficients(), whole);
}

// Stored zeros are zeros, a column without entries or constant has the coefficient zero.
TEST(Sparse, StoredZerosEmptyAndConstantColumns) {
  Random random(35);
  Eigen::MatrixXd x = holes(random, 30, 6, 0.5);
  x.col(2).setZero();
  x.col(4).setConstant(0.1);
  const Eigen::VectorXd y = random.vector(30);
  ByColumns sparse = x.sparseView();
  sparse.coeffRef(3, 2) = 0.0;
  sparse.makeCompressed();
  for (const auto& w :
       {LinearRegression{}.fit(sparse, y).model.coefficients(), Ridge{}.fit(sparse, y).model.coefficients(),
        Lasso{.alpha = 1e-3}.fit(sparse, y).model.coefficients()}) {
    EXPECT_EQ(w(2), 0);
    EXPECT_EQ(w(4), 0);
    EXPECT_NE(w(0), 0);
  }
}

TEST(Sparse, FloatAndExtremeUnits) {
  Random random(36);
  const Eigen::MatrixXd x = holes(random, 60, 9, 0.4);
  const Eigen::VectorXd w = random.vector(9), noise = random.vector(60), y = x * w + noise;
  const auto dense = Lasso{.alpha = 0.01}.fit(x, y);
  const Eigen::SparseMatrix<float> single = ByColumns(x.sparseView()).cast<float>();
  const auto fit = Lasso{.alpha = 0.01}.fit(single, y);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_LE((fit.model.coefficients().cast<double>() - dense.model.coefficients()).norm(), 1e-3);

  Eigen::VectorXd unit(9);
  unit << 1e-300, 1e300, 1, 1e-150, 1e150, 1e-3, 1e3, 1e-100, 1e100;
  const ByColumns scaled = Eigen::MatrixXd(x * unit.asDiagonal()).sparseView(0.0, 0.0);
  const auto plain = LinearRegression{}.fit(x, y), same = LinearRegression{}.fit(scaled, y);
  EXPECT_TRUE(same.report.converged);
  for (Eigen::Index j = 0; j < 9; ++j) {
    EXPECT_NEAR(same.model.coefficients()(j) * unit(j), plain.model.coefficients()(j), 1e-12);
  }
}

TEST(Sparse, WhatDoesNotFitIsRefused) {
  Random random(37);
  const Eigen::MatrixXd x = holes(random, 10, 4, 0.5);
  const Eigen::VectorXd y = random.vector(10);
  const auto message = [&](const auto& matrix) -> std::string {
    try {
      static_cast<void>(Lasso{}.fit(matrix, y));
    } catch (const std::invalid_argument& refused) {
      return refused.what();
    }
    return "accepted";
  };
  ByColumns bad = x.sparseView();
  bad.coeffRef(7, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message(bad), "X(7, 2) is nan, expected a finite number");
  EXPECT_EQ(message(ByRows(bad)), "X(7, 2) is nan, expected a finite number");
  EXPECT_NE(message(ByColumns(9, 4)).find("rows of y"), std::string::npos);
  EXPECT_NE(message(ByColumns(10, 0)).find("columns of X"), std::string::npos);

  const std::vector<int> outer = {0, 2}, twice = {3, 3}, beyond = {3, 10};
  const std::vector<double> values = {1, 2};
  EXPECT_NE(message(Eigen::Map<const ByColumns>(10, 1, 2, outer.data(), twice.data(), values.data()))
                .find("position of an entry of X in column 0 is 3"),
            std::string::npos);
  EXPECT_NE(message(Eigen::Map<const ByColumns>(10, 1, 2, outer.data(), beyond.data(), values.data())).find("below 10"),
            std::string::npos);
}

}  // namespace
}  // namespace aprender::test
