// What inspect says of archives: the same numbers as the library, and nothing that could deceive a terminal.
#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;
using Inspect = Command;

/// The numbers of a JSON text between two of its keys, as they are spelled.
std::vector<std::string> spelled(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find("\"" + from + "\""), end = text.find("\"" + to + "\"", begin);
  std::vector<std::string> numbers;
  std::size_t at = begin + from.size() + 2;
  while ((at = text.find_first_of("-0123456789", at)) < end) {
    const std::size_t stop = text.find_first_not_of("-+.e0123456789", at);
    numbers.push_back(text.substr(at, stop - at));
    at = stop;
  }
  return numbers;
}

/// As JSON spells the shortest digits: with a fraction even if it is zero.
template <class Scalar>
std::string shortest(Scalar value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return {digits, end};
}

TEST_F(Inspect, JsonHoldsWhatItPromises) {
  ASSERT_EQ(train("elastic-net", data("diabetes.csv"), "progression").exit_code, 0);
  const Outcome outcome = run({"inspect", "--json", model_file()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json model = json::parse(outcome.out);
  for (const char* key : {"archive_id", "schema_version", "estimator", "features", "targets", "coefficients",
                          "intercept", "fit", "provenance", "members"}) {
    EXPECT_TRUE(model.contains(key)) << key;
  }
  const auto archive = ModelArchive::load(model_file());
  EXPECT_EQ(model["archive_id"], archive->id());
  EXPECT_EQ(model["uuid"], archive->uuid());
  EXPECT_EQ(model["schema_version"], 2);
  EXPECT_EQ(model["fit"]["solver"], archive->report().solver);
  EXPECT_EQ(model["fit"]["duality_gap"], *archive->report().duality_gap);
  EXPECT_FALSE(model["fit"].contains("rank"));
  EXPECT_EQ(model["numeric_contract"]["n_probes"], archive->n_probes());
  ASSERT_EQ(model["members"].size(), 2u);
  EXPECT_EQ(model["members"][1]["name"], "weights.safetensors");
  EXPECT_EQ(model["members"][1]["sha256"], archive->members()[1].sha256);
  EXPECT_FALSE(model.contains("classes"));
}

TEST_F(Inspect, CoefficientsAreTheStoredBitsInTheFewestDigits) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit").exit_code, 0);
  const std::string text = run({"inspect", "--json", model_file()}).out;
  const auto model = ModelArchive::load(model_file())->model<LogisticModel<double>>().value();
  const auto numbers = spelled(text, "coefficients", "intercept");
  ASSERT_EQ(numbers.size(), 640u);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const double value = model.coefficients().data()[k];  // row-major, as JSON nests them
    EXPECT_EQ(std::stod(numbers[k]), value);
    EXPECT_LE(numbers[k].size(), std::max(shortest(value).size(), std::string("0.0").size()) + 2) << numbers[k];
  }
}

TEST_F(Inspect, FloatsAreSpelledAsFloats) {
  ASSERT_EQ(train("linear", data("diabetes.csv"), "progression", {"--float32"}).exit_code, 0);
  const std::string text = run({"inspect", "--json", model_file()}).out;
  const auto model = ModelArchive::load(model_file())->model<LinearModel<float>>().value();
  const auto numbers = spelled(text, "coefficients", "intercept");
  ASSERT_EQ(numbers.size(), 10u);
  for (std::size_t j = 0; j < numbers.size(); ++j) {
    const float value = model.coefficients()(static_cast<Eigen::Index>(j));
    EXPECT_EQ(std::stof(numbers[j]), value);
    EXPECT_EQ(numbers[j], shortest(value));
  }
}

TEST_F(Inspect, TheCardHasItsSections) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--seed", "7"}).exit_code, 0);
  const Outcome outcome = run({"inspect", model_file()});
  ASSERT_EQ(outcome.exit_code, 0);
  for (const char* section :
       {"model 0.1.0\n", "\nModel\n", "\nFit\n", "\nCoefficients\n", "\nProvenance\n", "\nMembers\n"}) {
    EXPECT_NE(outcome.out.find(section), std::string::npos) << section;
  }
  for (const char* text : {"Ridge(alpha=1, fit_intercept=true)", "bmi", "18 to 42.2", "intercept", "diabetes.csv",
                           "weights.safetensors", "probe rows"}) {
    EXPECT_NE(outcome.out.find(text), std::string::npos) << text;
  }
}

TEST_F(Inspect, TheCardFitsEightyColumnsUnlessOneWordDoesNot) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit", {"--description", std::string(200, 'd') + " end"}).exit_code,
            0);
  std::istringstream lines(run({"inspect", model_file()}).out);
  for (std::string line; std::getline(lines, line);) {
    const bool one_word = line.size() > 16 && line.find(' ', 16) == std::string::npos;  // after the label
    if (!one_word) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST_F(Inspect, ManyFeaturesAreShortenedToTheLargest) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit").exit_code, 0);
  const std::string card = run({"inspect", model_file()}).out;
  EXPECT_NE(card.find("the 20 largest of 64 features; all of them: --json"), std::string::npos);
  EXPECT_NE(card.find("the first 4 of 10 outputs; all of them: --json"), std::string::npos);
}

TEST_F(Inspect, NoNameInAnArchiveCanMoveTheCursor) {
  const auto fit = LinearRegression{}.fit(Eigen::MatrixXd{{1.0}, {2.0}}, Eigen::VectorXd{{1.0, 3.0}});
  // U+009B is the control sequence introducer; the archive takes it, being no ASCII control character.
  const ModelArchive archive(fit, {.name = "evil \xC2\x9B"
                                           "2J",
                                   .description = "two\nlines\tand a tab"});
  ASSERT_TRUE(archive.save(model_file()));
  const std::string card = run({"inspect", model_file()}).out;
  EXPECT_NE(card.find("evil \\u009b2J"), std::string::npos) << card;
  EXPECT_NE(card.find("two\\x0alines\\x09and a tab"), std::string::npos) << card;
}

// What whoever wrote the archive has named is never where the card has names of its own.
TEST_F(Inspect, NoNameInAnArchivePassesForARowOfTheCard) {
  const auto fit = LinearRegression{}.fit(Eigen::MatrixXd{{1.0}, {2.0}}, Eigen::VectorXd{{1.0, 3.0}});
  Description said{.name = "honest"};
  said.provenance.dependencies = {{"signature", {"verified, by the key 00ff", std::string(64, 'a')}}};
  said.provenance.annotations = {{"contract", "kept here: 99 probe rows"}, {"library", "aprender 9.9.9"}};
  ASSERT_TRUE(ModelArchive(fit, said).save(model_file()));
  std::istringstream lines(run({"inspect", model_file()}).out);
  std::map<std::string, int> rows;
  for (std::string line; std::getline(lines, line);) {
    for (const char* label : {"signature", "contract", "library", "dependency", "annotation"}) {
      if (line.starts_with(std::string("  ") + label)) ++rows[label];
    }
  }
  EXPECT_EQ(rows, (std::map<std::string, int>{
                      {"signature", 1}, {"contract", 1}, {"library", 1}, {"dependency", 1}, {"annotation", 2}}));
  const std::string card = run({"inspect", model_file()}).out;
  EXPECT_NE(card.find("  dependency    'signature', verified, by the key 00ff\n"), std::string::npos) << card;
  EXPECT_NE(card.find("  annotation    'contract': kept here: 99 probe rows\n"), std::string::npos) << card;
}

TEST_F(Inspect, WhatTheAuthorSaysOfTheVersionBeforeIsShown) {
  const auto fit = LinearRegression{}.fit(Eigen::MatrixXd{{1.0}, {2.0}}, Eigen::VectorXd{{1.0, 3.0}});
  ASSERT_TRUE(ModelArchive(fit, {.name = "m", .compatibility = Compatibility::output_changed}).save(model_file()));
  const std::string card = run({"inspect", model_file()}).out;
  EXPECT_NE(card.find("  compatibility output changed, says the author of the version before\n"), std::string::npos)
      << card;
  EXPECT_EQ(json::parse(run({"inspect", "--json", model_file()}).out)["compatibility"], "output changed");
  ASSERT_EQ(run({"inspect", model_file(), "--html", path("card.html")}).exit_code, 0);
  EXPECT_NE(read(path("card.html")).find("output changed, says the author of the version before"), std::string::npos);
  const json bom = json::parse(run({"export", model_file(), "--as", "cyclonedx"}).out);
  const json claimed{{"name", "aprender:compatibility"}, {"value", "output changed"}};
  const json properties = bom["metadata"]["component"]["properties"];
  EXPECT_NE(std::find(properties.begin(), properties.end(), claimed), properties.end()) << properties;
  const json slsa = json::parse(run({"export", model_file(), "--as", "slsa"}).out);
  EXPECT_EQ(slsa["predicate"]["buildDefinition"]["externalParameters"]["compatibility"], "output changed");

  ASSERT_TRUE(ModelArchive(fit, {.name = "m"}).save(model_file()));
  EXPECT_EQ(run({"inspect", model_file()}).out.find("compatibility"), std::string::npos);
  EXPECT_TRUE(json::parse(run({"inspect", "--json", model_file()}).out)["compatibility"].is_null());
}

}  // namespace
}  // namespace aprender::cli
