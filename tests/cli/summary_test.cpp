// Summaries through the command: R's numbers, tables that fit a terminal, and data that do not determine what is asked.
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Summary : public Command {
 protected:
  [[nodiscard]] Outcome summarise(const std::string& estimator, const std::string& table, const std::string& target,
                                  std::vector<std::string> more = {}, const Setting& setting = {}) const {
    std::vector<std::string> arguments = {"summary", "--estimator", estimator, "--data", table, "--target", target};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, setting);
  }
  [[nodiscard]] json found(const std::string& estimator, const std::string& table, const std::string& target,
                           std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const Outcome outcome = summarise(estimator, table, target, std::move(more));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
};

void expect_near(const json& ours, double expected, double relative = 1e-9) {
  EXPECT_NEAR(ours.get<double>() / expected, 1.0, relative);
}

// Certified values: NIST Statistical Reference Datasets, Longley; p value and interval: R 4.2.2, summary and confint.
TEST_F(Summary, OfLongleysDataHasTheCertifiedErrors) {
  const json summary = found("linear", data("longley.csv"), "employed");
  EXPECT_EQ(summary["estimator"]["type"], "LinearRegression");
  EXPECT_EQ(summary["n_samples"], 16);
  EXPECT_EQ(summary["residual_degrees_of_freedom"], 9);
  expect_near(summary["intercept"]["standard_error"], 890420.383607373);
  const json& year = summary["coefficients"][5];
  EXPECT_EQ(year["feature"], "year");
  expect_near(year["estimate"], 1829.15146461355);
  expect_near(year["standard_error"], 455.478499142212);
  expect_near(year["p_value"], 0.0030368033416301688);
  expect_near(year["lower"], 798.78751527842894);
  expect_near(year["upper"], 2859.5154139486681);
  expect_near(summary["residual_standard_error"], 304.854073561965);
  expect_near(summary["r2"], 0.995479004577296);
  expect_near(summary["f_statistic"], 330.285339234588);
}

// R 4.2.2: glm(diagnosis ~ mean_radius + mean_texture + mean_perimeter + mean_area, binomial).
TEST_F(Summary, OfTumoursIsThatOfR) {
  const json summary = found("logistic", data("breast_cancer.csv"), "diagnosis",
                             {"--features", "mean_radius,mean_texture,mean_perimeter,mean_area"});
  EXPECT_EQ(summary["reference_class"], "benign");
  EXPECT_EQ(summary["log_odds"].size(), 1u);
  EXPECT_EQ(summary["log_odds"][0]["class"], "malignant");
  const json& radius = summary["log_odds"][0]["coefficients"][0];
  expect_near(radius["estimate"], -9.4287379493976147, 1e-5);
  expect_near(radius["standard_error"], 1.6395923078717152, 1e-5);
  expect_near(radius["p_value"], 8.88957137536465e-09, 1e-3);
  expect_near(summary["null_deviance"], 751.440005384169);
  expect_near(summary["residual_deviance"], 211.366717363458, 1e-7);
  expect_near(summary["aic"], 221.366717363458, 1e-7);
}

TEST_F(Summary, PrintsATableThatFits) {
  const Outcome outcome = summarise("linear", data("diabetes.csv"), "progression");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  for (const char* part :
       {"progression by LinearRegression", "Coefficients", "(intercept)", "std. error", "p value", "95 %", "bmi",
        "5.603", "on 431 degrees of freedom", "adjusted 0.50656", "likelihood    log "}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST_F(Summary, OfSeveralClassesComparesEachWithTheFirst) {
  const std::string table = file("t.csv",
                                 "x,kind\n1,b\n2,a\n3,c\n4,a\n5,b\n6,c\n7,a\n8,c\n9,b\n10,c\n11,a\n12,c\n1,a\n2,b\n"
                                 "8,b\n9,a\n3,c\n7,b\n");
  const Outcome outcome = summarise("logistic", table, "kind");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("Log-odds of b against a"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("Log-odds of c against a"), std::string::npos);
  EXPECT_EQ(found("logistic", table, "kind")["log_odds"].size(), 2u);
}

TEST_F(Summary, OptionsReachTheModel) {
  const json narrow = found("linear", data("longley.csv"), "employed", {"--confidence", "0.5", "--no-intercept"});
  EXPECT_EQ(narrow["confidence_level"], 0.5);
  EXPECT_TRUE(narrow["intercept"].is_null());
  const json wide = found("linear", data("longley.csv"), "employed", {"--confidence", "0.99", "--no-intercept"});
  EXPECT_LT(wide["coefficients"][0]["lower"], narrow["coefficients"][0]["lower"]);
  const json weighted = found("linear", data("longley.csv"), "employed", {"--sample-weight", "gnp"});
  EXPECT_EQ(weighted["sample_weight"], "gnp");
  EXPECT_EQ(weighted["coefficients"].size(), 5u);
  const json penalised = found("logistic", data("breast_cancer.csv"), "diagnosis", {"--C", "1"});
  EXPECT_EQ(penalised["estimator"]["hyperparameters"]["C"], 1.0);
}

// Three rows of weight 2 and four of weight 1, normalised to the sum 7.
TEST_F(Summary, WeightsOfClassesAreWeightsOfTheirRows) {
  const std::string rows = "1,a,1.4\n2,a,1.4\n3,b,0.7\n4,a,1.4\n5,b,0.7\n6,b,0.7\n2,b,0.7\n";
  const std::string table = file("t.csv", "x,kind,w\n" + rows);
  const json by_class = found("logistic", table, "kind", {"--features", "x", "--class-weight", "a=2"});
  EXPECT_EQ(by_class["estimator"]["hyperparameters"]["class_weight"], "0=2");
  const json by_row = found("logistic", table, "kind", {"--features", "x", "--sample-weight", "w"});
  const json &ours = by_class["log_odds"][0], &expected = by_row["log_odds"][0];
  for (const char* number : {"estimate", "standard_error", "p_value"}) {
    expect_near(ours["coefficients"][0][number], expected["coefficients"][0][number], 1e-6);
    expect_near(ours["intercept"][number], expected["intercept"][number], 1e-6);
  }
  expect_near(by_class["residual_deviance"], by_row["residual_deviance"]);
  EXPECT_NE(summarise("logistic", table, "kind", {"--features", "x", "--class-weight", "balanced"})
                .out.find("class_weight=balanced"),
            std::string::npos);
  EXPECT_EQ(summarise("linear", data("longley.csv"), "employed", {"--class-weight", "balanced"}).exit_code, 2);
  EXPECT_EQ(summarise("logistic", table, "kind", {"--class-weight", "c=2"}).exit_code, 8);
}

TEST_F(Summary, SaysWhatItCannotEstimate) {
  const std::string table = file("t.csv", "a,b,c,y\n1,2,1,1\n2,4,5,3\n3,6,2,2\n4,8,8,5\n5,10,3,4\n");
  const Outcome outcome = summarise("linear", table, "y");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("warning: not estimable, for the data do not tell them from others: a, b\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("2 of 3: rank deficient"), std::string::npos) << outcome.out;
  const json summary = found("linear", table, "y");
  EXPECT_TRUE(summary["coefficients"][0]["standard_error"].is_null());
  EXPECT_TRUE(summary["coefficients"][2]["standard_error"].is_number());

  const Outcome saturated = summarise("linear", file("s.csv", "x,y\n1,2\n2,5\n"), "y");
  EXPECT_EQ(saturated.exit_code, 0);
  EXPECT_NE(saturated.err.find("nothing is left to estimate errors from"), std::string::npos) << saturated.err;
  const Outcome separable = summarise("logistic", file("l.csv", "x,y\n1,0\n2,0\n3,1\n4,1\n"), "y");
  EXPECT_EQ(separable.exit_code, 0) << separable.err;
  EXPECT_NE(separable.err.find("warning: the classes are separable, or nearly"), std::string::npos) << separable.err;
}

TEST_F(Summary, SaysThatAPenaltyHasItsSay) {
  const Outcome outcome = summarise("logistic", data("breast_cancer.csv"), "diagnosis",
                                    {"--C", "1", "--features", "mean_radius,mean_texture"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "aprender: note: --C 1 shrinks the coefficients: intervals are about shrunk values\n");
}

TEST_F(Summary, RefusesWhatHasNone) {
  const auto refused = [&](const std::string& estimator, const std::vector<std::string>& more, int code,
                           const std::string& message) {
    const Outcome outcome = summarise(estimator, data("longley.csv"), "employed", more);
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  };
  refused("ridge", {}, 2, "--estimator ridge: expected linear or logistic");
  refused("lasso", {}, 2, "Penalised coefficients are biased");
  refused("linaer", {}, 2, "Did you mean 'linear'?");
  refused("linear", {"--C", "1"}, 2, "--C does not apply to --estimator linear");
  refused("linear", {"--confidence", "95"}, 2, "--confidence is 95, expected a number between 0 and 1");
  refused("linear", {"--confidence", "1"}, 2, "--confidence is 1, expected a number between 0 and 1");
  refused("linear", {"--features", "gpn"}, 8, "Did you mean 'gnp'?");
  refused("logistic", {}, 8, "16 rows and as many classes");
  EXPECT_EQ(summarise("linear", path("none.csv"), "y").exit_code, 3);
  const Outcome missing = run({"summary"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("summary needs --estimator, --data, --target"), std::string::npos) << missing.err;
}

// A name from a file cannot move the cursor.
TEST_F(Summary, NamesAreMadePrintable) {
  const std::string table = file("t.csv", "\"a\x1b[31m\",y\n1,2\n2,3\n3,5\n");
  const Outcome outcome = summarise("linear", table, "y");
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace aprender::cli
