// Cross-validation through the command.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "aprender/models.hpp"
#include "cli/on_diabetes.hpp"
#include "models/data.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Cv : public OnDiabetes {
 protected:
  Cv() : OnDiabetes("cv") {}

  [[nodiscard]] static json found(const std::vector<std::string>& arguments) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
};

TEST_F(Cv, JsonHoldsWhatTheLibraryFinds) {
  const test::DataSet diabetes = test::load("diabetes");
  const CrossValidation expected =
      cross_validate(Lasso{}, diabetes.x, diabetes.y, {.n_folds = 4, .seed = 7, .path = {.n_alphas = 30}});
  const json cv = found(arguments("lasso", {"--folds", "4", "--seed", "7", "--n-alphas", "30", "--json"}));
  EXPECT_EQ(cv["error"], "mse");
  EXPECT_EQ(cv["folds"], 4);
  EXPECT_EQ(cv["seed"], 7);
  EXPECT_EQ(cv["rule"], "min");
  EXPECT_EQ(cv["not_converged"], 0);
  ASSERT_EQ(cv["alphas"].size(), 30u);
  for (std::size_t k = 0; k < 30; ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    EXPECT_EQ(cv["alphas"][k], expected.alphas(at));
    EXPECT_EQ(cv["mean"][k], expected.mean(at));
    EXPECT_EQ(cv["standard_error"][k], expected.standard_error(at));
    for (std::size_t f = 0; f < 4; ++f)
      EXPECT_EQ(cv["errors"][f][k], expected.errors(static_cast<Eigen::Index>(f), at));
  }
  EXPECT_EQ(cv["min"]["index"], expected.best());
  EXPECT_EQ(cv["1se"]["index"], expected.one_standard_error());
  EXPECT_EQ(cv["chosen"], cv["min"]);
  EXPECT_EQ(found(arguments("lasso",
                            {"--folds", "4", "--seed", "7", "--n-alphas", "30", "--json", "--rule", "1se"}))["chosen"],
            cv["1se"]);
}

TEST_F(Cv, TheArchiveIsThatOfTrainingWithTheChosenPenalty) {
  const json cv = found(arguments("elastic-net", {"--n-alphas", "20", "--rule", "1se", "--seed", "3", "--out",
                                                  model_file(), "--name", "study", "--version", "2.0.0", "--json"}));
  const json model = json::parse(run({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(model["archive_id"], cv["archive_id"]);
  EXPECT_EQ(model["name"], "study");
  EXPECT_EQ(model["version"], "2.0.0");
  EXPECT_EQ(model["estimator"]["hyperparameters"]["alpha"], cv["chosen"]["alpha"]);
  EXPECT_EQ(model["metrics"]["mse_cv"], cv["chosen"]["mean"]);
  EXPECT_GT(model["metrics"]["r2_train"], 0.3);
  EXPECT_EQ(model["provenance"]["seed"], 3);
  EXPECT_EQ(model["provenance"]["generator"], "splitmix64");
  EXPECT_EQ(model["provenance"]["annotations"],
            json({{"cross_validation", "10-fold cross-validation"}, {"selection_rule", "1se"}}));
  EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);

  const std::string alpha = cv["chosen"]["alpha"].dump();
  ASSERT_EQ(train("elastic-net", data("diabetes.csv"), "progression", {"--alpha", alpha}).exit_code, 0);
  const json trained = json::parse(run({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(model["coefficients"], trained["coefficients"]);
  EXPECT_EQ(model["intercept"], trained["intercept"]);
}

TEST_F(Cv, AClassifierIsJudgedByLogLossOverC) {
  const std::vector<std::string> logistic = {
      "cv",       "--estimator", "logistic", "--data",    data("breast_cancer.csv"),
      "--target", "diagnosis",   "--folds",  "3",         "--alphas",
      "0.01,1",   "--json",      "--out",    model_file()};
  const json cv = found(logistic);
  EXPECT_EQ(cv["error"], "log_loss");
  EXPECT_EQ(cv["Cs"], json({0.01, 1.0}));
  EXPECT_LT(cv["chosen"]["mean"], 0.2);
  const json model = json::parse(run({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(model["estimator"]["hyperparameters"]["C"], cv["chosen"]["C"]);
  EXPECT_EQ(model["metrics"]["log_loss_cv"], cv["chosen"]["mean"]);
}

TEST_F(Cv, RidgeLeavesOneOutWithoutFolds) {
  const test::DataSet diabetes = test::load("diabetes");
  const LeaveOneOut expected = Ridge{}.leave_one_out(diabetes.x, diabetes.y);
  const json cv = found(arguments("ridge", {"--leave-one-out", "--json", "--out", model_file()}));
  EXPECT_EQ(cv["mean"].get<std::vector<double>>(),
            std::vector<double>(expected.validation.mean.begin(), expected.validation.mean.end()));
  EXPECT_EQ(cv["gcv"].get<std::vector<double>>(), std::vector<double>(expected.gcv.begin(), expected.gcv.end()));
  EXPECT_FALSE(cv.contains("folds"));
  const json provenance = json::parse(run({"inspect", "--json", model_file()}).out)["provenance"];
  EXPECT_FALSE(provenance.contains("seed"));
  EXPECT_EQ(provenance["annotations"]["cross_validation"], "leave-one-out");
}

TEST_F(Cv, RidgeMayBeChosenByGeneralisedCrossValidation) {
  const test::DataSet diabetes = test::load("diabetes");
  const LeaveOneOut expected = Ridge{}.leave_one_out(diabetes.x, diabetes.y, {.n_alphas = 300});
  const Eigen::Index least = expected.best_by_gcv();
  ASSERT_NE(least, expected.validation.best());  // so that it matters
  const std::vector<std::string> options = {"--leave-one-out", "--rule", "gcv", "--n-alphas", "300"};
  std::vector<std::string> with_json = options;
  with_json.insert(with_json.end(), {"--json", "--out", model_file()});
  const json cv = found(arguments("ridge", with_json));
  EXPECT_EQ(cv["rule"], "gcv");
  EXPECT_EQ(cv["chosen"]["index"], least);
  const json model = json::parse(run({"inspect", "--json", model_file()}).out);
  EXPECT_EQ(model["estimator"]["hyperparameters"]["alpha"], expected.validation.alphas(least));
  EXPECT_EQ(model["provenance"]["annotations"]["selection_rule"], "gcv");

  const Outcome outcome = run(arguments("ridge", options), {.environment = {{"LC_ALL", "C"}}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("  standard error           gcv\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("  gcv\n", outcome.out.find("standard error") + 40), std::string::npos) << outcome.out;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_EQ(run(arguments("ridge")).out.find("gcv"), std::string::npos);
}

TEST_F(Cv, ReportsATableACurveAndTheModel) {
  const Outcome outcome =
      run(arguments("ridge", {"--out", model_file(), "--svg", path("cv.svg")}), {.environment = {{"LC_ALL", "C"}}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"10-fold cross-validation of Ridge for progression", "10, seed 0", "standard error", "  min",
                           "  1se", "archive id", "r2_train"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
  EXPECT_EQ(files(), (std::vector<std::string>{"cv.svg", "model.aprender"}));
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  const std::string parse = "python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' ";
  EXPECT_EQ(std::system((parse + path("cv.svg")).c_str()), 0);
}

TEST_F(Cv, AChoiceAtTheEndOfTheGridIsNoted) {
  const Outcome outcome = run(arguments("ridge", {"--alphas", "1e6,1e5"}));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("note: the weakest penalty tried is chosen"), std::string::npos) << outcome.err;
}

TEST_F(Cv, BadOptionsAreUsageErrors) {
  expect_refused("linear", {}, "--estimator linear has no penalty to choose");
  expect_refused("ridge", {"--folds", "1"}, "--folds 1: expected 2 to 1000");
  expect_refused("ridge", {"--folds", "1001"}, "--folds 1001: expected 2 to 1000");
  expect_refused("ridge", {"--rule", "max"}, "--rule 'max': expected min, 1se or gcv");
  expect_refused("lasso", {"--leave-one-out"}, "--leave-one-out does not apply to --estimator lasso");
  expect_refused("ridge", {"--rule", "gcv"}, "--rule gcv needs --leave-one-out");
  expect_refused("ridge", {"--leave-one-out", "--folds", "3"}, "--leave-one-out draws no folds");
  expect_refused("ridge", {"--out", path("m"), "--svg", path("m")}, "--svg and --out name the same file");
  expect_refused("ridge", {"--out", path("m"), "--version", "1"}, "--version '1': expected a semantic version");
  expect_refused("ridge", {"--seed", "-1"}, "--seed: '-1', expected an integer in range");
  EXPECT_NE(run({"cv"}).err.find("cv needs --estimator, --data, --target"), std::string::npos);
}

TEST_F(Cv, DataThatCannotBeFoldedAreNamed) {
  const std::string three = file("t.csv", "x,y\n1,2\n2,3\n4,5\n");
  const Outcome few = run({"cv", "--estimator", "ridge", "--data", three, "--target", "y"});
  EXPECT_EQ(few.exit_code, 8);
  EXPECT_NE(few.err.find("n_folds is 10, expected 2 to 3, the number of samples"), std::string::npos) << few.err;
  for (const std::string estimator : {"ridge", "lasso", "elastic-net"}) {
    const Outcome one =
        run({"cv", "--estimator", estimator, "--folds", "2", "--target", "y", "--data", file("one.csv", "x,y\n1,2\n")});
    EXPECT_EQ(one.exit_code, 8);
    EXPECT_NE(one.err.find("one.csv: 1 row cannot be split into folds; at least 2 are needed"), std::string::npos)
        << one.err;
  }
  const Outcome weightless = run({"cv", "--estimator", "ridge", "--leave-one-out", "--target", "y", "--data",
                                  file("w.csv", "x,y,w\n1,2,1\n2,3,0\n"), "--sample-weight", "w"});
  EXPECT_EQ(weightless.exit_code, 8);
  EXPECT_NE(weightless.err.find("1 row of positive weight cannot be split"), std::string::npos) << weightless.err;
  const std::string rare = file("r.csv", "x,y\n1,0\n2,0\n4,1\n5,1\n6,1\n7,2\n");
  const Outcome lone = run({"cv", "--estimator", "logistic", "--data", rare, "--target", "y", "--folds", "2"});
  EXPECT_EQ(lone.exit_code, 8);
  EXPECT_NE(lone.err.find("samples of class 2 to train on in fold"), std::string::npos) << lone.err;
  const std::string text = file("t.csv", "x,y\n1,a\n2,a\n4,b\n5,b\n6,b\n7,rare\n");
  const Outcome named = run({"cv", "--estimator", "logistic", "--data", text, "--target", "y", "--folds", "2"});
  EXPECT_EQ(named.exit_code, 8);
  EXPECT_NE(named.err.find("samples of class rare to train on in fold"), std::string::npos) << named.err;
}

}  // namespace
}  // namespace aprender::cli
