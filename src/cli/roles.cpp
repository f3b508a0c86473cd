#include "cli/roles.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "aprender/limits.hpp"
#include "archive/text.hpp"
#include "cli/columns.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

std::vector<std::string> parse_list(const std::string& names) {
  const auto list = read_csv(names, "--features");
  if (!list || list->rows() > 0) {
    throw Failure(ExitCode::usage, fmt::format("--features {} is no list of column names", in_quotes(names)),
                  "Separate names by commas, each named once; a name with a comma goes in double quotes.");
  }
  return {list->columns().begin(), list->columns().end()};
}

}  // namespace

Roles assign_roles(const Table& table, const std::vector<std::string>& targets, const std::string& sample_weight,
                   const std::string& features) {
  const std::vector<std::string> listed = features.empty() ? std::vector<std::string>{} : parse_list(features);
  const auto is_listed = [&listed](const std::string& name) {
    return std::find(listed.begin(), listed.end(), name) != listed.end();
  };
  for (const std::string& target : targets) {
    if (target == sample_weight) throw Failure(ExitCode::usage, "--target and --sample-weight name the same column");
    if (is_listed(target))
      throw Failure(ExitCode::usage, fmt::format("--features names the target {}", in_quotes(target)));
    if (std::count(targets.begin(), targets.end(), target) > 1)
      throw Failure(ExitCode::usage, fmt::format("--target names {} twice", in_quotes(target)));
  }
  if (is_listed(sample_weight)) {
    throw Failure(ExitCode::usage, fmt::format("--features names the sample weight {}", in_quotes(sample_weight)));
  }

  std::vector<std::string> names = targets;
  if (!sample_weight.empty()) names.push_back(sample_weight);
  const auto others = static_cast<std::ptrdiff_t>(names.size());
  names.insert(names.end(), listed.begin(), listed.end());
  const std::vector<std::size_t> found = find_columns(table, names);

  Roles roles{.targets = {found.begin(), found.begin() + std::ssize(targets)},
              .sample_weight = {},
              .features = {found.begin() + others, found.end()}};
  if (!sample_weight.empty()) roles.sample_weight = found[targets.size()];
  for (std::size_t j = 0; listed.empty() && j < table.columns().size(); ++j) {
    if (std::find(found.begin(), found.end(), j) == found.end()) roles.features.push_back(j);
  }

  if (roles.features.empty()) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: no column is left to be a feature", table.file_name()));
  }
  if (table.rows() == 0)
    throw Failure(ExitCode::unusable_data, fmt::format("{}: a header and no rows", table.file_name()));
  std::vector<std::size_t> named = roles.features;
  named.insert(named.end(), roles.targets.begin(), roles.targets.end());
  for (const std::size_t j : named) {
    if (archive::is_name(table.columns()[j], Limits{}.name_bytes)) continue;
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}:1: column {} cannot be stored under that name", table.file_name(),
                              in_quotes(table.columns()[j])),
                  fmt::format("Names have at most {} bytes and no control characters.", Limits{}.name_bytes));
  }
  return roles;
}

}  // namespace aprender::cli
