/// A table as what an estimator is fitted to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "cli/csv.hpp"

namespace aprender::cli {

/// Positions of the columns that take part.
struct Roles {
  std::size_t target = 0;
  std::optional<std::size_t> sample_weight;
  std::vector<std::size_t> features;  ///< in the order of --features, else of the table
};

/// `features` is a list of names as a line of CSV, or empty for all columns that have no other role.
/// Throws Failure: usage for a column with two roles; unusable_data for one that is missing, for a name that an archive
/// cannot hold, and if there is no row or no feature.
[[nodiscard]] Roles assign_roles(const Table& table, const std::string& target, const std::string& sample_weight,
                                 const std::string& features);

/// Class labels as integers, and what they stand for.
struct Labels {
  using Values = Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>;

  Values values;  ///< n_samples
  std::size_t n_classes = 0;
  std::vector<std::string> classes;  ///< texts in the order of their labels 0 to n - 1, or none: integers of the table
};

/// Labels are integers if every one is a plain decimal integer, else texts in the order of their bytes. `sample_weight`
/// may be empty. Throws Failure(unusable_data): an empty label, one class only, a different one in every row, a class
/// without weight, numbers with fractions.
[[nodiscard]] Labels read_labels(const Table& table, std::size_t column, const Eigen::VectorXd& sample_weight);

/// What to do about a target that is no number.
inline constexpr const char* numbers_are_needed =
    "A regression needs a finite number in every row; for classes use --estimator logistic.";

/// The target of a regression. Throws Failure(unusable_data).
[[nodiscard]] Eigen::VectorXd read_target(const Table& table, std::size_t column);

/// One weight a row, at least zero and not all zero. Throws Failure(unusable_data).
[[nodiscard]] Eigen::VectorXd read_weights(const Table& table, std::size_t column);

}  // namespace aprender::cli
