// On NIST's Statistical Reference Datasets LinearRegression and its summary have as many correct digits as Householder
// QR of the design as it is, whatever solver they chose.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "models/nist.hpp"

namespace aprender::test {
namespace {

using HouseholderQR = Eigen::HouseholderQR<Eigen::MatrixXd>;

// Two backward stable methods differ by the luck of their rounding errors: one digit.
constexpr double slack = 1.0;

TEST(Nist, CoefficientsAreAsCorrectAsByHouseholderQr) {
  for (const NistDataSet& data : nist_data_sets()) {
    const double qr = qr_answer<HouseholderQR>(data).coefficient_digits(data);
    // Rounding errors may undo those that the data have as doubles: 14.3 digits of Wampler2, where the doubles
    // have 13.2.
    const double wanted = std::min(qr, exact_digits(data)) - slack;
    EXPECT_GE(aprender_answer(data).coefficient_digits(data), wanted) << data.name;
    EXPECT_GE(wanted, 4.5) << data.name;  // the rival is worth comparing with
  }
  EXPECT_EQ(nist_data_sets().size(), 11U);
}

// Better than any backward stable method: correct to the last bit of what the doubles determine; of Filip, whose
// condition number of 1e15 leaves Householder QR seven digits of it, to thirteen.
TEST(Nist, CoefficientsAreThoseOfExactArithmetic) {
  for (const NistDataSet& data : nist_data_sets()) {
    const double error = data.name == "Filip" ? 0x1p-42 : 0x1p-52;
    for (const int threads : {1, 2, 3}) {
      const NistAnswer answer = aprender_answer(data, threads);
      for (std::size_t j = 0; j < data.exact.size(); ++j) {
        EXPECT_NEAR(answer.coefficients[j], data.exact[j], error * std::abs(data.exact[j]))
            << data.name << " " << j << ", threads " << threads;
      }
    }
  }
}

TEST(Nist, StandardErrorsAreAsCorrectAsByHouseholderQr) {
  for (const NistDataSet& data : nist_data_sets()) {
    const double wanted = qr_answer<HouseholderQR>(data).standard_error_digits(data) - slack;
    EXPECT_GE(aprender_answer(data).standard_error_digits(data), wanted) << data.name;
  }
}

TEST(Nist, FitsAreOfFullRankWithTheCertifiedResidualsAndR2) {
  for (const NistDataSet& data : nist_data_sets()) {
    const Eigen::MatrixXd x = data.features();
    const Eigen::VectorXd y = data.target();
    const auto fit = LinearRegression{data.fit_intercept}.fit(x, y);
    EXPECT_TRUE(fit.report.converged) << data.name;
    EXPECT_EQ(fit.report.rank, x.cols()) << data.name;
    const LinearSummary result = summary(fit, x, y);
    // Residuals are differences of predictions with errors of eps |y|, or cond(X) eps |y| for the 1e10 of Filip.
    const double error = data.name == "Filip" ? 1e-8 : 1e-14;
    EXPECT_NEAR(result.residual_standard_error, data.residual_standard_deviation,
                error * (y.norm() + data.residual_standard_deviation))
        << data.name;
    EXPECT_NEAR(result.r2, data.r2, 10 * error) << data.name;
  }
}

// What the tests above would miss if every answer had 15 digits or none.
TEST(Nist, NormalEquationsAreWorse) {
  int worse = 0;
  for (const NistDataSet& data : nist_data_sets()) {
    const NistAnswer naive = normal_equations_answer(data);
    if (naive.coefficient_digits(data) < aprender_answer(data).coefficient_digits(data) - 1) ++worse;
  }
  EXPECT_GE(worse, 4);
}

}  // namespace
}  // namespace aprender::test
