/// Line charts over a logarithmic axis: as SVG files, and in characters for terminals.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace aprender::cli {

struct Curve {
  std::string label;
  std::vector<double> y;  ///< one for each x; what is not finite is left out
};

/// A vertical line with a label.
struct Mark {
  double x = 0.0;
  std::string label;
};

struct Chart {
  std::string title, x_label, y_label;
  std::vector<double> x;       ///< positive, in the order from left to right, increasing or decreasing
  std::vector<Curve> curves;   ///< those that come farthest from zero are labelled, the others thin
  std::vector<double> spread;  ///< half the height of a ribbon around the first curve, or empty
  std::vector<Mark> marks;
};

/// A self-contained SVG document, readable in print and by the colour-blind (palette of Okabe and Ito, 2008).
/// The same chart gives the same text.
[[nodiscard]] std::string to_svg(const Chart& chart);

/// Lines of at most `width` columns, 40 at least, in Braille dots or, unless `unicode`, in ASCII.
[[nodiscard]] std::string to_text(const Chart& chart, std::size_t width, bool unicode, const Style& style);

/// Whether the locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG).
[[nodiscard]] bool unicode_locale();

}  // namespace aprender::cli
