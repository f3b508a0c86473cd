// Logistic regression, binomial and multinomial: the gradient vanishes, whatever the data.

#include "aprender/logistic_regression.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

/// Coefficients and intercept as the theta of LogisticProblem.
template <class Scalar>
Matrix parameters(const LogisticModel<Scalar>& model) {
  Matrix theta(model.n_features() + 1, model.coefficients().rows());
  theta << model.coefficients().transpose().template cast<Real>(), model.intercept().template cast<Real>();
  return theta;
}

template <class Scalar>
class LogisticRegressionTyped : public ::testing::Test {
 public:
  /// What the report says is what the definitions say.
  static void expect_honest(const Fit<LogisticRegression, LogisticModel<Scalar>>& fit, const LogisticProblem& problem) {
    const Matrix theta = parameters(fit.model);
    const auto gradient = static_cast<double>(problem.relative_gradient(theta));
    EXPECT_NEAR(*fit.report.gradient_norm, gradient, 1e-6 * gradient + 1e-13);
    const auto objective = static_cast<double>(problem.objective(theta));
    EXPECT_NEAR(fit.report.objective, objective, 1e-10 * (1 + objective));
    EXPECT_EQ(fit.report.converged, *fit.report.gradient_norm <= fit.report.tolerance);
  }
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LogisticRegressionTyped, Scalars);

TYPED_TEST(LogisticRegressionTyped, MinimisesRandomProblems) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int n_classes = static_cast<int>(random.integer(2, 4));
    const Eigen::Index n = n_classes + random.integer(0, 30);
    const Eigen::Index p = random.integer(1, 12);
    const bool intercept = random.integer(0, 1) == 1;
    const double c = std::ldexp(1.0, static_cast<int>(random.integer(-8, 8)));
    const Eigen::MatrixXd x = random.matrix(n, p);
    Eigen::VectorXi labels = random.integers(n, 1, 0, n_classes - 1).cast<int>();
    labels.head(n_classes) = Eigen::VectorXi::LinSpaced(n_classes, 0, n_classes - 1);
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 5);
    const auto fit = LogisticRegression{.C = c, .fit_intercept = intercept}.fit(x.cast<TypeParam>(), labels,
                                                                                {.sample_weight = weight});
    EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
    EXPECT_LE(fit.report.iterations, 20);
    EXPECT_EQ(fit.model.coefficients().rows(), n_classes == 2 ? 1 : n_classes);
    this->expect_honest(fit, LogisticProblem(x, labels, weight, c, intercept));
  }
}

TYPED_TEST(LogisticRegressionTyped, WithoutInformationPredictsTheFrequencies) {
  const Eigen::VectorXi labels{{3, 3, 3, 7, 7, 3, 9, 9, 3, 3}};
  const auto fit = LogisticRegression{}.fit(Eigen::MatrixX<TypeParam>::Zero(10, 2), labels);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_TRUE(fit.model.coefficients().isZero(0));
  const Eigen::MatrixX<TypeParam> p = fit.model.predict_proba(Eigen::MatrixX<TypeParam>::Zero(1, 2));
  EXPECT_NEAR(p(0, 0), 0.6, 1e-6);
  EXPECT_NEAR(p(0, 1), 0.2, 1e-6);
  EXPECT_NEAR(p(0, 2), 0.2, 1e-6);
  EXPECT_NEAR(fit.model.intercept().sum(), 0, 1e-6);
}

TYPED_TEST(LogisticRegressionTyped, LabelsAreAnyIntegers) {
  Random random(1);
  const Eigen::MatrixX<TypeParam> x = random.matrix(12, 2).cast<TypeParam>();
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> labels(12);
  const std::int64_t low = std::numeric_limits<std::int64_t>::min();
  const std::int64_t high = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 12; ++i) labels(i) = i % 3 == 0 ? high : i % 3 == 1 ? low : -5;
  const auto fit = LogisticRegression{}.fit(x, labels);
  EXPECT_EQ(fit.model.classes(), (std::vector<std::int64_t>{low, -5, high}));

  const Eigen::Matrix<bool, Eigen::Dynamic, 1> truth = x.col(0).array() > 0;
  const auto binary = LogisticRegression{.C = 1e3}.fit(x, truth);
  EXPECT_EQ(binary.model.classes(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ((binary.model.predict(x).array() == truth.template cast<std::int64_t>().array()).count(), 12);
}

TYPED_TEST(LogisticRegressionTyped, NamesOfClassesDoNotMatter) {
  Random random(2);
  const Eigen::MatrixXd x = random.matrix(40, 3);
  const Eigen::VectorXi labels = random.integers(40, 1, 0, 2).cast<int>();
  const auto plain = LogisticRegression{}.fit(x.cast<TypeParam>(), labels);
  const auto negated = LogisticRegression{}.fit(x.cast<TypeParam>(), (-labels).eval());
  EXPECT_NEAR(plain.report.objective, negated.report.objective, 1e-10 * plain.report.objective);
  const auto difference = (plain.model.coefficients() - negated.model.coefficients().colwise().reverse()).eval();
  EXPECT_LE(difference.cwiseAbs().maxCoeff(), 1e-5);

  const Eigen::VectorXi two = (labels.array() > 0).template cast<int>();
  const auto first = LogisticRegression{}.fit(x.cast<TypeParam>(), two).model;
  const auto second = LogisticRegression{}.fit(x.cast<TypeParam>(), (1 - two.array()).matrix().eval()).model;
  EXPECT_LE((first.coefficients() + second.coefficients()).cwiseAbs().maxCoeff(), 1e-5);
  EXPECT_NEAR(first.intercept()(0), -second.intercept()(0), 1e-5);
}

TYPED_TEST(LogisticRegressionTyped, WeightsAreRepetitionsOfScaledPenalty) {
  Random random(3);
  for (const int n_classes : {2, 3}) {
    const Eigen::MatrixXd x = random.matrix(20, 3);
    Eigen::VectorXi labels(20);
    for (int i = 0; i < 20; ++i) labels(i) = i % n_classes;
    const Eigen::VectorXi times = random.integers(20, 1, 1, 4).cast<int>();
    // Weights are normalised to sum to n: the loss of the repeated rows counts sum / n times that.
    const double c = 2;
    const double repeated_c = c * 20 / times.sum();
    const auto weighted =
        LogisticRegression{.C = c}.fit(x.cast<TypeParam>(), labels, {.sample_weight = times.cast<double>()});
    const auto repeated = LogisticRegression{.C = repeated_c}.fit(
        repeat(x, times).cast<TypeParam>(), repeat(labels.cast<double>(), times).col(0).template cast<int>());
    const LogisticProblem problem(x, labels, times.cast<double>(), c, true);
    EXPECT_LE(problem.relative_gradient(parameters(repeated.model)), 2 * repeated.report.tolerance);
    EXPECT_NEAR(weighted.report.objective, repeated.report.objective * 20 / times.sum(), 1e-9);
  }
}

TYPED_TEST(LogisticRegressionTyped, AZeroWeightIsAMissingRow) {
  Random random(4);
  const Eigen::MatrixX<TypeParam> x = random.matrix(20, 3).cast<TypeParam>();
  Eigen::VectorXi labels(20);
  for (int i = 0; i < 20; ++i) labels(i) = i < 15 ? i % 2 : 7;
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(20);
  weight.tail(5).setZero();  // the only samples of class 7
  const auto with_zeros = LogisticRegression{}.fit(x, labels, {.sample_weight = weight});
  const auto removed = LogisticRegression{}.fit(x.topRows(15), labels.head(15));
  EXPECT_EQ(with_zeros.model.classes(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(with_zeros.model.coefficients(), removed.model.coefficients());
  EXPECT_EQ(with_zeros.model.intercept(), removed.model.intercept());
}

TYPED_TEST(LogisticRegressionTyped, SeparableDataConverge) {
  Random random(5);
  const Eigen::MatrixXd x = random.matrix(50, 3);
  const Eigen::VectorXi two = (x.col(0).array() > 0.1).template cast<int>();
  const Eigen::VectorXi three = two + (x.col(0).array() > 0.6).template cast<int>().matrix();
  for (const double c : {1.0, 1e4, 1e10, 1e100, 1e300}) {
    SCOPED_TRACE(c);
    for (const Eigen::VectorXi& labels : {two, three}) {
      const auto fit = LogisticRegression{.C = c}.fit(x.cast<TypeParam>(), labels);
      EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
      EXPECT_LE(fit.report.iterations, 60);
      EXPECT_TRUE(fit.model.coefficients().allFinite());
      this->expect_honest(fit, LogisticProblem(x, labels, {}, c, true));
      if (c < 1e4) continue;
      const auto predicted = fit.model.predict(x.cast<TypeParam>().eval());
      EXPECT_EQ((predicted.template cast<int>() - labels).cwiseAbs().maxCoeff(), 0);
    }
  }
}

TYPED_TEST(LogisticRegressionTyped, ReportsTheTrueGradientWhenItRunsOutOfSteps) {
  Random random(6);
  const Eigen::MatrixXd x = random.matrix(50, 3);
  const Eigen::VectorXi labels = (x.col(0).array() > 0.1).template cast<int>();
  const auto fit = LogisticRegression{.C = 100, .max_iter = 2}.fit(x.cast<TypeParam>(), labels);
  EXPECT_FALSE(fit.report.converged);
  EXPECT_EQ(fit.report.iterations, 2);
  EXPECT_GT(*fit.report.gradient_norm, 1e-4);
  this->expect_honest(fit, LogisticProblem(x, labels, {}, 100, true));
}

TYPED_TEST(LogisticRegressionTyped, TakesDuplicateAndConstantColumnsAndFewRows) {
  Random random(7);
  Eigen::MatrixXd x = random.matrix(6, 9);
  x.col(1) = x.col(0);
  x.col(2).setConstant(0.1);
  const Eigen::VectorXi labels{{0, 1, 0, 1, 1, 0}};
  const auto fit = LogisticRegression{}.fit(x.cast<TypeParam>(), labels);
  EXPECT_TRUE(fit.report.converged);
  EXPECT_EQ(fit.model.coefficients()(0), fit.model.coefficients()(1));
  EXPECT_EQ(fit.model.coefficients()(2), 0);
  this->expect_honest(fit, LogisticProblem(x.cast<TypeParam>().template cast<double>(), labels, {}, 1, true));
}

TEST(LogisticRegression, TakesColumnsOfAnyUnit) {
  Random random(8);
  Eigen::MatrixXd x = random.matrix(60, 5);
  const Eigen::VectorXi labels = ((x.col(0) + x.col(1) + 0.5 * random.vector(60)).array() > 0).cast<int>();
  x = x * Eigen::VectorXd{{1e-300, 1e300, 1, 1e-8, 1e8}}.asDiagonal();
  for (const bool intercept : {false, true}) {
    const auto fit = LogisticRegression{.fit_intercept = intercept}.fit(x, labels);
    EXPECT_TRUE(fit.report.converged) << *fit.report.gradient_norm;
    EXPECT_TRUE(fit.model.coefficients().allFinite());
    EXPECT_LE(fit.report.iterations, 20);
    EXPECT_LE(LogisticProblem(x, labels, {}, 1, intercept).relative_gradient(parameters(fit.model)), 1e-8L);
  }
}

TEST(LogisticRegression, PenaltiesOfAnySizeAreFine) {
  Random random(10);
  const Eigen::MatrixXd x = random.matrix(30, 3);
  const Eigen::VectorXi labels = (random.vector(30).array() > 0.3).cast<int>();
  for (const double c : {5e-324, 1e-300, 1e300, std::numeric_limits<double>::max()}) {
    const auto fit = LogisticRegression{.C = c}.fit(x, labels);
    EXPECT_TRUE(fit.report.converged) << c << " " << *fit.report.gradient_norm;
    EXPECT_TRUE(fit.model.coefficients().allFinite());
  }
}

TEST(LogisticRegression, AFarShiftedColumnDoesNotHurt) {
  Random random(9);
  Eigen::MatrixXd x = random.integers(60, 2, -100, 100);
  const Eigen::VectorXi labels = ((x.col(0) + 0.5 * random.integers(60, 1, -100, 100)).array() > 0).cast<int>();
  const auto plain = LogisticRegression{}.fit(x, labels);
  x.col(0).array() += 1e9;
  const auto shifted = LogisticRegression{}.fit(x, labels);
  EXPECT_TRUE(shifted.report.converged);
  EXPECT_NEAR(shifted.model.coefficients()(0, 0), plain.model.coefficients()(0, 0),
              1e-6 * std::abs(plain.model.coefficients()(0, 0)));
}

}  // namespace
}  // namespace aprender::test
