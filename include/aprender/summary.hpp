/// What a fitted model says about the population its samples came from: standard errors, tests and intervals.
///
/// Sample weights are taken as R takes them: as they are, not normalised. In a regression a weight is the reciprocal of
/// the relative variance of y_i; its unit matters to the residual standard error only. In a classification a weight of
/// 2 is two samples, so that weights which do not count samples make standard errors that mean nothing. A sample of
/// zero weight is not there.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include "aprender/linear_regression.hpp"
#include "aprender/logistic_regression.hpp"

namespace aprender {

/// One coefficient or intercept, in the user's units. If it is not estimable, because other columns of X can take its
/// place, everything but `value` is NaN.
struct Estimate {
  double value;           ///< the model's
  double standard_error;  ///< square root of the estimated variance of `value` over samples of y
  double statistic;       ///< value / standard_error: t in a regression, z in a classification
  double p_value;         ///< of a statistic at least as large in magnitude if the true value were zero
  double lower;           ///< end of the two-sided confidence interval
  double upper;
};

/// The summary of a LinearRegression, under the model y_i = x_i w + b + e_i with independent normal e_i of variance
/// sigma^2 / weight_i. Without residual degrees of freedom whatever needs sigma is NaN.
struct LinearSummary {
  std::vector<Estimate> coefficients;  ///< n_features
  std::optional<Estimate> intercept;   ///< empty if none was fitted
  double confidence_level = 0.0;       ///< of lower and upper

  std::int64_t n_samples = 0;                    ///< of positive weight
  std::int64_t rank = 0;                         ///< of centred X: degrees of freedom of the regression
  std::int64_t residual_degrees_of_freedom = 0;  ///< n_samples - rank, and one less with an intercept
  double residual_standard_error = 0.0;          ///< sigma: sqrt(sum weight_i r_i^2 / residual_degrees_of_freedom)
  double r2 = 0.0;           ///< explained share of the squares of y about its mean; about zero without an intercept
  double adjusted_r2 = 0.0;  ///< with both sums divided by their degrees of freedom
  double f_statistic = 0.0;  ///< of all coefficients against none; NaN if rank is 0
  double f_p_value = 0.0;
  double log_likelihood = 0.0;  ///< at the estimates, with sigma^2 = sum weight_i r_i^2 / n_samples
  double aic = 0.0;  ///< -2 log_likelihood + 2 k, k the number of estimated coefficients, intercept and sigma
  double bic = 0.0;  ///< -2 log_likelihood + k log n_samples
};

/// The log-odds of one class against the first: a row of a LogisticSummary.
struct LogOdds {
  std::int64_t label = 0;
  std::vector<Estimate> coefficients = {};  ///< n_features
  std::optional<Estimate> intercept = {};   ///< empty if none was fitted
};

/// The summary of a LogisticRegression.
struct LogisticSummary {
  std::int64_t reference_label = 0;  ///< the first class
  std::vector<LogOdds> log_odds;     ///< of the other classes, in order
  double confidence_level = 0.0;     ///< of lower and upper

  std::int64_t n_samples = 0;                    ///< of positive weight
  std::int64_t rank = 0;                         ///< of the information: estimable coefficients and intercepts
  std::int64_t residual_degrees_of_freedom = 0;  ///< n_samples - rank, for two classes
  double log_likelihood = 0.0;                   ///< sum weight_i log p_i(true class)
  double null_log_likelihood = 0.0;              ///< of the model with intercepts only; of equal odds without
  double residual_deviance = 0.0;                ///< -2 log_likelihood
  double null_deviance = 0.0;
  double mcfadden_r2 = 0.0;  ///< 1 - log_likelihood / null_log_likelihood
  double aic = 0.0;          ///< -2 log_likelihood + 2 rank
  double bic = 0.0;          ///< -2 log_likelihood + rank log n_samples
};

namespace solver {

/// solvers/summaries.hpp
template <class Design>
[[nodiscard]] LinearSummary linear_summary(const Fit<LinearRegression, LinearModel<typename Design::Scalar>>& fit,
                                           const Design& design, const Eigen::MatrixXd& targets,
                                           const FitOptions& options, double confidence_level);

/// solvers/summaries.hpp
template <class Design>
[[nodiscard]] LogisticSummary logistic_summary(
    const Fit<LogisticRegression, LogisticModel<typename Design::Scalar>>& fit, const Design& design,
    const typename LogisticModel<typename Design::Scalar>::Labels& all_labels, const FitOptions& options,
    double confidence_level);

}  // namespace solver

/// fit: by LinearRegression from these very x, y and options.sample_weight; of the options only threads may differ.
/// confidence_level: between 0 and 1.
///
/// Standard errors are sigma times the roots of the diagonal of (X_c'S X_c)^-1, X_c being X centred if there is an
/// intercept: from the Cholesky factor up to a condition number of 1e3, by pivoted QR beyond, in double whatever the
/// scalar, and of a small dense X (n_samples n_features^2 up to 2^20) refined in twice the precision. Of collinear
/// columns those that take part in the dependence have NaN, the others have what they would have without it; likewise
/// the intercept. A constant column beside an intercept has the coefficient 0 and NaN, and changes nothing else.
/// Residuals are those of the model as it is, rounded to its scalar. Memory, of a sparse X too: 4 n_features^2 doubles,
/// n_samples n_features more if X is ill-conditioned.
///
/// Throws std::invalid_argument on mismatched sizes, non-finite values, weights that cannot be used, and if the sum of
/// squared residuals is not the one the fit reports, so that these are not the samples of the fit.
template <Real Scalar, DesignMatrix X, TargetVector Y>
requires std::same_as<typename X::Scalar, Scalar>
[[nodiscard]] LinearSummary summary(const Fit<LinearRegression, LinearModel<Scalar>>& fit, const X& x, const Y& y,
                                    const FitOptions& options = {}, double confidence_level = 0.95) {
  return solver::linear_summary<solver::DesignOf<X>>(fit, solver::with_columns(x), y.template cast<double>(), options,
                                                     confidence_level);
}

/// fit: by LogisticRegression from these very x, labels and options.sample_weight; of the options only threads may
/// differ. confidence_level: between 0 and 1.
///
/// Wald statistics from the Fisher information of the log likelihood at the fitted coefficients. They are those of
/// maximum likelihood if C is so large that the penalty has no say (1e8, say). With a smaller C the coefficients are
/// shrunk and biased towards zero: the information leaves the penalty out all the same, because an interval that
/// counted it as knowledge would be narrow about the wrong place. Nothing here is valid if features were chosen by
/// looking at the same samples, or by an L1 part.
/// Weights of classes move the samples' weights from class to class, their sum being kept; the intervals are then those
/// of data that had come so.
/// If classes are separable the information vanishes with growing C: standard errors are then huge or, once p (1 - p)
/// is lost to rounding, NaN. Collinear columns: as in a regression; a softmax model is compared with its first class,
/// so that log-odds are determined though its coefficients are not.
/// Memory: of the order of n_samples n_classes + (n_classes n_features)^2 doubles, n_samples n_features more if
/// ill-conditioned.
///
/// Throws std::invalid_argument on mismatched sizes, non-finite values, weights that cannot be used, and labels that
/// are not classes of the model.
template <Real Scalar, DesignMatrix X, LabelVector Y>
requires std::same_as<typename X::Scalar, Scalar>
[[nodiscard]] LogisticSummary summary(const Fit<LogisticRegression, LogisticModel<Scalar>>& fit, const X& x,
                                      const Y& labels, const FitOptions& options = {}, double confidence_level = 0.95) {
  return solver::logistic_summary<solver::DesignOf<X>>(fit, solver::with_columns(x), solver::as_labels(labels), options,
                                                       confidence_level);
}

/// The same for text labels. Throws std::invalid_argument on one that is not among fit.classes.
template <Real Scalar, DesignMatrix X, TextLabels Y>
requires std::same_as<typename X::Scalar, Scalar>
[[nodiscard]] LogisticSummary summary(const TextFit<LogisticRegression, LogisticModel<Scalar>>& fit, const X& x,
                                      const Y& labels, const FitOptions& options = {}, double confidence_level = 0.95) {
  std::vector<std::int64_t> positions;
  for (const auto& label : labels) {
    const std::string_view text = label;
    const auto found = std::lower_bound(fit.classes.begin(), fit.classes.end(), text);
    argument::require(found != fit.classes.end() && *found == text, "labels(" + std::to_string(positions.size()) + ")",
                      text, "one of the model's classes");
    positions.push_back(found - fit.classes.begin());
  }
  const Eigen::Map<const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>> values(
      positions.data(), static_cast<Eigen::Index>(positions.size()));
  const Fit<LogisticRegression, LogisticModel<Scalar>>& by_position = fit;
  return summary(by_position, x, values, options, confidence_level);
}

}  // namespace aprender

#ifndef APRENDER_SOLVERS_ELSEWHERE  // instances.hpp
#include "aprender/solvers/summaries.hpp"
#endif
