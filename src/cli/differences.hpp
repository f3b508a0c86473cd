/// How far the answers of two models lie apart on the same rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/archive.hpp"
#include "cli/csv.hpp"
#include "cli/libsvm.hpp"

namespace aprender::cli {

/// The first row in which two answers differ most counts as the row of their largest difference.
struct OutputDifferences {
  /// Numbers of rows by distance: 0, 1, 2 to 4, 5 to 16, 17 to 1024, more.
  static constexpr std::array<std::uint64_t, 5> ulp_bounds = {0, 1, 4, 16, 1024};

  std::string name;                                         ///< the target, or the class whose probability it is
  std::array<std::size_t, ulp_bounds.size() + 1> by_ulp{};  ///< of the coarser of the two dtypes
  double median = 0.0, p99 = 0.0, largest = 0.0;            ///< of |new - old|, in the output's unit
  std::uint64_t median_ulp = 0, p99_ulp = 0, largest_ulp = 0;
  std::string largest_at;  ///< where the row of the largest difference was read
};

struct Differences {
  std::size_t rows = 0;
  std::vector<OutputDifferences> outputs;  ///< targets, or probabilities of the classes
  std::size_t labels_changed = 0;          ///< rows that a classifier puts into another class
};

/// Both models take the same columns and have the same outputs. Throws Failure(unusable_data).
[[nodiscard]] Differences differences(const ModelArchive& before, const ModelArchive& after, const Table& table);
[[nodiscard]] Differences differences(const ModelArchive& before, const ModelArchive& after,
                                      const SparseSamples& samples);

}  // namespace aprender::cli
