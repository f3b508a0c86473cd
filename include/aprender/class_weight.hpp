/// Weights of classes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender {

/// What multiplies the weight of each sample according to its class.
struct ClassWeight {
  std::map<std::int64_t, double> weights = {};  ///< by label, finite and >= 0; 1 for the labels that are not in it
  bool balanced = false;                        ///< n / (n_classes n_k) for a class of n_k of the n samples

  friend bool operator==(const ClassWeight&, const ClassWeight&) = default;
};

namespace argument {

/// sample_weight (empty for ones) times the weights of the classes; `balanced` counts the samples of positive weight.
/// Throws std::invalid_argument on a weight that is negative or not finite, a label that is not in y, and on weights
/// beside `balanced`.
[[nodiscard]] inline Eigen::VectorXd weighted_by_class(const ClassWeight& class_weight,
                                                       const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>& y,
                                                       const Eigen::VectorXd& sample_weight) {
  for (const auto& [label, weight] : class_weight.weights) {
    const std::string name = "class_weight of " + std::to_string(label);
    require(!class_weight.balanced, name, weight, "no weights beside class_weight.balanced");
    require(std::isfinite(weight) && weight >= 0, name, weight, "a finite number >= 0");
  }
  if (!class_weight.balanced && class_weight.weights.empty()) return sample_weight;
  Eigen::VectorXd weight = normalised_weights(sample_weight, y.size());
  std::map<std::int64_t, double> count;
  for (Eigen::Index i = 0; i < y.size(); ++i) count[y(i)] += weight(i) > 0 ? 1 : 0;
  for (const auto& [label, unused] : class_weight.weights) {
    require(count.contains(label), "label " + std::to_string(label) + " of class_weight", "not in y", "a label of y");
  }
  std::map<std::int64_t, double> factor = class_weight.weights;
  double largest = 0.0;
  for (const auto& [label, n] : count) {
    double& weight_of_class = factor.try_emplace(label, 1.0).first->second;
    // In units of n / n_classes, which the normalisation of the weights takes out.
    if (class_weight.balanced) weight_of_class = n > 0 ? 1 / n : 0.0;
    largest = std::max(largest, weight_of_class);
  }
  require(largest > 0, "largest weight of a class", largest, "at least one class of positive weight");
  for (Eigen::Index i = 0; i < y.size(); ++i) weight(i) *= factor[y(i)] / largest;
  return weight;
}

}  // namespace argument
}  // namespace aprender
