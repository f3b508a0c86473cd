/// Choosing a penalty by its errors on samples that were left out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/fitted.hpp"
#include "aprender/labels.hpp"
#include "aprender/metrics.hpp"
#include "aprender/model_selection.hpp"
#include "aprender/path.hpp"
#include "aprender/solvers/fit_each.hpp"
#include "aprender/solvers/samples.hpp"

namespace aprender {

/// What cross-validation found.
///
/// An error is the weighted mean over the samples left out: of (y - prediction)^2, averaged over targets, or for a
/// classifier of -log p(label). Means over folds weigh a fold by its samples' weights, so that every sample counts the
/// same; the standard error is that of such a mean, sqrt(sum W_f (e_f - mean)^2 / sum W_f / (n_folds - 1)), as in
/// glmnet. An error that overflows is infinite.
struct CrossValidation {
  Eigen::VectorXd alphas;          ///< strongest penalty first; LogisticRegression: values of C, increasing
  Eigen::MatrixXd errors;          ///< n_folds x n_alphas
  Eigen::VectorXd fold_weights;    ///< n_folds: sums of the weights of the samples left out
  Eigen::VectorXd mean;            ///< n_alphas
  Eigen::VectorXd standard_error;  ///< n_alphas
  std::int64_t not_converged = 0;  ///< fits that did not meet their tolerance, of n_folds n_alphas
  bool stopped = false;            ///< FitOptions::progress asked to end; the folds are those finished before

  /// The alpha of the least mean error; of several the strongest penalty.
  [[nodiscard]] Eigen::Index best() const {
    Eigen::Index least = 0;
    for (Eigen::Index k = 1; k < mean.size(); ++k) {
      if (mean(k) < mean(least) || std::isnan(mean(least))) least = k;
    }
    return least;
  }

  /// The strongest penalty whose mean error is within one standard error of the least (Breiman et al., 1984).
  [[nodiscard]] Eigen::Index one_standard_error() const {
    const double bound = mean(best()) + standard_error(best());
    Eigen::Index k = 0;
    while (k < best() && !(mean(k) <= bound)) ++k;
    return k;
  }
};

/// Which alpha to choose.
enum class SelectionRule : std::uint8_t { best, one_standard_error };

struct CrossValidationOptions {
  std::int64_t n_folds = 10;                 ///< 2 to n_samples, drawn by k_fold, for a classifier by class
  std::uint64_t seed = 0;                    ///< of the folds
  std::vector<Split> folds = {};             ///< instead of drawn ones: at least two
  PathOptions path = {};                     ///< the grid, if any, is that of all samples
  SelectionRule rule = SelectionRule::best;  ///< of cross_validated_fit
};

namespace solver {

/// Fills in means and standard errors.
[[nodiscard]] inline CrossValidation summary(Eigen::VectorXd alphas, Eigen::MatrixXd errors,
                                             Eigen::VectorXd fold_weights) {
  CrossValidation result{.alphas = std::move(alphas),
                         .errors = std::move(errors),
                         .fold_weights = std::move(fold_weights),
                         .mean = {},
                         .standard_error = {}};
  const auto n_folds = static_cast<double>(result.errors.rows());
  const Eigen::VectorXd share = result.fold_weights / result.fold_weights.sum();
  result.mean = result.errors.transpose() * share;
  result.standard_error.resize(result.mean.size());
  for (Eigen::Index k = 0; k < result.mean.size(); ++k) {
    const double variance = share.dot((result.errors.col(k).array() - result.mean(k)).square().matrix());
    result.standard_error(k) = std::sqrt(variance / (n_folds - 1));
  }
  return result;
}

/// What a fold is about, in words: "fold 3".
[[nodiscard]] inline std::string fold_name(std::size_t fold) { return "fold " + std::to_string(fold); }

/// The folds given or drawn, without the rows of zero weight. Throws std::invalid_argument on fewer than two folds,
/// rows that do not exist or are twice in a fold, and a fold without weight on a side.
template <class Y>
[[nodiscard]] std::vector<Split> folds_of(const Y& y, const CrossValidationOptions& options,
                                          const Eigen::VectorXd& weight) {
  std::vector<Eigen::Index> present;
  for (Eigen::Index i = 0; i < weight.size(); ++i) {
    if (weight(i) > 0) present.push_back(i);
  }
  std::vector<Split> folds = options.folds;
  if (folds.empty()) {
    if constexpr (LabelVector<Y>) {
      folds = k_fold(y(present), options.n_folds, options.seed);
    } else {
      folds = k_fold(static_cast<Eigen::Index>(present.size()), options.n_folds, options.seed);
    }
    for (Split& fold : folds) {
      for (auto* rows : {&fold.train, &fold.test}) {
        for (Eigen::Index& row : *rows) row = present[static_cast<std::size_t>(row)];
      }
    }
    return folds;
  }
  argument::require(folds.size() >= 2, "number of folds", folds.size(), "at least 2");
  for (std::size_t f = 0; f < folds.size(); ++f) {
    std::vector<bool> seen(static_cast<std::size_t>(weight.size()));
    for (auto* rows : {&folds[f].train, &folds[f].test}) {
      for (const Eigen::Index row : *rows) {
        argument::require(row >= 0 && row < weight.size(), "a row of " + fold_name(f), row,
                          "0 to " + std::to_string(weight.size() - 1));
        argument::require(!seen[static_cast<std::size_t>(row)], "a row of " + fold_name(f) + " that is given twice",
                          row, "each row once");
        seen[static_cast<std::size_t>(row)] = true;
      }
      std::erase_if(*rows, [&](Eigen::Index row) { return !(weight(row) > 0); });
      argument::require(!rows->empty(),
                        (rows == &folds[f].train ? "samples to train on in " : "samples left out of ") + fold_name(f),
                        0, "at least one of positive weight");
    }
  }
  return folds;
}

/// Throws std::invalid_argument if a class has no sample to train on in a fold. Labels are positions in class_names, if
/// there are some.
template <LabelVector Y>
void require_classes(const Y& labels, const std::vector<std::string>& class_names, const std::vector<Split>& folds) {
  std::set<typename Y::Scalar> classes;
  for (const Split& fold : folds) {
    for (const auto* rows : {&fold.train, &fold.test}) {
      for (const Eigen::Index row : *rows) classes.insert(labels(row));
    }
  }
  for (std::size_t f = 0; f < folds.size(); ++f) {
    std::set<typename Y::Scalar> trained;
    for (const Eigen::Index row : folds[f].train) trained.insert(labels(row));
    for (const auto label : classes) {
      const std::string name =
          class_names.empty() ? std::to_string(label) : class_names[static_cast<std::size_t>(label)];
      argument::require(trained.contains(label), "samples of class " + name + " to train on in " + fold_name(f), 0,
                        "at least 1");
    }
  }
}

/// Mean squared error of each fit, over targets too.
template <class E, Real Scalar, int Targets, DesignMatrix X>
[[nodiscard]] Eigen::VectorXd mean_errors(const std::vector<Fit<E, LinearModel<Scalar, Targets>>>& fits, const X& x,
                                          const Eigen::MatrixXd& y, const Eigen::VectorXd& weight) {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  constexpr std::size_t at_once = 16;  // one product of matrices is faster than as many with vectors
  Eigen::VectorXd errors(static_cast<Eigen::Index>(fits.size()));
  for (std::size_t first = 0; first < fits.size(); first += at_once) {
    const auto count = static_cast<Eigen::Index>(std::min(at_once, fits.size() - first));
    Matrix coefficients(x.cols(), count * y.cols());
    for (Eigen::Index k = 0; k < count; ++k) {
      coefficients.middleCols(k * y.cols(), y.cols()) = fits[first + static_cast<std::size_t>(k)].model.coefficients();
    }
    const Matrix predicted = x * coefficients;
    for (Eigen::Index k = 0; k < count; ++k) {
      const std::size_t at = first + static_cast<std::size_t>(k);
      Matrix p = predicted.middleCols(k * y.cols(), y.cols());
      if constexpr (Targets == 1) {
        p.array() += fits[at].model.intercept();
      } else {
        p.rowwise() += fits[at].model.intercept();
      }
      const double sum = weight.dot((y - p.template cast<double>()).rowwise().squaredNorm());
      errors(static_cast<Eigen::Index>(at)) = sum / weight.sum() / static_cast<double>(y.cols());
    }
  }
  return errors;
}

/// Mean log loss of each fit.
template <class E, Real Scalar, DesignMatrix X>
[[nodiscard]] Eigen::VectorXd mean_errors(const std::vector<Fit<E, LogisticModel<Scalar>>>& fits, const X& x,
                                          const LabelVector auto& labels, const Eigen::VectorXd& weight) {
  Eigen::VectorXd errors(static_cast<Eigen::Index>(fits.size()));
  for (std::size_t k = 0; k < fits.size(); ++k) {
    const auto p = fits[k].model.predict_proba(x);
    errors(static_cast<Eigen::Index>(k)) =
        p.allFinite() ? log_loss(labels, p, fits[k].model.classes(), weight) : std::numeric_limits<double>::infinity();
  }
  return errors;
}

/// The fits of a path: all at once where the estimator can.
template <class Estimator, class X, class Y>
[[nodiscard]] auto fits_of(const Estimator& estimator, const X& x, const Y& y, const PathOptions& path,
                           const FitOptions& options) {
  if constexpr (requires { estimator.path(x, y, path, options); }) {
    return estimator.path(x, y, path, options);
  } else if constexpr (requires { estimator.path(x, y, path.alphas, options); }) {
    return estimator.path(x, y, path.alphas, options);
  } else {
    return fit_each(estimator, x, y, path.alphas, options);
  }
}

/// cross_validate; labels are positions in class_names, if there are some.
template <class Estimator, DesignMatrix X, MatrixExpression Y>
[[nodiscard]] CrossValidation cross_validation(const Estimator& estimator, const X& x, const Y& y,
                                               const std::vector<std::string>& class_names,
                                               const CrossValidationOptions& options, const FitOptions& fit_options) {
  using Targets = Eigen::Matrix<typename Y::Scalar, Eigen::Dynamic, Y::ColsAtCompileTime>;
  const DesignOf<X> design(x);
  const Targets targets = y;
  argument::require_samples(design, targets);
  design.require_finite();
  Eigen::VectorXd weight = argument::normalised_weights(fit_options.sample_weight, design.rows());
  Estimator trained = estimator;
  if constexpr (LabelVector<Targets> && requires { estimator.class_weight.weights; }) {
    for (const auto& [label, of_class] : estimator.class_weight.weights) {
      if (of_class != 0) continue;
      weight = (targets.template cast<std::int64_t>().array() == label).select(0.0, weight);
      trained.class_weight.weights.erase(label);
    }
  }
  const std::vector<Split> folds = folds_of(targets, options, weight);
  if constexpr (LabelVector<Targets>) require_classes(targets, class_names, folds);

  const PathOptions path{.alphas = estimator.penalty_grid(x, targets, options.path, fit_options)};
  const Eigen::Index n_alphas = path.alphas.size();
  Eigen::MatrixXd errors(folds.size(), n_alphas);
  Eigen::VectorXd fold_weights(folds.size());
  std::int64_t not_converged = 0;
  bool stopped = false;
  Eigen::Index finished = 0;
  for (const Split& fold : folds) {
    FitOptions fold_options = fit_options;
    fold_options.sample_weight = weight(fold.train);
    if (fit_options.progress) {
      fold_options.progress = [&](FitProgress progress) {
        progress.fit += finished * n_alphas;
        progress.n_fits = errors.size();
        stopped = stopped || !fit_options.progress(progress);
        return !stopped;
      };
    }
    const auto fits =
        fits_of(trained, design.select(fold.train), Targets(targets(fold.train, Eigen::all)), path, fold_options);
    if (stopped) break;
    for (const auto& fit : fits) not_converged += fit.report.converged ? 0 : 1;

    const Eigen::VectorXd left_out = weight(fold.test);
    const Targets y_test = targets(fold.test, Eigen::all);
    if constexpr (LabelVector<Targets>) {
      errors.row(finished) = mean_errors(fits, design.select(fold.test), y_test, left_out);
    } else {
      errors.row(finished) = mean_errors(fits, design.select(fold.test), y_test.template cast<double>(), left_out);
    }
    fold_weights(finished++) = left_out.sum();
  }
  CrossValidation result = summary(path.alphas, errors.topRows(finished), fold_weights.head(finished));
  result.not_converged = not_converged;
  result.stopped = stopped;
  return result;
}

}  // namespace solver

/// The errors of an estimator with each penalty of a path on folds of the samples, trained on the others.
///
/// estimator: anything with `penalty_grid` and `fit`; its own penalty does not matter. Fits a whole path at once where
/// the estimator can. X, y and fit_options as for `fit`, y with a column a target where the estimator takes several.
/// The weights are those of training and of errors; a fold's are normalised anew, as `fit` does. Folds are drawn among
/// the samples of positive weight, those of a class of weight 0 left out. Extra memory: a copy of the samples, and
/// those of a path. Throws std::invalid_argument on what `fit` refuses, options out of range, folds without samples on
/// a side, and a class that a fold has no sample of to train on.
template <class Estimator, DesignMatrix X, MatrixExpression Y>
[[nodiscard]] CrossValidation cross_validate(const Estimator& estimator, const X& x, const Y& y,
                                             const CrossValidationOptions& options = {},
                                             const FitOptions& fit_options = {}) {
  return solver::cross_validation(estimator, x, y, {}, options, fit_options);
}

/// The same with text labels that are encoded, which messages name.
template <class Estimator, DesignMatrix X>
[[nodiscard]] CrossValidation cross_validate(const Estimator& estimator, const X& x, const EncodedLabels& labels,
                                             const CrossValidationOptions& options = {},
                                             const FitOptions& fit_options = {}) {
  return solver::cross_validation(estimator, x, labels.values, labels.classes, options, fit_options);
}

/// The same with text labels.
template <class Estimator, DesignMatrix X, TextLabels Y>
[[nodiscard]] CrossValidation cross_validate(const Estimator& estimator, const X& x, const Y& labels,
                                             const CrossValidationOptions& options = {},
                                             const FitOptions& fit_options = {}) {
  return cross_validate(estimator, x, encode_labels(labels), options, fit_options);
}

/// A fit to all samples with the penalty that cross-validation chose.
template <class Fitted>
struct CrossValidatedFit {
  Fitted fit;
  CrossValidation validation;
  Eigen::Index chosen = 0;  ///< its position in validation.alphas
};

namespace solver {

/// The fit to all samples that a validation chooses.
template <class Estimator, class X, class Y>
[[nodiscard]] auto chosen_fit(const Estimator& estimator, const X& x, const Y& y, CrossValidation validation,
                              SelectionRule rule, FitOptions fit_options)
    -> CrossValidatedFit<decltype(estimator.fit(x, y, fit_options))> {
  const Eigen::Index chosen = rule == SelectionRule::best ? validation.best() : validation.one_standard_error();
  if (validation.stopped) fit_options.progress = [](const FitProgress&) { return false; };
  auto fit = with_penalty(estimator, validation.alphas(chosen)).fit(x, y, fit_options);
  return {std::move(fit), std::move(validation), chosen};
}

}  // namespace solver

/// cross_validate, and then a fit to all samples with the penalty that options.rule chooses. If fit_options.progress
/// asks to stop before, the penalty is that of the folds finished, the strongest without any, and the fit is one that
/// is stopped at once: FitReport::stopped says so.
template <class Estimator, DesignMatrix X, MatrixExpression Y>
[[nodiscard]] auto cross_validated_fit(const Estimator& estimator, const X& x, const Y& y,
                                       const CrossValidationOptions& options = {}, const FitOptions& fit_options = {})
    -> CrossValidatedFit<decltype(estimator.fit(x, y, fit_options))> {
  return solver::chosen_fit(estimator, x, y, cross_validate(estimator, x, y, options, fit_options), options.rule,
                            fit_options);
}

/// The same with text labels.
template <class Estimator, DesignMatrix X, TextLabels Y>
[[nodiscard]] auto cross_validated_fit(const Estimator& estimator, const X& x, const Y& labels,
                                       const CrossValidationOptions& options = {}, const FitOptions& fit_options = {})
    -> CrossValidatedFit<decltype(estimator.fit(x, labels, fit_options))> {
  EncodedLabels encoded = encode_labels(labels);
  auto of_codes =
      solver::chosen_fit(estimator, x, encoded.values, cross_validate(estimator, x, encoded, options, fit_options),
                         options.rule, fit_options);
  return {{std::move(of_codes.fit), std::move(encoded.classes)}, std::move(of_codes.validation), of_codes.chosen};
}

}  // namespace aprender
