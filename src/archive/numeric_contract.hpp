/// The numeric contract: rows and what the model answers to them, stored where it was written and checked where it is
/// loaded (docs/format.md, section 5).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "aprender/archive.hpp"

namespace aprender::archive {

/// A synthetic row and the model's exact answer to it.
struct Probe {
  std::vector<std::uint32_t> indices;  ///< strictly increasing positions of `values`; empty: values has n_features
  std::vector<double> values;          ///< exact in the model's scalar; zero elsewhere
  std::vector<double> scores;          ///< x w + b, one an output: compensated arithmetic, rounded once to the scalar
  std::vector<double> probabilities;   ///< classifiers: one a class
};

struct NumericContract {
  static constexpr std::uint32_t written_max_ulp = 4;
  static constexpr std::uint32_t accepted_max_ulp = 16;  ///< a reader refuses a looser contract
  static constexpr std::size_t min_probes = 8;
  static constexpr std::size_t max_probes = 32;

  std::uint32_t max_ulp = written_max_ulp;
  std::vector<Probe> probes;
};

/// gamma_n = n u / (1 - n u), u half the epsilon: the error of a sum of n products in any order is at most this share
/// of the sum of their magnitudes (Higham 2002, section 3.1). 0 where there is no such bound, n u >= 1.
template <class Scalar>
[[nodiscard]] double relative_error_bound(std::uint64_t n) {
  const double nu = static_cast<double>(n) * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
  return nu < 1.0 ? nu / (1.0 - nu) : 0.0;
}

/// Probe rows for a model with finite weights: zeros, unit vectors, the corners of the features' ranges, seeded random
/// rows and, for classifiers, rows close to the decision boundary. Deterministic.
[[nodiscard]] NumericContract make_contract(const AnyModel& model, const Features& features);

/// Runs every probe through the model's own prediction. Errors: numeric_contract_broken (names row, output, expected,
/// actual and distance).
[[nodiscard]] Result<void> check_contract(const NumericContract& contract, const AnyModel& model);

}  // namespace aprender::archive
