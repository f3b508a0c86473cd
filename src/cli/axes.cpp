#include "cli/axes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace aprender::cli {
namespace {

/// A power of ten: in full from 0.001 to 10000, else 10 with its exponent raised.
std::string power_of_ten(int exponent, int digit) {
  if (exponent >= -3 && exponent <= 4) return fmt::format("{:g}", digit * std::pow(10.0, exponent));
  constexpr std::string_view raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = digit == 1 ? "10" : fmt::format("{}·10", digit);
  if (exponent < 0) text += "⁻";
  for (const char c : std::to_string(std::abs(exponent))) text += raised[c - '0'];
  return text;
}

}  // namespace

double LogAxis::position(double value) const {
  if (left == right) return 0.5;
  return (std::log(value) - std::log(left)) / (std::log(right) - std::log(left));
}

LinearAxis linear_axis(double low, double high, int wanted) {
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double half = low == 0 ? 1.0 : 0.1 * std::abs(low);
    low -= half;
    high += half;
  }
  const double raw = (high / 2 - low / 2) / wanted * 2;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double step = power * (raw <= power ? 1 : raw <= 2 * power ? 2 : raw <= 5 * power ? 5 : 10);
  LinearAxis axis{.low = std::floor(low / step) * step, .high = std::ceil(high / step) * step, .ticks = {}};
  const int count = static_cast<int>(std::lround((axis.high - axis.low) / step));
  for (int k = 0; k <= count; ++k) {
    const double value = axis.low + k * step;
    axis.ticks.push_back({value, fmt::format("{:.6g}", std::abs(value) < step / 2 ? 0.0 : value)});
  }
  return axis;
}

LogAxis log_axis(double left, double right, std::size_t most) {
  LogAxis axis{.left = left, .right = right, .ticks = {}};
  const double low = std::min(left, right), high = std::max(left, right);
  const int first = static_cast<int>(std::floor(std::log10(low))), last = static_cast<int>(std::ceil(std::log10(high)));
  const auto within = [&](double value) { return value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9); };
  const bool finer = std::log10(high / low) < 2;
  for (int exponent = first; exponent <= last; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const double value = digit * std::pow(10.0, exponent);
      if ((digit == 1 || finer) && within(value)) axis.ticks.push_back({value, power_of_ten(exponent, digit)});
    }
  }
  if (axis.ticks.empty()) axis.ticks = {{low, fmt::format("{:.4g}", low)}};
  const std::size_t every = (axis.ticks.size() + most - 1) / most;
  std::vector<Tick> kept;
  for (std::size_t k = 0; k < axis.ticks.size(); k += every) kept.push_back(axis.ticks[k]);
  axis.ticks = kept;
  return axis;
}

LinearAxis vertical_axis(const Chart& chart, int wanted) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t c = 0; c < chart.curves.size(); ++c) {
    for (std::size_t k = 0; k < chart.x.size(); ++k) {
      const double spread = c == 0 && !chart.spread.empty() ? chart.spread[k] : 0.0;
      for (const double y : {chart.curves[c].y[k] - spread, chart.curves[c].y[k] + spread}) {
        if (!std::isfinite(y)) continue;
        low = std::min(low, y);
        high = std::max(high, y);
      }
    }
  }
  return low <= high ? linear_axis(low, high, wanted) : linear_axis(0, 1, wanted);
}

double last_value(const Curve& curve) {
  const auto last = std::find_if(curve.y.rbegin(), curve.y.rend(), [](double y) { return std::isfinite(y); });
  return last == curve.y.rend() ? std::nan("") : *last;
}

std::vector<std::size_t> prominent(const Chart& chart, std::size_t most) {
  std::vector<double> height;
  std::vector<std::size_t> order;
  for (std::size_t c = 0; c < chart.curves.size(); ++c) {
    height.push_back(0.0);
    for (const double y : chart.curves[c].y)
      height[c] = std::isfinite(y) ? std::max(height[c], std::abs(y)) : height[c];
    if (height[c] > 0) order.push_back(c);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return height[a] > height[b]; });
  order.resize(std::min(order.size(), most));
  return order;
}

}  // namespace aprender::cli
