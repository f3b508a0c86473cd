// Summaries of hard and degenerate data, and what they refuse.

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SparseCore>

#include "models/data.hpp"
#include "models/refusal.hpp"
#include "models/summaries.hpp"

namespace aprender::test {
namespace {

// Of two models whose columns are ill-conditioned the pivoted QR has to answer: exact columns 1, t and t^2 far from
// zero, whose standard error is known in closed form.
TEST(LinearSummary, OfIllConditionedColumnsHasTheirDigits) {
  const Eigen::Index n = 101;
  const Eigen::VectorXd t = Eigen::VectorXd::LinSpaced(n, -50, 50);
  Eigen::MatrixXd x(n, 2);
  x << (t.array() + 1e6).matrix(), (t.array() + 1e6).square().matrix();
  const Eigen::VectorXd y = Random(12).vector(n);
  const auto fit = LinearRegression{}.fit(x, y);
  const LinearSummary result = summary(fit, x, y);
  // (t + m)^2 - 2 m (t + m) + m^2 = t^2, so that w_2 is the coefficient of t^2 about its mean.
  const double spread = (t.array().square() - t.squaredNorm() / static_cast<double>(n)).matrix().norm();
  const double expected = result.residual_standard_error / spread;
  EXPECT_NEAR(result.coefficients[1].standard_error, expected, 1e-6 * expected);
  EXPECT_GT(*fit.report.condition_estimate, 1e3);
}

TEST(LinearSummary, WithoutResidualDegreesOfFreedomKnowsNoSigma) {
  for (const Eigen::Index p : {3, 4, 9}) {
    const Problem problem(13, 4, p);
    const LinearSummary result = summary(LinearRegression{}.fit(problem.x, problem.y), problem.x, problem.y);
    EXPECT_EQ(result.residual_degrees_of_freedom, 0);
    EXPECT_TRUE(std::isnan(result.residual_standard_error));
    EXPECT_TRUE(std::isnan(result.f_statistic));
    EXPECT_TRUE(std::isnan(result.f_p_value));
    EXPECT_TRUE(std::isnan(result.adjusted_r2));
    EXPECT_NEAR(result.r2, 1, 1e-12);
    for (const Estimate& estimate : estimates(result)) expect_missing(estimate);
    EXPECT_EQ(result.coefficients[0].value, LinearRegression{}.fit(problem.x, problem.y).model.coefficients()(0));
  }
}

TEST(LinearSummary, OfAnExactFitIsSure) {
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(8, 0, 7);
  const LinearSummary result = summary(LinearRegression{}.fit(x, 2 * x), x, 2 * x);
  EXPECT_LE(result.coefficients[0].standard_error, 1e-14);
  EXPECT_LE(result.coefficients[0].p_value, 1e-80);
  EXPECT_LE(result.f_p_value, 1e-80);
  EXPECT_EQ(result.r2, 1);
}

TEST(LinearSummary, OfAConstantTargetAndNoColumns) {
  const Eigen::MatrixXd x = Eigen::MatrixXd::Constant(5, 2, 3.0);
  const Eigen::VectorXd y = Eigen::VectorXd::LinSpaced(5, 1, 5);
  const LinearSummary result = summary(LinearRegression{}.fit(x, y), x, y);
  EXPECT_EQ(result.rank, 0);
  EXPECT_TRUE(std::isnan(result.f_statistic));
  EXPECT_EQ(result.r2, 0);
  // The standard error of a mean.
  EXPECT_NEAR(result.intercept->standard_error, std::sqrt(2.5 / 5), 1e-15);
}

// What a confidence interval promises: 19 of 20 hold the truth. 2000 samples tell 0.95 from 0.935 and 0.965.
TEST(Summary, IntervalsHoldTheTruthAsOftenAsTheySay) {
  Random random(14);
  int linear = 0, logistic = 0;
  const int rounds = 2000;
  const Eigen::Index n = 12, m = 150;
  for (int round = 0; round < rounds; ++round) {
    const Eigen::MatrixXd x = random.matrix(n, 2);
    // Sums of twelve uniform numbers are normal enough.
    const Eigen::VectorXd noise = random.matrix(n, 12).rowwise().sum();
    const Eigen::VectorXd y = 3 * x.col(0) - x.col(1) + noise;
    const Estimate slope = summary(LinearRegression{}.fit(x, y), x, y).coefficients[0];
    linear += slope.lower <= 3 && 3 <= slope.upper ? 1 : 0;

    const Eigen::MatrixXd z = random.matrix(m, 1);
    const Eigen::VectorXi label = Eigen::VectorXi::NullaryExpr(
        m, [&](Eigen::Index i) { return 0.5 * (1 + random.uniform()) < 1 / (1 + std::exp(-(0.3 + z(i, 0)))) ? 1 : 0; });
    const Estimate odds = summary(likelihood().fit(z, label), z, label).log_odds[0].coefficients[0];
    logistic += odds.lower <= 1 && 1 <= odds.upper ? 1 : 0;
  }
  EXPECT_NEAR(linear, 0.95 * rounds, 0.015 * rounds);
  EXPECT_NEAR(logistic, 0.95 * rounds, 0.015 * rounds);
}

TEST(Summary, ConfidenceLevelWidensIntervals) {
  const Problem problem(15);
  const auto fit = LinearRegression{}.fit(problem.x, problem.y);
  const LinearSummary narrow = summary(fit, problem.x, problem.y, {}, 0.5);
  const LinearSummary wide = summary(fit, problem.x, problem.y, {}, 0.999);
  EXPECT_EQ(wide.confidence_level, 0.999);
  EXPECT_LT(wide.coefficients[0].lower, narrow.coefficients[0].lower);
  EXPECT_GT(wide.coefficients[0].upper, narrow.coefficients[0].upper);
  EXPECT_EQ(wide.coefficients[0].p_value, narrow.coefficients[0].p_value);
}

TEST(LogisticSummary, OfSeparableClassesIsUnsure) {
  Eigen::MatrixXd x(8, 1);
  x << 1, 2, 3, 4, 5, 6, 7, 8;
  Eigen::VectorXi two(8), three(8);
  two << 0, 0, 0, 0, 1, 1, 1, 1;
  three << 0, 0, 0, 1, 1, 1, 2, 2;
  for (const double c : {1.0, 1e8, 1e15, 1e300}) {
    for (const Eigen::VectorXi& labels : {two, three}) {
      SCOPED_TRACE(c);
      const LogisticRegression estimator{.C = c, .max_iter = 200};
      const LogisticSummary result = summary(estimator.fit(x, labels), x, labels);
      for (const Estimate& estimate : estimates(result)) {
        if (std::isnan(estimate.standard_error)) {
          expect_missing(estimate);
        } else {
          EXPECT_GT(estimate.standard_error, 0.1);
          EXPECT_GT(estimate.p_value, 0.01);  // no evidence that survives
        }
      }
      EXPECT_LE(result.residual_deviance, result.null_deviance);
    }
  }
}

TEST(LogisticSummary, OfAPenalisedFitHasTheInformationOfTheLikelihoodThere) {
  const Problem problem(16);
  const Eigen::VectorXi y = problem.two_classes();
  const auto fit = LogisticRegression{.C = 0.01}.fit(problem.x, y);
  const LogisticSummary result = summary(fit, problem.x, y);
  const Eigen::VectorXd p = fit.model.predict_proba(problem.x).col(1);
  Eigen::MatrixXd design(problem.x.rows(), 4);
  design << Eigen::VectorXd::Ones(problem.x.rows()), problem.x;
  const Eigen::VectorXd h = p.array() * (1 - p.array());
  const Eigen::MatrixXd information = design.transpose() * h.asDiagonal() * design;
  const Eigen::VectorXd variance = information.inverse().diagonal();
  const std::vector<Estimate> ours = estimates(result);
  for (Eigen::Index j = 0; j < 4; ++j) {
    EXPECT_NEAR(ours[static_cast<std::size_t>(j)].standard_error, std::sqrt(variance(j)),
                1e-8 * std::sqrt(variance(j)));
  }
}

// A class of weight 2 beside one of weight 1 is the likelihood of samples that weigh 2 and 1, scaled to the same sum.
TEST(LogisticSummary, WeightsOfClassesMoveTheSamplesWeights) {
  const Problem problem(19);
  const Eigen::VectorXi y = problem.two_classes();
  const Eigen::VectorXd weight = (y.array() == 1).select(Eigen::VectorXd::Constant(y.size(), 2.0), 1.0);
  const FitOptions same_sum{.sample_weight = weight * (static_cast<double>(y.size()) / weight.sum())};
  LogisticRegression estimator = likelihood();
  const LogisticSummary wanted = summary(estimator.fit(problem.x, y, same_sum), problem.x, y, same_sum);
  estimator.class_weight.weights = {{1, 2.0}};
  const LogisticSummary found = summary(estimator.fit(problem.x, y), problem.x, y);
  for (std::size_t j = 0; j < 4; ++j) expect_close(estimates(found)[j], estimates(wanted)[j], 1e-9);
  EXPECT_NEAR(found.residual_deviance, wanted.residual_deviance, 1e-9 * wanted.residual_deviance);
  EXPECT_NEAR(found.null_deviance, wanted.null_deviance, 1e-9 * wanted.null_deviance);
  EXPECT_LT(found.residual_deviance, found.null_deviance);
}

TEST(LogisticSummary, OfTextLabelsIsThatOfTheirPositions) {
  const Problem problem(20);
  std::vector<std::string> labels;
  for (const int k : problem.classes) labels.emplace_back(k == 0 ? "ant" : k == 1 ? "bee" : "cat");
  const auto fit = likelihood().fit(problem.x, labels);
  const LogisticSummary named = summary(fit, problem.x, labels);
  const LogisticSummary numbered = summary(likelihood().fit(problem.x, problem.classes), problem.x, problem.classes);
  for (std::size_t j = 0; j < 8; ++j) {
    EXPECT_EQ(estimates(named)[j].standard_error, estimates(numbered)[j].standard_error);
  }
  labels[4] = "dog";
  EXPECT_THROW(static_cast<void>(summary(fit, problem.x, labels)), std::invalid_argument);
}

TEST(Summary, RefusesWhatIsNotOfTheFit) {
  const Problem problem(17);
  const Eigen::VectorXi y = problem.two_classes();
  const auto linear = LinearRegression{}.fit(problem.x, problem.y);
  const auto logistic = likelihood().fit(problem.x, y);
  const auto of = [&](const Eigen::MatrixXd& x, const Eigen::VectorXd& target, const FitOptions& options = {},
                      double level = 0.95) {
    return refusal([&] { static_cast<void>(summary(linear, x, target, options, level)); });
  };
  EXPECT_EQ(of(problem.x, problem.y), "accepted");
  EXPECT_EQ(of(problem.x.leftCols(2), problem.y), "columns of X is 2, expected 3 (features of the fit)");
  EXPECT_EQ(of(problem.x.topRows(50), problem.y.head(50)), "rows of X is 50, expected 60 (samples of the fit)");
  EXPECT_EQ(of(problem.x, problem.y.head(50)), "rows of y is 50, expected 60 (rows of X)");
  EXPECT_EQ(of(problem.x, problem.y, {}, 1.0), "confidence_level is 1, expected a number between 0 and 1");
  EXPECT_EQ(of(problem.x, problem.y, {}, std::nan("")), "confidence_level is nan, expected a number between 0 and 1");
  EXPECT_EQ(of(problem.x, problem.y, {.threads = 0}), "threads is 0, expected at least 1");
  Eigen::MatrixXd x = problem.x;
  x(3, 1) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(of(x, problem.y), "X(3, 1) is inf, expected a finite number");

  // Other samples, another order, other weights: never numbers that look right.
  EXPECT_NE(of(problem.x, problem.y.reverse()).find("the fit's, on its own X, y and sample weights"),
            std::string::npos);
  EXPECT_NE(of(problem.x.colwise().reverse(), problem.y).find("sum of squared residuals is"), std::string::npos);
  EXPECT_NE(of(problem.x, problem.y, {.sample_weight = cyclic_weights(60)}).find("sum of squared residuals is"),
            std::string::npos);

  const auto labels = [&](const Eigen::VectorXi& classes) {
    return refusal([&] { static_cast<void>(summary(logistic, problem.x, classes)); });
  };
  Eigen::VectorXi other = y;
  other(5) = 7;
  EXPECT_EQ(labels(other), "labels(5) is 7, expected one of the model's classes");
  EXPECT_EQ(labels(y.head(3)), "rows of y is 3, expected 60 (rows of X)");
}

}  // namespace
}  // namespace aprender::test
