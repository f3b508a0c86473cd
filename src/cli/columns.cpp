#include "cli/columns.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace aprender::cli {
namespace {

/// Insertions, deletions and replacements between two names; letters of either case are the same.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (same(a[i], b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, replaced});
    }
  }
  return row.back();
}

std::string list(std::span<const std::string_view> names) {
  constexpr std::size_t most = 30;
  std::vector<std::string> shown;
  for (const auto name : names.first(std::min(names.size(), most))) shown.push_back(in_quotes(name));
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 2 * name.size() + 2) continue;
    if (const std::size_t distance = edit_distance(name, candidate); distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::vector<std::size_t> find_columns(const Table& table, std::span<const std::string> names) {
  std::vector<std::size_t> found;
  std::vector<std::string_view> missing;
  for (const std::string& name : names) {
    if (const auto column = table.find(name)) {
      found.push_back(*column);
    } else {
      missing.push_back(name);
    }
  }
  if (missing.empty()) return found;

  const std::vector<std::string> there(table.columns().begin(), table.columns().end());
  const std::string meant = missing.size() == 1 ? nearest(missing.front(), there) : "";
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: no column{} {}", table.file_name(), missing.size() == 1 ? "" : "s", list(missing)),
                fmt::format("{}The columns are {}.", meant.empty() ? "" : fmt::format("Did you mean '{}'? ", meant),
                            list(table.columns())));
}

std::vector<double> number_column(const Table& table, std::size_t column, const std::string& advice) {
  auto numbers = table.numbers(column);
  if (!numbers) {
    throw Failure(ExitCode::unusable_data, numbers.error().context,
                  advice.empty() ? "Every value must be a finite number: remove or fill in what is missing." : advice);
  }
  return std::move(*numbers);
}

}  // namespace aprender::cli
