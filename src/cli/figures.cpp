#include "cli/figures.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "cli/markup.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

constexpr double letter = 7.8;  // width of a character of 12.5 pixels in a wide font
constexpr double name_gap = 8;  // between a name and what it names

std::string digits(double value, int significant) { return fmt::format("{:.{}g}", value, significant); }

/// Pixels, about; ideographs and the like are twice as wide.
double width_of(std::string_view text) {
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      width += letter;
    } else if (byte >= 0xC0) {
      width += byte < 0xE1 ? letter * 1.15 : letter * 2;
    }
  }
  return width;
}

/// Cut until it is at most so wide.
std::string fitting(const std::string& text, double width) {
  auto columns = static_cast<std::size_t>(width / letter);
  std::string result = shortened(text, columns);
  while (columns > 3 && width_of(result) > width) result = shortened(text, --columns);
  return result;
}

double widest(const std::vector<std::string>& texts) {
  double width = 0;
  for (const std::string& text : texts) width = std::max(width, width_of(text));
  return width + letter / 2;
}

std::string open(const Legend& legend, double width, double height) {
  return fmt::format(
      "<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\" "
      "aria-labelledby=\"{2}-title {2}-text\">\n<title id=\"{2}-title\">{3}</title>\n"
      "<desc id=\"{2}-text\">{4}</desc>\n",
      width, height, escaped(legend.id), escaped(legend.title), escaped(legend.text));
}

std::string text_at(double x, double y, std::string_view attributes, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, attributes, escaped(text));
}

/// Where zero is and how many pixels a number takes, so that the bars and the values at their ends fill `room`.
struct BarScale {
  double zero = 0.0, pixels = 0.0;

  BarScale(const std::vector<double>& lengths, const std::vector<double>& labels, double room) {
    const auto fits = [&](double pixels_each) {
      double before = 0, behind = 0;
      for (std::size_t k = 0; k < lengths.size(); ++k) {
        double& side = lengths[k] < 0 ? before : behind;
        side = std::max(side, std::abs(lengths[k]) * pixels_each + labels[k]);
      }
      zero = before;
      return before + behind <= room;
    };
    double most = room;  // the longest bar has length 1, if any has a length
    for (int step = 0; step < 30; ++step) {
      const double middle = (pixels + most) / 2;
      (fits(middle) ? pixels : most) = middle;
    }
    fits(pixels);
  }
};

}  // namespace

std::string to_svg(const BarChart& chart) {
  constexpr double width = 460, row = 22, thickness = 14, longest_name = 190, label_gap = 5;
  std::vector<std::string> names, labels;
  std::vector<double> lengths, label_widths;
  double scale = 0;
  for (const BarChart::Bar& bar : chart.bars) scale = std::max(scale, std::abs(bar.value));
  for (const BarChart::Bar& bar : chart.bars) {
    names.push_back(fitting(bar.name, longest_name));
    labels.push_back(digits(bar.value, 4));
    lengths.push_back(scale > 0 ? bar.value / scale : 0.0);
    label_widths.push_back(width_of(labels.back()) + label_gap);
  }
  const double name_end = widest(names);
  const BarScale bars(lengths, label_widths, width - name_end - name_gap);
  const double zero = name_end + name_gap + bars.zero;

  const double height = row * static_cast<double>(chart.bars.size()) + 4;
  std::string svg = open(chart.legend, width, height);
  for (std::size_t k = 0; k < chart.bars.size(); ++k) {
    const auto& [name, value] = chart.bars[k];
    const double top = row * static_cast<double>(k) + 4, end = zero + lengths[k] * bars.pixels, base = top + 11.5;
    svg += fmt::format("<g><title>{}: {}</title>\n", escaped(name), digits(value, 6));
    svg += text_at(name_end, base, "text-anchor=\"end\"", names[k]);
    svg += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\"/>\n",
                       value < 0 ? "down" : "up", std::min(zero, end), top, std::abs(end - zero), thickness);
    svg += text_at(value < 0 ? end - label_gap : end + label_gap, base,
                   value < 0 ? "class=\"value\" text-anchor=\"end\"" : "class=\"value\"", labels[k]);
    svg += "</g>\n";
  }
  svg += fmt::format("<line class=\"axis\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.1f}\"/>\n", zero, height);
  return svg + "</svg>\n";
}

std::string to_svg(const HeatMap& map) {
  constexpr double width = 900, row = 22, longest_name = 190, longest_column = 120, spelled_out = 56;
  std::vector<std::string> names, heads;
  for (const std::string& name : map.rows) names.push_back(fitting(name, longest_name));
  for (const std::string& name : map.columns) heads.push_back(fitting(name, longest_column));
  const double left = widest(names) + name_gap;
  const double cell = std::clamp((width - left) / static_cast<double>(heads.size()), 8.0, 96.0);
  const bool upright = widest(heads) > cell - 4;
  const double top = upright ? widest(heads) + 10 : 20;

  std::vector<double> strongest(heads.size(), 0.0);
  for (const auto& values : map.values) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (std::isfinite(values[k])) strongest[k] = std::max(strongest[k], std::abs(values[k]));
    }
  }
  const double overall = *std::max_element(strongest.begin(), strongest.end());

  std::string svg =
      open(map.legend, left + cell * static_cast<double>(heads.size()), top + row * static_cast<double>(names.size()));
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const double middle = left + cell * (static_cast<double>(k) + 0.5);
    if (upright) {
      svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</text>\n", middle + 4, top - 5,
                         escaped(heads[k]));
    } else {
      svg += text_at(middle, top - 6, "text-anchor=\"middle\"", heads[k]);
    }
  }
  for (std::size_t j = 0; j < names.size(); ++j) {
    const double y = top + row * static_cast<double>(j);
    svg += text_at(left - name_gap, y + 15, "text-anchor=\"end\"", names[j]);
    for (std::size_t k = 0; k < heads.size(); ++k) {
      const double value = map.values[j][k], most = map.by_column ? strongest[k] : overall;
      if (!std::isfinite(value)) continue;
      const double x = left + cell * static_cast<double>(k);
      svg += fmt::format("<g><title>{}, {}: {}</title>\n", escaped(map.rows[j]), escaped(map.columns[k]),
                         digits(value, 6));
      svg += fmt::format(
          "<rect class=\"{}-cell\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\" "
          "fill-opacity=\"{:.3f}\"/>\n",
          value < 0 ? "down" : "up", x + 0.5, y + 0.5, cell - 1, row - 1,
          most > 0 ? 0.82 * std::abs(value / most) : 0.0);
      if (cell >= spelled_out) {
        svg += text_at(x + cell / 2, y + 15, "class=\"cell\" text-anchor=\"middle\"", digits(value, 3));
      }
      svg += "</g>\n";
    }
  }
  return svg + "</svg>\n";
}

std::string key_of(bool positive) {
  return fmt::format(
      "<svg class=\"key\" width=\"11\" height=\"11\" aria-hidden=\"true\"><rect class=\"{}\" width=\"11\" "
      "height=\"11\"/></svg>",
      positive ? "up" : "down");
}

}  // namespace aprender::cli
