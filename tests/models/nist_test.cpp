// On NIST's Statistical Reference Datasets LinearRegression and its summary have as many correct digits as Householder
// QR of the design as it is, with and without pivoting, whatever solver they chose.

#include <algorithm>
#include <cfloat>
#include <cmath>

#include <gtest/gtest.h>

#include "models/nist.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

using HouseholderQR = Eigen::HouseholderQR<Eigen::MatrixXd>;
using PivotedHouseholderQR = Eigen::ColPivHouseholderQR<Eigen::MatrixXd>;

// Two backward stable methods differ by the luck of their rounding errors: one digit.
constexpr double slack = 1.0;

TEST(Nist, CoefficientsAreAsCorrectAsByHouseholderQr) {
  for (const NistDataSet& data : nist_data_sets()) {
    const double qr = std::max(qr_answer<HouseholderQR>(data).coefficient_digits(data),
                               qr_answer<PivotedHouseholderQR>(data).coefficient_digits(data));
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

/// The digits of ||y - X w|| that are left where every prediction is rounded once, in random directions; more than
/// those are luck, like the 14.9 of Pontius by HouseholderQR on s390x, which has 12.9 of them on x86-64.
double residual_digits(const NistDataSet& data) {
  const double squares = data.target().squaredNorm() / static_cast<double>(data.y.size());
  const Eigen::MatrixXd x = data.design();
  const double residual = data.residual_standard_deviation * std::sqrt(static_cast<double>(x.rows() - x.cols()));
  return residual == 0 ? 15.0 : -std::log10(0x1p-53 * std::sqrt(squares) / residual);
}

TEST(Nist, StandardErrorsAreAsCorrectAsByHouseholderQr) {
  for (const NistDataSet& data : nist_data_sets()) {
    const double qr = std::max(qr_answer<HouseholderQR>(data).standard_error_digits(data),
                               qr_answer<PivotedHouseholderQR>(data).standard_error_digits(data));
    const double wanted = std::min(qr, residual_digits(data)) - slack;
    EXPECT_GE(aprender_answer(data).standard_error_digits(data), wanted) << data.name;
  }
}

#if LDBL_MANT_DIG > DBL_MANT_DIG  // the reference has to be better than what it is for
// Roots of the diagonal of (A'A)^-1, by pivoted QR in long double, which of Filip leaves ten digits.
TEST(Nist, StandardErrorsBySigmaAreThoseOfTheDoubles) {
  for (const NistDataSet& data : nist_data_sets()) {
    const Eigen::MatrixXd x = data.features();
    const Eigen::VectorXd y = data.target();
    const auto fit = LinearRegression{data.fit_intercept}.fit(x, y);
    const LinearSummary result = summary(fit, x, y);
    const CentredProblem problem(x, y, {}, data.fit_intercept);
    const Vector norm = problem.norms(0);
    const Eigen::ColPivHouseholderQR<Matrix> qr(problem.a * norm.cwiseInverse().asDiagonal());
    const Matrix triangle = qr.matrixQR().topRows(x.cols()).triangularView<Eigen::Upper>();
    const Matrix root = qr.colsPermutation() * Matrix(triangle.inverse());
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      const double found = result.coefficients[static_cast<std::size_t>(j)].standard_error;
      const auto expected = static_cast<double>(root.row(j).norm() / norm(j));
      EXPECT_NEAR(found / result.residual_standard_error / expected, 1.0, data.name == "Filip" ? 2e-9 : 1e-12)
          << data.name << " " << j;
    }
  }
}

#endif

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

#if LDBL_MANT_DIG > DBL_MANT_DIG
/// The minimiser of ||b - A w||^2 + alpha ||w||^2 by pivoted Householder QR of [A; sqrt(alpha) I] with columns of norm
/// one and a step of refinement.
template <class Number>
std::vector<double> ridge_by_qr(const CentredProblem& problem, double alpha) {
  using Numbers = Eigen::MatrixX<Number>;
  const Eigen::Index n = problem.a.rows(), p = problem.a.cols();
  Numbers stacked(n + p, p);
  stacked << problem.a.cast<Number>(), std::sqrt(static_cast<Number>(alpha)) * Numbers::Identity(p, p);
  const Eigen::VectorX<Number> norm = stacked.colwise().norm();
  for (Eigen::Index j = 0; j < p; ++j) stacked.col(j) /= norm(j);
  Eigen::VectorX<Number> target = Eigen::VectorX<Number>::Zero(n + p);
  target.head(n) = problem.b.cast<Number>();
  const Eigen::ColPivHouseholderQR<Numbers> qr(stacked);
  Eigen::VectorX<Number> v = qr.solve(target);
  v += qr.solve(target - stacked * v).eval();
  const Eigen::VectorXd w = v.cwiseQuotient(norm).template cast<double>();
  return {w.begin(), w.end()};
}

// With penalties from next to nothing to a sensible one, held against long double, whose QR has 19 digits less those of
// the condition number. Both refine in one step, so that luck decides on Filip: 8.6 digits for 9.6.
TEST(Nist, RidgeIsAsCorrectAsPivotedHouseholderQr) {
  for (const NistDataSet& data : nist_data_sets()) {
    const Eigen::MatrixXd x = data.features();
    const CentredProblem problem(x, data.target(), {}, data.fit_intercept);
    for (const double alpha : {1e-8, 1e-3, 10.0}) {
      const std::vector<double> exact = ridge_by_qr<Real>(problem, alpha), rival = ridge_by_qr<double>(problem, alpha);
      const auto fit = Ridge{.alpha = alpha, .fit_intercept = data.fit_intercept}.fit(x, data.target());
      EXPECT_TRUE(fit.report.converged) << data.name << ", alpha " << alpha;
      const Eigen::VectorXd w = fit.model.coefficients();
      EXPECT_GE(correct_digits({w.begin(), w.end()}, exact), correct_digits(rival, exact) - 1.2 * slack)
          << data.name << ", alpha " << alpha << ", " << fit.report.solver;
      EXPECT_GE(correct_digits(rival, exact), 4.5) << data.name;
    }
  }
}

#endif

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
