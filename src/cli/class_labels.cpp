#include "cli/class_labels.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "aprender/limits.hpp"
#include "archive/text.hpp"
#include "cli/csv.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

constexpr const char* for_measured_targets = "For a target that is measured use linear, ridge, lasso or elastic-net.";

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
Labels checked(Labels labels, const std::string& where, const Eigen::VectorXd& sample_weight) {
  const std::vector<std::int64_t> classes = distinct<std::int64_t>({labels.values.begin(), labels.values.end()});
  labels.n_classes = classes.size();
  const auto name = [&labels](std::int64_t label) {
    return labels.classes.empty() ? std::to_string(label) : labels.classes[static_cast<std::size_t>(label)];
  };
  if (classes.size() < 2) {
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}: every row is of class {}", where, in_quotes(name(classes[0]))),
                  "A classifier needs rows of at least two classes.");
  }
  const auto rows = static_cast<std::size_t>(labels.values.size());
  if (classes.size() == rows && rows > 2) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {} rows and as many classes", where, rows),
                  for_measured_targets);
  }
  constexpr std::size_t many = 100, least_rows = 5;
  if (classes.size() > many && rows < least_rows * classes.size()) {
    throw Failure(
        ExitCode::unusable_data,
        fmt::format("{}: {} classes in {} rows, expected at least {} rows a class where there are more than {}", where,
                    classes.size(), rows, least_rows, many),
        std::string("Is this a column of identifiers? ") + for_measured_targets);
  }
  if (sample_weight.size() == 0) return labels;
  std::vector<bool> weighs(classes.size(), false);
  for (Eigen::Index i = 0; i < labels.values.size(); ++i) {
    const auto k = std::lower_bound(classes.begin(), classes.end(), labels.values(i)) - classes.begin();
    if (sample_weight(i) > 0) weighs[static_cast<std::size_t>(k)] = true;
  }
  const auto weightless = std::find(weighs.begin(), weighs.end(), false);
  if (weightless == weighs.end()) return labels;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: every row of class {} has the sample weight 0", where,
                            in_quotes(name(classes[static_cast<std::size_t>(weightless - weighs.begin())]))),
                "Leave those rows out.");
}

}  // namespace

std::vector<std::string> class_names(const Labels& labels) {
  if (!labels.classes.empty()) return labels.classes;
  std::vector<std::string> names;
  for (const std::int64_t label : distinct<std::int64_t>({labels.values.begin(), labels.values.end()})) {
    names.push_back(std::to_string(label));
  }
  return names;
}

Labels read_labels(const std::vector<std::string_view>& texts, const std::string& where,
                   const std::function<std::string(std::size_t)>& position, const Eigen::VectorXd& sample_weight) {
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (archive::is_name(texts[row], Limits{}.name_bytes)) continue;
    throw Failure(ExitCode::unusable_data,
                  position(row) + (texts[row].empty() ? ": empty, expected a class"
                                                      : fmt::format(": {} cannot be a class", in_quotes(texts[row]))),
                  fmt::format("Classes have at most {} bytes and no control characters.", Limits{}.name_bytes));
  }
  Labels labels;
  labels.values.resize(static_cast<Eigen::Index>(texts.size()));
  if (const auto integers = as_integers(texts)) {
    std::copy(integers->begin(), integers->end(), labels.values.begin());
    return checked(std::move(labels), where, sample_weight);
  }
  const auto measured = std::find_if(texts.begin(), texts.end(), is_fraction);
  if (measured != texts.end() && std::all_of(texts.begin(), texts.end(), is_number)) {
    throw Failure(ExitCode::unusable_data,
                  fmt::format("{}: {} is a measured number, expected a class",
                              position(static_cast<std::size_t>(measured - texts.begin())), in_quotes(*measured)),
                  for_measured_targets);
  }
  const std::vector<std::string_view> classes = distinct(texts);
  std::transform(texts.begin(), texts.end(), labels.values.begin(), [&classes](std::string_view text) {
    return std::lower_bound(classes.begin(), classes.end(), text) - classes.begin();
  });
  labels.classes.assign(classes.begin(), classes.end());
  return checked(std::move(labels), where, sample_weight);
}

Labels check_labels(Labels::Values values, const std::string& where, const Eigen::VectorXd& sample_weight) {
  return checked({.values = std::move(values), .n_classes = 0, .classes = {}}, where, sample_weight);
}

}  // namespace aprender::cli
