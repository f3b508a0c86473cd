// Whatever X, labels, weights and hyperparameters are: an error that says what is wrong, or a result that is certified,
// in bounded time.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "aprender/logistic_regression.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

constexpr std::uint64_t first_seed = 20'240'601;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Hostile {
  Eigen::MatrixXd x;
  Eigen::VectorXi labels;
  FitOptions options;
  LogisticRegression estimator;
  bool valid = true;  ///< nothing is wrong with it
};

/// Each kind of trouble with a chance of its own.
Hostile hostile(Random& random) {
  const auto chance = [&](int one_in) { return random.integer(1, one_in) == 1; };
  Hostile h;
  const int n_classes = static_cast<int>(random.integer(2, 4));
  const Eigen::Index n = chance(12) ? random.integer(0, 2) : random.integer(3, 40);
  const Eigen::Index p = chance(12) ? random.integer(0, 1) : random.integer(1, 30);
  h.x = random.matrix(n, p);
  h.labels = random.integers(n, 1, 0, n_classes - 1).cast<int>();
  h.estimator.fit_intercept = chance(2);
  h.estimator.l1_ratio = chance(2) ? 0.0 : chance(2) ? 1.0 : 0.4;
  h.estimator.tol = 1e-7;
  h.estimator.C = std::ldexp(1.0, static_cast<int>(random.integer(-30, 12)));
  if (chance(4) && p > 0) h.labels = (h.x.col(0).array() > 0).cast<int>();  // separable
  if (chance(4) && p > 1) h.x.col(1) = -3 * h.x.col(0);
  if (chance(4) && p > 0) h.x.col(p - 1).setConstant(random.uniform());
  if (chance(6) && p > 0) h.x.col(0).array() += 1e6;
  if (chance(3)) h.options.sample_weight = random.integers(n, 1, 0, 3);
  if (chance(10)) h.labels.setConstant(5);
  if (n > 0 && p > 0) {
    if (chance(15)) {
      const Eigen::Index row = random.integer(0, n - 1), column = random.integer(0, p - 1);
      h.x(row, column) = chance(2) ? nan : -infinity;
    }
    if (chance(15) && h.options.sample_weight.size() > 0) h.options.sample_weight(0) = chance(2) ? nan : -1;
    if (chance(15)) h.options.sample_weight.setZero(n);
    if (chance(8)) h.estimator.class_weight.balanced = true;
  }
  if (chance(20)) h.estimator.C = chance(2) ? 0 : nan;
  if (chance(20)) h.estimator.l1_ratio = chance(2) ? 1.1 : nan;

  bool present[4] = {};
  for (Eigen::Index i = 0; i < n; ++i) {
    if (h.options.sample_weight.size() == 0 || h.options.sample_weight(i) > 0) present[h.labels(i) % 4] = true;
  }
  const auto& weight = h.options.sample_weight;
  h.valid = n > 0 && p > 0 && h.x.allFinite() && h.estimator.C > 0 && h.estimator.l1_ratio <= 1 &&
            (weight.size() == 0 || (weight.allFinite() && weight.minCoeff() >= 0)) &&
            std::count(present, present + 4, true) >= 2;
  return h;
}

template <class X>
void expect_error_or_certificate(const Hostile& h, const X& x) {
  try {
    const auto fit = h.estimator.fit(x, h.labels, h.options);
    EXPECT_TRUE(h.valid) << "accepted";
    EXPECT_TRUE(fit.report.converged) << fit.report.solver << " " << fit.report.gradient_norm.value_or(-1) << " "
                                      << fit.report.duality_gap.value_or(-1) << " after " << fit.report.iterations
                                      << ", C " << h.estimator.C << ", l1_ratio " << h.estimator.l1_ratio;
    EXPECT_TRUE(fit.model.coefficients().allFinite());
    EXPECT_TRUE(fit.model.intercept().allFinite());
    EXPECT_TRUE(std::isfinite(fit.report.objective));
    EXPECT_TRUE(fit.model.predict_proba(x).allFinite());
  } catch (const std::invalid_argument& error) {
    EXPECT_FALSE(h.valid) << error.what();
    EXPECT_NE(std::string(error.what()).find("expected"), std::string::npos) << error.what();
  }
}

TEST(LogisticProperty, AnErrorOrACertifiedResult) {
  std::cout << "seeds from " << first_seed << "\n";
  int valid = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Hostile h = hostile(random);
    valid += h.valid ? 1 : 0;
    expect_error_or_certificate(h, h.x);
    expect_error_or_certificate(h, Eigen::SparseMatrix<double, Eigen::RowMajor>(h.x.sparseView()));
    if (HasFailure()) break;
  }
  if (!HasFailure()) {
    EXPECT_GE(valid, 150);
  }
}

TEST(LogisticProperty, ColumnsOfAnyUnit) {
  int uncertified = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Eigen::Index n = random.integer(10, 40), p = random.integer(2, 8);
    Eigen::MatrixXd x = random.matrix(n, p);
    const Eigen::VectorXi labels =
        random.integers(n, 1, 0, static_cast<int>(random.integer(1, 2))).cast<int>() + Eigen::VectorXi::Ones(n);
    for (Eigen::Index j = 0; j < p; ++j) x.col(j) *= std::pow(10.0, static_cast<double>(random.integer(-300, 300)));
    Eigen::VectorXi two = labels;
    two(0) = 1;
    two(1) = 2;
    for (const double l1_ratio : {0.0, 1.0}) {
      const LogisticRegression estimator{.l1_ratio = l1_ratio};
      const auto dense = estimator.fit(x, two);
      const auto sparse = estimator.fit(Eigen::SparseMatrix<double>(x.sparseView()), two);
      EXPECT_TRUE(dense.model.coefficients().allFinite());
      EXPECT_TRUE(sparse.model.coefficients().allFinite());
      EXPECT_LE(dense.report.iterations, 100);
      // With an L1 part whose penalties are lost in rounding, and classes that only such columns separate, a few fits
      // cannot be certified, and say so (docs/numerics.md): 9 of 4000 of these.
      for (const FitReport& report : {dense.report, sparse.report}) {
        if (l1_ratio == 0) {
          EXPECT_TRUE(report.converged) << *report.gradient_norm;
        } else {
          uncertified += report.converged ? 0 : 1;
          EXPECT_EQ(report.converged, *report.duality_gap <= report.tolerance);
        }
      }
    }
  }
  EXPECT_LE(uncertified, 8) << "of 800";
}

TEST(LogisticProperty, SeparableClassesAndAnyC) {
  Random random(first_seed);
  const Eigen::MatrixXd x = random.matrix(60, 4);
  const Eigen::SparseMatrix<double> sparse = x.sparseView();
  const Eigen::VectorXi two = (x.col(0).array() > 0.1).cast<int>();
  const Eigen::VectorXi three = two + (x.col(0).array() > 0.6).cast<int>().matrix();
  for (const double c : {1e-300, 1e-6, 1.0, 1e4, 1e8, 1e100, 1e300}) {
    for (const Eigen::VectorXi& labels : {two, three}) {
      SCOPED_TRACE(c);
      EXPECT_TRUE(LogisticRegression{.C = c}.fit(x, labels).report.converged);
      EXPECT_TRUE(LogisticRegression{.C = c}.fit(sparse, labels).report.converged);
      const auto lasso = LogisticRegression{.C = c, .l1_ratio = 1}.fit(sparse, labels);
      EXPECT_TRUE(lasso.model.coefficients().allFinite());
      EXPECT_TRUE(lasso.report.converged) << *lasso.report.duality_gap << " after " << lasso.report.iterations;
    }
  }
}

TEST(LogisticProperty, WeightsAreRepetitions) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int n_classes = static_cast<int>(random.integer(2, 3));
    const Eigen::MatrixXd x = random.matrix(25, 6);
    Eigen::VectorXi labels(25);
    for (int i = 0; i < 25; ++i) labels(i) = i % n_classes;
    const Eigen::VectorXi times = random.integers(25, 1, 1, 4).cast<int>();
    const Eigen::VectorXi repeated = repeat(labels.cast<double>(), times).col(0).cast<int>();
    LogisticRegression estimator{.tol = 1e-11, .l1_ratio = random.integer(0, 1) == 1 ? 0.7 : 0.0};
    const auto weighted = estimator.fit(x, labels, {.sample_weight = times.cast<double>()});
    estimator.C *= 25.0 / times.sum();  // the weights' sum becomes n
    const Eigen::SparseMatrix<double, Eigen::RowMajor> rows = repeat(x, times).sparseView();
    const auto copies = estimator.fit(rows, repeated);
    EXPECT_LE((weighted.model.coefficients() - copies.model.coefficients()).cwiseAbs().maxCoeff(), 1e-4);
    EXPECT_NEAR(weighted.report.objective, copies.report.objective * 25 / times.sum(), 1e-9);
  }
}

}  // namespace
}  // namespace aprender::test
