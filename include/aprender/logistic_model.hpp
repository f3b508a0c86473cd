/// The model of a logistic regression.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"
#include "aprender/scores.hpp"

namespace aprender {

/// A fitted linear classifier: logit or softmax of x W' + b.
///
/// Binary models have one row of coefficients, the log-odds of the second class; multinomial ones a row a class.
/// Immutable; every member function may be called from several threads at once.
template <Real Scalar_>
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
  LogisticModel(Coefficients coefficients, Intercept intercept, std::vector<Label> classes)
      : coefficients_(std::move(coefficients)), intercept_(std::move(intercept)), classes_(std::move(classes)) {
    argument::require(classes_.size() >= 2, "number of classes", classes_.size(), "at least 2");
    for (std::size_t k = 1; k < classes_.size(); ++k) {
      argument::require(classes_[k - 1] < classes_[k], "class after " + std::to_string(classes_[k - 1]), classes_[k],
                        "a larger label");
    }
    argument::require_equal("coefficients' rows", coefficients_.rows(), "1 for two classes, else one a class",
                            n_classes() == 2 ? 1 : n_classes());
    argument::require_equal("intercept's columns", intercept_.cols(), "coefficients' rows", coefficients_.rows());
  }

  [[nodiscard]] const Coefficients& coefficients() const noexcept { return coefficients_; }
  [[nodiscard]] const Intercept& intercept() const noexcept { return intercept_; }
  [[nodiscard]] const std::vector<Label>& classes() const noexcept { return classes_; }
  [[nodiscard]] Eigen::Index n_features() const noexcept { return coefficients_.cols(); }
  [[nodiscard]] Eigen::Index n_classes() const noexcept { return static_cast<Eigen::Index>(classes_.size()); }

  /// Linear scores x W' + b, n_samples x 1 (binary) or n_samples x n_classes.
  /// Throws std::invalid_argument if X has another number of columns, or threads < 1; so do the next two.
  template <DesignMatrix X>
  requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Scores decision_function(const X& x, int threads = 1) const {
    return linear_scores<X, Eigen::Dynamic>(x, coefficients_.transpose(), intercept_, threads);
  }

  /// Probabilities, n_samples x n_classes, rows sum to one.
  template <DesignMatrix X>
  requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Scores predict_proba(const X& x, int threads = 1) const {
    Scores scores = decision_function(x, threads);
    if (scores.cols() == 1) {
      Scores probabilities(scores.rows(), 2);
      probabilities.col(0) = scores.col(0).unaryExpr([](Scalar z) { return logistic(-z); });
      probabilities.col(1) = scores.col(0).unaryExpr([](Scalar z) { return logistic(z); });
      return probabilities;
    }
    for (Eigen::Index i = 0; i < scores.rows(); ++i) softmax(scores.row(i));
    return scores;
  }

  /// The label of the most probable class, n_samples; a tie goes to the first.
  template <DesignMatrix X>
  requires std::same_as<typename X::Scalar, Scalar>
  [[nodiscard]] Labels predict(const X& x, int threads = 1) const {
    const Scores scores = decision_function(x, threads);
    Labels labels(scores.rows());
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      Eigen::Index best = 0;
      if (scores.cols() == 1) {
        best = scores(i, 0) > 0 ? 1 : 0;
      } else {
        for (Eigen::Index k = 1; k < scores.cols(); ++k) best = scores(i, k) > scores(i, best) ? k : best;
      }
      labels(i) = classes_[static_cast<std::size_t>(best)];
    }
    return labels;
  }

  /// One row without allocating. Throws std::invalid_argument if it has another number of features.
  [[nodiscard]] Label predict_one(std::span<const Scalar> row) const {
    const auto x = argument::as_row(row, n_features());
    if (coefficients_.rows() == 1) return classes_[score(x, 0) > 0 ? 1 : 0];
    std::size_t best = 0;
    Scalar best_score = score(x, 0);
    for (Eigen::Index k = 1; k < coefficients_.rows(); ++k) {
      const Scalar next = score(x, k);
      if (next <= best_score) continue;
      best = static_cast<std::size_t>(k);
      best_score = next;
    }
    return classes_[best];
  }

  /// The probabilities of one row, one a class, into `probabilities` without allocating.
  /// Throws std::invalid_argument if the row has another number of features or `probabilities` another length.
  void predict_proba_one(std::span<const Scalar> row, std::span<Scalar> probabilities) const {
    const auto x = argument::as_row(row, n_features());
    argument::require_equal("length of probabilities", static_cast<Eigen::Index>(probabilities.size()),
                            "classes of the model", n_classes());
    if (coefficients_.rows() == 1) {
      const Scalar z = score(x, 0);
      probabilities[0] = logistic(-z);
      probabilities[1] = logistic(z);
      return;
    }
    Eigen::Map<Eigen::Matrix<Scalar, 1, Eigen::Dynamic>> out(probabilities.data(), n_classes());
    for (Eigen::Index k = 0; k < coefficients_.rows(); ++k) out(k) = score(x, k);
    softmax(out);
  }

 private:
  /// 1 / (1 + exp(-z)) without overflow.
  [[nodiscard]] static Scalar logistic(Scalar z) {
    const Scalar e = std::exp(-std::abs(z));
    return (z >= 0 ? Scalar(1) : e) / (1 + e);
  }

  /// Replaces scores by exp(score) / sum exp, without overflow.
  template <class Row>
  static void softmax(Row&& scores) {
    scores.array() = (scores.array() - scores.maxCoeff()).exp();
    scores /= scores.sum();
  }

  template <class Row>
  [[nodiscard]] Scalar score(const Row& x, Eigen::Index k) const {
    if (coefficients_.rows() == 1) return solver::row_score(x, coefficients_.data()) + intercept_(0);
    return coefficients_.row(k).dot(x) + intercept_(k);
  }

  Coefficients coefficients_;
  Intercept intercept_;
  std::vector<Label> classes_;
};

}  // namespace aprender
