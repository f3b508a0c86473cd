#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/class_weight.hpp"
#include "aprender/labels.hpp"
#include "aprender/solvers/logistic_fit.hpp"
#include "aprender/solvers/samples.hpp"

namespace aprender {

/// Regularised logistic regression, binomial for two classes and multinomial (softmax) for more.
///
/// Minimises  sum_i s_i loss_i + 1/C (l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||^2)  over W (1 or n_classes x n_features)
/// and b, where loss_i is log(1 + exp(-(x_i w + b))) for the second of two classes (with the sign changed for the
/// first), and -log softmax(x_i W' + b)_(y_i) for more; the weights s_i of the samples, those given times that of the
/// class, are normalised to sum to n_samples (scikit-learn does not normalise: its C is ours times n_samples / sum(s)).
/// The intercepts of a multinomial model sum to zero.
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
    using Scalar = typename X::Scalar;
    using Model = LogisticModel<Scalar>;
    argument::require(std::isfinite(C) && C > 0, "C", C, "a finite number > 0");
    argument::require(l1_ratio >= 0 && l1_ratio <= 1, "l1_ratio", l1_ratio, "a number from 0 to 1");
    argument::require(std::isfinite(tol) && tol > 0, "tol", tol, "a finite number > 0");
    argument::require(max_iter >= 1, "max_iter", max_iter, "at least 1");
    const solver::DesignOf<X> design(x);
    const typename Model::Labels y = labels.template cast<std::int64_t>();
    if constexpr (std::unsigned_integral<typename Y::Scalar>) {
      argument::require(y.size() == 0 || y.minCoeff() >= 0, "largest label", labels.maxCoeff(), "at most 2^63 - 1");
    }
    argument::require_samples(design, y);
    argument::require(options.threads >= 1, "threads", options.threads, "at least 1");

    const solver::Samples<solver::DesignOf<X>, typename Model::Labels> labelled(
        design, y, argument::weighted_by_class(class_weight, y, options.sample_weight));
    std::vector<std::int64_t> classes(labelled.y().begin(), labelled.y().end());
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    argument::require(classes.size() >= 2, "the only class in y", classes.front(), "at least two classes");

    solver::ClassIndices indices(labelled.y().size());
    for (Eigen::Index i = 0; i < indices.size(); ++i) {
      indices(i) = std::lower_bound(classes.begin(), classes.end(), labelled.y()(i)) - classes.begin();
    }
    solver::Team team(options.threads);
    const double penalty = std::min(1 / C, std::numeric_limits<double>::max());
    const solver::LogisticProblem<solver::DesignOf<X>> problem(
        labelled.x(), indices, labelled.weight(), static_cast<Eigen::Index>(classes.size()), penalty * l1_ratio,
        penalty * (1 - l1_ratio), fit_intercept, team);
    solver::Stopping stopping(tol, max_iter, options);
    Eigen::MatrixXd start = problem.start(options.initial_coefficients);
    auto solution = l1_ratio > 0 ? solver::lasso_logistic(problem, std::move(start), stopping)
                                 : solver::smooth_logistic(problem, std::move(start), stopping);
    solution.report.n_samples = design.rows();
    solution.report.n_features = design.cols();
    solution.report.fit_intercept = fit_intercept;
    solution.report.stopped = stopping.stopped();
    return {Model(std::move(solution.coefficients), std::move(solution.intercept), std::move(classes)), solution.report,
            *this};
  }
};

}  // namespace aprender
