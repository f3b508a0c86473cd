#include "cli/binding.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/columns.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

std::vector<std::size_t> bind(const Schema& schema, const Table& table) {
  const auto n_features = static_cast<std::size_t>(schema.n_features);
  if (!schema.features.named()) {
    if (table.columns().size() != n_features) {
      throw Failure(ExitCode::unusable_data,
                    fmt::format("{}: {} columns, expected {}: the features of this model have no names",
                                table.file_name(), table.columns().size(), n_features));
    }
    std::vector<std::size_t> all(n_features);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  std::vector<std::string> names;
  for (const Feature& feature : schema.features.list()) names.push_back(feature.name);
  std::vector<std::size_t> found = find_columns(table, names);

  std::vector<std::string> ignored;
  for (std::size_t j = 0; j < table.columns().size(); ++j) {
    if (std::find(found.begin(), found.end(), j) == found.end()) ignored.push_back(in_quotes(table.columns()[j]));
  }
  if (!ignored.empty()) {
    constexpr std::size_t most = 10;
    const std::size_t shown = std::min(ignored.size(), most);
    print_note(fmt::format("{}: ignoring column{} {}{}", table.file_name(), ignored.size() == 1 ? "" : "s",
                           fmt::join(std::span(ignored).first(shown), ", "),
                           ignored.size() > shown ? fmt::format(" and {} more", ignored.size() - shown) : ""));
  }
  return found;
}

}  // namespace aprender::cli
