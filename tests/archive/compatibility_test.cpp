// May a model take the place of another? The answer, and why.
#include "aprender/compatibility.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "archive/samples.hpp"

namespace aprender {
namespace {

using enum Compatibility;

/// A regression of three features as samples::description names them.
ModelArchive regression(const std::vector<double>& w, const Description& description = samples::description(),
                        double intercept = 0.1) {
  const Eigen::VectorXd coefficients = Eigen::Map<const Eigen::VectorXd>(w.data(), static_cast<Eigen::Index>(w.size()));
  return {Fit<Ridge, LinearModel<double>>{LinearModel<double>(coefficients, intercept),
                                          samples::report(coefficients.size()), Ridge{.alpha = 0.7}},
          description};
}

Description with_features(std::vector<Feature> features) {
  Description description = samples::description();
  description.features = std::move(features);
  return description;
}

const std::vector<double> old_weights{0.25, -3.5, 1e-5};

void expect(const CompatibilityReport& report, Compatibility level, const std::string& reason) {
  EXPECT_EQ(name(report.level), name(level));
  bool found = reason.empty();
  for (const Change& change : report.changes) found = found || change.reason.find(reason) != std::string::npos;
  EXPECT_TRUE(found) << reason << " is not in:";
  if (!found) {
    for (const Change& change : report.changes) ADD_FAILURE() << change.reason;
  }
  for (std::size_t k = 1; k < report.changes.size(); ++k) {
    EXPECT_GE(report.changes[k - 1].level, report.changes[k].level);
  }
}

TEST(CompatibilityOf, AModelWithItselfIsIdentity) {
  for (const ModelArchive& archive :
       {regression(old_weights), ModelArchive(samples::several_targets<float>(), samples::description())}) {
    const auto report = compatibility(archive, archive);
    EXPECT_EQ(report.level, identical);
    EXPECT_TRUE(report.changes.empty());
  }
}

TEST(CompatibilityOf, LevelsHaveNames) {
  EXPECT_EQ(name(Compatibility::unspecified), "unspecified");
  EXPECT_EQ(name(Compatibility::identical), "identical");
  EXPECT_EQ(name(Compatibility::breaking), "breaking");
}

TEST(CompatibilityOf, NamesVersionsAndProvenanceDoNotCount) {
  Description other = samples::description();
  other.name = "other";
  other.version = "9.9.9";
  other.licence = "Apache-2.0";
  other.provenance.seed = 7;
  expect(compatibility(regression(old_weights), regression(old_weights, other)), identical, "");
}

TEST(CompatibilityOf, RoundingIsADropIn) {
  auto nearly = old_weights;
  nearly[1] = std::nextafter(nearly[1], 0.0);
  expect(compatibility(regression(old_weights), regression(nearly)), drop_in, "within the numeric contracts of both");
}

TEST(CompatibilityOf, OtherNumbersAreAnOutputThatChanged) {
  for (const double factor : {1 + 1e-9, 2.0, -1.0}) {
    auto other = old_weights;
    other[1] *= factor;
    expect(compatibility(regression(old_weights), regression(other)), output_changed, "numeric contract of the ");
  }
  expect(compatibility(regression(old_weights), regression(old_weights, samples::description(), 0.2)), output_changed,
         "numeric contract");
  expect(compatibility(ModelArchive(samples::ridge<double>(), samples::description()),
                       ModelArchive(samples::ridge<float>(), samples::description())),
         output_changed, "dtype: float, was double");
}

TEST(CompatibilityOf, ColumnsThatAreNotTheSameBreak) {
  const ModelArchive before = regression(old_weights);
  expect(compatibility(before, regression(old_weights, with_features({{"rooms"}, {"area", "m^2"}, {"größe"}}))),
         breaking, "features[0]: \"rooms\" (in another place), was \"area\"");
  expect(compatibility(before, regression(old_weights, with_features({{"area", "m^2"}, {"doors"}, {"größe"}}))),
         breaking, "features[1]: \"doors\", was \"rooms\"");
  expect(compatibility(
             before, regression(old_weights, with_features({{"area", "sq ft", Range{20, 300}}, {"rooms"}, {"größe"}}))),
         breaking, "unit: \"sq ft\", was \"m^2\"");
  expect(compatibility(before, regression(old_weights, with_features({}))), breaking,
         "features: 3 unnamed, was 3 named");
  expect(compatibility(regression(old_weights, with_features({})), regression({1.0, 2.0}, with_features({}))), breaking,
         "features: 2 unnamed, was 3 unnamed");
}

TEST(CompatibilityOf, OfSchemasOfOtherSizesTheSizeIsAllThatIsSaid) {
  const ModelArchive more = regression(old_weights, with_features({{"area", "m^2"}, {"rooms"}, {"größe"}}));
  const ModelArchive fewer = regression({1.0, 2.0}, with_features({{"area", "sq ft"}, {"rooms"}}));
  for (const auto& report : {compatibility(more, fewer), compatibility(fewer, more)}) {
    EXPECT_EQ(report.level, breaking);
    ASSERT_EQ(report.changes.size(), 1U);
    EXPECT_EQ(report.changes[0].reason.substr(0, 10), "features: ");
  }
}

// A change that the ranges of the one model show, and those of the other do not.
TEST(CompatibilityOf, BothContractsHaveToHold) {
  const auto model = [](double last, double range) {
    return regression({1.0, 1.0, last}, with_features({{"a"}, {"b"}, {"c", "", Range{-range, range}}}), 1.0);
  };
  const ModelArchive narrow = model(0.0, 1.0), wide = model(1e-17, 1e6);
  expect(compatibility(narrow, wide), output_changed, "numeric contract of the new archive");
  expect(compatibility(wide, narrow), output_changed, "numeric contract of the old archive");
}

TEST(CompatibilityOf, ARangeThatMovedIsSaid) {
  expect(compatibility(
             regression(old_weights),
             regression(old_weights,
                        with_features({{"area", "m^2", Range{20, 400}}, {"rooms"}, {"größe", "", Range{0, 0}}}))),
         drop_in, "features[0] \"area\": range in training: [20, 400], was [20, 300]");
}

TEST(CompatibilityOf, OtherTargetsBreak) {
  Description renamed = samples::description();
  renamed.targets = {"price"};
  expect(compatibility(regression(old_weights), regression(old_weights, renamed)), breaking,
         "targets[0]: \"price\", was \"y\"");
  expect(
      compatibility(regression(old_weights), ModelArchive(samples::several_targets<double>(), samples::description())),
      breaking, "targets: 2, was 1");
}

TEST(CompatibilityOf, OtherClassesBreak) {
  const auto with_classes = [](std::vector<std::string> classes) {
    Description description = samples::description();
    description.classes = std::move(classes);
    return ModelArchive(samples::multinomial<double>(), description);
  };
  const ModelArchive text = with_classes({"north", "east", "south", "west"});
  expect(compatibility(text, text), identical, "");
  expect(compatibility(text, with_classes({"east", "north", "south", "west"})), breaking,
         "classes[0]: \"east\" (in another place), was \"north\"");
  expect(compatibility(text, with_classes({})), breaking, "classes: integers, was text");
  expect(compatibility(with_classes({}), ModelArchive(samples::binary<double>(), samples::description())), breaking,
         "classes: 2, was 4");
  expect(compatibility(regression(old_weights), ModelArchive(samples::binary<double>(), samples::description())),
         breaking, "model: a classifier, was a regression");
}

}  // namespace
}  // namespace aprender
