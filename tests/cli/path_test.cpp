// Regularisation paths through the command.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "aprender/instances.hpp"
#include "cli/on_diabetes.hpp"
#include "models/data.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class PathCommand : public OnDiabetes {
 protected:
  PathCommand() : OnDiabetes("path") {}
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
  const Outcome outcome = run(arguments("lasso", {"--max-iter", "1"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("fits did not meet their tolerance; raise --max-iter or --tol"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("NOT MET"), std::string::npos);
}

TEST_F(PathCommand, BadOptionsAreUsageErrors) {
  expect_refused("linear", {}, "--estimator linear has no path");
  expect_refused("logistic", {}, "--estimator logistic has no path");
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
