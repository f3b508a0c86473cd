/// Axes of charts: ranges, ticks and their labels.
#pragma once

#include <string>
#include <vector>

#include "cli/plot.hpp"

namespace aprender::cli {

struct Tick {
  double value = 0.0;
  std::string label;
};

/// A linear axis that ends at ticks.
struct LinearAxis {
  double low = 0.0, high = 1.0;
  std::vector<Tick> ticks;

  /// 0 at low, 1 at high.
  [[nodiscard]] double position(double value) const { return (value - low) / (high - low); }
};

/// A logarithmic axis from `left` to `right`, in either direction.
struct LogAxis {
  double left = 1.0, right = 10.0;
  std::vector<Tick> ticks;

  [[nodiscard]] double position(double value) const;  ///< 0 at left, 1 at right
};

/// About `wanted` ticks at multiples of 1, 2 or 5 times a power of ten around [low, high].
[[nodiscard]] LinearAxis linear_axis(double low, double high, int wanted);

/// Ticks at powers of ten, or also at 2 and 5 times those where few lie in range; no more than `most`.
[[nodiscard]] LogAxis log_axis(double left, double right, std::size_t most);

/// The smallest and largest value that a chart shows, ribbon included; 0 to 1 if there is none.
[[nodiscard]] LinearAxis vertical_axis(const Chart& chart, int wanted);

/// Positions of the curves to label, at most `most`: those that come farthest from zero.
[[nodiscard]] std::vector<std::size_t> prominent(const Chart& chart, std::size_t most);

/// The last finite value of a curve, or NaN.
[[nodiscard]] double last_value(const Curve& curve);

}  // namespace aprender::cli
