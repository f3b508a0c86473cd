/// Scores of predictions, with scikit-learn's definitions.
///
/// Sample weights are one non-negative number a sample, empty for equal weights; a sample of zero weight is not there.
/// Every function throws std::invalid_argument on mismatched or zero sizes, non-finite values and weights that cannot
/// be used. Sums are in double whatever the scalar of the arguments.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender {

namespace argument {

/// The weights of samples whose true and predicted values have been checked to fit each other.
template <class Y, class P>
[[nodiscard]] Eigen::VectorXd require_predictions(const Eigen::MatrixBase<Y>& y_true,
                                                  const Eigen::MatrixBase<P>& y_pred,
                                                  const Eigen::VectorXd& sample_weight) {
  require(y_true.rows() > 0, "rows of y_true", y_true.rows(), "at least 1");
  require_equal("rows of y_pred", y_pred.rows(), "rows of y_true", y_true.rows());
  if constexpr (std::floating_point<typename Y::Scalar>) require_finite("y_true", y_true);
  if constexpr (std::floating_point<typename P::Scalar>) require_finite("y_pred", y_pred);
  if (sample_weight.size() > 0) {
    require_equal("length of sample_weight", sample_weight.size(), "rows of y_true", y_true.rows());
  }
  return normalised_weights(sample_weight, y_true.rows());
}

}  // namespace argument

/// sum s_i (y_i - p_i)^2 / sum s_i.
template <TargetVector Y, TargetVector P>
[[nodiscard]] double mean_squared_error(const Y& y_true, const P& y_pred, const Eigen::VectorXd& sample_weight = {}) {
  const Eigen::VectorXd weight = argument::require_predictions(y_true, y_pred, sample_weight);
  const Eigen::VectorXd error = y_true.template cast<double>() - y_pred.template cast<double>();
  return weight.dot(error.cwiseAbs2()) / weight.sum();
}

/// sum s_i |y_i - p_i| / sum s_i.
template <TargetVector Y, TargetVector P>
[[nodiscard]] double mean_absolute_error(const Y& y_true, const P& y_pred, const Eigen::VectorXd& sample_weight = {}) {
  const Eigen::VectorXd weight = argument::require_predictions(y_true, y_pred, sample_weight);
  const Eigen::VectorXd error = y_true.template cast<double>() - y_pred.template cast<double>();
  return weight.dot(error.cwiseAbs()) / weight.sum();
}

/// 1 - sum s_i (y_i - p_i)^2 / sum s_i (y_i - mean(y))^2, at most 1. For a constant y_true 1 if every prediction is
/// exact and 0 otherwise.
template <TargetVector Y, TargetVector P>
[[nodiscard]] double r2_score(const Y& y_true, const P& y_pred, const Eigen::VectorXd& sample_weight = {}) {
  const Eigen::VectorXd weight = argument::require_predictions(y_true, y_pred, sample_weight);
  const Eigen::VectorXd y = y_true.template cast<double>();
  const double residual = weight.dot((y - y_pred.template cast<double>()).cwiseAbs2());
  // Against the first present value, so that the spread of a constant y is exactly zero.
  Eigen::Index first = 0;
  while (!(weight(first) > 0)) ++first;
  const Eigen::VectorXd shifted = y.array() - y(first);
  const double mean = weight.dot(shifted) / weight.sum();
  const double spread = weight.dot((shifted.array() - mean).square().matrix());
  if (spread == 0) return residual == 0 ? 1.0 : 0.0;
  return 1.0 - residual / spread;
}

/// The share, by weight, of predicted labels that equal the true ones.
template <LabelVector Y, LabelVector P>
[[nodiscard]] double accuracy_score(const Y& y_true, const P& y_pred, const Eigen::VectorXd& sample_weight = {}) {
  const Eigen::VectorXd weight = argument::require_predictions(y_true, y_pred, sample_weight);
  double right = 0.0;
  for (Eigen::Index i = 0; i < weight.size(); ++i) {
    if (static_cast<std::int64_t>(y_true.coeff(i)) == static_cast<std::int64_t>(y_pred.coeff(i))) right += weight(i);
  }
  return right / weight.sum();
}

/// -sum s_i log p_i(true class) / sum s_i, with probabilities raised to at least the epsilon of their scalar.
///
/// probabilities: n_samples x n_classes, column k for classes[k] (LogisticModel::predict_proba and ::classes); rows
/// sum to one. Throws std::invalid_argument on a label that is not in classes or a probability outside [0, 1] too.
template <LabelVector Y, DenseMatrix P>
[[nodiscard]] double log_loss(const Y& y_true, const P& probabilities, std::span<const std::int64_t> classes,
                              const Eigen::VectorXd& sample_weight = {}) {
  using Scalar = typename P::Scalar;
  const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> p = probabilities;
  const Eigen::VectorXd weight = argument::require_predictions(y_true, p, sample_weight);
  argument::require_equal("columns of probabilities", p.cols(), "classes", static_cast<Eigen::Index>(classes.size()));
  double sum = 0.0;
  for (Eigen::Index i = 0; i < weight.size(); ++i) {
    const auto label = static_cast<std::int64_t>(y_true.coeff(i));
    const auto found = std::find(classes.begin(), classes.end(), label);
    argument::require(found != classes.end(), "y_true(" + std::to_string(i) + ")", label, "one of the classes");
    const Eigen::Index k = found - classes.begin();
    argument::require(p(i, k) >= 0 && p(i, k) <= 1,
                      "probabilities(" + std::to_string(i) + ", " + std::to_string(k) + ")", p(i, k),
                      "a number from 0 to 1");
    const double least = std::numeric_limits<Scalar>::epsilon();
    sum -= weight(i) * std::log(std::max(static_cast<double>(p(i, k)), least));
  }
  return sum / weight.sum();
}

}  // namespace aprender
