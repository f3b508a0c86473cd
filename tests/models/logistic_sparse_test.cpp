// Logistic regression on sparse X: what the same numbers give as a dense matrix, never made dense.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "aprender/logistic_regression.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

using Rows = Eigen::SparseMatrix<double, Eigen::RowMajor>;
using Columns = Eigen::SparseMatrix<double>;

/// About one entry in `every` is not zero; the first column is constant, the second has no zero.
Eigen::MatrixXd mostly_zeros(Random& random, Eigen::Index n, Eigen::Index p, int every) {
  Eigen::MatrixXd x = random.matrix(n, p);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 2; j < p; ++j) x(i, j) *= random.integer(1, every) == 1 ? 1 : 0;
  }
  x.col(0).setConstant(0.7);
  return x;
}

Eigen::VectorXi labels_of(Random& random, const Eigen::MatrixXd& x, int n_classes) {
  const Eigen::VectorXd w = 2 * random.vector(x.cols()), noise = random.vector(x.rows()), score = x * w + noise;
  Eigen::VectorXi labels(x.rows());
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    labels(i) = std::clamp(static_cast<int>(std::floor(score(i) + n_classes / 2.0)), 0, n_classes - 1);
  }
  labels.head(n_classes) = Eigen::VectorXi::LinSpaced(n_classes, 0, n_classes - 1);
  return labels;
}

TEST(LogisticSparse, DenseAndSparseAgree) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int n_classes = static_cast<int>(random.integer(2, 4));
    const Eigen::Index n = random.integer(20, 150), p = random.integer(3, 80);
    const Eigen::MatrixXd x = mostly_zeros(random, n, p, 4);
    const Eigen::VectorXi labels = labels_of(random, x, n_classes);
    const FitOptions options{.sample_weight = random.integers(n, 1, 0, 3).array() + (seed % 2 == 0 ? 1.0 : 0.0),
                             .threads = seed % 6 == 0 ? 3 : 1};
    for (const double l1_ratio : {0.0, 0.5, 1.0}) {
      const LogisticRegression estimator{.C = std::ldexp(1.0, static_cast<int>(random.integer(-3, 4))),
                                         .fit_intercept = random.integer(0, 1) == 1,
                                         .tol = l1_ratio == 0 ? 1e-12 : 1e-10,
                                         .l1_ratio = l1_ratio};
      const auto dense = estimator.fit(x, labels, options);
      const auto rows = estimator.fit(Rows(x.sparseView()), labels, options);
      const auto columns = estimator.fit(Columns(x.sparseView()), labels, options);
      EXPECT_TRUE(dense.report.converged)
          << dense.report.solver << *(l1_ratio > 0 ? dense.report.duality_gap : dense.report.gradient_norm);
      EXPECT_TRUE(rows.report.converged);
      EXPECT_TRUE(columns.report.converged);
      // A gap bounds the square of the distance, and of the scores alone where an L1 penalty leaves a choice.
      const double close = l1_ratio == 0 ? 1e-8 : 2e-4;
      const Eigen::MatrixXd probability = dense.model.predict_proba(x);
      EXPECT_LE((rows.model.predict_proba(x) - probability).cwiseAbs().maxCoeff(), close);
      EXPECT_LE((columns.model.predict_proba(x) - probability).cwiseAbs().maxCoeff(), close);
      EXPECT_NEAR(rows.report.objective, dense.report.objective, 1e-9 * dense.report.objective);
      EXPECT_NEAR(columns.report.objective, dense.report.objective, 1e-9 * dense.report.objective);
      if (estimator.fit_intercept) {
        EXPECT_TRUE(rows.model.coefficients().col(0).isZero(0)) << "constant column";
      }
    }
  }
}

TEST(LogisticSparse, LargeProblemsMeetTheirDefinition) {
  Random random(1);
  for (const int n_classes : {2, 5}) {
    const Eigen::MatrixXd x = mostly_zeros(random, 600, 900, 20);
    const Eigen::VectorXi labels = labels_of(random, x, n_classes);
    const auto fit = LogisticRegression{.C = 10}.fit(Rows(x.sparseView()), labels);
    EXPECT_EQ(fit.report.solver, "Newton-CG");
    EXPECT_TRUE(fit.report.converged);
    EXPECT_LE(fit.report.iterations, 20);
    const LogisticProblem problem(x, labels, {}, 10, true);
    Matrix theta(901, fit.model.coefficients().rows());
    theta << fit.model.coefficients().transpose().cast<Real>(), fit.model.intercept().cast<Real>();
    EXPECT_LE(problem.relative_gradient(theta), 1e-8L);
    EXPECT_NEAR(static_cast<double>(problem.relative_gradient(theta)), *fit.report.gradient_norm, 1e-13);
    if (n_classes > 2) {
      EXPECT_NEAR(fit.model.intercept().sum(), 0, 1e-12);
    }
  }
}

TEST(LogisticSparse, LargeDenseProblemsGoTheSameWay) {
  Random random(2);
  const Eigen::MatrixXd x = random.matrix(80, 1500);
  for (const int n_classes : {2, 4}) {
    const Eigen::VectorXi labels = labels_of(random, x, n_classes);
    for (const int threads : {1, 3}) {
      const auto fit = LogisticRegression{.C = 5}.fit(x, labels, {.threads = threads});
      EXPECT_EQ(fit.report.solver, "Newton-CG");
      EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
    }
  }
  const Eigen::MatrixXd tall = random.matrix(2000, 40);
  const auto fit = LogisticRegression{}.fit(tall, labels_of(random, tall, 10));
  EXPECT_EQ(fit.report.solver, "Newton-CG") << "ten classes";
  EXPECT_TRUE(fit.report.converged);
  EXPECT_LE(fit.report.iterations, 10);
}

TEST(LogisticSparse, ManyCoefficientsUnderAnL1Penalty) {
  Random random(3);
  for (const int n_classes : {2, 4}) {
    const Eigen::MatrixXd x = mostly_zeros(random, 900, 1200, 20);
    const Eigen::VectorXi labels = labels_of(random, x, n_classes);
    const LogisticRegression estimator{.C = 20, .tol = 1e-10, .l1_ratio = 0.9};
    const auto fit = estimator.fit(Rows(x.sparseView()), labels);
    EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap << " " << fit.report.iterations;
    EXPECT_GT((fit.model.coefficients().array() != 0).count(), 400) << "the Hessian would be formed";
    const auto by_columns = estimator.fit(Columns(x.sparseView()), labels);
    EXPECT_NEAR(fit.report.objective, by_columns.report.objective, 1e-9 * fit.report.objective);
  }
}

TEST(LogisticSparse, PredictsWhatTheDenseRowsGive) {
  Random random(4);
  const Eigen::MatrixXd x = mostly_zeros(random, 50, 8, 3);
  const Rows rows = x.sparseView();
  for (const int n_classes : {2, 3}) {
    const auto model = LogisticRegression{}.fit(rows, labels_of(random, x, n_classes)).model;
    EXPECT_LE((model.decision_function(rows) - model.decision_function(x)).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_LE((model.predict_proba(Columns(rows)) - model.predict_proba(x)).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_EQ(model.predict(rows), model.predict(x));
    EXPECT_EQ(model.predict(Rows(rows.middleRows(3, 4))), model.predict(x.middleRows(3, 4)));
    EXPECT_THROW((void)model.predict(Rows(4, 9)), std::invalid_argument);
  }
}

TEST(LogisticSparse, NonFiniteEntriesAreNamed) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    for (const double l1_ratio : {0.0, 1.0}) {
      Eigen::MatrixXd x = Eigen::MatrixXd::Identity(4, 3);
      x(2, 1) = bad;
      try {
        (void)LogisticRegression{.l1_ratio = l1_ratio}.fit(Rows(x.sparseView()), Eigen::Vector4i(0, 1, 0, 1));
        ADD_FAILURE() << "accepted " << bad;
      } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, 7), "X(2, 1)");
      }
    }
  }
}

}  // namespace
}  // namespace aprender::test
