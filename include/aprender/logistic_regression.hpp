#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "aprender/labels.hpp"
#include "aprender/path.hpp"
#include "aprender/solvers/fit_each.hpp"
#include "aprender/solvers/linear_solvers.hpp"
#include "aprender/solvers/logistic_solvers.hpp"
#ifndef APRENDER_SOLVERS_ELSEWHERE  // instances.hpp
#include "aprender/solvers/logistic_fit.hpp"
#include "aprender/solvers/penalty_grid.hpp"
#endif

namespace aprender {

/// A fit whose model calls the classes 0, 1, ..., and the text that stands for each.
template <class Estimator, class Model>
struct TextFit : Fit<Estimator, Model> {
  std::vector<std::string> classes;
};

/// Regularised logistic regression, binomial for two classes and multinomial (softmax) for more.
///
/// Minimises  sum_i s_i loss_i + 1/C (l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||^2)  over W (1 or n_classes x
/// n_features) and b, where loss_i is log(1 + exp(-(x_i w + b))) for the second of two classes (with the sign changed
/// for the first), and -log softmax(x_i W' + b)_(y_i) for more; the weights s_i of the samples, those given times that
/// of the class, are normalised to sum to n_samples (scikit-learn does not normalise: its C is ours times n_samples /
/// sum(s)). The intercepts of a multinomial model sum to zero.
///
/// Without an L1 part it stops when the relative gradient, max_j |g_j| / sum_i s_i |x_ij| (for an intercept
/// |g| / n_samples), is at most tol; FitReport::gradient_norm is that certificate. With one it stops when the duality
/// gap is at most tol * P(0), P(0) the objective at W = 0 with the best b; FitReport::duality_gap is that certificate.
///
/// Newton's method with backtracking (Boyd and Vandenberghe, 2004, section 9.5) or, where the Hessian is large or X is
/// sparse, with steps by preconditioned conjugate gradients (Lin, Weng, Keerthi, 2008); with an L1 part proximal Newton
/// on a growing working set (Yuan, Ho, Lin, 2012; Massias, Gramfort, Salmon, 2018).
struct LogisticRegression {
  double C = 1.0;  ///< inverse penalty weight, finite, > 0
  bool fit_intercept = true;
  double tol = 1e-8;              ///< relative gradient or duality gap, > 0
  std::int64_t max_iter = 100;    ///< Newton steps, >= 1
  double l1_ratio = 0.0;          ///< share of the L1 part, 0 to 1
  ClassWeight class_weight = {};  ///< multiplies sample weights

  /// X: n_samples x n_features, dense or sparse, float or double, not copied if rows or columns are contiguous.
  /// labels: n_samples integers, at least two different ones. Computes in double and rounds once. Extra memory:
  /// O((n_samples + n_features) n_classes) doubles, and for Newton's method the Hessian, 2 + threads times
  /// (m (n_features + 1))^2, m = 1 for two classes and n_classes for more (docs/numerics.md).
  /// Throws std::invalid_argument on mismatched or zero sizes, non-finite values, labels of one class only, weights
  /// that cannot be used and hyperparameters out of range.
  template <DesignMatrix X, LabelVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& labels, const FitOptions& options = {}) const
      -> Fit<LogisticRegression, LogisticModel<typename X::Scalar>> {
    require_hyperparameters();
    const solver::DesignOf<X> design(x);
    const solver::ClassifiedSamples<solver::DesignOf<X>> samples(design, solver::as_labels(labels), class_weight,
                                                                 options);
    solver::Team team(options.threads);
    const double penalty = std::min(1 / C, std::numeric_limits<double>::max());
    solver::Stopping stopping(tol, max_iter, options);
    auto solution = solver::logistic(samples, {.weight = penalty, .l1_ratio = l1_ratio}, fit_intercept,
                                     options.initial_coefficients, stopping, team);
    solution.report.n_samples = design.rows();
    solution.report.n_features = design.cols();
    solution.report.fit_intercept = fit_intercept;
    solution.report.stopped = stopping.stopped();
    return {LogisticModel<typename X::Scalar>(std::move(solution.coefficients), std::move(solution.intercept),
                                              samples.classes()),
            solution.report, *this};
  }

  /// The same with text labels, which the model, and class_weight, know by their position in `classes`.
  template <DesignMatrix X, TextLabels Y>
  [[nodiscard]] auto fit(const X& x, const Y& labels, const FitOptions& options = {}) const
      -> TextFit<LogisticRegression, LogisticModel<typename X::Scalar>> {
    EncodedLabels encoded = encode_labels(labels);
    return {fit(x, encoded.values, options), std::move(encoded.classes)};
  }

  /// One fit for each value of C, which replaces this->C: the strongest penalty (the smallest C) first, each started
  /// where the one before ended. fits[k].estimator.C is its C. Ends early where options.progress asks to.
  /// Throws std::invalid_argument as `fit` does, and if there is no C or one is repeated.
  template <DesignMatrix X, LabelVector Y>
  [[nodiscard]] auto path(const X& x, const Y& labels, Eigen::VectorXd values_of_C,
                          const FitOptions& options = {}) const
      -> std::vector<Fit<LogisticRegression, LogisticModel<typename X::Scalar>>> {
    argument::require(values_of_C.size() > 0, "number of values of C", values_of_C.size(), "at least 1");
    argument::require_finite("values_of_C", values_of_C);
    std::sort(values_of_C.begin(), values_of_C.end());
    const auto twice = std::adjacent_find(values_of_C.begin(), values_of_C.end());
    argument::require(twice == values_of_C.end(), "a C that is given twice", twice == values_of_C.end() ? 0.0 : *twice,
                      "each C once");
    return solver::fit_each(*this, x, labels, values_of_C, options, [](const auto& last, FitOptions& next) {
      next.initial_coefficients = last.model.coefficients().template cast<double>();
      if (!next.initial_coefficients.allFinite()) next.initial_coefficients.resize(0, 0);
    });
  }

  /// The same with text labels.
  template <DesignMatrix X, TextLabels Y>
  [[nodiscard]] auto path(const X& x, const Y& labels, const Eigen::VectorXd& values_of_C,
                          const FitOptions& options = {}) const
      -> std::vector<TextFit<LogisticRegression, LogisticModel<typename X::Scalar>>> {
    const EncodedLabels encoded = encode_labels(labels);
    std::vector<TextFit<LogisticRegression, LogisticModel<typename X::Scalar>>> fits;
    for (auto& fit : path(x, encoded.values, values_of_C, options)) fits.push_back({std::move(fit), encoded.classes});
    return fits;
  }

  /// The largest C for which every coefficient is zero, in closed form: l1_ratio / max_jk |g_jk| with the gradient g of
  /// the loss at W = 0 with the best b; infinite if the data tell nothing, 0 without an L1 part. A path of interest
  /// starts there. C itself does not matter.
  /// Throws std::invalid_argument as `fit` does.
  template <DesignMatrix X, LabelVector Y>
  [[nodiscard]] double critical_C(const X& x, const Y& labels, const FitOptions& options = {}) const {
    require_hyperparameters();
    const solver::DesignOf<X> design(x);
    const solver::ClassifiedSamples<solver::DesignOf<X>> samples(design, solver::as_labels(labels), class_weight,
                                                                 options);
    solver::Team team(options.threads);
    const double steepest = solver::steepest_at_zero(samples, fit_intercept, team);
    return l1_ratio == 0 ? 0.0 : l1_ratio / steepest;
  }
  template <DesignMatrix X, TextLabels Y>
  [[nodiscard]] double critical_C(const X& x, const Y& labels, const FitOptions& options = {}) const {
    return critical_C(x, encode_labels(labels).values, options);
  }

  /// Throws std::invalid_argument on a hyperparameter out of range.
  void require_hyperparameters() const {
    argument::require(std::isfinite(C) && C > 0, "C", C, "a finite number > 0");
    argument::require(l1_ratio >= 0 && l1_ratio <= 1, "l1_ratio", l1_ratio, "a number from 0 to 1");
    argument::require(std::isfinite(tol) && tol > 0, "tol", tol, "a finite number > 0");
    argument::require(max_iter >= 1, "max_iter", max_iter, "at least 1");
  }

  /// The values of C that suit the data, increasing, n_alphas of them: with an L1 part from critical_C up. Without one
  /// 1/C goes down from ||X||_F^2 / 4 of the centred, weighted X, 1/4 being the largest curvature of the loss, so that
  /// the first C shrinks every coefficient.
  template <DesignMatrix X, LabelVector Y>
  [[nodiscard]] Eigen::VectorXd penalty_grid(const X& x, const Y& labels, const PathOptions& path = {},
                                             const FitOptions& options = {}) const {
    argument::require(l1_ratio >= 0 && l1_ratio <= 1, "l1_ratio", l1_ratio, "a number from 0 to 1");
    const Eigen::VectorXd alphas = argument::penalties(path, l1_ratio > 0 ? 1e-3 : 1e-8, [&] {
      if (l1_ratio > 0) return 1 / critical_C(x, labels, options);
      const solver::DesignOf<X> design(x);
      const solver::ClassifiedSamples<solver::DesignOf<X>> samples(design, solver::as_labels(labels), class_weight,
                                                                   options);
      solver::Team team(options.threads);
      return solver::squared_norm(samples.x(), samples.weight(), fit_intercept, team) / 4;
    });
    return path.alphas.size() > 0 ? Eigen::VectorXd(alphas.reverse()) : Eigen::VectorXd(alphas.cwiseInverse());
  }
  template <DesignMatrix X, TextLabels Y>
  [[nodiscard]] Eigen::VectorXd penalty_grid(const X& x, const Y& labels, const PathOptions& path = {},
                                             const FitOptions& options = {}) const {
    return penalty_grid(x, encode_labels(labels).values, path, options);
  }
};

}  // namespace aprender
