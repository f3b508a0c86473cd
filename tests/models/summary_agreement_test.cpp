// Summaries agree with R's on real data.

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

struct PublishedFit {
  std::string kind;
  std::string data;
  Eigen::Index columns;
  bool fit_intercept;
  bool weighted;
  std::vector<double> coefficients;  ///< estimate, error, statistic, p, lower, upper; intercept first
  std::vector<double> whole;
};

std::vector<PublishedFit> published_fits(const std::string& kind) {
  const std::vector<PublishedFit> all = {
#include "models/reference_summary.inc"
  };
  std::vector<PublishedFit> chosen;
  for (const PublishedFit& reference : all) {
    if (reference.kind == kind) chosen.push_back(reference);
  }
  return chosen;
}

std::string case_name(const PublishedFit& reference) {
  return reference.data + (reference.fit_intercept ? " with" : " without") + " intercept" +
         (reference.weighted ? ", weighted" : "");
}

/// Those of reference_summary.R.
FitOptions options(const PublishedFit& reference, Eigen::Index n) {
  if (!reference.weighted) return {};
  Eigen::VectorXd weight = cyclic_weights(n);
  for (Eigen::Index i = 3; i < n; i += 7) weight(i) = 0;
  return {.sample_weight = weight};
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
  const std::vector<PublishedFit> all = published_fits("linear");
  for (const PublishedFit& reference : all) {
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

TEST(LogisticSummary, AgreesWithR) {
  const std::vector<PublishedFit> all = published_fits("binomial");
  for (const PublishedFit& reference : all) {
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
  const std::vector<PublishedFit> all = published_fits("multinomial");
  for (const PublishedFit& reference : all) {
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

}  // namespace
}  // namespace aprender::test
