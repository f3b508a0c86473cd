#include "cli/coefficient_section.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "cli/figures.hpp"
#include "cli/html.hpp"
#include "cli/markup.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

constexpr std::size_t most_drawn = 30, most_columns = 60, most_rows = 5000, most_numbers = 100'000;
constexpr std::size_t columns_of_a_table = 8, unfolded = 40;

using Numbers = std::vector<std::vector<double>>;  // [outputs][features]

/// Coefficients times the width of their features' ranges, NaN where that is unknown or overflows.
Numbers effects_of(const Weights& model, const std::vector<Feature>& features) {
  Numbers effects = model.coefficients;
  for (auto& row : effects) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      const bool known = !features.empty() && features[j].range;
      const double effect = known ? row[j] * (features[j].range->max - features[j].range->min) : NAN;
      row[j] = std::isfinite(effect) ? effect : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return effects;
}

/// Features by magnitude, the largest over the outputs, in descending order; those without a number left out.
std::vector<std::size_t> by_magnitude(const Numbers& numbers) {
  std::vector<double> magnitude(numbers.front().size(), -1.0);
  for (const auto& row : numbers) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (std::isfinite(row[j])) magnitude[j] = std::max(magnitude[j], std::abs(row[j]));
    }
  }
  std::vector<std::size_t> order;
  for (std::size_t j = 0; j < magnitude.size(); ++j) {
    if (magnitude[j] >= 0) order.push_back(j);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return magnitude[a] > magnitude[b]; });
  return order;
}

/// "The 30 largest of 2000 features.", and what else is not drawn.
std::string extent(std::size_t drawn, std::size_t n_features, std::size_t columns, std::size_t outputs) {
  std::string text;
  if (drawn < n_features) {
    text += fmt::format(" Drawn are the {} largest of {} features; {} more are in the table.", drawn, n_features,
                        n_features - drawn);
  }
  if (columns < outputs) text += fmt::format(" Drawn are the first {} of {} outputs.", columns, outputs);
  return text;
}

class Section {
 public:
  Section(const ModelArchive& archive, const Weights& model)
      : schema_(archive.schema()),
        features_(schema_.features.list()),
        model_(model),
        outputs_(output_names(schema_)),
        effects_(effects_of(model, features_)),
        n_features_(static_cast<std::size_t>(schema_.n_features)) {}

  [[nodiscard]] std::string markup() const {
    std::string text = html::paragraph(introduction() + zeros(), "intro");
    const bool ranges = !by_magnitude(effects_).empty();
    std::string figures;
    if (ranges) figures += figure(effects_, "effect", "Effect over the range seen in training", effect_in_words());
    if (!ranges || outputs_.size() == 1) {
      figures += figure(model_.coefficients, "coefficient", "Coefficients",
                        "Change of " + unit_of_answers() +
                            " for one unit of the feature: units differ, so lengths do not compare between features.");
    }
    return text + "<div class=\"figures\">\n" + figures + "</div>\n" + full_table();
  }

 private:
  [[nodiscard]] bool classifier() const { return schema_.classes.has_value(); }

  [[nodiscard]] std::string unit_of_answers() const {
    if (!classifier()) return outputs_.size() == 1 ? outputs_.front() : "the target";
    return outputs_.size() == 1 ? "the log-odds of " + outputs_.front() : "the score of the class";
  }

  [[nodiscard]] std::string introduction() const {
    if (!classifier()) {
      return "A prediction is the intercept plus the sum of the features, each times its coefficient.";
    }
    if (outputs_.size() == 1) {
      return fmt::format(
          "The log-odds of {} against {} are the intercept plus the sum of the features, each times its "
          "coefficient.",
          outputs_.front(), class_names(schema_).front());
    }
    return "The score of a class is its intercept plus the sum of the features, each times its coefficient for that "
           "class. Probabilities are the softmax of the scores: only differences between classes matter.";
  }

  /// How many features have no say, if any: those that an L1 penalty or the data left out.
  [[nodiscard]] std::string zeros() const {
    std::size_t count = 0;
    for (std::size_t j = 0; j < n_features_; ++j) {
      count += std::all_of(model_.coefficients.begin(), model_.coefficients.end(),
                           [j](const std::vector<double>& row) { return row[j] == 0; })
                   ? 1
                   : 0;
    }
    return count == 0 ? "" : fmt::format(" The coefficients of {} of {} features are zero.", count, n_features_);
  }

  [[nodiscard]] std::string effect_in_words() const {
    return "Change of " + unit_of_answers() +
           " as the feature goes from its smallest to its largest value in training, the others unchanged: coefficient "
           "times width of the range, comparable between features.";
  }

  /// What the two colours stand for.
  [[nodiscard]] std::string keys() const {
    std::string up = "raises the prediction", down = "lowers it";
    if (classifier()) {
      up = outputs_.size() == 1 ? "towards " + outputs_.front() : "towards the class";
      down = outputs_.size() == 1 ? "towards " + class_names(schema_).front() : "away from it";
    }
    return fmt::format("{} {} &#160; {} {}", key_of(true), escaped(up), key_of(false), escaped(down));
  }

  [[nodiscard]] std::string figure(const Numbers& numbers, const std::string& id, const std::string& title,
                                   std::string text) const {
    std::vector<std::size_t> order = by_magnitude(numbers);
    order.resize(std::min(order.size(), most_drawn));
    const std::size_t columns = std::min(outputs_.size(), most_columns);
    const bool by_column = !classifier();
    if (columns > 1) {
      text += by_column ? " The colour is the stronger the larger the number within its target."
                        : " The colour is the stronger the larger the number.";
    }
    text += extent(order.size(), n_features_, columns, outputs_.size());
    return fmt::format(
        "<figure>\n<figcaption><strong>{}</strong> <span>{}</span>\n<span>{}</span></figcaption>\n{}</figure>\n",
        escaped(title), escaped(text), keys(),
        columns == 1 ? bars(numbers.front(), order, {id, title, text})
                     : heat_map(numbers, order, columns, {id, title, text}));
  }

  [[nodiscard]] std::string bars(const std::vector<double>& values, const std::vector<std::size_t>& order,
                                 Legend legend) const {
    BarChart chart{.legend = std::move(legend), .bars = {}};
    for (const std::size_t j : order) chart.bars.push_back({feature_name(schema_, j), values[j]});
    return to_svg(chart);
  }

  [[nodiscard]] std::string heat_map(const Numbers& numbers, const std::vector<std::size_t>& order, std::size_t columns,
                                     Legend legend) const {
    HeatMap map{.legend = std::move(legend), .rows = {}, .columns = {}, .values = {}, .by_column = !classifier()};
    for (std::size_t k = 0; k < columns; ++k) map.columns.push_back(outputs_[k]);
    for (const std::size_t j : order) {
      map.rows.push_back(feature_name(schema_, j));
      auto& row = map.values.emplace_back();
      for (std::size_t k = 0; k < columns; ++k) row.push_back(numbers[k][j]);
    }
    return to_svg(map);
  }

  /// Rows of the features at these positions: with one output all there is to say, else unit and range alone.
  [[nodiscard]] html::Table features_table(const std::vector<std::size_t>& listed) const {
    const bool one = outputs_.size() == 1;
    const bool units =
        std::any_of(features_.begin(), features_.end(), [](const Feature& feature) { return !feature.unit.empty(); });
    html::Table table{.caption = one ? "Features and coefficients" : "Features",
                      .columns = {"feature", "from", "to"},
                      .numbers_from = units ? std::size_t{2} : 1,
                      .rows = {}};
    if (units) table.columns.insert(table.columns.begin() + 1, "unit");
    if (one) table.columns.insert(table.columns.end(), {"coefficient", "effect over the range"});
    for (const std::size_t j : listed) {
      const bool ranged = !features_.empty() && features_[j].range;
      std::vector<std::string> row{feature_name(schema_, j)};
      if (units) row.push_back(features_[j].unit);
      row.push_back(ranged ? short_number(features_[j].range->min) : "");
      row.push_back(ranged ? short_number(features_[j].range->max) : "");
      if (one) {
        row.push_back(short_number(model_.coefficients.front()[j]));
        row.push_back(std::isfinite(effects_.front()[j]) ? short_number(effects_.front()[j]) : "");
      }
      table.rows.push_back(std::move(row));
    }
    if (one) {
      auto& row = table.rows.emplace_back(table.columns.size());
      row.front() = "intercept";
      row[row.size() - 2] = short_number(model_.intercept.front());
    }
    return table;
  }

  /// Coefficients of the outputs from `first` on, as many as one table takes.
  [[nodiscard]] html::Table coefficients_table(const std::vector<std::size_t>& listed, std::size_t first) const {
    const std::size_t end = std::min(first + columns_of_a_table, outputs_.size());
    html::Table table{.caption = "Coefficients", .columns = {"feature"}, .numbers_from = 1, .rows = {}};
    if (end - first < outputs_.size()) {
      table.caption += fmt::format(", outputs {} to {} of {}", first + 1, end, outputs_.size());
    }
    table.columns.insert(table.columns.end(), outputs_.begin() + static_cast<std::ptrdiff_t>(first),
                         outputs_.begin() + static_cast<std::ptrdiff_t>(end));
    const auto add = [&](const std::string& name, const auto& value) {
      auto& row = table.rows.emplace_back(1, name);
      for (std::size_t k = first; k < end; ++k) row.push_back(short_number(value(k)));
    };
    for (const std::size_t j : listed) {
      add(feature_name(schema_, j), [&](std::size_t k) { return model_.coefficients[k][j]; });
    }
    add("intercept", [&](std::size_t k) { return model_.intercept[k]; });
    return table;
  }

  [[nodiscard]] std::string full_table() const {
    std::vector<std::size_t> listed(n_features_);
    std::iota(listed.begin(), listed.end(), std::size_t{0});
    const std::size_t most = std::clamp(most_numbers / outputs_.size(), most_drawn, most_rows);
    if (n_features_ > most) {
      listed = by_magnitude(model_.coefficients);
      listed.resize(most);
      std::sort(listed.begin(), listed.end());
    }
    std::string text = html::table(features_table(listed));
    if (outputs_.size() > 1) {
      for (std::size_t k = 0; k < outputs_.size(); k += columns_of_a_table) {
        text += html::table(coefficients_table(listed, k));
      }
    }
    text += html::paragraph(
        "From and to: the smallest and largest value seen in training; beyond them the model "
        "extrapolates. Six digits; all of them: aprender inspect --json.",
        "note");
    const std::string summary =
        listed.size() < n_features_
            ? fmt::format("The {} features of largest coefficients, of {}", listed.size(), n_features_)
            : fmt::format("All {} features", n_features_);
    return html::folded(summary, text, n_features_ <= unfolded);
  }

  const Schema& schema_;
  const std::vector<Feature>& features_;
  const Weights& model_;
  std::vector<std::string> outputs_;
  Numbers effects_;
  std::size_t n_features_;
};

}  // namespace

std::string coefficient_section(const ModelArchive& archive, const Weights& model) {
  return Section(archive, model).markup();
}

}  // namespace aprender::cli
