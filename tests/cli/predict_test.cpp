// Predictions against the numbers that the archive itself says it holds.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "cli/csv.hpp"
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using Predict = Command;

/// The lines of some output, the header first.
std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    list.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return list;
}

TEST_F(Predict, RegressionsGiveTheBitsOfTheModel) {
  for (const std::string estimator : {"linear", "ridge", "lasso", "elastic-net"}) {
    ASSERT_EQ(train(estimator, data("longley.csv"), "employed").exit_code, 0);
    const Outcome outcome = run({"predict", model_file(), "--data", data("longley.csv")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto rows = lines(outcome.out);
    ASSERT_EQ(rows.size(), 17u);
    EXPECT_EQ(rows[0], "employed");

    const std::string text = read(data("longley.csv"));
    const auto table = read_csv(text, "longley.csv");
    Eigen::MatrixXd x(16, 6);
    for (Eigen::Index j = 0; j < 6; ++j) {
      const auto column = table->numbers(static_cast<std::size_t>(j));
      x.col(j) = Eigen::Map<const Eigen::VectorXd>(column->data(), 16);
    }
    const auto archive = ModelArchive::load(model_file());
    const Eigen::VectorXd expected = archive->model<LinearModel<double>>()->predict(x);
    for (Eigen::Index i = 0; i < 16; ++i) {
      EXPECT_EQ(std::stod(rows[static_cast<std::size_t>(i) + 1]), expected(i)) << estimator << " row " << i;
    }
  }
}

TEST_F(Predict, LabelsAreTheTextsOfTrainingAndTheMostProbableClass) {
  ASSERT_EQ(train("logistic", data("breast_cancer.csv"), "diagnosis").exit_code, 0);
  const auto labels = lines(run({"predict", model_file(), "--data", data("breast_cancer.csv")}).out);
  const auto shares = lines(run({"predict", model_file(), "--data", data("breast_cancer.csv"), "--proba"}).out);
  ASSERT_EQ(labels.size(), 570u);
  ASSERT_EQ(shares.size(), 570u);
  EXPECT_EQ(labels[0], "diagnosis");
  EXPECT_EQ(shares[0], "probability_benign,probability_malignant");
  for (std::size_t i = 1; i < labels.size(); ++i) {
    const std::size_t comma = shares[i].find(',');
    const double benign = std::stod(shares[i].substr(0, comma)), malignant = std::stod(shares[i].substr(comma + 1));
    EXPECT_NEAR(benign + malignant, 1.0, 1e-15);
    EXPECT_EQ(labels[i], benign >= malignant ? "benign" : "malignant") << i;
  }
}

TEST_F(Predict, IntegerLabelsAreIntegers) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit").exit_code, 0);
  const auto labels = lines(run({"predict", model_file(), "--data", data("digits.csv")}).out);
  EXPECT_EQ(labels.size(), 1798u);
  EXPECT_EQ(labels[0], "digit");
  EXPECT_EQ(labels[1], "0");
  const auto shares = lines(run({"predict", model_file(), "--data", data("digits.csv"), "--proba"}).out);
  EXPECT_TRUE(shares[0].starts_with("probability_0,probability_1,")) << shares[0];
}

TEST_F(Predict, NamesAndLabelsAreQuotedWhereNeeded) {
  const std::string table =
      file("t.csv", "x,\"the, kind\"\n1,\"big, red\"\n2,\"big, red\"\n8,\"a \"\"b\"\"\"\n9,\"a \"\"b\"\"\"\n");
  ASSERT_EQ(train("logistic", table, "the, kind").exit_code, 0);
  const Outcome labels = run({"predict", model_file(), "--data", file("n.csv", "x\n0\n10\n")});
  EXPECT_EQ(labels.out, "\"the, kind\"\n\"big, red\"\n\"a \"\"b\"\"\"\n");
  const Outcome shares = run({"predict", model_file(), "--data", path("n.csv"), "--proba"});
  EXPECT_EQ(lines(shares.out)[0], "\"probability_a \"\"b\"\"\",\"probability_big, red\"");
}

TEST_F(Predict, ColumnsAreBoundByNameWhateverTheirOrder) {
  ASSERT_EQ(train("linear", file("t.csv", "a,b,y\n1,2,5\n2,1,4\n3,5,13\n0,1,2\n"), "y").exit_code, 0);
  const Outcome straight = run({"predict", model_file(), "--data", file("1.csv", "a,b\n7,8\n")});
  const Outcome mixed = run({"predict", model_file(), "--data", file("2.csv", "b,id,a,note\n8,1,7,x\n")});
  EXPECT_EQ(straight.exit_code, 0);
  EXPECT_EQ(straight.err, "");
  EXPECT_EQ(mixed.exit_code, 0);
  EXPECT_EQ(mixed.out, straight.out);
  EXPECT_EQ(mixed.err, "aprender: note: " + path("2.csv") + ": ignoring columns 'id', 'note'\n");
  EXPECT_NEAR(std::stod(lines(straight.out)[1]), 23.0, 1e-9);  // y = a + 2 b, without noise
}

TEST_F(Predict, MissingColumnsAreAllNamed) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--features", "age,bmi,bp"}).exit_code, 0);
  const Outcome outcome = run({"predict", model_file(), "--data", file("t.csv", "age,weight\n1,2\n")});
  EXPECT_EQ(outcome.exit_code, 8);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("no columns 'bmi', 'bp'"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("The columns are 'age', 'weight'."), std::string::npos) << outcome.err;
}

TEST_F(Predict, RepeatedColumnsAndMissingValuesAreRefused) {
  ASSERT_EQ(train("linear", file("t.csv", "a,y\n1,10\n2,20\n3,30.5\n"), "y").exit_code, 0);
  const Outcome repeated = run({"predict", model_file(), "--data", file("1.csv", "a,b,a\n1,2,3\n")});
  EXPECT_EQ(repeated.exit_code, 8);
  EXPECT_NE(repeated.err.find("1.csv:1: column 'a' appears more than once"), std::string::npos) << repeated.err;
  const Outcome missing = run({"predict", model_file(), "--data", file("2.csv", "a\n1\n\"\"\n")});
  EXPECT_EQ(missing.exit_code, 8);
  EXPECT_EQ(missing.out, "");
  EXPECT_NE(missing.err.find("2.csv:3: column 'a': empty, expected a number"), std::string::npos) << missing.err;
}

TEST_F(Predict, UnnamedFeaturesAreBoundByPosition) {
  const Eigen::MatrixXd x = (Eigen::MatrixXd(4, 2) << 1, 2, 2, 1, 3, 5, 0, 1).finished();
  const Eigen::VectorXd y = (Eigen::VectorXd(4) << 5, 4, 13, 2).finished();
  ASSERT_TRUE(ModelArchive(LinearRegression{}.fit(x, y), {.name = "unnamed"}).save(model_file()));
  const Outcome outcome = run({"predict", model_file(), "--data", file("t.csv", "what,ever\n7,8\n")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NEAR(std::stod(lines(outcome.out)[1]), 23.0, 1e-9);
  const Outcome three = run({"predict", model_file(), "--data", file("3.csv", "a,b,c\n1,2,3\n")});
  EXPECT_EQ(three.exit_code, 8);
  EXPECT_NE(three.err.find("3 columns, expected 2"), std::string::npos) << three.err;
}

TEST_F(Predict, SeveralTargetsAreSeveralColumns) {
  const Eigen::MatrixXd x = (Eigen::MatrixXd(4, 2) << 1, 2, 2, 1, 3, 5, 0, 1).finished();
  const Eigen::MatrixXd y = (Eigen::MatrixXd(4, 2) << 5, 1, 4, 2, 13, 3, 2, 0).finished();
  ASSERT_TRUE(ModelArchive(Ridge{.alpha = 0}.fit(x, y), {.name = "two", .targets = {"up", "down"}}).save(model_file()));
  const auto rows = lines(run({"predict", model_file(), "--data", file("t.csv", "a,b\n7,8\n")}).out);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], "up,down");
  EXPECT_NEAR(std::stod(rows[1]), 23.0, 1e-9);
  EXPECT_NEAR(std::stod(rows[1].substr(rows[1].find(',') + 1)), 7.0, 1e-9);
  EXPECT_EQ(run({"inspect", model_file()}).exit_code, 0);
}

TEST_F(Predict, SinglePrecisionStaysSingle) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--float32"}).exit_code, 0);
  const auto rows = lines(run({"predict", model_file(), "--data", data("diabetes.csv")}).out);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    float value = 0;
    std::from_chars(rows[i].data(), rows[i].data() + rows[i].size(), value);
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    EXPECT_EQ(rows[i], std::string(digits, end));
  }
  const Outcome huge = run({"predict", model_file(), "--data",
                            file("h.csv",
                                 "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n"
                                 "1,1,1,1,1,1,1,1,1e39,1\n")});
  EXPECT_EQ(huge.exit_code, 8);
  EXPECT_NE(huge.err.find("h.csv:2: column 's5': '1e39' is beyond the range of float"), std::string::npos) << huge.err;
}

TEST_F(Predict, APredictionThatOverflowsIsNoPrediction) {
  ASSERT_EQ(train("linear", file("t.csv", "a,y\n1,10\n2,20\n3,30.5\n"), "y").exit_code, 0);
  const Outcome outcome = run({"predict", model_file(), "--data", file("h.csv", "a\n1\n1e308\n")});
  EXPECT_EQ(outcome.exit_code, 8);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("h.csv:3: the prediction overflows"), std::string::npos) << outcome.err;
}

TEST_F(Predict, NoRowsGiveNoPredictions) {
  ASSERT_EQ(train("linear", file("t.csv", "a,y\n1,10\n2,20\n3,30.5\n"), "y").exit_code, 0);
  const Outcome outcome = run({"predict", model_file(), "--data", file("e.csv", "a\n")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "y\n");
}

TEST_F(Predict, AFileHoldsWhatStandardOutputWould) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const Outcome shown = run({"predict", model_file(), "--data", data("longley.csv")});
  const Outcome written =
      run({"predict", model_file(), "--data", "-", "--out", path("p.csv")}, {.input = read(data("longley.csv"))});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(read(path("p.csv")), shown.out);
}

TEST_F(Predict, WhatWasThereStaysIfPredictingFails) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  file("p.csv", "precious");
  EXPECT_EQ(run({"predict", model_file(), "--data", file("t.csv", "a\n1\n"), "--out", path("p.csv")}).exit_code, 8);
  EXPECT_EQ(read(path("p.csv")), "precious");
  EXPECT_EQ(files(), (std::vector<std::string>{"model.aprender", "p.csv", "t.csv"}));
}

TEST_F(Predict, InputsAreNeverReplaced) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const std::string model = read(model_file());
  const std::string table = file("t.csv", read(data("longley.csv")));
  EXPECT_EQ(run({"predict", model_file(), "--data", table, "--out", table}).exit_code, 2);
  EXPECT_EQ(run({"predict", model_file(), "--data", table, "--out", model_file()}).exit_code, 2);
  EXPECT_EQ(train("ridge", table, "employed", {}).exit_code, 0);
  EXPECT_EQ(run({"train", "--estimator", "ridge", "--data", table, "--target", "employed", "--out", table}).exit_code,
            2);
  EXPECT_EQ(read(table), read(data("longley.csv")));
}

TEST_F(Predict, ARegressionHasNoProbabilities) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const Outcome outcome = run({"predict", model_file(), "--data", data("longley.csv"), "--proba"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("holds a regression"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace aprender::cli
