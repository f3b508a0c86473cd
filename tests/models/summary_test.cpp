// Summaries agree with R's on real data, and hold what standard errors, tests and intervals have to hold.

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SparseCore>

#include "aprender/summary.hpp"
#include "models/data.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

struct Reference {
  std::string kind;
  std::string data;
  Eigen::Index columns;
  bool fit_intercept;
  bool weighted;
  std::vector<double> coefficients;  ///< estimate, error, statistic, p, lower, upper; intercept first
  std::vector<double> whole;
};

std::vector<Reference> references(const std::string& kind) {
  const std::vector<Reference> all = {
#include "models/reference_summary.inc"
  };
  std::vector<Reference> chosen;
  for (const Reference& reference : all) {
    if (reference.kind == kind) chosen.push_back(reference);
  }
  return chosen;
}

std::string case_name(const Reference& reference) {
  return reference.data + (reference.fit_intercept ? " with" : " without") + " intercept" +
         (reference.weighted ? ", weighted" : "");
}

/// Those of reference_summary.R.
FitOptions options(const Reference& reference, Eigen::Index n) {
  if (!reference.weighted) return {};
  Eigen::VectorXd weight = cyclic_weights(n);
  for (Eigen::Index i = 3; i < n; i += 7) weight(i) = 0;
  return {.sample_weight = weight};
}

/// Intercept first.
std::vector<Estimate> estimates(const auto& summary) {
  std::vector<Estimate> all;
  if (summary.intercept) all.push_back(*summary.intercept);
  all.insert(all.end(), summary.coefficients.begin(), summary.coefficients.end());
  return all;
}

std::vector<Estimate> estimates(const LogisticSummary& summary) {
  std::vector<Estimate> all;
  for (const LogOdds& odds : summary.log_odds) {
    const std::vector<Estimate> more = estimates<LogOdds>(odds);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

/// Values to within `digits` of a standard error, the rest relatively.
void expect_estimates(const std::vector<Estimate>& ours, const std::vector<double>& theirs, double digits) {
  ASSERT_EQ(ours.size() * 6, theirs.size());
  for (std::size_t j = 0; j < ours.size(); ++j) {
    SCOPED_TRACE("coefficient " + std::to_string(j));
    const double* row = &theirs[6 * j];
    const double near = digits * row[1];
    EXPECT_NEAR(ours[j].value, row[0], near);
    EXPECT_NEAR(ours[j].standard_error, row[1], near);
    EXPECT_NEAR(ours[j].statistic, row[2], digits * (1 + std::abs(row[2])));
    // The tail of a normal or t distribution falls by a factor of e^-(1 + z^2) at most when z grows by z.
    EXPECT_NEAR(ours[j].p_value, row[3], 4 * digits * (1 + row[2] * row[2]) * row[3]);
    EXPECT_NEAR(ours[j].lower, row[4], 4 * near);
    EXPECT_NEAR(ours[j].upper, row[5], 4 * near);
  }
}

void expect_relative(double ours, double theirs, double digits) {
  EXPECT_NEAR(ours, theirs, digits * (1 + std::abs(theirs)));
}

TEST(LinearSummary, AgreesWithR) {
  const std::vector<Reference> all = references("linear");
  for (const Reference& reference : all) {
    SCOPED_TRACE(case_name(reference));
    const DataSet data = load(reference.data);
    const FitOptions weights = options(reference, data.y.size());
    const auto fit = LinearRegression{reference.fit_intercept}.fit(data.x, data.y, weights);
    const LinearSummary ours = summary(fit, data.x, data.y, weights);
    EXPECT_EQ(ours.intercept.has_value(), reference.fit_intercept);
    expect_estimates(estimates(ours), reference.coefficients, 1e-10);
    const std::vector<double>& whole = reference.whole;
    EXPECT_EQ(ours.n_samples, whole[0]);
    EXPECT_EQ(ours.residual_degrees_of_freedom, whole[1]);
    EXPECT_EQ(ours.rank, data.x.cols());
    expect_relative(ours.residual_standard_error, whole[2], 1e-12);
    expect_relative(ours.r2, whole[3], 1e-12);
    expect_relative(ours.adjusted_r2, whole[4], 1e-12);
    expect_relative(ours.f_statistic, whole[5], 1e-10);
    EXPECT_NEAR(ours.f_p_value, whole[6], 1e-8 * whole[6]);
    expect_relative(ours.log_likelihood, whole[7], 1e-12);
    expect_relative(ours.aic, whole[8], 1e-12);
    expect_relative(ours.bic, whole[9], 1e-12);
  }
  EXPECT_EQ(all.size(), 8U);
}

/// The fit whose penalty has no say: maximum likelihood.
LogisticRegression likelihood(bool fit_intercept = true) {
  return {.C = 1e10, .fit_intercept = fit_intercept, .tol = 1e-12};
}

TEST(LogisticSummary, AgreesWithR) {
  const std::vector<Reference> all = references("binomial");
  for (const Reference& reference : all) {
    SCOPED_TRACE(case_name(reference));
    const DataSet data = load(reference.data);
    const Eigen::MatrixXd x = data.x.leftCols(reference.columns);
    const Eigen::VectorXi y = data.y.cast<int>();
    const FitOptions weights = options(reference, y.size());
    const auto fit = likelihood(reference.fit_intercept).fit(x, y, weights);
    ASSERT_TRUE(fit.report.converged);
    const LogisticSummary ours = summary(fit, x, y, weights);
    expect_estimates(estimates(ours), reference.coefficients, 1e-7);
    EXPECT_EQ(ours.reference_label, 0);
    EXPECT_EQ(ours.log_odds.front().label, 1);
    const std::vector<double>& whole = reference.whole;
    EXPECT_EQ(ours.n_samples, whole[0]);
    EXPECT_EQ(ours.residual_degrees_of_freedom, whole[1]);
    expect_relative(ours.null_deviance, whole[2], 1e-12);
    expect_relative(ours.residual_deviance, whole[3], 1e-10);
    expect_relative(ours.aic, whole[4], 1e-10);
    expect_relative(ours.bic, whole[5], 1e-10);
    expect_relative(ours.mcfadden_r2, 1 - whole[3] / whole[2], 1e-10);
    EXPECT_EQ(ours.residual_deviance, -2 * ours.log_likelihood);
  }
  EXPECT_EQ(all.size(), 4U);
}

/// The classes of reference_summary.R.
Eigen::VectorXi three_classes(const Eigen::VectorXd& progression) {
  return progression.unaryExpr([](double y) { return y < 100 ? 1 : y < 200 ? 2 : 3; }).cast<int>();
}

TEST(LogisticSummary, OfThreeClassesAgreesWithR) {
  const std::vector<Reference> all = references("multinomial");
  for (const Reference& reference : all) {
    SCOPED_TRACE(case_name(reference));
    const DataSet data = load(reference.data);
    const Eigen::MatrixXd x = data.x.leftCols(reference.columns);
    const Eigen::VectorXi y = three_classes(data.y);
    const FitOptions weights = options(reference, y.size());
    const auto fit = likelihood(reference.fit_intercept).fit(x, y, weights);
    ASSERT_TRUE(fit.report.converged);
    const LogisticSummary ours = summary(fit, x, y, weights);
    expect_estimates(estimates(ours), reference.coefficients, 1e-7);
    expect_relative(ours.log_likelihood, reference.whole[0], 1e-10);
    EXPECT_EQ(ours.reference_label, 1);
    ASSERT_EQ(ours.log_odds.size(), 2U);
    EXPECT_EQ(ours.log_odds[1].label, 3);
    EXPECT_EQ(ours.rank, static_cast<std::int64_t>(estimates(ours).size()));
  }
  EXPECT_EQ(all.size(), 4U);
}

/// A problem of each kind whose columns have means and units of their own.
struct Problem {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  Eigen::VectorXi classes;  ///< 0, 1, 2

  explicit Problem(std::uint64_t seed, Eigen::Index n = 60, Eigen::Index p = 3) : x(n, p), y(n), classes(n) {
    Random random(seed);
    const Eigen::MatrixXd u = random.matrix(n, p);
    y = u.col(0) - u.col(p - 1) + 2 * random.vector(n);
    for (Eigen::Index j = 0; j < p; ++j) x.col(j) = (u.col(j).array() + static_cast<double>(j)) * std::pow(10, j);
    for (Eigen::Index i = 0; i < n; ++i) classes(i) = y(i) < -0.6 ? 0 : y(i) < 0.6 ? 1 : 2;
  }
  [[nodiscard]] Eigen::VectorXi two_classes() const { return (classes.array() > 0).cast<int>(); }
};

/// Both kinds of classification, and the regression, of a problem.
std::vector<std::vector<Estimate>> all_estimates(const Problem& problem, const Eigen::MatrixXd& x,
                                                 const FitOptions& fit_options = {}) {
  const auto classify = [&](const Eigen::VectorXi& labels) {
    return estimates(summary(likelihood().fit(x, labels, fit_options), x, labels, fit_options));
  };
  const auto fit = LinearRegression{}.fit(x, problem.y, fit_options);
  return {estimates(summary(fit, x, problem.y, fit_options)), classify(problem.two_classes()),
          classify(problem.classes)};
}

void expect_close(const Estimate& a, const Estimate& b, double relative) {
  EXPECT_NEAR(a.value, b.value, relative * b.standard_error);
  EXPECT_NEAR(a.standard_error, b.standard_error, relative * b.standard_error);
  EXPECT_NEAR(a.statistic, b.statistic, relative * (1 + std::abs(b.statistic)));
  EXPECT_NEAR(a.p_value, b.p_value, 10 * relative);
}

void expect_missing(const Estimate& estimate) {
  EXPECT_TRUE(std::isnan(estimate.standard_error));
  EXPECT_TRUE(std::isnan(estimate.statistic));
  EXPECT_TRUE(std::isnan(estimate.p_value));
  EXPECT_TRUE(std::isnan(estimate.lower));
  EXPECT_TRUE(std::isnan(estimate.upper));
}

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

/// The message of the std::invalid_argument that `call` throws.
std::string refusal(const auto& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
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
