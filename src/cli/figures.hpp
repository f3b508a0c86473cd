/// Drawings of coefficients, as SVG inside a page of html.hpp.
#pragma once

#include <string>
#include <vector>

namespace aprender::cli {

/// What a drawing is called and shows, for those who see it and those who do not.
struct Legend {
  std::string id;     ///< unique within the page
  std::string title;  ///< a few words
  std::string text;   ///< what is drawn, in sentences
};

/// Horizontal bars from a common zero, to the right if positive, each with its name and value.
struct BarChart {
  struct Bar {
    std::string name;
    double value = 0.0;  ///< finite
  };
  Legend legend;
  std::vector<Bar> bars;  ///< from top to bottom
};
[[nodiscard]] std::string to_svg(const BarChart& chart);

/// Numbers as fields of two colours, one a sign, the stronger the farther from zero.
struct HeatMap {
  Legend legend;
  std::vector<std::string> rows, columns;
  std::vector<std::vector<double>> values;  ///< [rows][columns], NaN for a field left empty
  bool by_column = false;                   ///< strength within a column, not within the whole
};
[[nodiscard]] std::string to_svg(const HeatMap& map);

/// The square that stands for a sign where a text explains it.
[[nodiscard]] std::string key_of(bool positive);

}  // namespace aprender::cli
