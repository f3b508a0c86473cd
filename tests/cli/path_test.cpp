// Regularisation paths through the command.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "aprender/models.hpp"
#include "cli/on_diabetes.hpp"
#include "models/data.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class PathCommand : public OnDiabetes {
 protected:
  PathCommand() : OnDiabetes("path") {}

  /// The path of a classifier.
  [[nodiscard]] static Outcome classify(const std::string& table, const std::string& target,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> words = {"path", "--estimator", "logistic", "--data", table, "--target", target};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, {.environment = {{"LC_ALL", "C"}}});
  }
  [[nodiscard]] static json classified(const std::string& table, const std::string& target,
                                       std::vector<std::string> more) {
    more.emplace_back("--json");
    const Outcome outcome = classify(table, target, more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
  }
};

TEST_F(PathCommand, JsonHoldsThePathOfTheLibrary) {
  const test::DataSet diabetes = test::load("diabetes");
  const auto fits = Lasso{}.path(diabetes.x, diabetes.y, {.n_alphas = 7, .alpha_min_ratio = 0.01});
  const Outcome outcome = run(arguments("lasso", {"--n-alphas", "7", "--alpha-min-ratio", "0.01", "--json"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const json path = json::parse(outcome.out);
  EXPECT_EQ(path["estimator"]["type"], "Lasso");
  EXPECT_FALSE(path["estimator"]["hyperparameters"].contains("alpha"));
  EXPECT_EQ(path["features"].size(), 10u);
  ASSERT_EQ(path["fits"].size(), 7u);
  for (std::size_t k = 0; k < 7; ++k) {
    const json& fit = path["fits"][k];
    EXPECT_EQ(fit["alpha"], fits[k].estimator.alpha);
    EXPECT_EQ(fit["intercept"], fits[k].model.intercept());
    for (std::size_t j = 0; j < 10; ++j) {
      EXPECT_EQ(fit["coefficients"][j], fits[k].model.coefficients()(static_cast<Eigen::Index>(j)));
    }
    EXPECT_EQ(fit["nonzero"], (fits[k].model.coefficients().array() != 0).count());
    EXPECT_TRUE(fit["converged"]);
    EXPECT_LE(fit["duality_gap"], fit["tolerance"]);
    EXPECT_DOUBLE_EQ(fit["r2_train"], r2_score(diabetes.y, fits[k].model.predict(diabetes.x)));
  }
}

TEST_F(PathCommand, EveryEstimatorWithAPathPrintsATableAndAPlot) {
  for (const std::string estimator : {"ridge", "lasso", "elastic-net"}) {
    const Outcome outcome = run(arguments(estimator), {.environment = {{"LC_ALL", "C"}}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("non-zero"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find(" bmi\n"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("of 100 fits; --json has all"), std::string::npos) << outcome.out;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_NE(run(arguments("lasso"), {.environment = {{"LC_ALL", "C.UTF-8"}}}).out.find("\xE2\xA0"), std::string::npos);
}

TEST_F(PathCommand, AClassifiersPathIsThatOfTheLibraryOverC) {
  const test::DataSet cancer = test::load("breast_cancer");
  const Eigen::VectorXi labels = cancer.y.cast<int>();
  for (const double l1_ratio : {0.0, 0.5, 1.0}) {
    const LogisticRegression estimator{.l1_ratio = l1_ratio};
    const auto fits = estimator.path(cancer.x, labels, estimator.penalty_grid(cancer.x, labels, {.n_alphas = 4}));
    const json path =
        classified(data("breast_cancer.csv"), "diagnosis", {"--l1-ratio", std::to_string(l1_ratio), "--n-alphas", "4"});
    EXPECT_FALSE(path["estimator"]["hyperparameters"].contains("C"));
    EXPECT_EQ(path["classes"], json({"benign", "malignant"}));
    ASSERT_EQ(path["fits"].size(), 4u);
    for (std::size_t k = 0; k < 4; ++k) {
      const json& fit = path["fits"][k];
      const LogisticModel<double>& model = fits[k].model;
      EXPECT_EQ(fit["C"], fits[k].estimator.C);
      EXPECT_EQ(fit["intercept"], json({model.intercept()(0)}));
      ASSERT_EQ(fit["coefficients"].size(), 1u);
      for (std::size_t j = 0; j < 30; ++j) {
        EXPECT_EQ(fit["coefficients"][0][j], model.coefficients()(0, static_cast<Eigen::Index>(j)));
      }
      EXPECT_EQ(fit["nonzero"], (model.coefficients().array() != 0).count());
      EXPECT_LE(fit[l1_ratio > 0 ? "duality_gap" : "gradient_norm"], fit["tolerance"]);
      EXPECT_DOUBLE_EQ(fit["log_loss_train"], log_loss(labels, model.predict_proba(cancer.x), model.classes()));
      EXPECT_DOUBLE_EQ(fit["accuracy_train"], accuracy_score(labels, model.predict(cancer.x)));
    }
    EXPECT_LT(path["fits"][0]["C"], path["fits"][3]["C"]);
  }
}

TEST_F(PathCommand, AClassifiersPathIsATableAndAPlot) {
  const Outcome outcome = classify(data("breast_cancer.csv"), "diagnosis",
                                   {"--l1-ratio", "1", "--class-weight", "benign=2", "--svg", path("path.svg")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"LogisticRegression path of diagnosis", "class weight  benign=2", "   C  non-zero  log loss",
                           "C, the strongest penalty on the left", "of 25 fits; --json has all"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(read(path("path.svg")).find(">worst_"), std::string::npos);
}

TEST_F(PathCommand, WeightsOfClassesReachThePath) {
  const std::vector<std::string> given = {"--alphas", "0.1"};
  const json plain = classified(data("breast_cancer.csv"), "diagnosis", given);
  const json weighted =
      classified(data("breast_cancer.csv"), "diagnosis", {"--alphas", "0.1", "--class-weight", "benign=5"});
  EXPECT_EQ(weighted["estimator"]["hyperparameters"]["class_weight"], "benign=5");
  EXPECT_LT(weighted["fits"][0]["intercept"][0], plain["fits"][0]["intercept"][0]);
  const Outcome unknown = classify(data("breast_cancer.csv"), "diagnosis", {"--class-weight", "kind=2"});
  EXPECT_EQ(unknown.exit_code, 8);
  EXPECT_NE(unknown.err.find("no row has the label 'kind'"), std::string::npos) << unknown.err;
}

TEST_F(PathCommand, SeveralClassesHaveACurveForEachFeatureAndClass) {
  const std::vector<std::string> few = {"--l1-ratio", "1", "--alphas", "0.01,0.001"};
  const json all = classified(data("digits.csv"), "digit", few);
  EXPECT_EQ(all["classes"].size(), 10u);
  EXPECT_EQ(all["classes"][3], "3");
  const json& fit = all["fits"][1];
  EXPECT_EQ(fit["C"], 0.01);
  ASSERT_EQ(fit["coefficients"].size(), 10u);
  EXPECT_EQ(fit["intercept"].size(), 10u);
  std::ptrdiff_t nonzero = 0;
  for (const auto& row : fit["coefficients"].get<std::vector<std::vector<double>>>()) {
    EXPECT_EQ(row.size(), 64u);
    nonzero += std::ssize(row) - std::count(row.begin(), row.end(), 0.0);
  }
  EXPECT_EQ(fit["nonzero"], nonzero);
  const Outcome drawn = classify(data("digits.csv"), "digit", few);
  EXPECT_NE(drawn.out.find("path of digit, 200 of 640 curves"), std::string::npos) << drawn.out;
  EXPECT_NE(drawn.out.find(": pixel_"), std::string::npos) << drawn.out;
}

TEST_F(PathCommand, AlphasAreThoseGiven) {
  const Outcome outcome = run(arguments("ridge", {"--alphas", "1,100,10", "--threads", "2", "--json"}));
  const json path = json::parse(outcome.out);
  ASSERT_EQ(path["fits"].size(), 3u);
  EXPECT_EQ(path["fits"][0]["alpha"], 100.0);
  EXPECT_EQ(path["fits"][2]["alpha"], 1.0);
  EXPECT_EQ(path["fits"][0]["solver"], "eigendecomposition");
}

TEST_F(PathCommand, TheSvgIsWellFormedXml) {
  ASSERT_EQ(run(arguments("lasso", {"--svg", path("path.svg")})).exit_code, 0);
  EXPECT_EQ(files(), std::vector<std::string>{"path.svg"});
  const std::string parse = "python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' ";
  EXPECT_EQ(std::system((parse + path("path.svg")).c_str()), 0);
}

TEST_F(PathCommand, NamesFromATableAreHarmlessInXml) {
  const std::string table = file("t.csv", "\"<a>&\",\"b\x01\",y\n1,2,3\n2,1,5\n3,5,4\n");
  const Outcome refused =
      run({"path", "--estimator", "ridge", "--data", table, "--target", "y", "--svg", path("p.svg")});
  EXPECT_EQ(refused.exit_code, 8);  // a control character
  const std::string tame = file("t.csv", "\"<a>&\",b,y\n1,2,3\n2,1,5\n3,5,4\n");
  ASSERT_EQ(run({"path", "--estimator", "ridge", "--data", tame, "--target", "y", "--svg", path("p.svg")}).exit_code,
            0);
  EXPECT_NE(read(path("p.svg")).find("&lt;a&gt;&amp;"), std::string::npos);
}

TEST_F(PathCommand, NotConvergingIsSaid) {
  const Outcome outcome = run(arguments("lasso", {"--max-iter", "1", "--n-alphas", "5"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("fits did not meet their tolerance; raise --max-iter or --tol"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("NOT MET"), std::string::npos);
}

TEST_F(PathCommand, BadOptionsAreUsageErrors) {
  expect_refused("linear", {}, "--estimator linear has no path, for it has no penalty");
  expect_refused("linear", {}, "Those with one are ridge, lasso, elastic-net and logistic.");
  expect_refused("ridge", {"--class-weight", "balanced"}, "--class-weight does not apply to --estimator ridge");
  expect_refused("ridge", {"--l1-ratio", "0.5"}, "--l1-ratio does not apply");
  expect_refused("lasso", {"--n-alphas", "0"}, "--n-alphas 0: expected 1 to 10000");
  expect_refused("lasso", {"--n-alphas", "10001"}, "--n-alphas 10001: expected 1 to 10000");
  expect_refused("lasso", {"--alpha-min-ratio", "1"}, "--alpha-min-ratio is 1, expected a number between 0 and 1");
  expect_refused("lasso", {"--alpha-min-ratio", "0"}, "--alpha-min-ratio is 0, expected a number between 0 and 1");
  for (const char* list : {"", ",", "1,", ",1", "1,,2", "1,x", "0", "-1", "nan", "inf", "1 2", "1e999"}) {
    expect_refused("lasso", {"--alphas", list}, "expected positive numbers separated by commas");
  }
  expect_refused("lasso", {"--alphas", "1,2,1"}, "--alphas '1,2,1': 1 is given twice");
  expect_refused("lasso", {"--alphas", "1,2", "--n-alphas", "3"}, "exclude each other");
  expect_refused("lasso", {"--alpha", "1"}, "unexpected '--alpha'");
  expect_refused("lasso", {"--threads", "0"}, "--threads 0: expected 1 to 1024");
  expect_refused("lasso", {"--svg", path("no/such/p.svg")},
                 "--svg " + path("no/such/p.svg") + ": there is no directory", 3);
  expect_refused("lasso", {"--svg", data("diabetes.csv")}, "would replace the input");
  EXPECT_NE(run({"path"}).err.find("path needs --estimator, --data, --target"), std::string::npos);
}

TEST_F(PathCommand, AConstantTargetHasNoGrid) {
  const Outcome outcome =
      run({"path", "--estimator", "lasso", "--data", file("t.csv", "x,y\n1,5\n2,5\n4,5\n"), "--target", "y"});
  EXPECT_EQ(outcome.exit_code, 8);
  EXPECT_NE(outcome.err.find("the largest alpha of the grid is 0"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace aprender::cli
