#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "cli/axes.hpp"
#include "cli/markup.hpp"
#include "cli/page.hpp"
#include "cli/plot.hpp"

namespace aprender::cli {
namespace {

constexpr double width = 760, height = 470, top = 58, bottom = 62, left = 78, least_right = 24;
constexpr double text_width = 6.6;  // of a character of 12 pixels, about
constexpr std::size_t longest_text = 24;
constexpr std::array<std::string_view, 7> palette = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                     "#e69f00", "#56b4e9", "#222222"};

class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        x_(log_axis(chart.x.front(), chart.x.back(), 9)),
        y_(vertical_axis(chart, 6)),
        labelled_(chart.curves.size() > 1 ? prominent(chart, palette.size()) : std::vector<std::size_t>{}) {
    std::size_t longest = 0;
    for (const std::size_t c : labelled_) longest = std::max(longest, columns_of(label(c)));
    right_ = std::max(least_right, 22 + text_width * static_cast<double>(longest));
  }

  std::string draw() {
    open();
    grid();
    ribbon();
    for (std::size_t c = 0; c < chart_.curves.size(); ++c) {
      if (!is_labelled(c)) curve(c, chart_.curves.size() == 1 ? palette[0] : "#b8b8b8", chart_.curves.size() == 1);
    }
    for (std::size_t k = labelled_.size(); k-- > 0;) curve(labelled_[k], palette[k], true);
    marks();
    labels();
    return out_ + "</svg>\n";
  }

 private:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    out_ += fmt::format(format, std::forward<Arguments>(arguments)...);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view attributes) {
    add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, attributes);
  }
  void text(double x, double y, std::string_view attributes, std::string_view content) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, attributes, escaped(content));
  }
  [[nodiscard]] double px(double x) const { return left + x_.position(x) * (width - left - right_); }
  [[nodiscard]] double py(double y) const { return height - bottom - y_.position(y) * (height - top - bottom); }
  [[nodiscard]] std::string label(std::size_t c) const { return shortened(chart_.curves[c].label, longest_text); }
  [[nodiscard]] bool is_labelled(std::size_t c) const {
    return std::find(labelled_.begin(), labelled_.end(), c) != labelled_.end();
  }

  void open() {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"#333333\">\n",
        width, height);
    add("<title>{}</title>\n", escaped(chart_.title));
    add("<rect width=\"{}\" height=\"{}\" fill=\"#ffffff\"/>\n", width, height);
    text(left, 26, "font-size=\"15\" font-weight=\"bold\" fill=\"#111111\"", shortened(chart_.title, 80));
  }

  void grid() {
    const double end = width - right_, base = height - bottom;
    for (const Tick& tick : y_.ticks) {
      const bool zero = tick.value == 0 && y_.low < 0;
      line(left, py(tick.value), end, py(tick.value), zero ? "stroke=\"#9a9a9a\"" : "stroke=\"#e6e6e6\"");
      text(left - 8, py(tick.value) + 4, "text-anchor=\"end\"", tick.label);
    }
    line(left, base, end, base, "stroke=\"#555555\"");
    for (const Tick& tick : x_.ticks) {
      line(px(tick.value), base, px(tick.value), base + 5, "stroke=\"#555555\"");
      text(px(tick.value), base + 20, "text-anchor=\"middle\"", tick.label);
    }
    const double low = std::min(x_.left, x_.right), high = std::max(x_.left, x_.right);
    for (double power = std::pow(10.0, std::floor(std::log10(low))); high / low < 1e8 && power < high; power *= 10) {
      for (int digit = 2; digit < 10; ++digit) {
        if (digit * power < low || digit * power > high) continue;
        line(px(digit * power), base, px(digit * power), base + 3, "stroke=\"#999999\"");
      }
    }
    text((left + end) / 2, height - 18, "text-anchor=\"middle\"", chart_.x_label);
    add("<text transform=\"translate(20 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n", (top + base) / 2,
        escaped(chart_.y_label));
  }

  void ribbon() {
    if (chart_.spread.empty()) return;
    std::string outline;
    std::vector<std::string> back;
    for (std::size_t k = 0; k < chart_.x.size(); ++k) {
      const double y = chart_.curves[0].y[k], half = chart_.spread[k];
      if (!std::isfinite(y + half) || !std::isfinite(y - half)) continue;
      outline += fmt::format("{:.1f},{:.1f} ", px(chart_.x[k]), py(y + half));
      back.push_back(fmt::format("{:.1f},{:.1f} ", px(chart_.x[k]), py(y - half)));
    }
    for (auto point = back.rbegin(); point != back.rend(); ++point) outline += *point;
    if (!outline.empty()) add("<polygon points=\"{}\" fill=\"#0072b2\" fill-opacity=\"0.16\"/>\n", outline);
  }

  void curve(std::size_t c, std::string_view colour, bool bold) {
    std::string points;
    const auto end = [&] {
      if (!points.empty()) {
        add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>\n",
            points, colour, bold ? 2 : 1);
      }
      points.clear();
    };
    for (std::size_t k = 0; k < chart_.x.size(); ++k) {
      const double y = chart_.curves[c].y[k];
      if (std::isfinite(y)) {
        points += fmt::format("{:.1f},{:.1f} ", px(chart_.x[k]), py(y));
      } else {
        end();
      }
    }
    end();
  }

  void marks() {
    double last_end = -1;
    double row = top - 6;
    std::vector<Mark> sorted = chart_.marks;
    std::sort(sorted.begin(), sorted.end(), [&](const Mark& a, const Mark& b) { return px(a.x) < px(b.x); });
    for (const Mark& mark : sorted) {
      const double x = px(mark.x), half = text_width * static_cast<double>(columns_of(mark.label)) / 2;
      const double middle = std::clamp(x, left + half, width - 4 - half);
      row = middle - half < last_end + 10 ? row - 14 : top - 6;
      last_end = middle + half;
      line(x, row + 4, x, height - bottom, "stroke=\"#555555\" stroke-dasharray=\"4 3\"");
      text(middle, row, "text-anchor=\"middle\"", mark.label);
    }
  }

  /// At the ends of the curves, moved apart where they would overlap.
  void labels() {
    constexpr double gap = 15;
    struct Label {
      double y, end;
      std::size_t k;
    };
    std::vector<Label> list;
    for (std::size_t k = 0; k < labelled_.size(); ++k) {
      const double end = py(last_value(chart_.curves[labelled_[k]]));
      list.push_back({end, end, k});
    }
    std::sort(list.begin(), list.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
    double next = top;
    for (Label& each : list) next = (each.y = std::max(each.y, next)) + gap;
    next = height - bottom;
    for (auto each = list.rbegin(); each != list.rend(); ++each) next = (each->y = std::min(each->y, next)) - gap;
    for (const Label& each : list) {
      const double end = width - right_;
      line(end, each.end, end + 12, each.y, fmt::format("stroke=\"{}\" stroke-opacity=\"0.5\"", palette[each.k]));
      text(end + 15, each.y + 4, fmt::format("fill=\"{}\"", palette[each.k]), label(labelled_[each.k]));
    }
  }

  const Chart& chart_;
  LogAxis x_;
  LinearAxis y_;
  std::vector<std::size_t> labelled_;  ///< the first in the first colour
  double right_ = least_right;
  std::string out_;
};

}  // namespace

std::string to_svg(const Chart& chart) { return Drawing(chart).draw(); }

}  // namespace aprender::cli
