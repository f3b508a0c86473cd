// Training that starts from a model there is already.
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "cli/inspected.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

/// Trains to next.aprender from the model.aprender that is there.
struct WarmStart : Command {
  [[nodiscard]] Outcome go_on(const std::string& estimator, const std::string& table, const std::string& target,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train", "--estimator", estimator,   "--data",       table,       "--target",
                                      target,  "--out",       next_file(), "--start-from", model_file()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  [[nodiscard]] std::string next_file() const { return path("next.aprender"); }

  void expect_refused(const Outcome& outcome, int exit_code, const std::string& message) const {
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(next_file()));
  }
};

TEST_F(WarmStart, EndsSoonerAtTheSameSolution) {
  const std::vector<std::tuple<std::string, std::string, std::string, std::vector<std::string>>> cases = {
      {"lasso", "diabetes.csv", "progression", {"--alpha", "0.5"}},
      {"elastic-net", "diabetes.csv", "progression", {"--alpha", "0.01"}},
      {"logistic", "breast_cancer.csv", "diagnosis", {"--C", "0.5"}},
      {"logistic", "breast_cancer.csv", "diagnosis", {"--l1-ratio", "1"}},
      {"logistic", "digits.csv", "digit", {"--C", "0.001"}}};
  for (const auto& [estimator, table, target, options] : cases) {
    SCOPED_TRACE(testing::Message() << estimator << " on " << table);
    ASSERT_EQ(train(estimator, data(table), target, options).exit_code, 0);
    const json first = inspected(model_file());
    const Outcome outcome = go_on(estimator, data(table), target, options);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    const json next = inspected(next_file());
    EXPECT_TRUE(next["fit"]["converged"]);
    EXPECT_LT(next["fit"]["iterations"], first["fit"]["iterations"]);
    EXPECT_NEAR(next["fit"]["objective"].get<double>() / first["fit"]["objective"].get<double>(), 1, 1e-6);
    EXPECT_EQ(next["provenance"]["parent_archive_id"], first["archive_id"]);
    EXPECT_FALSE(first["provenance"].contains("parent_archive_id"));
  }
}

TEST_F(WarmStart, MayBeAnotherEstimatorOrPrecisionAndReplaced) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--float32"}).exit_code, 0);
  const std::string ridge = inspected(model_file())["archive_id"];
  ASSERT_EQ(train("lasso", data("diabetes.csv"), "progression", {"--start-from", model_file()}).exit_code, 0);
  const json lasso = inspected(model_file());
  EXPECT_EQ(lasso["estimator"]["type"], "Lasso");
  EXPECT_TRUE(lasso["fit"]["converged"]);
  EXPECT_EQ(lasso["provenance"]["parent_archive_id"], ridge);
  // Coefficients below zero are no place to be for a constrained fit, but no reason to fail.
  const Outcome positive = go_on("lasso", data("diabetes.csv"), "progression", {"--positive"});
  ASSERT_EQ(positive.exit_code, 0) << positive.err;
  const json constrained = inspected(next_file());
  EXPECT_TRUE(constrained["fit"]["converged"]);
  for (const double w : constrained["coefficients"][0].get<std::vector<double>>()) EXPECT_GE(w, 0.0);
}

TEST_F(WarmStart, FeaturesOfSparseDataAreTheirPositions) {
  const std::string table = file("t.csv", "a,b,y\n1,2,3\n2,1,5\n3,5,4\n4,4,9\n");
  const std::string samples = file("t.svm", "3 1:1 2:2\n5 1:2 2:1\n4 1:3 2:5\n9 1:4 2:4\n");
  ASSERT_EQ(train("lasso", table, "y", {"--alpha", "0.1"}).exit_code, 0);
  const auto sparse = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"train",  "--estimator", "lasso",        "--alpha",    "0.1",   "--sparse",
                                      "--data", samples,       "--start-from", model_file(), "--out", next_file()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  EXPECT_EQ(sparse({}).exit_code, 0);
  std::filesystem::remove(next_file());
  expect_refused(sparse({"--n-features", "3"}), 8, "the model has 2 features, the data have 3");
}

TEST_F(WarmStart, FeaturesAndClassesHaveToBeThoseOfTheData) {
  const std::string study = data("diabetes.csv");
  ASSERT_EQ(train("lasso", study, "progression", {"--features", "bmi,bp"}).exit_code, 0);
  expect_refused(go_on("lasso", study, "progression"), 8, "the model has 2 features, the data have 10");
  expect_refused(go_on("lasso", study, "progression", {"--features", "bp,bmi"}), 8,
                 "feature 1 of the model is 'bmi', that of the data 'bp'");
  expect_refused(go_on("logistic", study, "sex", {"--features", "bmi,bp"}), 8,
                 "the model is a regression, the estimator a classifier");
  expect_refused(go_on("ridge", study, "progression", {"--features", "bmi,bp"}), 2,
                 "--start-from does not apply to --estimator ridge");

  const std::string kinds = file("k.csv", "x,kind\n1,a\n2,b\n3,a\n4,b\n5,b\n");
  ASSERT_EQ(train("logistic", kinds, "kind").exit_code, 0);
  expect_refused(go_on("logistic", file("o.csv", "x,kind\n1,a\n2,c\n3,a\n4,c\n"), "kind"), 8,
                 "the model has the classes a, b, the data have the classes a, c");
  expect_refused(go_on("lasso", file("n.csv", "x,y\n1,2\n2,3\n"), "y"), 8,
                 "the model is a classifier, the estimator a regression");
  ASSERT_EQ(train("linear", file("two.csv", "x,y,z\n1,2,3\n2,3,1\n"), "y", {"--target", "z"}).exit_code, 0);
  expect_refused(go_on("lasso", file("n.csv", "x,y\n1,2\n2,3\n"), "y"), 8, "the model has 2 targets, expected 1");
}

TEST_F(WarmStart, TheModelIsVerifiedInFull) {
  expect_refused(go_on("lasso", data("longley.csv"), "employed"), 3, model_file());
  file("model.aprender", "something else");
  expect_refused(go_on("lasso", data("longley.csv"), "employed"), 4, "model.aprender");
}

}  // namespace
}  // namespace aprender::cli
