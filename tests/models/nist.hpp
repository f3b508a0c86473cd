/// NIST's Statistical Reference Datasets for linear regression, and how many digits of them an answer has.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/QR>

#include "aprender/models.hpp"

namespace aprender::test {

struct NistDataSet {
  std::string name;
  int degree;  ///< columns are the predictors' powers 1 ... degree
  bool fit_intercept;
  Eigen::Index n_predictors;
  std::vector<double> predictors;  ///< row by row
  std::vector<double> y;
  std::vector<double> coefficients;  ///< certified; intercept first
  std::vector<double> standard_deviations;
  std::vector<double> exact;  ///< coefficients of the data as doubles, rounded once
  double residual_standard_deviation;
  double r2;

  [[nodiscard]] Eigen::MatrixXd features() const {
    const auto n = static_cast<Eigen::Index>(y.size());
    Eigen::MatrixXd x(n, n_predictors * degree);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j < x.cols(); ++j) {
        const double value = predictors[static_cast<std::size_t>(i * n_predictors + j / degree)];
        x(i, j) = std::pow(value, static_cast<double>(j % degree + 1));
      }
    }
    return x;
  }
  [[nodiscard]] Eigen::VectorXd target() const {
    return Eigen::Map<const Eigen::VectorXd>(y.data(), static_cast<Eigen::Index>(y.size()));
  }
  /// The features after a column of ones, if there is an intercept.
  [[nodiscard]] Eigen::MatrixXd design() const {
    Eigen::MatrixXd x = features();
    if (!fit_intercept) return x;
    Eigen::MatrixXd with_ones(x.rows(), x.cols() + 1);
    with_ones << Eigen::VectorXd::Ones(x.rows()), x;
    return with_ones;
  }
};

inline const std::vector<NistDataSet>& nist_data_sets() {
  static const std::vector<NistDataSet> all = {
#include "models/nist_strd.inc"
  };
  return all;
}

/// Correct digits, the least of all values: the log relative error -log10(|value - certified| / |certified|), absolute
/// where the certified value is zero, from 0 to the 15 digits that are certified.
inline double correct_digits(const std::vector<double>& values, const std::vector<double>& certified) {
  double least = 15.0;
  for (std::size_t j = 0; j < certified.size(); ++j) {
    const double scale = certified[j] == 0 ? 1.0 : std::abs(certified[j]);
    const double digits = -std::log10(std::abs(values[j] - certified[j]) / scale);
    least = std::min(least, std::isnan(digits) ? 0.0 : digits);
  }
  return std::max(0.0, least);
}

/// Those of the coefficients that exact arithmetic gives for the doubles.
inline double exact_digits(const NistDataSet& data) { return correct_digits(data.exact, data.coefficients); }

/// Coefficients and their standard errors, intercept first.
struct NistAnswer {
  std::string solver;
  std::vector<double> coefficients;
  std::vector<double> standard_errors;

  [[nodiscard]] double coefficient_digits(const NistDataSet& data) const {
    return correct_digits(coefficients, data.coefficients);
  }
  [[nodiscard]] double standard_error_digits(const NistDataSet& data) const {
    return correct_digits(standard_errors, data.standard_deviations);
  }
};

/// LinearRegression and its summary.
inline NistAnswer aprender_answer(const NistDataSet& data, int threads = 1) {
  const Eigen::MatrixXd x = data.features();
  const Eigen::VectorXd y = data.target();
  const auto fit = LinearRegression{.fit_intercept = data.fit_intercept}.fit(x, y, {.threads = threads});
  const LinearSummary result = summary(fit, x, y);
  NistAnswer answer{.solver = fit.report.solver, .coefficients = {}, .standard_errors = {}};
  const auto append = [&](const Estimate& estimate) {
    answer.coefficients.push_back(estimate.value);
    answer.standard_errors.push_back(estimate.standard_error);
  };
  if (result.intercept) append(*result.intercept);
  for (const Estimate& estimate : result.coefficients) append(estimate);
  return answer;
}

/// Coefficients w and errors sigma sqrt([(X'X)^-1]_jj) of Eigen's decompositions of the design as it is.
inline NistAnswer textbook_answer(const NistDataSet& data, const Eigen::VectorXd& w, const Eigen::VectorXd& diagonal) {
  const Eigen::MatrixXd x = data.design();
  const auto free = static_cast<double>(x.rows() - x.cols());
  const Eigen::VectorXd errors = diagonal.cwiseSqrt() * ((data.target() - x * w).norm() / std::sqrt(free));
  return {.solver = "", .coefficients = {w.begin(), w.end()}, .standard_errors = {errors.begin(), errors.end()}};
}

/// By HouseholderQR or ColPivHouseholderQR.
template <class Decomposition>
NistAnswer qr_answer(const NistDataSet& data) {
  const Eigen::MatrixXd x = data.design();
  const Eigen::Index p = x.cols();
  const Decomposition qr(x);
  Eigen::MatrixXd inverse =
      qr.matrixQR().topRows(p).template triangularView<Eigen::Upper>().solve(Eigen::MatrixXd::Identity(p, p));
  if constexpr (requires { qr.colsPermutation(); }) inverse = qr.colsPermutation() * inverse;
  return textbook_answer(data, qr.solve(data.target()), inverse.rowwise().squaredNorm());
}

/// By the Cholesky factor of X'X.
inline NistAnswer normal_equations_answer(const NistDataSet& data) {
  const Eigen::MatrixXd x = data.design();
  const Eigen::LLT<Eigen::MatrixXd> llt(x.transpose() * x);
  const Eigen::VectorXd w = llt.solve(x.transpose() * data.target());
  return textbook_answer(data, w, llt.solve(Eigen::MatrixXd::Identity(x.cols(), x.cols())).diagonal());
}

}  // namespace aprender::test
