/// What a fit returns: an immutable model, a report that certifies it, and the estimator that made it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender {

/// What varies from call to call of `fit` and is no hyperparameter.
struct FitOptions {
  /// One non-negative weight a sample, empty for equal weights. Normalised to sum to n_samples before use.
  Eigen::VectorXd sample_weight = {};
};

/// How a fit went: the certificate of the solution and what was seen on the way. Not converging is reported here.
struct FitReport {
  std::string solver;                ///< the algorithm that produced the result, e.g. "cholesky"
  std::int64_t n_samples = 0;        ///< rows of X
  std::int64_t n_features = 0;       ///< columns of X
  std::int64_t iterations = 0;       ///< passes of an iterative solver, 0 for a direct one
  bool converged = false;            ///< the certificate meets `tolerance`
  bool fit_intercept = true;         ///< an intercept was fitted
  double objective = 0.0;            ///< the estimator's objective at the solution, as its docstring states it
  double tolerance = 0.0;            ///< the bound the certificate was held against

  std::optional<double> duality_gap;         ///< relative, (P - D) / P(0): Lasso, ElasticNet
  std::optional<double> gradient_norm;       ///< relative, max_j |g_j| / sum_i s_i |x_ij|: LogisticRegression
  std::optional<double> backward_error;      ///< relative normal-equation residual: LinearRegression, Ridge
  std::optional<double> condition_estimate;  ///< 2-norm estimate after column scaling: LinearRegression, Ridge
  std::optional<std::int64_t> rank;          ///< numerical rank of centred X: LinearRegression
};

/// A fitted linear regression: y = x w + b.
///
/// Scalar is float or double. Targets is the number of regression targets as in Eigen: 1 (a vector of coefficients,
/// a scalar intercept) or Eigen::Dynamic (a matrix with one column a target, a row vector of intercepts).
/// Immutable; every member function may be called from several threads at once.
template <std::floating_point Scalar_, int Targets = 1>
class LinearModel {
  static_assert(Targets == 1 || Targets == Eigen::Dynamic);

 public:
  using Scalar = Scalar_;
  using Coefficients = Eigen::Matrix<Scalar, Eigen::Dynamic, Targets>;  ///< n_features x n_targets
  using Intercept = Eigen::Matrix<Scalar, 1, Targets>;
  using Predictions = Eigen::Matrix<Scalar, Eigen::Dynamic, Targets>;  ///< n_samples x n_targets

  /// Throws std::invalid_argument if the numbers of targets differ.
  LinearModel(Coefficients coefficients, Intercept intercept)
      : coefficients_(std::move(coefficients)), intercept_(std::move(intercept)) {
    argument::require_equal("intercept", intercept_.cols(), "coefficients' columns", coefficients_.cols());
  }
  LinearModel(Coefficients coefficients, Scalar intercept)
    requires(Targets == 1)
      : coefficients_(std::move(coefficients)), intercept_(intercept) {}

  [[nodiscard]] const Coefficients& coefficients() const noexcept { return coefficients_; }
  [[nodiscard]] decltype(auto) intercept() const noexcept {
    if constexpr (Targets == 1) {
      return intercept_.value();
    } else {
      return (intercept_);
    }
  }
  [[nodiscard]] Eigen::Index n_features() const noexcept { return coefficients_.rows(); }
  [[nodiscard]] Eigen::Index n_targets() const noexcept { return coefficients_.cols(); }

  /// X: n_samples x n_features of the same Scalar. Returns n_samples x n_targets.
  /// Throws std::invalid_argument if X has another number of columns.
  template <DesignMatrix X>
    requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Predictions predict(const X& x) const {
    argument::require_equal("columns of X", x.cols(), "features of the model", n_features());
    Predictions y(x.rows(), n_targets());
    y.noalias() = x * coefficients_;
    y.rowwise() += intercept_;
    return y;
  }

  /// One row without allocating. Throws std::invalid_argument if it has another number of features.
  [[nodiscard]] Scalar predict_one(std::span<const Scalar> row) const
    requires(Targets == 1)
  {
    const auto x = argument::as_row(row, n_features());
    return x.dot(coefficients_) + intercept_.value();
  }

 private:
  Coefficients coefficients_;
  Intercept intercept_;
};

/// A fitted linear classifier: logit or softmax of x W' + b.
///
/// Binary models have one row of coefficients, the log-odds of the second class; multinomial ones a row a class.
/// Immutable; every member function may be called from several threads at once.
template <std::floating_point Scalar_>
class LogisticModel {
 public:
  using Scalar = Scalar_;
  using Label = std::int64_t;
  using Labels = Eigen::Matrix<Label, Eigen::Dynamic, 1>;
  using Coefficients = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  ///< rows x n_features
  using Intercept = Eigen::Matrix<Scalar, 1, Eigen::Dynamic>;
  using Scores = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// classes: at least two labels in strictly increasing order, in the order of the rows of coefficients.
  /// Throws std::invalid_argument if coefficients and intercept do not have 1 row (two classes) or a row a class.
  LogisticModel(Coefficients coefficients, Intercept intercept, std::vector<Label> classes);

  [[nodiscard]] const Coefficients& coefficients() const noexcept { return coefficients_; }
  [[nodiscard]] const Intercept& intercept() const noexcept { return intercept_; }
  [[nodiscard]] const std::vector<Label>& classes() const noexcept { return classes_; }
  [[nodiscard]] Eigen::Index n_features() const noexcept { return coefficients_.cols(); }
  [[nodiscard]] Eigen::Index n_classes() const noexcept { return static_cast<Eigen::Index>(classes_.size()); }

  /// Linear scores x W' + b, n_samples x 1 (binary) or n_samples x n_classes.
  /// Throws std::invalid_argument if X has another number of columns; so do the next two.
  template <DesignMatrix X>
    requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Scores decision_function(const X& x) const;

  /// Probabilities, n_samples x n_classes, rows sum to one.
  template <DesignMatrix X>
    requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Scores predict_proba(const X& x) const;

  /// The label of the most probable class, n_samples; a tie goes to the first.
  template <DesignMatrix X>
    requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Labels predict(const X& x) const;

  /// One row without allocating. Throws std::invalid_argument if it has another number of features.
  [[nodiscard]] Label predict_one(std::span<const Scalar> row) const;

 private:
  Coefficients coefficients_;
  Intercept intercept_;
  std::vector<Label> classes_;
};

/// The result of `Estimator::fit`.
template <class Estimator, class Model>
struct Fit {
  Model model;
  FitReport report;
  Estimator estimator;
};

}  // namespace aprender
