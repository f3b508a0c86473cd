/// The numbers of a summary.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "aprender/distributions.hpp"
#include "aprender/solvers/log_loss.hpp"
#include "aprender/solvers/standard_errors.hpp"
#include "aprender/summary.hpp"

namespace aprender::solver {

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

/// targets: a column. Refuses as `summary` does.
template <class Design>
[[nodiscard]] LinearSummary linear_summary(const Fit<LinearRegression, LinearModel<typename Design::Scalar>>& fit,
                                           const Design& design, const Eigen::MatrixXd& targets,
                                           const FitOptions& options, double confidence_level) {
  using Scalar = typename Design::Scalar;
  require_fitted(design, targets, fit.report, options, confidence_level);
  const LinearSamples<Design> samples(design, targets, options.sample_weight);
  Team team(options.threads);
  const std::int64_t n_intercepts = fit.report.fit_intercept ? 1 : 0;
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit.report.fit_intercept), team);
  const auto n = static_cast<double>(problem.a().rows());
  const int unit = problem.target_exponent(0);  // of norms and sigma: 2^unit

  const LinearSolution<Scalar> solution{fit.model.coefficients(),
                                        Eigen::RowVectorX<Scalar>::Constant(1, fit.model.intercept()), fit.report};
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
  std::optional<InverseGram<>> inverse;
  if (!saturated) inverse.emplace(inverse_gram(problem.a(), problem.tolerance()));
  result.rank = fit.report.rank ? *fit.report.rank : inverse->rank();
  result.residual_degrees_of_freedom = std::max<std::int64_t>(result.n_samples - result.rank - n_intercepts, 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  StandardErrors errors{Eigen::MatrixXd::Constant(v.rows(), 1, nan), Eigen::VectorXd::Constant(1, nan)};
  const auto free = static_cast<double>(result.residual_degrees_of_freedom);
  const double sigma = free > 0 ? std::sqrt(missed / free) : nan;
  if (inverse) errors = least_squares_errors(problem.a(), *inverse, sigma, unit);
  if constexpr (std::same_as<Design, DenseDesign<double>>) {
    const bool full = inverse && inverse->rank() == v.rows();
    if (full && exact_errors_pay(problem.a(), fit.report.condition_estimate.value_or(1.0))) {
      const LinearSamples<Design> zero(design, Eigen::MatrixXd::Zero(design.rows(), 1), options.sample_weight);
      const LeastSquaresProblem<Design> nothing(zero, problem.centring(), team);
      errors = exact_least_squares_errors(nothing, *inverse, sigma, unit);
    }
  }
  const StudentTDistribution distribution(std::max(free, 1.0));
  const TwoSided two_sided(distribution, confidence_level);
  for (Eigen::Index j = 0; j < v.rows(); ++j) {
    result.coefficients.push_back(two_sided.estimate(fit.model.coefficients()(j), errors.coefficients(j, 0)));
  }
  if (n_intercepts > 0) result.intercept = two_sided.estimate(fit.model.intercept(), errors.intercept(0));

  result.residual_standard_error = std::ldexp(sigma, unit) * std::sqrt(mean_weight(options.sample_weight));
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

template <class Design>
[[nodiscard]] LogisticSummary logistic_summary(
    const Fit<LogisticRegression, LogisticModel<typename Design::Scalar>>& fit, const Design& design,
    const typename LogisticModel<typename Design::Scalar>::Labels& all_labels, const FitOptions& options,
    double confidence_level) {
  using Labels = typename LogisticModel<typename Design::Scalar>::Labels;
  require_fitted(design, all_labels, fit.report, options, confidence_level);
  const Eigen::VectorXd relative =
      argument::weighted_by_class(fit.estimator.class_weight, all_labels, options.sample_weight);
  const Samples<Design, Labels> samples(design, all_labels, relative);
  const std::vector<std::int64_t>& classes = fit.model.classes();
  Team team(options.threads);

  for (Eigen::Index i = 0; i < all_labels.size(); ++i) {
    const bool present = relative.size() == 0 || relative(i) > 0;
    argument::require(!present || std::binary_search(classes.begin(), classes.end(), all_labels(i)),
                      "labels(" + std::to_string(i) + ")", all_labels(i), "one of the model's classes");
  }
  ClassIndices indices(samples.y().size());
  for (Eigen::Index i = 0; i < indices.size(); ++i) {
    indices(i) = std::lower_bound(classes.begin(), classes.end(), samples.y()(i)) - classes.begin();
  }
  const Eigen::VectorXd weight = samples.weight() * mean_weight(options.sample_weight);
  const Eigen::MatrixXd coefficients = fit.model.coefficients().transpose().template cast<double>();
  const Eigen::RowVectorXd intercepts = fit.model.intercept().template cast<double>();
  const Eigen::MatrixXd scores = solver::scores(samples.x(), coefficients, intercepts, team);

  const bool binomial = scores.cols() == 1;
  Eigen::MatrixXd slope(scores.rows(), scores.cols()), p(scores.rows(), scores.cols());
  const double loss = LogLoss(indices, weight).evaluate(0, scores, slope, p);
  const LogisticErrors<Design> information(samples.x(), fit.report.fit_intercept, team);
  const StandardErrors errors = binomial ? information.binomial(p.col(0)) : information.multinomial(p, weight);

  LogisticSummary result{};
  result.reference_label = classes.front();
  result.confidence_level = confidence_level;
  const TwoSided two_sided(NormalDistribution(), confidence_level);
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

}  // namespace aprender::solver
