/// Regularisation paths: which penalties are fitted.
///
/// A path is a std::vector<Fit>, one fit a penalty, the strongest first, each with its own certificate;
/// fits[k].estimator.alpha is its penalty.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender {

/// The penalties of a path: those given, or a grid that suits the data.
struct PathOptions {
  /// Finite and positive, each once, in any order; empty for a grid. LogisticRegression: values of C.
  Eigen::VectorXd alphas = {};

  /// Of the grid, >= 1: alphas evenly spaced in the logarithm, from the estimator's largest (`penalty_grid`) down.
  std::int64_t n_alphas = 100;

  /// Smallest alpha of the grid by the largest, between 0 and 1; if not given 1e-3 where there is an L1 part, 1e-8 for
  /// Ridge and LogisticRegression, whose penalties compare with squares of X.
  std::optional<double> alpha_min_ratio = {};
};

namespace argument {

/// The alphas given, strongest first. Throws std::invalid_argument on one that is not positive, not finite or repeated.
[[nodiscard]] inline Eigen::VectorXd decreasing_alphas(Eigen::VectorXd alphas) {
  for (Eigen::Index k = 0; k < alphas.size(); ++k) {
    require(std::isfinite(alphas(k)) && alphas(k) > 0, "alphas(" + std::to_string(k) + ")", alphas(k),
            "a finite number > 0");
  }
  std::sort(alphas.begin(), alphas.end(), std::greater<>());
  const auto twice = std::adjacent_find(alphas.begin(), alphas.end());
  require(twice == alphas.end(), "an alpha that is given twice", twice == alphas.end() ? 0.0 : *twice,
          "each alpha once");
  return alphas;
}

/// The alphas given, strongest first, or the grid below alpha_max(), which is not asked for otherwise.
/// Throws std::invalid_argument on options out of range and if alpha_max() leaves no grid: zero where no column is
/// correlated with y.
template <class AlphaMax>
[[nodiscard]] Eigen::VectorXd penalties(const PathOptions& options, double default_ratio, const AlphaMax& alpha_max) {
  require(options.n_alphas >= 1, "n_alphas", options.n_alphas, "at least 1");
  const double ratio = options.alpha_min_ratio.value_or(default_ratio);
  require(ratio > 0 && ratio < 1, "alpha_min_ratio", ratio, "a number between 0 and 1");
  if (options.alphas.size() > 0) return decreasing_alphas(options.alphas);

  const double largest = alpha_max();
  require(std::isfinite(largest) && largest * ratio > 0, "the largest alpha of the grid", largest,
          "a finite number > 0 (give the alphas where the data do not suggest any)");
  Eigen::VectorXd alphas(options.n_alphas);
  alphas(0) = largest;
  const double step = std::log(ratio) / static_cast<double>(std::max<std::int64_t>(options.n_alphas - 1, 1));
  for (Eigen::Index k = 1; k < alphas.size(); ++k) alphas(k) = largest * std::exp(step * static_cast<double>(k));
  return alphas;
}

}  // namespace argument
}  // namespace aprender
