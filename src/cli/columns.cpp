#include "cli/columns.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace aprender::cli {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours between two names, letters of either case being the same
/// (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [&](std::size_t i, std::size_t j) {
    return std::tolower(static_cast<unsigned char>(a[i])) == std::tolower(static_cast<unsigned char>(b[j]));
  };
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1);
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string list(std::span<const std::string_view> names) {
  constexpr std::size_t most = 20;
  std::vector<std::string> shown;
  for (const auto name : names.first(std::min(names.size(), most))) shown.push_back(in_quotes(name));
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t longest = 256;  // quadratic time and space
  std::string best;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (name.size() > longest || candidate.size() > longest) continue;
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
