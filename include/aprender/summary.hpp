/// What a fitted model says about the population its samples came from: standard errors, tests and intervals.
///
/// Sample weights are taken as R takes them: as they are, not normalised. In a regression a weight is the reciprocal of
/// the relative variance of y_i; its unit matters to the residual standard error only. In a classification a weight of
/// 2 is two samples, so that weights which do not count samples make standard errors that mean nothing. A sample of
/// zero weight is not there.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include "aprender/distributions.hpp"
#include "aprender/linear_regression.hpp"
#include "aprender/logistic_regression.hpp"
#include "aprender/solvers/log_loss.hpp"
#include "aprender/solvers/standard_errors.hpp"

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

/// Tests against zero and intervals, from a symmetric distribution of value / standard_error.
template <class Distribution>
class TwoSided {
 public:
  TwoSided(const Distribution& distribution, double confidence_level)
      : distribution_(distribution), quantile_(distribution.upper_quantile(0.5 * (1 - confidence_level))) {}

  [[nodiscard]] Estimate estimate(double value, double standard_error) const {
    const double statistic = value / standard_error, reach = quantile_ * standard_error;
    return {value,         standard_error, statistic, 2 * distribution_.survival(std::abs(statistic)),
            value - reach, value + reach};
  }

 private:
  Distribution distribution_;
  double quantile_;
};

/// Throws std::invalid_argument unless X and y have the shape of those the model was fitted to.
template <class Design, class Targets>
void require_fitted(const Design& x, const Targets& y, const FitReport& report, const FitOptions& options,
                    double confidence_level) {
  argument::require(confidence_level > 0 && confidence_level < 1, "confidence_level", confidence_level,
                    "a number between 0 and 1");
  argument::require_equal("columns of X", x.cols(), "features of the fit", report.n_features);
  argument::require_equal("rows of X", x.rows(), "samples of the fit", report.n_samples);
  argument::require_samples(x, y);
  argument::require(options.threads >= 1, "threads", options.threads, "at least 1");
}

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
  using Design = solver::DesignOf<X>;
  const Design design = solver::with_columns(x);
  const Eigen::MatrixXd targets = y.template cast<double>();
  solver::require_fitted(design, targets, fit.report, options, confidence_level);
  const solver::LinearSamples<Design> samples(design, targets, options.sample_weight);
  solver::Team team(options.threads);
  const std::int64_t n_intercepts = fit.report.fit_intercept ? 1 : 0;
  const solver::LeastSquaresProblem<Design> problem(samples, solver::centring_for(fit.report.fit_intercept), team);
  const auto n = static_cast<double>(problem.a().rows());
  const int unit = problem.target_exponent(0);  // of norms and sigma: 2^unit

  const solver::LinearSolution<Scalar> solution{
      fit.model.coefficients(), Eigen::RowVectorX<Scalar>::Constant(1, fit.model.intercept()), fit.report};
  const Eigen::MatrixXd v = problem.scaled(solution);
  const Eigen::VectorXd about_mean = problem.a().residual(problem.b(), v);
  const double explained = (problem.b() - about_mean).squaredNorm();
  const double missed = (about_mean - problem.a().root_weight() * problem.intercept_error(solution, v)).squaredNorm();
  const double norm = std::sqrt(fit.report.objective), size = std::ldexp(problem.b().norm(), unit);
  if (std::abs(std::ldexp(std::sqrt(missed), unit) - norm) > 1e-6 * (norm + size)) {
    argument::refuse("sum of squared residuals", std::ldexp(missed, 2 * unit),
                     argument::text(fit.report.objective) + " (the fit's, on its own X, y and sample weights)");
  }

  LinearSummary result{};
  result.confidence_level = confidence_level;
  result.n_samples = problem.a().rows();
  const bool saturated = fit.report.rank && *fit.report.rank + n_intercepts >= result.n_samples;
  std::optional<solver::InverseGram<>> inverse;
  if (!saturated) inverse.emplace(solver::inverse_gram(problem.a(), problem.tolerance()));
  result.rank = fit.report.rank ? *fit.report.rank : inverse->rank();
  result.residual_degrees_of_freedom = std::max<std::int64_t>(result.n_samples - result.rank - n_intercepts, 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  solver::StandardErrors errors{Eigen::MatrixXd::Constant(v.rows(), 1, nan), Eigen::VectorXd::Constant(1, nan)};
  const auto free = static_cast<double>(result.residual_degrees_of_freedom);
  const double sigma = free > 0 ? std::sqrt(missed / free) : nan;
  if (inverse) errors = solver::least_squares_errors(problem.a(), *inverse, sigma, unit);
  if constexpr (std::same_as<Design, solver::DenseDesign<double>>) {
    const bool full = inverse && inverse->rank() == v.rows();
    if (full && solver::exact_errors_pay(problem.a(), fit.report.condition_estimate.value_or(1.0))) {
      const solver::LinearSamples<Design> zero(design, Eigen::MatrixXd::Zero(design.rows(), 1), options.sample_weight);
      const solver::LeastSquaresProblem<Design> nothing(zero, problem.centring(), team);
      errors = solver::exact_least_squares_errors(nothing, *inverse, sigma, unit);
    }
  }
  const StudentTDistribution distribution(std::max(free, 1.0));
  const solver::TwoSided two_sided(distribution, confidence_level);
  for (Eigen::Index j = 0; j < v.rows(); ++j) {
    result.coefficients.push_back(two_sided.estimate(fit.model.coefficients()(j), errors.coefficients(j, 0)));
  }
  if (n_intercepts > 0) result.intercept = two_sided.estimate(fit.model.intercept(), errors.intercept(0));

  result.residual_standard_error = std::ldexp(sigma, unit) * std::sqrt(solver::mean_weight(options.sample_weight));
  const auto rank = static_cast<double>(result.rank);
  const double total = explained + missed;
  result.r2 = explained / total;
  result.adjusted_r2 = free > 0 ? 1 - missed / free / (total / (free + rank)) : nan;
  result.f_statistic = rank > 0 && free > 0 ? explained / rank / (missed / free) : nan;
  result.f_p_value = rank > 0 && free > 0 ? FDistribution(rank, free).survival(result.f_statistic) : nan;
  result.log_likelihood = 0.5 * samples.weight().array().log().sum() -
                          0.5 * n * (std::log(2 * std::numbers::pi * missed / n) + 1 + 2 * unit * std::numbers::ln2);
  const auto parameters = static_cast<double>(result.rank + n_intercepts + 1);
  result.aic = -2 * result.log_likelihood + 2 * parameters;
  result.bic = -2 * result.log_likelihood + parameters * std::log(n);
  return result;
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
  using Design = solver::DesignOf<X>;
  using Labels = typename LogisticModel<Scalar>::Labels;
  const Design design = solver::with_columns(x);
  const Labels all_labels = solver::as_labels(labels);
  solver::require_fitted(design, all_labels, fit.report, options, confidence_level);
  const Eigen::VectorXd relative =
      argument::weighted_by_class(fit.estimator.class_weight, all_labels, options.sample_weight);
  const solver::Samples<Design, Labels> samples(design, all_labels, relative);
  const std::vector<std::int64_t>& classes = fit.model.classes();
  solver::Team team(options.threads);

  for (Eigen::Index i = 0; i < all_labels.size(); ++i) {
    const bool present = relative.size() == 0 || relative(i) > 0;
    argument::require(!present || std::binary_search(classes.begin(), classes.end(), all_labels(i)),
                      "labels(" + std::to_string(i) + ")", all_labels(i), "one of the model's classes");
  }
  solver::ClassIndices indices(samples.y().size());
  for (Eigen::Index i = 0; i < indices.size(); ++i) {
    indices(i) = std::lower_bound(classes.begin(), classes.end(), samples.y()(i)) - classes.begin();
  }
  const Eigen::VectorXd weight = samples.weight() * solver::mean_weight(options.sample_weight);
  const Eigen::MatrixXd coefficients = fit.model.coefficients().transpose().template cast<double>();
  const Eigen::RowVectorXd intercepts = fit.model.intercept().template cast<double>();
  const Eigen::MatrixXd scores = solver::scores(samples.x(), coefficients, intercepts, team);

  const bool binomial = scores.cols() == 1;
  Eigen::MatrixXd slope(scores.rows(), scores.cols()), p(scores.rows(), scores.cols());
  const double loss = solver::LogLoss(indices, weight).evaluate(0, scores, slope, p);
  const solver::LogisticErrors<Design> information(samples.x(), fit.report.fit_intercept, team);
  const solver::StandardErrors errors = binomial ? information.binomial(p.col(0)) : information.multinomial(p, weight);

  LogisticSummary result{};
  result.reference_label = classes.front();
  result.confidence_level = confidence_level;
  const solver::TwoSided two_sided(NormalDistribution(), confidence_level);
  for (std::size_t k = 1; k < classes.size(); ++k) {
    const auto output = static_cast<Eigen::Index>(k);
    LogOdds& odds = result.log_odds.emplace_back(LogOdds{.label = classes[k]});
    for (Eigen::Index j = 0; j < coefficients.rows(); ++j) {
      const double value = binomial ? coefficients(j, 0) : coefficients(j, output) - coefficients(j, 0);
      odds.coefficients.push_back(two_sided.estimate(value, errors.coefficients(j, output - 1)));
    }
    if (!fit.report.fit_intercept) continue;
    const double value = binomial ? intercepts(0) : intercepts(output) - intercepts(0);
    odds.intercept = two_sided.estimate(value, errors.intercept(output - 1));
  }

  result.n_samples = samples.y().size();
  result.rank = errors.rank;
  result.residual_degrees_of_freedom = std::max<std::int64_t>(result.n_samples - result.rank, 0);
  result.log_likelihood = -loss;
  result.null_log_likelihood = -weight.sum() * std::log(static_cast<double>(classes.size()));
  if (fit.report.fit_intercept) {
    Eigen::VectorXd share = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(classes.size()));
    for (Eigen::Index i = 0; i < indices.size(); ++i) share(indices(i)) += weight(i);
    result.null_log_likelihood = 0.0;
    for (const double total : share) {
      if (total > 0) result.null_log_likelihood += total * std::log(total / weight.sum());
    }
  }
  result.residual_deviance = -2 * result.log_likelihood;
  result.null_deviance = -2 * result.null_log_likelihood;
  result.mcfadden_r2 = 1 - result.log_likelihood / result.null_log_likelihood;
  const auto rank = static_cast<double>(result.rank);
  result.aic = result.residual_deviance + 2 * rank;
  result.bic = result.residual_deviance + rank * std::log(static_cast<double>(result.n_samples));
  return result;
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
