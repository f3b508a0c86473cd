// What varies from fit to fit of a logistic regression: weights of classes, text labels, warm starts, progress, paths.

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/cross_validation.hpp"
#include "aprender/logistic_regression.hpp"
#include "models/random.hpp"
#include "models/refusal.hpp"

namespace aprender::test {
namespace {

struct Problem {
  Eigen::MatrixXd x;
  Eigen::VectorXi labels;
};

/// Three classes of 30, 12 and 6 of 48 samples, or the first two of them.
Problem unbalanced(int n_classes) {
  Random random(1);
  Problem problem{random.matrix(n_classes == 2 ? 42 : 48, 3), {}};
  problem.labels.setConstant(problem.x.rows(), 2);
  problem.labels.head(30).setZero();
  problem.labels.segment(30, 12).setOnes();
  for (Eigen::Index i = 0; i < problem.x.rows(); ++i) problem.x(i, problem.labels(i)) += 0.4;
  return problem;
}

template <class Model>
double distance(const Model& a, const Model& b) {
  return (a.coefficients() - b.coefficients()).cwiseAbs().maxCoeff() +
         (a.intercept() - b.intercept()).cwiseAbs().maxCoeff();
}

TEST(ClassWeight, MultipliesThoseOfTheSamples) {
  for (const int n_classes : {2, 3}) {
    const auto [x, labels] = unbalanced(n_classes);
    for (const double l1_ratio : {0.0, 0.8}) {
      const Eigen::VectorXd weight = Eigen::VectorXd::LinSpaced(x.rows(), 1, 3);
      Eigen::VectorXd product = weight;
      for (Eigen::Index i = 0; i < x.rows(); ++i) product(i) *= labels(i) == 1 ? 2.5 : 1;
      const LogisticRegression plain{.tol = 1e-12, .l1_ratio = l1_ratio};
      LogisticRegression weighted = plain;
      weighted.class_weight.weights = {{1, 2.5}};
      const auto expected = plain.fit(x, labels, {.sample_weight = product});
      EXPECT_LE(distance(weighted.fit(x, labels, {.sample_weight = weight}).model, expected.model), 1e-6);
      EXPECT_GT(distance(plain.fit(x, labels, {.sample_weight = weight}).model, expected.model), 1e-2);
    }
  }
}

TEST(ClassWeight, BalancedIsTheInverseOfTheCounts) {
  const auto [x, labels] = unbalanced(3);
  const auto balanced = LogisticRegression{.class_weight = {.balanced = true}}.fit(x, labels);
  // n / (n_classes n_k), as scikit-learn has it.
  const auto expected =
      LogisticRegression{.class_weight = {.weights = {{0, 48.0 / 90}, {1, 48.0 / 36}, {2, 48.0 / 18}}}}.fit(x, labels);
  EXPECT_LE(distance(balanced.model, expected.model), 1e-7);
  EXPECT_EQ(balanced.estimator.class_weight, ClassWeight{.balanced = true});
  // Without information all classes are as likely, whatever their counts.
  const auto none = LogisticRegression{.class_weight = {.balanced = true}}.fit(Eigen::MatrixXd::Zero(48, 1), labels);
  EXPECT_LE((none.model.predict_proba(Eigen::MatrixXd::Zero(1, 1)).array() - 1.0 / 3).abs().maxCoeff(), 1e-12);
}

TEST(ClassWeight, SamplesOfNoWeightAreNotCounted) {
  const auto [x, labels] = unbalanced(2);
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(x.rows());
  weight.head(10).setZero();
  const LogisticRegression estimator{.class_weight = {.balanced = true}};
  const auto with_zeros = estimator.fit(x, labels, {.sample_weight = weight});
  const auto removed = estimator.fit(x.bottomRows(32), labels.tail(32));
  EXPECT_LE(distance(with_zeros.model, removed.model), 1e-9);
}

TEST(ClassWeight, AClassOfNoWeightIsNotThere) {
  const auto [x, labels] = unbalanced(3);
  const auto fit = LogisticRegression{.class_weight = {.weights = {{1, 0.0}}}}.fit(x, labels);
  EXPECT_EQ(fit.model.classes(), (std::vector<std::int64_t>{0, 2}));
  // Nor is it in cross-validation, among the samples left out either.
  const LogisticRegression estimator{.class_weight = {.weights = {{1, 0.0}}}};
  const Eigen::VectorXd present = (labels.array() != 1).cast<double>();
  const CrossValidationOptions options{.n_folds = 3, .path = {.n_alphas = 3}};
  EXPECT_EQ(cross_validate(estimator, x, labels, options).errors,
            cross_validate(LogisticRegression{}, x, labels, options, {.sample_weight = present}).errors);
}

TEST(ClassWeight, WhatCannotBeUsedIsRefused) {
  const auto [x, labels] = unbalanced(2);
  const auto with = [&, &x = x, &labels = labels](const ClassWeight& weight) {
    return [&x, &labels, weight] { (void)LogisticRegression{.class_weight = weight}.fit(x, labels); };
  };
  EXPECT_EQ(refusal(with({.weights = {{1, -1.0}}})), "class_weight of 1 is -1, expected a finite number >= 0");
  EXPECT_EQ(refusal(with({.weights = {{0, std::numeric_limits<double>::quiet_NaN()}}})),
            "class_weight of 0 is nan, expected a finite number >= 0");
  EXPECT_EQ(refusal(with({.weights = {{7, 1.0}}})), "label 7 of class_weight is not in y, expected a label of y");
  EXPECT_EQ(refusal(with({.weights = {{0, 0.0}, {1, 0.0}}})),
            "largest weight of a class is 0, expected at least one class of positive weight");
  EXPECT_EQ(refusal(with({.weights = {{0, 0.0}}})), "the only class in y is 1, expected at least two classes");
  EXPECT_EQ(refusal(with({.weights = {{0, 1.0}}, .balanced = true})),
            "class_weight of 0 is 1, expected no weights beside class_weight.balanced");
}

TEST(TextLabels, AreEncodedInTheOrderOfTheirBytes) {
  const std::vector<std::string> labels{"pear", "Apple", "apple", "", "pear", "\xc3\xa4pfel"};
  const EncodedLabels encoded = encode_labels(labels);
  EXPECT_EQ(encoded.classes, (std::vector<std::string>{"", "Apple", "apple", "pear", "\xc3\xa4pfel"}));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    EXPECT_EQ(encoded.classes[static_cast<std::size_t>(encoded.values(static_cast<Eigen::Index>(i)))], labels[i]);
  }
  EXPECT_EQ(encode_labels(std::vector<std::string_view>{}).values.size(), 0);
}

TEST(TextLabels, FitAsTheirNumbers) {
  const auto [x, labels] = unbalanced(3);
  std::vector<const char*> text;
  for (const int label : labels) text.emplace_back(label == 0 ? "b" : label == 1 ? "c" : "a");
  const auto fit = LogisticRegression{}.fit(x, text);
  EXPECT_EQ(fit.classes, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(fit.model.classes(), (std::vector<std::int64_t>{0, 1, 2}));
  const Eigen::VectorXi moved = (labels.array() + 1).unaryExpr([](int k) { return k % 3; });
  EXPECT_LE(distance(fit.model, LogisticRegression{}.fit(x, moved).model), 1e-12);
  EXPECT_THROW((void)LogisticRegression{}.fit(x, std::vector<std::string>{"a", "b"}), std::invalid_argument);
}

TEST(TextLabels, PathsAndCrossValidationAreThoseOfTheirNumbers) {
  const auto [x, labels] = unbalanced(3);
  std::vector<std::string> text;
  for (const int label : labels) text.emplace_back(label == 0 ? "b" : label == 1 ? "c" : "a");
  const Eigen::VectorXi moved = (labels.array() + 1).unaryExpr([](int k) { return k % 3; });
  const std::vector<std::string> classes{"a", "b", "c"};
  const LogisticRegression estimator{.l1_ratio = 0.5};
  EXPECT_EQ(estimator.critical_C(x, text), estimator.critical_C(x, moved));
  const Eigen::VectorXd grid = estimator.penalty_grid(x, text, {.n_alphas = 4});
  EXPECT_EQ(grid, estimator.penalty_grid(x, moved, {.n_alphas = 4}));
  const auto fits = estimator.path(x, text, grid);
  const auto expected = estimator.path(x, moved, grid);
  ASSERT_EQ(fits.size(), 4U);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(fits[k].classes, classes);
    EXPECT_EQ(fits[k].model.coefficients(), expected[k].model.coefficients());
  }
  const CrossValidationOptions options{.n_folds = 3, .path = {.n_alphas = 4}};
  EXPECT_EQ(cross_validate(estimator, x, text, options).errors, cross_validate(estimator, x, moved, options).errors);
  const auto chosen = cross_validated_fit(estimator, x, text, options);
  const auto known = cross_validated_fit(estimator, x, moved, options);
  EXPECT_EQ(chosen.fit.classes, classes);
  EXPECT_EQ(chosen.chosen, known.chosen);
  EXPECT_EQ(chosen.fit.model.coefficients(), known.fit.model.coefficients());
}

TEST(WarmStart, FindsTheSameSooner) {
  Random random(2);
  for (const double l1_ratio : {0.0, 1.0}) {
    for (const int n_classes : {2, 3}) {
      const Eigen::MatrixXd x = random.matrix(300, 30);
      const Eigen::VectorXi labels = random.integers(300, 1, 0, n_classes - 1).cast<int>();
      const LogisticRegression estimator{.C = 2, .tol = 1e-10, .l1_ratio = l1_ratio};
      const auto cold = estimator.fit(x, labels);
      const auto warm = estimator.fit(x, labels, {.initial_coefficients = cold.model.coefficients()});
      EXPECT_TRUE(warm.report.converged);
      EXPECT_LE(warm.report.iterations, 1);
      EXPECT_GE(cold.report.iterations, 3);
      EXPECT_LE(distance(cold.model, warm.model), 1e-4);
      // From nowhere near.
      const auto far = estimator.fit(x, labels, {.initial_coefficients = 1e3 * cold.model.coefficients().array() + 50});
      EXPECT_TRUE(far.report.converged);
      EXPECT_LE(distance(cold.model, far.model), 1e-4);
    }
  }
}

TEST(WarmStart, MustHaveTheShapeOfTheModel) {
  const auto [x, labels] = unbalanced(3);
  EXPECT_EQ(refusal([&, &x = x, &y = labels] {
              (void)LogisticRegression{}.fit(x, y, {.initial_coefficients = Eigen::MatrixXd::Zero(1, 3)});
            }),
            "rows of initial_coefficients is 1, expected 3 (rows of the model's)");
  EXPECT_EQ(refusal([&, &x = x, &y = labels] {
              (void)LogisticRegression{}.fit(x, y, {.initial_coefficients = Eigen::MatrixXd::Zero(3, 4)});
            }),
            "columns of initial_coefficients is 4, expected 3 (columns of X)");
  Eigen::MatrixXd bad = Eigen::MatrixXd::Zero(3, 3);
  bad(1, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal([&, &x = x, &y = labels] { (void)LogisticRegression{}.fit(x, y, {.initial_coefficients = bad}); }),
            "initial_coefficients(1, 2) is inf, expected a finite number");
}

TEST(Progress, IsToldAndMayStop) {
  Random random(3);
  const Eigen::MatrixXd x = random.matrix(400, 60);
  const Eigen::VectorXi binary = random.integers(400, 1, 0, 1).cast<int>();
  const Eigen::VectorXi many = random.integers(400, 1, 0, 11).cast<int>();
  const Eigen::SparseMatrix<double> sparse = x.sparseView();
  const auto check = [&](const LogisticRegression& estimator, const auto& design, const Eigen::VectorXi& labels) {
    std::vector<FitProgress> seen;
    const auto fit = estimator.fit(design, labels, {.progress = [&](const FitProgress& progress) {
                                     seen.push_back(progress);
                                     return true;
                                   }});
    ASSERT_GE(seen.size(), 3U);
    EXPECT_FALSE(fit.report.stopped);
    for (std::size_t k = 0; k < seen.size(); ++k) {
      EXPECT_EQ(seen[k].iterations, static_cast<std::int64_t>(k));
      EXPECT_EQ(seen[k].tolerance, estimator.tol);
      EXPECT_EQ(seen[k].certificate <= estimator.tol, k + 1 == seen.size());
    }
    const auto stopped = estimator.fit(
        design, labels, {.progress = [](const FitProgress& progress) { return progress.iterations < 2; }});
    EXPECT_TRUE(stopped.report.stopped);
    EXPECT_FALSE(stopped.report.converged);
    EXPECT_EQ(stopped.report.iterations, 2);
    EXPECT_GT(stopped.report.objective, fit.report.objective);
  };
  check({}, x, binary);
  check({}, x, many);
  check({}, sparse, binary);
  check({.l1_ratio = 1}, x, binary);
  check({.l1_ratio = 0.5}, sparse, many);
}

TEST(LogisticPath, IsOneFitForEachC) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(80, 10);
  const Eigen::VectorXi labels = ((x.col(0) - x.col(1) + 0.5 * random.vector(80)).array() > 0).cast<int>();
  for (const double l1_ratio : {0.0, 1.0}) {
    const LogisticRegression estimator{.tol = 1e-11, .l1_ratio = l1_ratio};
    std::vector<std::int64_t> fits_seen;
    const auto fits = estimator.path(x, labels, Eigen::VectorXd{{10, 0.1, 1}}, {.progress = [&](const FitProgress& p) {
                                       EXPECT_EQ(p.n_fits, 3);
                                       if (fits_seen.empty() || fits_seen.back() != p.fit) fits_seen.push_back(p.fit);
                                       return true;
                                     }});
    ASSERT_EQ(fits.size(), 3U);
    EXPECT_EQ(fits_seen, (std::vector<std::int64_t>{0, 1, 2}));
    double last = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < 3; ++k) {
      const double c = std::pow(10, static_cast<double>(k) - 1);
      EXPECT_NEAR(fits[k].estimator.C, c, 1e-15);
      EXPECT_TRUE(fits[k].report.converged);
      LogisticRegression alone = estimator;
      alone.C = fits[k].estimator.C;
      EXPECT_LE(distance(fits[k].model, alone.fit(x, labels).model), 1e-4);
      EXPECT_LT(fits[k].report.objective, last) << "a weaker penalty";
      last = fits[k].report.objective;
    }
  }
}

TEST(LogisticPath, StartsAtTheCriticalC) {
  Random random(5);
  const Eigen::MatrixXd x = random.matrix(80, 10);
  const Eigen::VectorXi labels = random.integers(80, 1, 0, 2).cast<int>();
  const LogisticRegression estimator{.l1_ratio = 1};
  const double critical = estimator.critical_C(x, labels);
  const auto fits = estimator.path(x, labels, critical * Eigen::VectorXd{{0.99, 1.5, 4, 20}});
  Eigen::Index last = -1;
  for (const auto& fit : fits) {
    const Eigen::Index n_nonzero = (fit.model.coefficients().array() != 0).count();
    EXPECT_GT(n_nonzero, last);
    last = n_nonzero;
  }
  EXPECT_TRUE(fits.front().model.coefficients().isZero(0));
}

TEST(LogisticPath, StopsWhereAskedAndRefusesWhatItCannotUse) {
  const auto [x, labels] = unbalanced(2);
  const auto fits = LogisticRegression{}.path(x, labels, Eigen::VectorXd{{1, 2, 3}},
                                              {.progress = [](const FitProgress& p) { return p.fit == 0; }});
  ASSERT_EQ(fits.size(), 2U);
  EXPECT_TRUE(fits[1].report.stopped);
  const auto with = [&x = x, &y = labels](const Eigen::VectorXd& c) {
    return [&x, &y, c] { (void)LogisticRegression{}.path(x, y, c); };
  };
  EXPECT_EQ(refusal(with({})), "number of values of C is 0, expected at least 1");
  EXPECT_EQ(refusal(with(Eigen::VectorXd{{1, 2, 1}})), "a C that is given twice is 1, expected each C once");
  EXPECT_EQ(refusal(with(Eigen::VectorXd{{1, -2}})), "C is -2, expected a finite number > 0");
}

}  // namespace
}  // namespace aprender::test
