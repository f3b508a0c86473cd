// What a summary must not depend on, and how it depends on units, weights and repetition.

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
#include "models/summaries.hpp"

namespace aprender::test {
namespace {

// To the last digits in a regression, and in a classification to what the penalty moves coefficients.
TEST(Summary, ScalesWithTheUnitOfAColumn) {
  const Problem problem(1);
  for (const double unit : {1e-2, 1e5, -7.0}) {
    SCOPED_TRACE(unit);
    Eigen::MatrixXd x = problem.x;
    x.col(1) *= unit;
    const auto before = all_estimates(problem, problem.x), after = all_estimates(problem, x);
    for (std::size_t kind = 0; kind < 3; ++kind) {
      for (std::size_t j = 0; j < before[kind].size(); ++j) {
        Estimate scaled = after[kind][j];
        if (j % 4 == 2) {  // of column 1, after the intercept and column 0
          scaled.value *= unit;
          scaled.standard_error *= std::abs(unit);
          if (unit < 0) scaled.statistic *= -1;
        }
        expect_close(scaled, before[kind][j], kind == 0 ? 1e-11 : 1e-6);
      }
    }
  }
}

TEST(LinearSummary, IsFarFromOverflow) {
  const Problem problem(1);
  const auto of = [](const Eigen::MatrixXd& x, const Eigen::VectorXd& y) {
    return summary(LinearRegression{}.fit(x, y), x, y);
  };
  const LinearSummary plain = of(problem.x, problem.y);
  for (const int exponent : {-900, -500, 500, 900}) {
    const LinearSummary other = of(std::ldexp(1.0, exponent) * problem.x, problem.y);
    EXPECT_EQ(other.coefficients[1].standard_error, std::ldexp(plain.coefficients[1].standard_error, -exponent));
    EXPECT_EQ(other.coefficients[1].p_value, plain.coefficients[1].p_value);
    const int half = exponent / 2;  // the squares of y have to be numbers
    const LinearSummary large = of(problem.x, std::ldexp(1.0, half) * problem.y);
    EXPECT_EQ(large.residual_standard_error, std::ldexp(plain.residual_standard_error, half));
    EXPECT_EQ(large.f_statistic, plain.f_statistic);
    EXPECT_NEAR(large.log_likelihood, plain.log_likelihood - 60 * half * std::log(2.0), 1e-9);
  }
}

TEST(Summary, ShiftingAColumnChangesTheInterceptAlone) {
  const Problem problem(2);
  Eigen::MatrixXd x = problem.x;
  x.col(0).array() += 1e4;
  const auto before = all_estimates(problem, problem.x), after = all_estimates(problem, x);
  for (std::size_t kind = 0; kind < 3; ++kind) {
    for (std::size_t j = 0; j < before[kind].size(); ++j) {
      if (j % 4 != 0) expect_close(after[kind][j], before[kind][j], 1e-6);
    }
    EXPECT_GT(after[kind][0].standard_error, 100 * before[kind][0].standard_error);
  }
}

TEST(Summary, AConstantColumnChangesNothing) {
  const Problem problem(3);
  Eigen::MatrixXd x(problem.x.rows(), 4);
  x << problem.x, Eigen::VectorXd::Constant(x.rows(), 0.1);
  const auto before = all_estimates(problem, problem.x), after = all_estimates(problem, x);
  for (std::size_t kind = 0; kind < 3; ++kind) {
    for (std::size_t block = 0; block < before[kind].size() / 4; ++block) {
      SCOPED_TRACE(kind);
      for (std::size_t j = 0; j < 4; ++j) {
        expect_close(after[kind][5 * block + j], before[kind][4 * block + j], 1e-6);
      }
      EXPECT_EQ(after[kind][5 * block + 4].value, 0);
      expect_missing(after[kind][5 * block + 4]);
    }
  }
}

TEST(Summary, CollinearColumnsAreNotEstimable) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    const Problem problem(seed);
    Eigen::MatrixXd x(problem.x.rows(), 4);
    x << problem.x, 2 * problem.x.col(0);
    const auto before = all_estimates(problem, problem.x), after = all_estimates(problem, x);
    for (std::size_t kind = 0; kind < 3; ++kind) {
      SCOPED_TRACE(kind);
      for (std::size_t block = 0; block < before[kind].size() / 4; ++block) {
        const Estimate* theirs = &before[kind][4 * block];
        const Estimate* ours = &after[kind][5 * block];
        for (const std::size_t j : {0U, 2U, 3U}) expect_close(ours[j], theirs[j], 1e-6);  // the intercept too
        expect_missing(ours[1]);
        expect_missing(ours[4]);
        EXPECT_NEAR(ours[1].value + 2 * ours[4].value, theirs[1].value, 1e-6 * theirs[1].standard_error);
      }
    }
    const auto fit = LinearRegression{}.fit(x, problem.y);
    const LinearSummary result = summary(fit, x, problem.y);
    EXPECT_EQ(result.rank, 3);
    EXPECT_EQ(result.residual_degrees_of_freedom, 56);
    const LinearSummary without = summary(LinearRegression{}.fit(problem.x, problem.y), problem.x, problem.y);
    EXPECT_NEAR(result.f_statistic, without.f_statistic, 1e-9 * without.f_statistic);
    EXPECT_NEAR(result.aic, without.aic, 1e-9 * std::abs(without.aic));
  }
}

TEST(Summary, IndicatorsOfEveryGroupLeaveTheInterceptUndetermined) {
  const Problem problem(5);
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(problem.x.rows(), 3);
  for (Eigen::Index i = 0; i < x.rows(); ++i) x(i, i % 2) = 1;
  x.col(2) = problem.x.col(0);
  for (const std::vector<Estimate>& kind : all_estimates(problem, x)) {
    for (std::size_t block = 0; block < kind.size() / 4; ++block) {
      for (const std::size_t j : {0U, 1U, 2U}) expect_missing(kind[4 * block + j]);
      EXPECT_GT(kind[4 * block + 3].standard_error, 0);
    }
  }
}

// Two samples or one of twice the weight are the same to a likelihood. To a regression they are not: the variance is
// divided by fewer degrees of freedom.
TEST(Summary, WeightsEqualRepetitionWhereTheyShould) {
  const Problem problem(6);
  const Eigen::Index n = problem.x.rows();
  const Eigen::VectorXi times = Eigen::VectorXi::NullaryExpr(n, [](Eigen::Index i) { return static_cast<int>(i % 4); });
  const FitOptions weights{.sample_weight = times.cast<double>()};
  const Eigen::MatrixXd x = repeat(problem.x, times);
  Problem repeated = problem;
  repeated.y = repeat(problem.y, times);
  repeated.classes = repeat(problem.classes.cast<double>(), times).cast<int>();
  const auto weighted = all_estimates(problem, problem.x, weights), plain = all_estimates(repeated, x);
  for (const std::size_t kind : {1U, 2U}) {
    for (std::size_t j = 0; j < plain[kind].size(); ++j) expect_close(weighted[kind][j], plain[kind][j], 1e-7);
  }
  const auto present = static_cast<double>((times.array() > 0).count());
  const double ratio = std::sqrt((present - 4) / (static_cast<double>(times.sum()) - 4));
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(weighted[0][j].standard_error * ratio, plain[0][j].standard_error, 1e-9 * plain[0][j].standard_error);
  }
  const auto labels = problem.two_classes(), more_labels = repeated.two_classes();
  const LogisticSummary one = summary(likelihood().fit(problem.x, labels, weights), problem.x, labels, weights);
  const LogisticSummary other = summary(likelihood().fit(x, more_labels), x, more_labels);
  EXPECT_NEAR(one.log_likelihood, other.log_likelihood, 1e-9 * std::abs(other.log_likelihood));
  EXPECT_NEAR(one.null_deviance, other.null_deviance, 1e-9 * other.null_deviance);
}

TEST(Summary, TheUnitOfWeightsMattersToLikelihoodsOnly) {
  const Problem problem(7);
  const Eigen::VectorXd weight = cyclic_weights(problem.x.rows());
  const auto light = all_estimates(problem, problem.x, {.sample_weight = weight});
  const auto heavy = all_estimates(problem, problem.x, {.sample_weight = 100 * weight});
  for (std::size_t j = 0; j < 4; ++j) {
    expect_close(heavy[0][j], light[0][j], 1e-9);
    EXPECT_NEAR(10 * heavy[1][j].standard_error, light[1][j].standard_error, 1e-6 * light[1][j].standard_error);
  }
}

TEST(Summary, ASampleOfZeroWeightIsNotThere) {
  const Problem problem(8);
  const Eigen::Index n = problem.x.rows();
  Eigen::VectorXd weight = cyclic_weights(n);
  weight.tail(20).setZero();
  Problem rest = problem;
  rest.y = problem.y.head(n - 20).eval();
  rest.classes = problem.classes.head(n - 20).eval();
  const auto with = all_estimates(problem, problem.x, {.sample_weight = weight});
  const auto without = all_estimates(rest, problem.x.topRows(n - 20), {.sample_weight = weight.head(n - 20)});
  for (std::size_t kind = 0; kind < 3; ++kind) {
    for (std::size_t j = 0; j < with[kind].size(); ++j) {
      EXPECT_EQ(with[kind][j].value, without[kind][j].value);
      EXPECT_EQ(with[kind][j].standard_error, without[kind][j].standard_error);
      EXPECT_EQ(with[kind][j].p_value, without[kind][j].p_value);
    }
  }
}

TEST(Summary, DoesNotDependOnTheClassComparedWith) {
  const Problem problem(9);
  const Eigen::VectorXi swapped = (problem.classes.array() == 2).select(2, 1 - problem.classes.array()).matrix();
  const auto of = [&](const Eigen::VectorXi& labels) {
    return summary(likelihood().fit(problem.x, labels), problem.x, labels);
  };
  const std::vector<Estimate> first = estimates(of(problem.classes).log_odds[0]);
  const std::vector<Estimate> second = estimates(of(swapped).log_odds[0]);
  for (std::size_t j = 0; j < first.size(); ++j) {
    EXPECT_NEAR(first[j].value, -second[j].value, 1e-7 * first[j].standard_error);
    EXPECT_NEAR(first[j].standard_error, second[j].standard_error, 1e-7 * first[j].standard_error);
  }
}

TEST(Summary, OfAFloatModelAndOfASparseXIsThatOfTheSameNumbers) {
  Problem problem(10);
  problem.x = problem.x.cast<float>().cast<double>();
  problem.y = problem.y.cast<float>().cast<double>();
  const Eigen::MatrixXf single = problem.x.cast<float>();
  const Eigen::VectorXi labels = problem.classes;
  const auto fit = LinearRegression{}.fit(problem.x, problem.y);
  const auto wanted = all_estimates(problem, problem.x);

  const auto linear = estimates(summary(LinearRegression{}.fit(single, problem.y.cast<float>()), single, problem.y));
  const auto logistic = estimates(summary(likelihood().fit(single, labels), single, labels));
  const Eigen::SparseMatrix<double> sparse = problem.x.sparseView();
  const auto thin = estimates(summary(fit, sparse, problem.y));
  const auto thin_logistic = estimates(summary(likelihood().fit(sparse, labels), sparse, labels));
  for (std::size_t j = 0; j < 4; ++j) {
    expect_close(linear[j], wanted[0][j], 1e-4);
    expect_close(logistic[j], wanted[2][j], 1e-3);
    expect_close(thin[j], wanted[0][j], 1e-9);
    expect_close(thin_logistic[j], wanted[2][j], 1e-6);
  }
}

// Iterative solvers report no rank.
TEST(LinearSummary, OfASparseFitFindsTheRankItself) {
  const Problem problem(18);
  Eigen::MatrixXd x(problem.x.rows(), 4);
  x << problem.x, problem.x.col(0) + 3 * problem.x.col(2);
  const Eigen::SparseMatrix<double> sparse = x.sparseView();
  const auto fit = LinearRegression{}.fit(sparse, problem.y);
  const LinearSummary thin = summary(fit, sparse, problem.y);
  const LinearSummary dense = summary(LinearRegression{}.fit(x, problem.y), x, problem.y);
  EXPECT_FALSE(fit.report.rank.has_value());
  EXPECT_EQ(thin.rank, 3);
  EXPECT_EQ(thin.residual_degrees_of_freedom, dense.residual_degrees_of_freedom);
  for (const std::size_t j : {0U, 2U, 3U}) expect_missing(thin.coefficients[j]);
  expect_close(thin.coefficients[1], dense.coefficients[1], 1e-6);
  expect_close(*thin.intercept, *dense.intercept, 1e-6);
}

TEST(Summary, ThreadsAgree) {
  const Problem problem(11, 1000);
  const auto one = all_estimates(problem, problem.x), three = all_estimates(problem, problem.x, {.threads = 3});
  for (std::size_t kind = 0; kind < 3; ++kind) {
    for (std::size_t j = 0; j < one[kind].size(); ++j) expect_close(three[kind][j], one[kind][j], 1e-6);
  }
}

}  // namespace
}  // namespace aprender::test
