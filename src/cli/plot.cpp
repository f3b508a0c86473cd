#include "cli/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "cli/axes.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

constexpr std::size_t n_rows = 14, widest = 100, longest_name = 14;

/// Dots of two columns and four rows a character.
class Canvas {
 public:
  explicit Canvas(std::size_t columns) : columns_(columns), cells_(columns * n_rows) {}

  /// 0 to 1 from left to right and from bottom to top.
  void dot(double x, double y) {
    const auto at = [](double position, std::size_t count) {
      return static_cast<std::size_t>(
          std::clamp(position * static_cast<double>(count - 1) + 0.5, 0.0, static_cast<double>(count - 1)));
    };
    const std::size_t column = at(x, 2 * columns_), row = at(1 - y, 4 * n_rows);
    constexpr unsigned bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    cells_[row / 4 * columns_ + column / 2] |= bits[row % 4][column % 2];
  }

  /// Every n-th dot of a line.
  void line(double x0, double y0, double x1, double y1, int every = 1) {
    const double dots = std::max(std::abs(x1 - x0) * static_cast<double>(2 * columns_),
                                 std::abs(y1 - y0) * static_cast<double>(4 * n_rows));
    const int steps = std::max(1, static_cast<int>(std::ceil(dots)));
    for (int k = 0; k <= steps; k += every) {
      const double t = static_cast<double>(k) / steps;
      dot(x0 + t * (x1 - x0), y0 + t * (y1 - y0));
    }
  }

  [[nodiscard]] std::string row(std::size_t r, bool unicode) const {
    std::string text;
    for (std::size_t c = 0; c < columns_; ++c) {
      const unsigned dots = cells_[r * columns_ + c];
      if (!unicode) {
        text += dots == 0 ? ' ' : '*';
      } else if (dots == 0) {
        text += ' ';
      } else {  // U+2800 and the dots, in UTF-8
        text += {static_cast<char>(0xE2), static_cast<char>(0xA0 + dots / 64), static_cast<char>(0x80 + dots % 64)};
      }
    }
    return text;
  }

 private:
  std::size_t columns_;
  std::vector<unsigned> cells_;
};

std::size_t row_of(double y) {
  return static_cast<std::size_t>(std::clamp((1 - y) * (n_rows - 1) + 0.5, 0.0, n_rows - 1.0));
}

/// Texts beside the rows, each as near to where it belongs as there is room.
std::vector<std::string> end_labels(const Chart& chart, const LinearAxis& y) {
  std::vector<std::string> labels(n_rows);
  if (chart.curves.size() < 2) return labels;
  for (const std::size_t c : prominent(chart, 7)) {
    const std::size_t wanted = row_of(y.position(last_value(chart.curves[c])));
    for (std::size_t away = 0; away < 3; ++away) {
      const std::size_t below = wanted + away;
      if (below < n_rows && labels[below].empty()) {
        labels[below] = shortened(chart.curves[c].label, longest_name);
        break;
      }
      if (wanted >= away && labels[wanted - away].empty()) {
        labels[wanted - away] = shortened(chart.curves[c].label, longest_name);
        break;
      }
    }
  }
  return labels;
}

void draw(const Chart& chart, const LogAxis& x, const LinearAxis& y, Canvas& canvas) {
  const auto join = [&](const auto& value, int every) {
    for (std::size_t k = 0; k + 1 < chart.x.size(); ++k) {
      const double from = value(k), to = value(k + 1);
      if (!std::isfinite(from) || !std::isfinite(to)) continue;
      canvas.line(x.position(chart.x[k]), y.position(from), x.position(chart.x[k + 1]), y.position(to), every);
    }
    if (chart.x.size() == 1 && std::isfinite(value(0))) canvas.dot(x.position(chart.x[0]), y.position(value(0)));
  };
  for (const Curve& curve : chart.curves) join([&](std::size_t k) { return curve.y[k]; }, 1);
  if (!chart.spread.empty()) {
    for (const int sign : {-1, 1}) {
      join([&](std::size_t k) { return chart.curves[0].y[k] + sign * chart.spread[k]; }, 4);
    }
  }
  for (const Mark& mark : chart.marks) canvas.line(x.position(mark.x), 0, x.position(mark.x), 1, 3);
}

/// Texts centred at columns, those that would overlap the one before left out.
std::string centred(const std::vector<std::pair<double, std::string>>& texts, std::size_t columns) {
  std::string line;
  std::size_t used = 0;
  for (const auto& [position, text] : texts) {
    const std::size_t size = columns_of(text);
    const double middle = position * static_cast<double>(columns - 1);
    const auto begin = static_cast<std::size_t>(std::max(0.0, middle - static_cast<double>(size - 1) / 2));
    if (begin < used + (used > 0 ? 2 : 0)) continue;
    line += std::string(begin - used, ' ') + text;
    used = begin + size;
  }
  return line;
}

}  // namespace

std::string to_text(const Chart& chart, std::size_t width, bool unicode, const Style& style) {
  const LinearAxis y = vertical_axis(chart, 4);
  const LogAxis x = log_axis(chart.x.front(), chart.x.back(), 6);
  const std::vector<std::string> ends = end_labels(chart, y);
  std::size_t margin = 0, right = 0;
  for (const Tick& tick : y.ticks) margin = std::max(margin, columns_of(tick.label));
  for (const std::string& end : ends) right = std::max(right, columns_of(end));
  const std::size_t total = std::clamp<std::size_t>(width, 40, widest);
  const std::size_t columns = std::max<std::size_t>(12, total - std::min(total, margin + right + 6));

  Canvas canvas(columns);
  draw(chart, x, y, canvas);
  std::vector<std::string> tick_of(n_rows);
  for (const Tick& tick : y.ticks) tick_of[row_of(y.position(tick.value))] = tick.label;

  std::string text = fmt::format("  {}{}{}\n", style.heading, printable(chart.title), style.reset);
  std::vector<std::pair<double, std::string>> marks, ticks;
  for (const Mark& mark : chart.marks) marks.emplace_back(x.position(mark.x), mark.label);
  for (const Tick& tick : x.ticks) {
    ticks.emplace_back(x.position(tick.value), unicode ? tick.label : fmt::format("{:g}", tick.value));
  }
  std::sort(marks.begin(), marks.end());
  std::sort(ticks.begin(), ticks.end());
  const std::string indent(margin + 4, ' ');
  if (!marks.empty()) text += indent + centred(marks, columns) + "\n";
  const std::string_view edge = unicode ? "│" : "|";
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::string pad(margin - columns_of(tick_of[r]), ' ');
    std::string line =
        fmt::format("  {}{}{} {}{}{}", style.dim, pad, tick_of[r], edge, style.reset, canvas.row(r, unicode));
    if (!ends[r].empty()) line += " " + ends[r];
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  text += fmt::format("{}{}{}{}\n", indent, style.dim, centred(ticks, columns), style.reset);
  text += fmt::format("{}{}\n", indent, centred({{0.5, printable(chart.x_label)}}, columns));
  return text;
}

bool unicode_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string text(value);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text.find("utf-8") != std::string::npos || text.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace aprender::cli
