// inspect --html: a page that says what the archive says, and nothing in the archive can be more than text of it.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "cli/process.hpp"
#include "cli/six_rows.hpp"
#include "container/base64.hpp"
#include "container/digest.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

const Eigen::VectorX<std::int64_t> three_classes{{0, 1, 2, 0, 1, 2}};

class CardHtml : public Command {
 protected:
  [[nodiscard]] std::string page_file() const { return path("card.html"); }

  /// The page of model.aprender as a strict parser of XML sees it.
  [[nodiscard]] json page(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"inspect", model_file(), "--html", page_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    const std::string parse = "python3 " APRENDER_SOURCE_DIR "/tests/cli/page.py " + page_file();
    EXPECT_EQ(std::system((parse + " > " + path("page.json")).c_str()), 0);
    json parsed = json::parse(read(path("page.json")));
    expect_self_contained(parsed);
    return parsed;
  }
  template <class Archive>
  [[nodiscard]] json page_of(const Archive& archive) const {
    EXPECT_TRUE(archive.save(model_file()));
    return page();
  }

  [[nodiscard]] static bool says(const json& page, const std::string& text) {
    return page["text"].get<std::string>().find(text) != std::string::npos;
  }
  /// The rows of tables that begin so.
  [[nodiscard]] static std::vector<std::vector<std::string>> rows(const json& page, const std::string& head) {
    std::vector<std::vector<std::string>> found;
    for (const auto& row : page["rows"]) {
      if (row.at(0) == head) found.push_back(row.get<std::vector<std::string>>());
    }
    return found;
  }

 private:
  /// Elements and attributes that load or run something are not among those that occur.
  void expect_self_contained(const json& page) const {
    const std::vector<std::string> elements = {
        "body",  "caption", "desc",    "details", "div",    "figcaption", "figure",  "footer", "g",
        "h1",    "h2",      "head",    "html",    "header", "li",         "line",    "main",   "meta",
        "p",     "rect",    "section", "span",    "strong", "style",      "summary", "svg",    "table",
        "tbody", "td",      "text",    "th",      "thead",  "title",      "tr",      "ul"};
    const std::vector<std::string> attributes = {"aria-hidden", "aria-labelledby",
                                                 "charset",     "class",
                                                 "content",     "fill-opacity",
                                                 "height",      "http-equiv",
                                                 "id",          "lang",
                                                 "name",        "open",
                                                 "role",        "scope",
                                                 "text-anchor", "transform",
                                                 "viewBox",     "width",
                                                 "x",           "x1",
                                                 "x2",          "y",
                                                 "y1",          "y2"};
    for (const auto& each : page["elements"]) EXPECT_EQ(std::count(elements.begin(), elements.end(), each), 1) << each;
    for (const auto& each : page["attributes"]) {
      EXPECT_EQ(std::count(attributes.begin(), attributes.end(), each), 1) << each;
    }
    const std::string style = page["style"].at(0);
    for (const char* loading : {"url(", "@import", "@font-face", "src:"}) {
      EXPECT_EQ(style.find(loading), std::string::npos) << loading;
    }
    const std::string digest = container::to_base64(container::sha256(std::as_bytes(std::span(style))));
    EXPECT_EQ(page["policy"], json::array({"default-src 'none'; style-src 'sha256-" + digest +
                                           "'; base-uri 'none'; form-action 'none'"}));
    const auto ids = page["ids"].get<std::vector<std::string>>();
    for (const std::string& id : ids) EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 1) << id;
  }
};

TEST_F(CardHtml, SaysWhatTheArchiveSays) {
  ASSERT_EQ(
      train("ridge", data("diabetes.csv"), "progression", {"--seed", "7", "--description", "two\nlines"}).exit_code, 0);
  const json page = this->page();
  const auto archive = ModelArchive::load(model_file());
  EXPECT_EQ(page["title"], "model 0.1.0: model card");
  EXPECT_EQ(rows(page, "archive id").at(0).at(1), archive->id());
  EXPECT_EQ(rows(page, "uuid").at(0).at(1), archive->uuid());
  EXPECT_EQ(rows(page, "signature").at(0).at(1), "none embedded");
  EXPECT_EQ(rows(page, "description").at(0).at(1), "two\nlines");
  EXPECT_EQ(rows(page, "intended use").at(0).at(1), "not stated");
  EXPECT_EQ(rows(page, "alpha").at(0).at(1), "1");
  EXPECT_EQ(rows(page, "converged").at(0).at(1), "yes");
  EXPECT_EQ(rows(page, "mse_train").at(0).at(2), "the rows of training");
  EXPECT_EQ(rows(page, "seed").at(0).at(1), "7");
  EXPECT_EQ(rows(page, "sha256 of the data").at(0).at(1), archive->provenance().data->sha256);
  EXPECT_EQ(rows(page, "weights.safetensors").at(0).at(1), archive->members()[1].sha256);
  EXPECT_TRUE(says(page, "numeric contract"));
  for (const char* point : {"The intended use is not stated.", "No signature was verified",
                            "Every metric was measured on the rows of training"}) {
    EXPECT_TRUE(says(page, point)) << point;
  }
}

TEST_F(CardHtml, EffectsAreCoefficientsTimesTheWidthOfTheRange) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression").exit_code, 0);
  const json page = this->page();
  const auto archive = ModelArchive::load(model_file());
  const auto model = archive->model<LinearModel<double>>().value();
  const auto& features = archive->schema().features.list();
  std::vector<std::pair<double, std::string>> effects, coefficients;
  for (std::size_t j = 0; j < features.size(); ++j) {
    const double w = model.coefficients()(static_cast<Eigen::Index>(j));
    const double effect = w * (features[j].range->max - features[j].range->min);
    const auto row = rows(page, features[j].name).at(0);
    EXPECT_NEAR(std::stod(row.at(1)), features[j].range->min, 1e-5);
    EXPECT_NEAR(std::stod(row.at(2)), features[j].range->max, 1e-3);
    EXPECT_NEAR(std::stod(row.at(3)), w, 1e-5 * std::abs(w));
    EXPECT_NEAR(std::stod(row.at(4)), effect, 1e-5 * std::abs(effect));
    effects.emplace_back(-std::abs(effect), features[j].name);
    coefficients.emplace_back(-std::abs(w), features[j].name);
  }
  std::sort(effects.begin(), effects.end());
  std::sort(coefficients.begin(), coefficients.end());
  std::vector<std::string> expected;
  expected.reserve(effects.size() + coefficients.size());
  for (const auto& each : effects) expected.push_back(each.second);
  for (const auto& each : coefficients) expected.push_back(each.second);
  EXPECT_EQ(page["drawn"], expected);  // the largest first, in each of the two
}

TEST_F(CardHtml, NothingInAnArchiveIsMoreThanText) {
  std::size_t count = 0;
  std::vector<std::string> planted;
  const auto hostile = [&] {
    planted.push_back("</td></style><script>alert('" + std::to_string(count++) + "')</script>&amp;\" onload=\"x");
    return planted.back();
  };
  Description said{.name = hostile()};
  said.features = std::vector<Feature>{{.name = hostile(), .unit = hostile(), .range = Range{0, 5}},
                                       {.name = "b", .unit = hostile(), .range = Range{0, 7}}};
  said.targets = {hostile()};
  said.classes = {hostile(), hostile(), hostile()};
  said.description = hostile();
  said.licence = hostile();
  said.intended_use = hostile();
  said.metrics[hostile()] = 0.5;
  Provenance source;
  source.code = TrainingCode{.git_commit = std::string(40, 'a'), .dirty = true, .uri = hostile()};
  source.data = TrainingData{.uri = hostile(), .sha256 = std::string(64, 'b'), .rows = 6, .columns = 3};
  source.seed = 1;
  for (std::string* text : {&source.generator, &source.library, &source.compiler, &source.compiler_flags,
                            &source.cpu_features, &source.blas, &source.platform}) {
    *text = hostile();
  }
  source.annotations[hostile()] = hostile();
  said.provenance = source;
  FitReport report = LogisticRegression{}.fit(six_rows, three_classes).report;
  report.solver = hostile();
  const auto fit = LogisticRegression{}.fit(six_rows, three_classes);
  const json page = page_of(ModelArchive(fit.model, fit.estimator, report, said));
  EXPECT_GE(planted.size(), 20U);
  for (const std::string& each : planted) EXPECT_TRUE(says(page, each)) << each;
  EXPECT_EQ(read(page_file()).find("<script"), std::string::npos);
}

TEST_F(CardHtml, NoCharacterTurnsTheTextAround) {
  const std::string turned =
      "a\xE2\x80\xAE"
      "b\xE2\x81\xA6"
      "c\xC2\x9B"
      "d\xEF\xBF\xBF"
      "e\xD8\x9C"
      "f";
  const auto fit = Ridge{}.fit(six_rows, six_targets);
  const json page = page_of(ModelArchive(fit, {.name = turned,
                                               .features = std::vector<std::string>{"\xE6\x97\xA5\xE6\x9C\xAC", "b"},
                                               .description = "first\n\tsecond"}));
  EXPECT_TRUE(says(page, "a\\u202eb\\u2066c\\u009bd\\uffffe\\u061cf"));
  EXPECT_TRUE(says(page, "first\n\tsecond"));
  EXPECT_TRUE(says(page, "\xE6\x97\xA5\xE6\x9C\xAC"));  // all other text stays what it is
}

TEST_F(CardHtml, EveryFeatureOfALargeModelIsInTheTable) {
  const Eigen::Index n = 2000;
  std::vector<std::string> names;
  for (Eigen::Index j = 0; j < n; ++j) names.push_back("feature_" + std::to_string(j));
  const Eigen::MatrixXd wide = Eigen::MatrixXd::NullaryExpr(
      8, n, [](Eigen::Index i, Eigen::Index j) { return static_cast<double>((i * 7919 + j * 104729) % 1009) / 1009; });
  const Eigen::VectorXd target = wide.rowwise().sum();
  const json page = page_of(ModelArchive(Ridge{}.fit(wide, target), {.name = "wide", .features = names}));
  for (const std::string& name : names) EXPECT_EQ(rows(page, name).size(), 1U) << name;
  EXPECT_EQ(page["drawn"].size(), 30U);
  EXPECT_TRUE(says(page, "Drawn are the 30 largest of 2000 features; 1970 more are in the table."));
  EXPECT_EQ(page["unfolded"], json::array({false}));
}

TEST_F(CardHtml, AnEvenLargerTableIsLimitedAndSaysSo) {
  const Eigen::MatrixXd wide = Eigen::MatrixXd::NullaryExpr(3, 6000, [](Eigen::Index i, Eigen::Index j) {
    return i == 0 ? static_cast<double>(j) : static_cast<double>(-i);
  });
  const json page = page_of(ModelArchive(Ridge{}.fit(wide, six_targets.head(3)), {.name = "wider"}));
  EXPECT_TRUE(says(page, "The 5000 features of largest coefficients, of 6000"));
  const auto listed = std::count_if(page["rows"].begin(), page["rows"].end(),
                                    [](const json& row) { return row.at(0).get<std::string>().starts_with("x["); });
  EXPECT_EQ(listed, 5000);
}

TEST_F(CardHtml, EveryEstimator) {
  for (const std::string estimator : {"linear", "ridge", "lasso", "elastic-net"}) {
    ASSERT_EQ(train(estimator, data("longley.csv"), "employed").exit_code, 0);
    const json page = this->page();
    EXPECT_EQ(rows(page, "fit_intercept").at(0).at(1), "true") << estimator;
    EXPECT_EQ(rows(page, "intercept").size(), 1U) << estimator;
  }
  ASSERT_EQ(train("lasso", data("longley.csv"), "employed", {"--alpha", "1e9"}).exit_code, 0);
  EXPECT_TRUE(says(page(), "The coefficients of 6 of 6 features are zero."));
}

TEST_F(CardHtml, TwoClassesAreBars) {
  ASSERT_EQ(train("logistic", data("breast_cancer.csv"), "diagnosis").exit_code, 0);
  const json page = this->page();
  EXPECT_TRUE(says(page, "The log-odds of malignant against benign"));
  EXPECT_TRUE(says(page, "towards malignant"));
  EXPECT_EQ(rows(page, "classes").at(0).at(1), "benign, malignant");
  EXPECT_EQ(page["drawn"].size(), 60U);
  EXPECT_EQ(rows(page, "mean_radius").at(0).size(), 5U);
}

TEST_F(CardHtml, ManyClassesAreAHeatMap) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit").exit_code, 0);
  const json page = this->page();
  EXPECT_EQ(page["drawn"].size(), 300U);  // a field for each of 30 features and 10 classes
  EXPECT_TRUE(says(page, "Coefficients, outputs 1 to 8 of 10"));
  const auto model = ModelArchive::load(model_file())->model<LogisticModel<double>>().value();
  const auto found = rows(page, "pixel_2_3");
  ASSERT_EQ(found.size(), 3U);  // range, eight classes, two classes
  EXPECT_NEAR(std::stod(found[1].at(1)), model.coefficients()(0, 19), 1e-5 * std::abs(model.coefficients()(0, 19)));
  EXPECT_NEAR(std::stod(found[2].at(2)), model.coefficients()(9, 19), 1e-5 * std::abs(model.coefficients()(9, 19)));
}

TEST_F(CardHtml, SeveralTargetsUnnamedFeaturesAndFloats) {
  const Eigen::MatrixXf targets = Eigen::MatrixXf::NullaryExpr(
      6, 2, [](Eigen::Index i, Eigen::Index k) { return static_cast<float>(i * i + k * i); });
  const json page = page_of(ModelArchive(Ridge{}.fit(six_rows.cast<float>(), targets), {.name = "two"}));
  EXPECT_EQ(rows(page, "dtype").at(0).at(1), "float32");
  EXPECT_EQ(rows(page, "features").at(0).at(1), "2, unnamed");
  EXPECT_EQ(rows(page, "targets").at(0).at(1), "y0, y1");
  EXPECT_EQ(rows(page, "x[1]").size(), 2U);
  EXPECT_EQ(page["drawn"].size(), 4U);
  EXPECT_TRUE(says(page, "within its target"));
  EXPECT_TRUE(says(page, "The features have no names"));
}

TEST_F(CardHtml, RangesBeyondDoubleAreNotDrawn) {
  const auto fit = Ridge{}.fit(six_rows, six_targets);
  const json page =
      page_of(ModelArchive(fit, {.name = "wide",
                                 .features = std::vector<Feature>{{.name = "a", .range = Range{-1.7e308, 1.7e308}},
                                                                  {.name = "b", .range = Range{1, 1}}}}));
  EXPECT_EQ(rows(page, "a").at(0).at(4), "");
  EXPECT_EQ(page["drawn"], json::array({"b", "a", "b"}));
  const std::string text = read(page_file());
  for (const char* number : {"\"nan", "\"inf", "\"-nan", "\"-inf"}) EXPECT_EQ(text.find(number), std::string::npos);
}

TEST_F(CardHtml, NamesTheKeyThatSigned) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  ASSERT_EQ(run({"keygen", path("me")}).exit_code, 0);
  ASSERT_EQ(run({"sign", model_file(), "--key", path("me.pem"), "--embed"}).exit_code, 0);
  EXPECT_TRUE(says(page(), "The embedded signature was not verified"));
  const json verified = page({"--trust", path("me.pub.pem")});
  const auto key = PublicKey::load(path("me.pub.pem"));
  EXPECT_EQ(rows(verified, "signature").at(0).at(1), "verified, by the key " + key->fingerprint());
  EXPECT_FALSE(says(verified, "signature was"));
}

TEST_F(CardHtml, TheSameArchiveGivesTheSameBytesAndANote) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const Outcome outcome = run({"inspect", model_file(), "--html", page_file()});
  EXPECT_EQ(outcome.out, page_file() + "  model card of model 0.1.0\n");
  const std::string first = read(page_file());
  const Outcome both = run({"inspect", "--json", model_file(), "--html", page_file()});
  EXPECT_EQ(both.exit_code, 0);
  EXPECT_EQ(both.out, run({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(read(page_file()), first);
}

TEST_F(CardHtml, WhatCannotBeWrittenOrIsRefused) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const Outcome nowhere = run({"inspect", model_file(), "--html", path("none/card.html")});
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_NE(nowhere.err.find("there is no directory"), std::string::npos) << nowhere.err;
  const Outcome itself = run({"inspect", model_file(), "--html", model_file()});
  EXPECT_EQ(itself.exit_code, 2);
  EXPECT_NE(itself.err.find("would replace the input"), std::string::npos) << itself.err;
  EXPECT_EQ(run({"inspect", model_file(), "--html"}).exit_code, 2);

  write(model_file(), read(model_file()).substr(0, 1000));
  EXPECT_EQ(run({"inspect", model_file(), "--html", page_file()}).exit_code, 4);
  EXPECT_EQ(files(), std::vector<std::string>{"model.aprender"});
}

}  // namespace
}  // namespace aprender::cli
