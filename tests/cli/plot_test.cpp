// Charts as SVG and as text.
#include "cli/plot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cli/axes.hpp"

namespace aprender::cli {
namespace {

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> result;
  result.reserve(ticks.size());
  for (const Tick& tick : ticks) result.push_back(tick.label);
  return result;
}

Chart two_curves() {
  return {.title = "a & b",
          .x_label = "alpha",
          .y_label = "y",
          .x = {100, 10, 1},
          .curves = {{"up", {0, 1, 2}}, {"down", {0, -1, -3}}, {"flat", {0, 0, 0}}},
          .spread = {},
          .marks = {}};
}

TEST(Axes, TicksAreNiceNumbersAndEncloseTheData) {
  EXPECT_EQ(labels(linear_axis(0, 1, 5).ticks), (std::vector<std::string>{"0", "0.2", "0.4", "0.6", "0.8", "1"}));
  EXPECT_EQ(labels(linear_axis(-41, 43, 4).ticks), (std::vector<std::string>{"-50", "0", "50"}));
  for (const auto& [low, high] : {std::pair(2781.3, 6120.0), std::pair(-1e-9, 1e-9), std::pair(5.0, 5.0),
                                  std::pair(0.0, 0.0), std::pair(-1e300, 1e300), std::pair(1e6, 1e6 + 1e-3)}) {
    const LinearAxis axis = linear_axis(low, high, 5);
    EXPECT_LE(axis.low, low);
    EXPECT_GE(axis.high, high);
    EXPECT_GE(axis.ticks.size(), 2u);
    EXPECT_LE(axis.ticks.size(), 9u);
  }
}

TEST(Axes, LogarithmicTicksArePowersOfTen) {
  EXPECT_EQ(labels(log_axis(564, 0.564, 9).ticks), (std::vector<std::string>{"1", "10", "100"}));
  EXPECT_EQ(labels(log_axis(1, 30, 9).ticks), (std::vector<std::string>{"1", "2", "5", "10", "20"}));
  EXPECT_EQ(labels(log_axis(1e-6, 1e-4, 9).ticks), (std::vector<std::string>{"10⁻⁶", "10⁻⁵", "10⁻⁴"}));
  EXPECT_LE(log_axis(1e-100, 1e100, 9).ticks.size(), 9u);
  EXPECT_EQ(log_axis(3, 3, 9).ticks.size(), 1u);
  EXPECT_DOUBLE_EQ(log_axis(100, 1, 9).position(10), 0.5);
  EXPECT_DOUBLE_EQ(log_axis(100, 1, 9).position(100), 0.0);
}

TEST(Svg, NamesTheCurvesAndEscapesTexts) {
  Chart chart = two_curves();
  chart.curves[0].label = "<up>\n";
  const std::string svg = to_svg(chart);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("<title>a &amp; b</title>"), std::string::npos);
  EXPECT_NE(svg.find(">&lt;up&gt;\\x0a</text>"), std::string::npos);
  EXPECT_NE(svg.find(">down</text>"), std::string::npos);
  EXPECT_EQ(svg.find(">flat</text>"), std::string::npos);  // never away from zero
  EXPECT_EQ(svg, to_svg(chart));
}

TEST(Svg, WhatIsNotFiniteIsLeftOut) {
  Chart chart = two_curves();
  chart.curves[0].y = {0, std::nan(""), INFINITY};
  chart.spread = {1, INFINITY, 1};
  chart.curves.push_back({"nothing", {NAN, NAN, NAN}});
  for (const std::string& drawn : {to_svg(chart), to_text(chart, 80, true, {})}) {
    EXPECT_EQ(drawn.find("nan"), std::string::npos) << drawn;
    EXPECT_EQ(drawn.find("inf"), std::string::npos) << drawn;
  }
}

TEST(TextPlot, FitsTheWidthAndIsAsciiWhereAsked) {
  Chart chart = two_curves();
  chart.marks = {{10, "min"}, {100, "1se"}};
  for (const std::size_t width : {40u, 80u, 200u}) {
    std::istringstream lines(to_text(chart, width, false, {}));
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) {
      longest = std::max(longest, line.size());
      EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
    }
    EXPECT_LE(longest, width);
    EXPECT_GE(longest, std::min<std::size_t>(width, 100) - 10);
  }
  EXPECT_NE(to_text(chart, 80, true, {}).find("\xE2\xA0"), std::string::npos);  // Braille
  EXPECT_EQ(to_text(chart, 80, true, {}).find('\033'), std::string::npos);
}

TEST(TextPlot, OneAlphaOnly) {
  Chart chart = two_curves();
  chart.x = {1};
  for (Curve& curve : chart.curves) curve.y.resize(1);
  EXPECT_NE(to_text(chart, 80, false, {}).find('*'), std::string::npos);
  EXPECT_NE(to_svg(chart).find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace aprender::cli
