// A description that does not fit the model is the caller's bug.
#include <limits>

#include <gtest/gtest.h>

#include "archive/samples.hpp"

namespace aprender {
namespace {

std::string complaint(const std::function<void(Description&)>& edit,
                      const AnyModel& model = samples::ridge<double>().model, const Estimator& estimator = Ridge{}) {
  Description description = samples::description();
  edit(description);
  try {
    const ModelArchive archive(model, estimator, samples::report(3), description);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

testing::AssertionResult mentions(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" does not mention \"" << part << '"';
}

TEST(Description, ThatFitsIsAccepted) {
  EXPECT_EQ(complaint([](Description&) {}), "");
}

TEST(Description, NeedsANameAndASemanticVersion) {
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.name.clear(); }), "identity.name"));
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.name = "\xff"; }), "identity.name"));
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.description = "\xff"; }), "identity.description"));
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.version = "v1"; }), "identity.version"));
}

TEST(Description, NamesEveryFeatureOrNone) {
  const std::string text = complaint([](auto& d) { d.features = std::vector<std::string>{"a", "b"}; });
  EXPECT_TRUE(mentions(text, "inputs.features"));
  EXPECT_TRUE(mentions(text, "found 2"));
  EXPECT_TRUE(mentions(complaint([](auto& d) {
                         d.features = std::vector<std::string>{"a", "b", "a"};
                       }),
                       "\"a\" occurs twice"));
  EXPECT_TRUE(mentions(complaint([](auto& d) {
                         d.features = std::vector<std::string>{"a", "b", "c", "d"};
                       }),
                       "found 4"));
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const Range& range : {Range{nan, 1}, Range{0, infinity}, Range{-infinity, 0}, Range{1, 0}}) {
    EXPECT_TRUE(mentions(complaint([&](auto& d) {
                           d.features = std::vector<Feature>{{"a", "", range}, {"b"}, {"c"}};
                         }),
                         "inputs.features.range"));
  }
}

TEST(Description, NamesInErrorsAreAscii) {
  const std::string csi = "\xc2\x9b";  // what a terminal may take for ESC [
  const std::string twice = complaint([&](auto& d) { d.features = std::vector<std::string>{csi, csi, "c"}; });
  const std::string infinite = complaint([&](auto& d) { d.metrics[csi] = std::numeric_limits<double>::infinity(); });
  for (const std::string& text : {twice, infinite}) EXPECT_TRUE(mentions(text, "\"\\xc2\\x9b\"")) << text;
}

TEST(Description, NamesEveryTargetOrNone) {
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.targets = {"a", "b"}; }), "2 targets, the model 1"));
  EXPECT_TRUE(mentions(
      complaint([](auto& d) { d.targets = {"a"}; }, samples::several_targets<double>().model, LinearRegression{}),
      "1 targets, the model 2"));
  const auto of_classifier = [](std::vector<std::string> names) {
    return complaint([&](auto& d) { d.targets = names; }, samples::binary<double>().model, LogisticRegression{});
  };
  EXPECT_EQ(of_classifier({"risk"}), "");
  EXPECT_TRUE(mentions(of_classifier({"risk", "loss"}), "2 targets, the model 1"));
}

TEST(Description, NamesEveryClassOrNone) {
  EXPECT_TRUE(mentions(complaint([](auto& d) { d.classes = {"a", "b"}; }), "2 classes, the model 0"));
  EXPECT_TRUE(mentions(complaint(
                           [](auto& d) {
                             d.classes = {"a", "b"};
                           },
                           samples::multinomial<double>().model, LogisticRegression{}),
                       "2 classes, the model 4"));
  EXPECT_TRUE(mentions(complaint(
                           [](auto& d) {
                             d.classes = {"a", "b"};
                           },
                           samples::binary<double>().model, LogisticRegression{}),
                       "label 0 is -1"));
}

TEST(Description, HasFiniteMetrics) {
  EXPECT_TRUE(
      mentions(complaint([](auto& d) { d.metrics["r2"] = std::numeric_limits<double>::quiet_NaN(); }), "metrics"));
}

TEST(Description, DoesNotTurnARegressionIntoAClassifier) {
  EXPECT_TRUE(mentions(complaint([](auto&) {}, samples::ridge<double>().model, LogisticRegression{}), "outputs"));
}

TEST(Description, BelongsToAModelWithFiniteWeights) {
  for (const double weight : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const LinearModel<double> model(Eigen::VectorXd::Constant(3, weight), 0.0);
    EXPECT_TRUE(mentions(complaint([](auto&) {}, model), "finite"));
    const LinearModel<double> shifted(Eigen::VectorXd::Ones(3), weight);
    EXPECT_TRUE(mentions(complaint([](auto&) {}, shifted), "finite"));
  }
}

TEST(Description, CountsRowsAndColumnsOfTheTrainingData) {
  const auto counted = [](std::int64_t rows, std::int64_t columns) {
    return complaint([&](auto& d) {
      d.provenance.data =
          TrainingData{.uri = "a.csv", .sha256 = std::string(64, 'a'), .rows = rows, .columns = columns};
    });
  };
  EXPECT_EQ(counted(0, 0), "");
  EXPECT_TRUE(mentions(counted(-1, 3), "provenance.data"));
  EXPECT_TRUE(mentions(counted(3, -1), "provenance.data"));
}

TEST(Description, NamesDataByTheirSha256) {
  for (const std::string& other : {std::string(), std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_TRUE(mentions(complaint([&](auto& d) { d.provenance.data = TrainingData{.uri = "a.csv", .sha256 = other}; }),
                         "provenance.data.sha256"))
        << other;
    EXPECT_TRUE(mentions(complaint([&](auto& d) {
                           d.provenance.dependencies["rates"] = {"rates.csv", other};
                         }),
                         "provenance.dependencies.sha256"))
        << other;
  }
}

TEST(Description, NamesACommitBySha1OrSha256) {
  const auto at = [](const std::string& commit) {
    return complaint([&](auto& d) { d.provenance.code = TrainingCode{.git_commit = commit}; });
  };
  EXPECT_EQ(at(std::string(40, 'a')), "");
  EXPECT_EQ(at(std::string(64, 'a')), "");
  for (const std::string& other : {std::string(41, 'a'), std::string(40, 'A'), std::string(64, 'g')}) {
    EXPECT_TRUE(mentions(at(other), "provenance.code.git_commit")) << other;
  }
}

}  // namespace
}  // namespace aprender
