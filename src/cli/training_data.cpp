#include "cli/training_data.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "aprender/limits.hpp"
#include "archive/text.hpp"
#include "cli/columns.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

constexpr const char* for_measured_targets = "For a target that is measured use linear, ridge, lasso or elastic-net.";

std::vector<std::string> parse_list(const std::string& names) {
  const auto list = read_csv(names, "--features");
  if (!list || list->rows() > 0) {
    throw Failure(ExitCode::usage, fmt::format("--features {} is no list of column names", in_quotes(names)),
                  "Separate names by commas, each named once; a name with a comma goes in double quotes.");
  }
  return {list->columns().begin(), list->columns().end()};
}

/// The number, if it is an integer as a program would write it: no sign but -, no leading zeros.
std::optional<std::int64_t> plain_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || std::to_string(value) != text) return std::nullopt;
  return value;
}

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_number(std::string_view text) { return number(text).has_value(); }
bool is_fraction(std::string_view text) {
  const double value = number(text).value_or(0.0);
  return value != std::floor(value);
}

/// All texts as plain integers, or nothing.
std::optional<std::vector<std::int64_t>> as_integers(const std::vector<std::string_view>& texts) {
  std::vector<std::int64_t> values;
  for (const std::string_view text : texts) {
    const auto value = plain_integer(text);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

template <class T>
std::vector<T> distinct(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// The labels, if a classifier can be fitted to them.
Labels checked(const std::vector<std::int64_t>& labels, const Table& table, std::size_t column,
               const Eigen::VectorXd& sample_weight) {
  const std::string where = fmt::format("{}: column {}", table.file_name(), in_quotes(table.columns()[column]));
  const std::vector<std::int64_t> classes = distinct(labels);
  if (classes.size() < 2) {
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}: every row is of class {}", where, in_quotes(table.field(0, column))),
                  "A classifier needs rows of at least two classes.");
  }
  if (classes.size() == labels.size() && classes.size() > 2) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {} rows and as many classes", where, labels.size()),
                  for_measured_targets);
  }
  std::vector<bool> weighs(classes.size(), sample_weight.size() == 0);
  std::vector<std::size_t> first_row(classes.size(), 0);
  for (std::size_t row = labels.size(); row-- > 0;) {
    const auto k =
        static_cast<std::size_t>(std::lower_bound(classes.begin(), classes.end(), labels[row]) - classes.begin());
    first_row[k] = row;
    if (sample_weight.size() > 0 && sample_weight(static_cast<Eigen::Index>(row)) > 0) weighs[k] = true;
  }
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (weighs[k]) continue;
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}: every row of class {} has the sample weight 0", where,
                              in_quotes(table.field(first_row[k], column))),
                  "Leave those rows out.");
  }
  return {.values = Eigen::Map<const Labels::Values>(labels.data(), static_cast<Eigen::Index>(labels.size())),
          .n_classes = classes.size(),
          .classes = {}};
}

}  // namespace

Roles assign_roles(const Table& table, const std::string& target, const std::string& sample_weight,
                   const std::string& features) {
  const std::vector<std::string> listed = features.empty() ? std::vector<std::string>{} : parse_list(features);
  const auto is_listed = [&listed](const std::string& name) {
    return std::find(listed.begin(), listed.end(), name) != listed.end();
  };
  if (target == sample_weight) throw Failure(ExitCode::usage, "--target and --sample-weight name the same column");
  if (is_listed(target))
    throw Failure(ExitCode::usage, fmt::format("--features names the target {}", in_quotes(target)));
  if (is_listed(sample_weight)) {
    throw Failure(ExitCode::usage, fmt::format("--features names the sample weight {}", in_quotes(sample_weight)));
  }

  std::vector<std::string> names = {target};
  if (!sample_weight.empty()) names.push_back(sample_weight);
  const std::size_t others = names.size();
  names.insert(names.end(), listed.begin(), listed.end());
  const std::vector<std::size_t> found = find_columns(table, names);

  Roles roles{.target = found[0],
              .sample_weight = {},
              .features = {found.begin() + static_cast<std::ptrdiff_t>(others), found.end()}};
  if (others == 2) roles.sample_weight = found[1];
  for (std::size_t j = 0; listed.empty() && j < table.columns().size(); ++j) {
    if (j != roles.target && j != roles.sample_weight) roles.features.push_back(j);
  }

  if (roles.features.empty()) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: no column is left to be a feature", table.file_name()));
  }
  if (table.rows() == 0)
    throw Failure(ExitCode::unusable_data, fmt::format("{}: a header and no rows", table.file_name()));
  std::vector<std::size_t> named = roles.features;
  named.push_back(roles.target);
  for (const std::size_t j : named) {
    if (archive::is_name(table.columns()[j], Limits{}.name_bytes)) continue;
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}:1: column {} cannot be stored under that name", table.file_name(),
                              in_quotes(table.columns()[j])),
                  fmt::format("Names have at most {} bytes and no control characters.", Limits{}.name_bytes));
  }
  return roles;
}

Labels read_labels(const Table& table, std::size_t column, const Eigen::VectorXd& sample_weight) {
  std::vector<std::string_view> texts;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    texts.push_back(table.field(row, column));
    if (archive::is_name(texts.back(), Limits{}.name_bytes)) continue;
    throw Failure(ExitCode::unusable_data,
                  table.where(row, column) + (texts.back().empty()
                                                  ? ": empty, expected a class"
                                                  : fmt::format(": {} cannot be a class", in_quotes(texts.back()))),
                  fmt::format("Classes have at most {} bytes and no control characters.", Limits{}.name_bytes));
  }
  if (const auto integers = as_integers(texts)) return checked(*integers, table, column, sample_weight);

  const auto measured = std::find_if(texts.begin(), texts.end(), is_fraction);
  if (measured != texts.end() && std::all_of(texts.begin(), texts.end(), is_number)) {
    throw Failure(
        ExitCode::unusable_data,
        fmt::format("{}: {} is a measured number, expected a class",
                    table.where(static_cast<std::size_t>(measured - texts.begin()), column), in_quotes(*measured)),
        for_measured_targets);
  }
  const std::vector<std::string_view> classes = distinct(texts);
  std::vector<std::int64_t> indices;
  indices.reserve(texts.size());
  for (const std::string_view text : texts) {
    indices.push_back(std::lower_bound(classes.begin(), classes.end(), text) - classes.begin());
  }
  Labels labels = checked(indices, table, column, sample_weight);
  labels.classes.assign(classes.begin(), classes.end());
  return labels;
}

Eigen::VectorXd read_target(const Table& table, std::size_t column) {
  const std::vector<double> values = number_column(table, column, numbers_are_needed);
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

Eigen::VectorXd read_weights(const Table& table, std::size_t column) {
  const std::vector<double> weights = number_column(table, column);
  double sum = 0.0;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] < 0) {
      throw Failure(ExitCode::unusable_data,
                    fmt::format("{}: the sample weight {} is negative", table.where(row, column),
                                in_quotes(table.field(row, column))));
    }
    sum += weights[row];
  }
  if (!(sum > 0) || !std::isfinite(sum)) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: column {}: sample weights with the sum {}",
                                                       table.file_name(), in_quotes(table.columns()[column]), sum));
  }
  return Eigen::Map<const Eigen::VectorXd>(weights.data(), static_cast<Eigen::Index>(weights.size()));
}

}  // namespace aprender::cli
