/// Columns of a table by name, and as a matrix.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include "cli/csv.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {

/// The candidate that `name` is probably a misspelling of, or empty.
[[nodiscard]] std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// Positions of the named columns. Throws Failure(unusable_data) that names every missing one and those there are.
[[nodiscard]] std::vector<std::size_t> find_columns(const Table& table, std::span<const std::string> names);

/// A column of numbers. Throws Failure(unusable_data) with the position of the first field that is none.
[[nodiscard]] std::vector<double> number_column(const Table& table, std::size_t column, const std::string& advice = {});

/// rows x columns. `advice` is what to do if a field is no number. Throws Failure(unusable_data), also for numbers that
/// overflow Scalar.
template <class Scalar>
[[nodiscard]] Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> number_matrix(const Table& table,
                                                                                  std::span<const std::size_t> columns,
                                                                                  const std::string& advice = {}) {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> x(static_cast<Eigen::Index>(table.rows()),
                                                          static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const std::vector<double> values = number_column(table, columns[j], advice);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<Scalar>(values[i]);
      if (!std::isfinite(value)) {
        throw Failure(ExitCode::unusable_data, table.where(i, columns[j]) + ": " +
                                                   in_quotes(table.field(i, columns[j])) +
                                                   " is beyond the range of float");
      }
      x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value;
    }
  }
  return x;
}

}  // namespace aprender::cli
