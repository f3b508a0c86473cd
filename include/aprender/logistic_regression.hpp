#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/newton.hpp"
#include "aprender/solvers/samples.hpp"

namespace aprender {

/// L2-regularised logistic regression, binomial for two classes and multinomial (softmax) for more.
///
/// Minimises  sum_i s_i loss_i + 1/(2C) ||W||^2  over W (1 or n_classes x n_features) and b, where loss_i is
/// log(1 + exp(-(x_i w + b))) for the second of two classes (with the sign changed for the first), and
/// -log softmax(x_i W' + b)_(y_i) for more; sample weights s_i are normalised to sum to n_samples (scikit-learn does
/// not normalise: its C is ours times n_samples / sum(s)). The intercepts of a multinomial model sum to zero. Stops
/// when the relative gradient, max_j |g_j| / sum_i s_i |x_ij| (for an intercept |g| / n_samples), is at most tol;
/// FitReport::gradient_norm is that certificate.
///
/// Newton's method with backtracking (Boyd and Vandenberghe, 2004, section 9.5), short steps with the last Hessian
/// (Shamanskii, 1967).
struct LogisticRegression {
  double C = 1.0;  ///< inverse penalty weight, finite, > 0
  bool fit_intercept = true;
  double tol = 1e-8;            ///< relative gradient, > 0
  std::int64_t max_iter = 100;  ///< Newton steps, >= 1

  /// X: n_samples x n_features, dense, float or double, not copied if rows or columns are contiguous. labels: n_samples
  /// integers, at least two different ones. Computes in double and rounds once. Extra memory: O(n_samples n_classes)
  /// and the Hessian, 2 + threads times (m (n_features + 1))^2 doubles, m = 1 for two classes and n_classes for more.
  /// Throws std::invalid_argument on mismatched or zero sizes, non-finite values, labels of one class only, weights
  /// that cannot be used and hyperparameters out of range.
  template <DenseMatrix X, LabelVector Y>
  [[nodiscard]] auto fit(const X& x, const Y& labels, const FitOptions& options = {}) const
      -> Fit<LogisticRegression, LogisticModel<typename X::Scalar>> {
    using Scalar = typename X::Scalar;
    using Model = LogisticModel<Scalar>;
    argument::require(std::isfinite(C) && C > 0, "C", C, "a finite number > 0");
    argument::require(std::isfinite(tol) && tol > 0, "tol", tol, "a finite number > 0");
    argument::require(max_iter >= 1, "max_iter", max_iter, "at least 1");
    const solver::DesignOf<X> design(x);
    const typename Model::Labels y = labels.template cast<std::int64_t>();
    if constexpr (std::unsigned_integral<typename Y::Scalar>) {
      argument::require(y.size() == 0 || y.minCoeff() >= 0, "largest label", labels.maxCoeff(), "at most 2^63 - 1");
    }
    argument::require_samples(design, y);
    argument::require(options.threads >= 1, "threads", options.threads, "at least 1");

    const solver::Samples<solver::DesignOf<X>, typename Model::Labels> labelled(design, y, options.sample_weight);
    std::vector<std::int64_t> classes(labelled.y().begin(), labelled.y().end());
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    argument::require(classes.size() >= 2, "the only class in y", classes.front(), "at least two classes");

    solver::ClassIndices indices(labelled.y().size());
    for (Eigen::Index i = 0; i < indices.size(); ++i) {
      indices(i) = std::lower_bound(classes.begin(), classes.end(), labelled.y()(i)) - classes.begin();
    }
    solver::Team team(options.threads);
    solver::NewtonLogistic<solver::DesignOf<X>> newton(
        labelled.x(), indices, labelled.weight(), static_cast<Eigen::Index>(classes.size()),
        std::min(1 / C, std::numeric_limits<double>::max()), fit_intercept, team);
    const std::int64_t steps = newton.run(tol, max_iter);
    auto solution = newton.solution(tol);
    solution.report.solver = "Newton";
    solution.report.n_samples = design.rows();
    solution.report.n_features = design.cols();
    solution.report.iterations = steps;
    solution.report.fit_intercept = fit_intercept;
    return {Model(std::move(solution.coefficients), std::move(solution.intercept), std::move(classes)), solution.report,
            *this};
  }
};

}  // namespace aprender
