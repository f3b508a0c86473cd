/// What the columns of X and the outputs of a model mean: names, units, ranges, class labels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace aprender {

/// Smallest and largest value, both finite, min <= max.
struct Range {
  double min = 0.0;
  double max = 0.0;
};

/// One column of X.
struct Feature {
  std::string name;                 ///< non-empty UTF-8, unique within the model
  std::string unit = {};            ///< free text, empty if unknown
  std::optional<Range> range = {};  ///< seen in training; probes of the numeric contract cover it
};

/// The columns of X in order: named, or so many unnamed ones. An empty list means unnamed.
class Features {
 public:
  Features() = default;
  Features(std::vector<Feature> features) : features_(std::move(features)) {}
  Features(const std::vector<std::string>& names) {
    for (const auto& name : names) features_.push_back({.name = name});
  }

  [[nodiscard]] bool named() const noexcept { return !features_.empty(); }
  [[nodiscard]] const std::vector<Feature>& list() const noexcept { return features_; }

 private:
  std::vector<Feature> features_;
};

/// Labels of the classes in the order of the model's classes: the integers of training, or their text.
using ClassLabels = std::variant<std::vector<std::int64_t>, std::vector<std::string>>;

/// The schema of a stored model.
struct Schema {
  std::int64_t n_features = 0;
  Features features;                   ///< empty if unnamed
  std::vector<std::string> targets;    ///< regression: one name a target; a classifier has one, the label
  std::optional<ClassLabels> classes;  ///< classifiers only
  std::string input_sha256;            ///< SHA-256, lower-case hex, of the input schema: equal means same columns
};

}  // namespace aprender
