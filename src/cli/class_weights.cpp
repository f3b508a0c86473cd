#include "cli/class_weights.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/csv.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

template <class T>
std::optional<T> read(std::string_view text) {
  T value{};
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number that stands for a label in the table.
std::optional<std::int64_t> find_label(const std::string& label, const Labels& labels) {
  if (labels.classes.empty()) {
    const auto value = read<std::int64_t>(label);
    const bool there = value && (labels.values.array() == *value).any();
    return there ? value : std::nullopt;
  }
  const auto found = std::find(labels.classes.begin(), labels.classes.end(), label);
  if (found == labels.classes.end()) return std::nullopt;
  return found - labels.classes.begin();
}

}  // namespace

std::vector<std::pair<std::string, double>> parse_class_weight(const std::string& text) {
  std::vector<std::pair<std::string, double>> weights;
  if (text == "balanced") return weights;
  const auto refuse = [&text](const std::string& why) {
    throw Failure(ExitCode::usage, fmt::format("--class-weight {}: {}", in_quotes(text), why),
                  "Write balanced, or LABEL=WEIGHT pairs with commas between them.");
  };
  const auto list = read_csv(text, "--class-weight");
  if (!list || list->rows() > 0) refuse("no list of labels and weights");
  for (const auto& field : list->columns()) {
    const std::string pair(field);
    const std::size_t equals = pair.rfind('=');
    if (equals == std::string::npos) refuse(in_quotes(pair) + " has no weight");
    const auto weight = read<double>(std::string_view(pair).substr(equals + 1));
    if (!weight || !std::isfinite(*weight) || *weight <= 0) {
      refuse(in_quotes(pair) + ": expected a number > 0; leave out the rows of a class that is not to count");
    }
    weights.emplace_back(pair.substr(0, equals), *weight);
  }
  return weights;
}

ClassWeight find_class_weight(const std::string& text, const Labels& labels) {
  ClassWeight result;
  result.balanced = text == "balanced";
  for (const auto& [label, weight] : parse_class_weight(text)) {
    const auto value = find_label(label, labels);
    if (!value) {
      throw Failure(ExitCode::unusable_data, fmt::format("--class-weight: no row has the label {}", in_quotes(label)));
    }
    if (!result.weights.emplace(*value, weight).second) {
      throw Failure(ExitCode::usage, fmt::format("--class-weight names the label {} twice", in_quotes(label)));
    }
  }
  return result;
}

std::string to_string(const ClassWeight& class_weight) {
  if (class_weight.balanced) return "balanced";
  std::vector<std::string> list;
  for (const auto& [label, weight] : class_weight.weights) list.push_back(fmt::format("{}={}", label, weight));
  return fmt::format("{}", fmt::join(list, ","));
}

}  // namespace aprender::cli
