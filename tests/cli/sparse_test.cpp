// Data in the format of LIBSVM: the same models as from a table of the same numbers.
#include <nlohmann/json.hpp>
#include <sstream>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "cli/process.hpp"
#include "models/data.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

/// The samples without their zeros, numbers in full.
std::string libsvm(const test::DataSet& samples) {
  std::ostringstream text;
  text.precision(17);
  for (Eigen::Index i = 0; i < samples.x.rows(); ++i) {
    text << samples.y(i);
    for (Eigen::Index j = 0; j < samples.x.cols(); ++j) {
      if (samples.x(i, j) != 0) text << ' ' << j + 1 << ':' << samples.x(i, j);
    }
    text << '\n';
  }
  return text.str();
}

class Sparse : public Command {
 protected:
  [[nodiscard]] Outcome run_on(const std::string& command, const std::string& estimator, const std::string& samples,
                               const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {command, "--estimator", estimator, "--sparse", "--data", samples};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  [[nodiscard]] json json_of(const std::string& command, const std::string& estimator, const std::string& samples,
                             std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const Outcome outcome = run_on(command, estimator, samples, more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }

  [[nodiscard]] json table_json_of(const std::string& command, const std::string& estimator,
                                   std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {command,    "--estimator", estimator, "--data", data("diabetes.csv"),
                                      "--target", "progression", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }

  static void expect_close(const json& found, const json& expected, double relative) {
    ASSERT_TRUE(found.is_number() && expected.is_number());
    EXPECT_NEAR(found.get<double>(), expected.get<double>(), relative * (1 + std::abs(expected.get<double>())));
  }

  const test::DataSet diabetes_ = test::load("diabetes");
};

TEST_F(Sparse, EveryRegressionIsThatOfTheTable) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const std::vector<std::pair<std::string, std::vector<std::string>>> estimators = {
      {"linear", {}},
      {"ridge", {"--alpha", "0.1"}},
      {"lasso", {"--alpha", "0.5", "--tol", "1e-12"}},
      {"lasso", {"--alpha", "0.5", "--tol", "1e-12", "--positive"}},
      {"elastic-net", {"--alpha", "0.01", "--tol", "1e-12", "--no-intercept"}}};
  for (const auto& [estimator, options] : estimators) {
    SCOPED_TRACE(estimator);
    std::vector<std::string> with_out = options;
    with_out.insert(with_out.end(), {"--out", model_file()});
    const json sparse = json_of("train", estimator, samples, with_out);
    const Outcome predicted = run({"predict", model_file(), "--sparse", "--data", samples});
    EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
    const json dense = table_json_of("train", estimator, with_out);
    const auto reference = ModelArchive::load(model_file());
    const Eigen::VectorXd expected = reference->model<LinearModel<double>>()->predict(diabetes_.x);
    std::istringstream lines(predicted.out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "y");
    for (const double value : expected) {
      ASSERT_TRUE(std::getline(lines, line));
      EXPECT_NEAR(std::stod(line), value, 1e-6 * std::abs(value));
    }
    EXPECT_FALSE(std::getline(lines, line));
    expect_close(sparse["metrics"]["mse_train"], dense["metrics"]["mse_train"], 1e-8);
  }
}

TEST_F(Sparse, ArchivesHaveFeaturesWithoutNamesAndTheDigestOfTheirData) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const json model = json_of("train", "ridge", samples, {"--out", model_file(), "--n-features", "12"});
  EXPECT_EQ(model["n_features"], 12);
  EXPECT_EQ(model["provenance"]["data"]["rows"], 442);
  EXPECT_EQ(model["provenance"]["data"]["uri"], "diabetes.svm");
  EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);
}

TEST_F(Sparse, ClassesAreTheIntegersOfTheFile) {
  const test::DataSet digits = test::load("digits");
  const std::string samples = file("digits.svm", libsvm(digits));
  const json model = json_of("train", "logistic", samples, {"--l1-ratio", "1", "--C", "0.1", "--out", model_file()});
  EXPECT_EQ(model["classes"].size(), 10u);
  EXPECT_TRUE(model["fit"]["converged"]);
  EXPECT_GT(model["metrics"]["accuracy_train"], 0.97);
  const Outcome predicted = run({"predict", model_file(), "--sparse", "--data", samples});
  std::istringstream lines(predicted.out);
  std::string line;
  std::getline(lines, line);
  Eigen::Index right = 0;
  for (const double label : digits.y) {
    ASSERT_TRUE(std::getline(lines, line));
    right += std::stod(line) == label ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(static_cast<double>(right) / static_cast<double>(digits.y.size()),
                   model["metrics"]["accuracy_train"]);
}

TEST_F(Sparse, PathsNameTheCoefficientsThatAreNotZeroByIndex) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const json sparse = json_of("path", "lasso", samples, {"--n-alphas", "5", "--svg", path("path.svg")});
  const json dense = table_json_of("path", "lasso", {"--n-alphas", "5"});
  EXPECT_EQ(sparse["n_features"], 10);
  ASSERT_EQ(sparse["fits"].size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    const json &found = sparse["fits"][k], &expected = dense["fits"][k];
    expect_close(found["alpha"], expected["alpha"], 1e-12);
    EXPECT_EQ(found["coefficients"].size(), expected["nonzero"]);
    for (const auto& [index, value] : found["coefficients"].items()) {
      expect_close(value, expected["coefficients"][std::stoul(index) - 1], 1e-3);
    }
  }
  EXPECT_NE(read(path("path.svg")).find("</svg>"), std::string::npos);
}

TEST_F(Sparse, PathsOfClassifiersAreThoseOfTheTable) {
  const std::string samples = file("digits.svm", libsvm(test::load("digits")));
  const std::vector<std::string> given = {"--l1-ratio", "1", "--alphas", "0.001,0.01"};
  const json sparse = json_of("path", "logistic", samples, given);
  std::vector<std::string> words = {"path",     "--estimator", "logistic", "--data", data("digits.csv"),
                                    "--target", "digit",       "--json"};
  words.insert(words.end(), given.begin(), given.end());
  const json dense = json::parse(run(words).out);
  EXPECT_EQ(sparse["classes"], dense["classes"]);
  for (std::size_t k = 0; k < 2; ++k) {
    const json &found = sparse["fits"][k], &expected = dense["fits"][k];
    EXPECT_EQ(found["C"], expected["C"]);
    expect_close(found["log_loss_train"], expected["log_loss_train"], 1e-6);
    ASSERT_EQ(found["coefficients"].size(), 10u);
    for (std::size_t c = 0; c < 10; ++c) {
      for (const auto& [index, value] : found["coefficients"][c].items()) {
        expect_close(value, expected["coefficients"][c][std::stoul(index) - 1], 1e-3);
      }
    }
  }
}

TEST_F(Sparse, CrossValidationAndSummaryAreThoseOfTheTable) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const std::vector<std::string> folds = {"--folds", "3", "--n-alphas", "10"};
  const json sparse = json_of("cv", "ridge", samples, folds), dense = table_json_of("cv", "ridge", folds);
  EXPECT_EQ(sparse["chosen"]["index"], dense["chosen"]["index"]);
  for (std::size_t k = 0; k < 10; ++k) expect_close(sparse["mean"][k], dense["mean"][k], 1e-8);

  const std::vector<std::string> left_out = {"--leave-one-out", "--alphas", "10,1,0.1"};
  const json sparse_gcv = json_of("cv", "ridge", samples, left_out)["gcv"];
  const json dense_gcv = table_json_of("cv", "ridge", left_out)["gcv"];
  for (std::size_t k = 0; k < 3; ++k) expect_close(sparse_gcv[k], dense_gcv[k], 1e-9);

  const json of_sparse = json_of("summary", "linear", samples, {"--threads", "2"});
  const json of_table = table_json_of("summary", "linear");
  expect_close(of_sparse["f_statistic"], of_table["f_statistic"], 1e-9);
  EXPECT_EQ(of_sparse["coefficients"].size(), 10u);
}

TEST_F(Sparse, SinglePrecisionIsTakenAndItsRangeRespected) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const json model = json_of("train", "lasso", samples, {"--alpha", "0.5", "--float32", "--out", model_file()});
  EXPECT_TRUE(model["fit"]["converged"]);
  std::filesystem::remove(model_file());
  for (const std::string wide : {"1 1:1e300\n2 1:3\n", "1e300 1:1\n2 1:3\n"}) {
    const Outcome refused = run_on("train", "ridge", file("wide.svm", wide), {"--float32", "--out", model_file()});
    EXPECT_EQ(refused.exit_code, 8);
    EXPECT_NE(refused.err.find("wide.svm:1: the "), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("beyond the range of float"), std::string::npos) << refused.err;
  }
}

TEST_F(Sparse, WideSamplesAreFittedWithoutBeingDensified) {
  std::ostringstream text;  // 20,000 samples of a million features: densified, 160 GB
  for (int i = 0; i < 20'000; ++i) {
    text << (i % 3 == 0 ? "+1" : "-1") << ' ' << (i % 3 == 0 ? "10:1" : "20:1") << ' ' << 1000 + 49 * i << ":0.5\n";
  }
  const std::string samples = file("wide.svm", text.str());
  const json model =
      json_of("train", "logistic", samples, {"--n-features", "1000000", "--l1-ratio", "1", "--out", model_file()});
  EXPECT_EQ(model["metrics"]["accuracy_train"], 1.0);
  EXPECT_EQ(model["n_features"], 1'000'000);
  EXPECT_EQ(run({"predict", model_file(), "--sparse", "--data", samples, "--proba"}).exit_code, 0);
  const json path = json_of("path", "lasso", samples, {"--n-alphas", "3"});
  EXPECT_LT(path["fits"][2]["coefficients"].size(), 20'000u);
  EXPECT_EQ(run_on("summary", "linear", samples).exit_code, 8);
}

TEST_F(Sparse, PathsThatDoNotFitIntoMemoryAreRefused) {
  const std::string wide = file("w.libsvm", "1 100000000:1\n2 1:1\n3 2:1\n1 3:1\n2 4:1\n3 5:1\n");
  for (const std::string command : {"path", "cv"}) {
    const std::vector<std::string> folds =
        command == "cv" ? std::vector<std::string>{"--folds", "2"} : std::vector<std::string>{};
    const Outcome lasso = run_on(command, "lasso", wide, folds);
    EXPECT_EQ(lasso.exit_code, 8);
    EXPECT_NE(lasso.err.find("w.libsvm: 100000000 features are too many for 100 penalties\n"), std::string::npos)
        << lasso.err;
    EXPECT_NE(lasso.err.find("smaller --n-alphas"), std::string::npos) << lasso.err;
    const Outcome classes = run_on(command, "logistic", wide, folds);
    EXPECT_EQ(classes.exit_code, 8);
    EXPECT_NE(classes.err.find("too many for 25 penalties and 3 classes\n"), std::string::npos) << classes.err;
  }
}

TEST_F(Sparse, WhatDoesNotFitIsRefused) {
  const std::string samples = file("diabetes.svm", libsvm(diabetes_));
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& message, int exit_code) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << message;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  };
  const std::vector<std::string> train = {"train",  "--estimator", "ridge", "--sparse",
                                          "--data", samples,       "--out", model_file()};
  const auto with = [&train](std::vector<std::string> more) {
    more.insert(more.begin(), train.begin(), train.end());
    return more;
  };
  refused(with({"--target", "y"}), "--target and --sparse exclude each other", 2);
  refused(with({"--features", "y"}), "--features and --sparse exclude each other", 2);
  refused(with({"--sample-weight", "y"}), "--sample-weight and --sparse exclude each other", 2);
  refused(with({"--n-features", "0"}), "--n-features 0: expected 1 to", 2);
  refused(with({"--n-features", "9"}), "diabetes.svm:1: index '10', expected 1 to 9", 8);
  refused(with({"--class-weight", "balanced"}), "--class-weight does not apply", 2);
  refused({"train", "--estimator", "ridge", "--data", data("diabetes.csv"), "--target", "progression", "--n-features",
           "3", "--out", model_file()},
          "--n-features is for --sparse", 2);
  refused({"train", "--estimator", "ridge", "--sparse", "--data", data("diabetes.csv"), "--out", model_file()},
          "diabetes.csv:1: label", 8);
  std::string wide;
  for (int row = 1; row <= 30'000; ++row) wide += "1 " + std::to_string(row) + ":1\n";
  refused({"cv", "--estimator", "ridge", "--sparse", "--leave-one-out", "--data", file("wide.svm", wide)},
          "wide.svm: 30000 rows and 30000 features are too many for --leave-one-out", 8);
  refused({"train", "--estimator", "logistic", "--sparse", "--data", file("one.svm", "1 1:2\n1 1:3\n"), "--out",
           model_file()},
          "one.svm: labels: every row is of class '1'", 8);
  refused({"train", "--estimator", "logistic", "--sparse", "--data", file("half.svm", "0.5 1:2\n1 1:3\n"), "--out",
           model_file()},
          "half.svm:1: a label is no integer", 8);
  EXPECT_EQ(run(train).exit_code, 0);
  refused({"predict", model_file(), "--sparse", "--data", file("more.svm", "0 1:1\n0 11:1\n")},
          "more.svm:2: index '11', expected 1 to 10", 8);
}

}  // namespace
}  // namespace aprender::cli
