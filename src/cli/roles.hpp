/// Which columns of a table are features, targets and sample weight.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/csv.hpp"

namespace aprender::cli {

/// Positions of the columns that take part.
struct Roles {
  std::vector<std::size_t> targets;
  std::optional<std::size_t> sample_weight;
  std::vector<std::size_t> features;  ///< in the order of --features, else of the table
};

/// `features` is a list of names as a line of CSV, or empty for all columns that have no other role.
/// Throws Failure: usage for a column with two roles or twice a target; unusable_data for one that is missing, for a
/// name that an archive cannot hold, and if there is no row or no feature.
[[nodiscard]] Roles assign_roles(const Table& table, const std::vector<std::string>& targets,
                                 const std::string& sample_weight, const std::string& features);

}  // namespace aprender::cli
