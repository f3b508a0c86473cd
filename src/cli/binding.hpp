/// Rows of data as a model takes them.
#pragma once

#include <cstddef>
#include <vector>

#include "aprender/schema.hpp"
#include "cli/csv.hpp"

namespace aprender::cli {

/// The model's features among the columns of the table: by name, or by position if they have none. Says which columns
/// are ignored. Throws Failure(unusable_data).
[[nodiscard]] std::vector<std::size_t> bind(const Schema& schema, const Table& table);

}  // namespace aprender::cli
