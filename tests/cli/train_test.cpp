// Training on real data through the command, and on data at the edge of what can be trained on.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "aprender/archive.hpp"
#include "cli/inspected.hpp"
#include "container/digest.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;
using Train = Command;

TEST_F(Train, EveryRegressorFitsTheDiabetesStudy) {
  for (const std::string estimator : {"linear", "ridge", "lasso", "elastic-net"}) {
    const Outcome outcome = train(estimator, data("diabetes.csv"), "progression");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    const json model = inspected(model_file());
    EXPECT_EQ(model["features"], json({"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"}));
    EXPECT_EQ(model["targets"], json({"progression"}));
    EXPECT_TRUE(model["fit"]["converged"]);
    EXPECT_EQ(model["fit"]["n_samples"], 442);
    EXPECT_GT(model["metrics"]["r2_train"], 0.4) << estimator;
    EXPECT_NE(outcome.out.find(model["archive_id"].get<std::string>()), std::string::npos);
    EXPECT_NE(outcome.out.find("converged"), std::string::npos);
    EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);
  }
}

TEST_F(Train, LogisticRegressionTakesAnL1PenaltyAndWeightsOfClasses) {
  const std::string file = data("breast_cancer.csv");
  const auto fit = [&](const std::vector<std::string>& options) {
    const Outcome outcome = train("logistic", file, "diagnosis", options);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return inspected(model_file());
  };
  const json lasso = fit({"--l1-ratio", "1", "--C", "0.05"});
  EXPECT_TRUE(lasso["fit"]["converged"]);
  EXPECT_LE(lasso["fit"]["duality_gap"], 1e-8);
  const auto coefficients = lasso["coefficients"][0].get<std::vector<double>>();
  EXPECT_GT(std::count(coefficients.begin(), coefficients.end(), 0.0), 15);
  EXPECT_EQ(lasso["estimator"]["hyperparameters"]["l1_ratio"], 1.0);
  EXPECT_FALSE(lasso["estimator"]["hyperparameters"].contains("class_weight"));

  const json balanced = fit({"--class-weight", "balanced"});
  EXPECT_EQ(balanced["estimator"]["hyperparameters"]["class_weight"], "balanced");
  // 357 benign and 212 malignant rows; balanced weights are in the ratio of the other's number.
  const json listed = fit({"--class-weight", "malignant=357,benign=212"});
  EXPECT_EQ(listed["estimator"]["hyperparameters"]["class_weight"], "0=212,1=357");
  EXPECT_NEAR(listed["intercept"][0].get<double>() / balanced["intercept"][0].get<double>(), 1, 1e-6);
  const json plain = fit({});
  EXPECT_GT(std::abs(plain["intercept"][0].get<double>() / balanced["intercept"][0].get<double>() - 1), 1e-3);
}

TEST_F(Train, WeightsOfClassesThatMakeNoSenseAreRefused) {
  const std::string file = data("breast_cancer.csv");
  for (const std::string text : {"benign", "benign=", "benign=-1", "benign=0", "benign=nan", "benign=1,", "=", ""}) {
    EXPECT_EQ(train("logistic", file, "diagnosis", {"--class-weight", text}).exit_code, 2) << text;
  }
  EXPECT_EQ(train("logistic", file, "diagnosis", {"--class-weight", "benign=1,benign=2"}).exit_code, 2);
  const Outcome unknown = train("logistic", file, "diagnosis", {"--class-weight", "kind=2"});
  EXPECT_EQ(unknown.exit_code, 8);
  EXPECT_NE(unknown.err.find("no row has the label 'kind'"), std::string::npos) << unknown.err;
  EXPECT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--class-weight", "balanced"}).exit_code, 2);
}

// Certified values: NIST Statistical Reference Datasets, Longley, https://www.itl.nist.gov/div898/strd/
TEST_F(Train, LongleysCoefficientsAreTheCertifiedOnes) {
  ASSERT_EQ(train("linear", data("longley.csv"), "employed").exit_code, 0);
  const json model = inspected(model_file());
  const std::vector<double> certified = {15.0618722713733,  -0.0358191792925910, -2.02022980381683,
                                         -1.03322686717359, -0.0511041056535807, 1829.15146461355};
  const auto found = model["coefficients"][0].get<std::vector<double>>();
  ASSERT_EQ(found.size(), certified.size());
  for (std::size_t j = 0; j < certified.size(); ++j) EXPECT_NEAR(found[j] / certified[j], 1.0, 1e-9) << j;
  EXPECT_NEAR(model["intercept"][0].get<double>() / -3482258.63459582, 1.0, 1e-9);
}

TEST_F(Train, TextLabelsBecomeClassesInTheOrderOfTheirBytes) {
  const Outcome outcome = train("logistic", data("breast_cancer.csv"), "diagnosis");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json model = inspected(model_file());
  EXPECT_EQ(model["classes"], json({"benign", "malignant"}));
  EXPECT_EQ(model["targets"], json({"diagnosis"}));
  EXPECT_EQ(model["coefficients"].size(), 1u);
  EXPECT_EQ(model["coefficients"][0].size(), 30u);
  EXPECT_GT(model["metrics"]["accuracy_train"], 0.94);
  EXPECT_LT(model["metrics"]["log_loss_train"], 0.2);
}

TEST_F(Train, IntegerLabelsStayIntegers) {
  ASSERT_EQ(train("logistic", data("digits.csv"), "digit").exit_code, 0);
  const json model = inspected(model_file());
  EXPECT_EQ(model["classes"], json({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(model["coefficients"].size(), 10u);
  EXPECT_EQ(model["intercept"].size(), 10u);
  EXPECT_GT(model["metrics"]["accuracy_train"], 0.98);
}

TEST_F(Train, LabelsThatAreNotPlainIntegersAreText) {
  const std::string table = file("t.csv", "x,y\n1,01\n2,1\n3,01\n5,1\n");
  ASSERT_EQ(train("logistic", table, "y").exit_code, 0);
  EXPECT_EQ(inspected(model_file())["classes"], json({"01", "1"}));
}

TEST_F(Train, HyperparametersReachTheEstimator) {
  ASSERT_EQ(train("elastic-net", data("diabetes.csv"), "progression",
                  {"--alpha", "0.25", "--l1-ratio", "0.75", "--tol", "1e-6", "--max-iter", "5000", "--no-intercept"})
                .exit_code,
            0);
  const json model = inspected(model_file());
  EXPECT_EQ(model["estimator"]["type"], "ElasticNet");
  EXPECT_EQ(model["estimator"]["hyperparameters"],
            json({{"alpha", 0.25}, {"l1_ratio", 0.75}, {"fit_intercept", false}, {"tol", 1e-6}, {"max_iter", 5000}}));
  EXPECT_EQ(model["intercept"], json({0.0}));
  ASSERT_EQ(train("logistic", data("breast_cancer.csv"), "diagnosis", {"--C", "0.5"}).exit_code, 0);
  EXPECT_EQ(inspected(model_file())["estimator"]["hyperparameters"]["C"], 0.5);
}

TEST_F(Train, FeaturesAreTakenInTheOrderAskedFor) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--features", "s5,bmi,bp"}).exit_code, 0);
  const json model = inspected(model_file());
  EXPECT_EQ(model["features"], json({"s5", "bmi", "bp"}));
  EXPECT_EQ(model["feature_ranges"], json({{3.2581, 6.107}, {18.0, 42.2}, {62.0, 133.0}}));
}

TEST_F(Train, AFeatureNameMayHoldACommaAndQuotes) {
  const std::string table = file("t.csv", "\"a, b\",\"c \"\"d\"\"\",y\n1,2,3\n2,1,5\n3,5,4\n");
  ASSERT_EQ(train("linear", table, "y", {"--features", "\"a, b\",\"c \"\"d\"\"\""}).exit_code, 0);
  EXPECT_EQ(inspected(model_file())["features"], json({"a, b", "c \"d\""}));
}

TEST_F(Train, SampleWeightsCountAsRepetitions) {
  const std::string weighted = file("w.csv", "x,y,w\n1,1,2\n2,3,1\n4,4,3\n5,9,0\n");
  const std::string repeated = file("r.csv", "x,y\n1,1\n1,1\n2,3\n4,4\n4,4\n4,4\n");
  ASSERT_EQ(train("linear", weighted, "y", {"--sample-weight", "w"}).exit_code, 0);
  const json a = inspected(model_file());
  ASSERT_EQ(train("linear", repeated, "y").exit_code, 0);
  const json b = inspected(model_file());
  EXPECT_EQ(a["features"], json({"x"}));
  EXPECT_NEAR(a["coefficients"][0][0].get<double>(), b["coefficients"][0][0].get<double>(), 1e-12);
  EXPECT_NEAR(a["intercept"][0].get<double>(), b["intercept"][0].get<double>(), 1e-12);
  EXPECT_NEAR(a["metrics"]["r2_train"].get<double>(), b["metrics"]["r2_train"].get<double>(), 1e-12);
  EXPECT_EQ(a["provenance"]["annotations"]["sample_weight"], "w");
}

TEST_F(Train, SeveralTargetsAreOneModel) {
  const std::string features = "gnp,year,unemployed";
  const std::vector<std::string> alpha = {"--alpha", "0.5", "--features", features};
  for (const std::string estimator : {"linear", "ridge"}) {
    SCOPED_TRACE(estimator);
    const std::vector<std::string> options =
        estimator == "ridge" ? alpha : std::vector<std::string>{"--features", features};
    std::vector<std::string> both = options;
    both.insert(both.end(), {"--target", "population"});
    const Outcome outcome = train(estimator, data("longley.csv"), "employed", both);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("targets       employed, population"), std::string::npos) << outcome.out;
    const json model = inspected(model_file());
    EXPECT_EQ(model["targets"], json({"employed", "population"}));
    ASSERT_EQ(model["coefficients"].size(), 2u);
    EXPECT_EQ(model["metrics"].size(), 4u);
    EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);
    const Outcome predicted = run({"predict", model_file(), "--data", data("longley.csv")});
    EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
    EXPECT_TRUE(predicted.out.starts_with("employed,population\n")) << predicted.out;
    EXPECT_EQ(run({"inspect", model_file(), "--html", path("card.html")}).exit_code, 0);

    for (std::size_t k = 0; k < 2; ++k) {
      const std::string target = model["targets"][k];
      ASSERT_EQ(train(estimator, data("longley.csv"), target, options).exit_code, 0);
      const json alone = inspected(model_file());
      for (std::size_t j = 0; j < 3; ++j) {
        const double expected = alone["coefficients"][0][j];
        EXPECT_NEAR(model["coefficients"][k][j].get<double>(), expected, 1e-9 * std::abs(expected));
      }
      for (const std::string metric : {"r2_train", "mse_train"}) {
        const std::string of_target = std::string(metric).append("[").append(target).append("]");
        EXPECT_NEAR(model["metrics"][of_target].get<double>() / alone["metrics"][metric].get<double>(), 1, 1e-9);
      }
    }
  }
}

TEST_F(Train, ColumnsOfTargetsMayHaveAnyName) {
  const std::string table =
      file("t.csv", "x,\"a,b\",\"[c,d]\"," + std::string(255, 'n') + "\n1,2,3,5\n2,1,3,6\n3,5,3,4\n");
  const Outcome outcome =
      train("linear", table, "a,b", {"--target", "[c,d]", "--target", std::string(255, 'n'), "--float32"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("the target '[c,d]' is 3 in every row, a constant"), std::string::npos) << outcome.err;
  const json model = inspected(model_file());
  EXPECT_EQ(model["features"], json({"x"}));
  EXPECT_EQ(model["targets"], json({"a,b", "[c,d]", std::string(255, 'n')}));
  EXPECT_EQ(model["dtype"], "float32");
  const json metrics = model["metrics"];  // none under a name that no archive can hold, none that is undefined
  EXPECT_EQ(metrics.size(), 3u) << metrics;
  EXPECT_EQ(metrics["mse_train[[c,d]]"], 0.0);
}

TEST_F(Train, SeveralTargetsWeighTheirRows) {
  const std::string weighted = file("w.csv", "x,y,z,w\n1,1,5,2\n2,3,1,1\n4,4,3,3\n5,9,9,0\n");
  const std::string repeated = file("r.csv", "x,y,z\n1,1,5\n1,1,5\n2,3,1\n4,4,3\n4,4,3\n4,4,3\n");
  ASSERT_EQ(train("ridge", weighted, "y", {"--target", "z", "--sample-weight", "w", "--alpha", "1e-9"}).exit_code, 0);
  const json a = inspected(model_file());
  ASSERT_EQ(train("ridge", repeated, "y", {"--target", "z", "--alpha", "1e-9"}).exit_code, 0);
  const json b = inspected(model_file());
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_NEAR(a["coefficients"][k][0].get<double>(), b["coefficients"][k][0].get<double>(), 1e-8);
  }
  EXPECT_NEAR(a["metrics"]["r2_train[z]"].get<double>(), b["metrics"]["r2_train[z]"].get<double>(), 1e-8);
}

TEST_F(Train, ProvenanceNamesTheBytesThatWereRead) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed", {"--seed", "18446744073709551615"}).exit_code, 0);
  const json source = inspected(model_file())["provenance"];
  const std::string bytes = read(data("longley.csv"));
  const std::string digest = container::hex(container::sha256(std::as_bytes(std::span(bytes))));
  EXPECT_EQ(source["data"], json({{"uri", "longley.csv"}, {"sha256", digest}, {"rows", 16}, {"columns", 7}}));
  EXPECT_EQ(source["seed"], 18446744073709551615u);
  EXPECT_GE(source["duration_seconds"], 0.0);
}

TEST_F(Train, ThreadsAreRecordedWhereTheyMayMatter) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression").exit_code, 0);
  const json alone = inspected(model_file());
  EXPECT_FALSE(alone["provenance"].contains("annotations"));
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--threads", "3"}).exit_code, 0);
  const json together = inspected(model_file());
  EXPECT_EQ(together["provenance"]["annotations"]["threads"], "3");
  for (std::size_t j = 0; j < 10; ++j) {
    const double expected = alone["coefficients"][0][j];
    EXPECT_NEAR(together["coefficients"][0][j].get<double>(), expected, 1e-10 * std::abs(expected));
  }
}

TEST_F(Train, StandardInputIsTheSameData) {
  const Setting pinned{.environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}};
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--name", "d"}, pinned).exit_code, 0);
  const json from_file = inspected(model_file());
  Setting piped = pinned;
  piped.input = read(data("diabetes.csv"));
  ASSERT_EQ(train("ridge", "-", "progression", {"--name", "d"}, piped).exit_code, 0);
  const json from_stream = inspected(model_file());
  EXPECT_EQ(from_stream["coefficients"], from_file["coefficients"]);
  EXPECT_EQ(from_stream["provenance"]["data"]["sha256"], from_file["provenance"]["data"]["sha256"]);
  EXPECT_EQ(from_stream["provenance"]["data"]["uri"], "standard input");
}

TEST_F(Train, TheSameInputGivesTheSameBytes) {
  const Setting pinned{.environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}};
  ASSERT_EQ(train("lasso", data("diabetes.csv"), "progression", {}, pinned).exit_code, 0);
  const std::string first = read(model_file());
  ASSERT_EQ(train("lasso", data("diabetes.csv"), "progression", {}, pinned).exit_code, 0);
  EXPECT_EQ(read(model_file()), first);
}

TEST_F(Train, TheSpellingOfTheFileDoesNotMatter) {
  const std::string plain = "x,z,y\n1,2,1.5\n2,1,2.25\n3,5,4\n4,4,3\n";
  const std::string windows = "\xEF\xBB\xBF\"x\",\"z\",y\r\n1,\"2\",1.5\r\n2,1,\"2.25\"\r\n3,5,4\r\n4,4,3";
  ASSERT_EQ(train("linear", file("plain.csv", plain), "y").exit_code, 0);
  const json a = inspected(model_file());
  ASSERT_EQ(train("linear", file("windows.csv", windows), "y").exit_code, 0);
  const json b = inspected(model_file());
  EXPECT_EQ(a["features"], b["features"]);
  EXPECT_EQ(a["coefficients"], b["coefficients"]);
  EXPECT_EQ(a["intercept"], b["intercept"]);
}

TEST_F(Train, DataMayBeNamedThroughALink) {
  std::filesystem::create_symlink(data("longley.csv"), path("link.csv"));
  EXPECT_EQ(train("ridge", path("link.csv"), "employed").exit_code, 0);
}

TEST_F(Train, TheNameIsThatOfTheFileUnlessGiven) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  EXPECT_EQ(inspected(model_file())["name"], "model");
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed",
                  {"--name", "jobs", "--version", "2.1.0-rc.1", "--description", "Größe"})
                .exit_code,
            0);
  const json model = inspected(model_file());
  EXPECT_EQ(model["name"], "jobs");
  EXPECT_EQ(model["version"], "2.1.0-rc.1");
  EXPECT_EQ(model["description"], "Größe");
}

TEST_F(Train, JsonIsWhatInspectSays) {
  const Outcome outcome = train("ridge", data("longley.csv"), "employed", {"--json"});
  ASSERT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, run({"inspect", "--json", model_file()}).out);
}

TEST_F(Train, SinglePrecisionIsStored) {
  ASSERT_EQ(train("ridge", data("diabetes.csv"), "progression", {"--float32"}).exit_code, 0);
  EXPECT_EQ(inspected(model_file())["dtype"], "float32");
  const auto archive = ModelArchive::load(model_file());
  ASSERT_TRUE(archive);
  EXPECT_TRUE(std::holds_alternative<LinearModel<float>>(archive->any_model()));
}

TEST_F(Train, NotConvergingIsSaidAndStored) {
  const Outcome outcome = train("lasso", data("diabetes.csv"), "progression", {"--alpha", "0.01", "--max-iter", "2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.err.starts_with("aprender: warning: not converged after 2 iterations: relative duality gap"))
      << outcome.err;
  EXPECT_NE(outcome.out.find("converged     NO"), std::string::npos) << outcome.out;
  EXPECT_FALSE(inspected(model_file())["fit"]["converged"]);
}

TEST_F(Train, AConstantTargetIsNamed) {
  const Outcome outcome = train("linear", file("t.csv", "x,y\n1,5\n2,5\n4,5\n"), "y");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("the target 'y' is 5 in every row"), std::string::npos) << outcome.err;
  const json model = inspected(model_file());
  EXPECT_EQ(model["coefficients"], json({{0.0}}));
  EXPECT_EQ(model["intercept"], json({5.0}));
  EXPECT_FALSE(model["metrics"].contains("r2_train"));  // undefined
}

TEST_F(Train, OneRowGivesAConstantModel) {
  const std::string table = file("t.csv", "a,b,y\n1,2,3\n");
  for (const std::string estimator : {"linear", "ridge", "lasso", "elastic-net"}) {
    const Outcome outcome = train(estimator, table, "y");
    EXPECT_EQ(outcome.exit_code, 0) << estimator << outcome.err;
    const json model = inspected(model_file());
    EXPECT_EQ(model["coefficients"], json({{0.0, 0.0}})) << estimator;
    EXPECT_EQ(model["intercept"], json({3.0})) << estimator;
  }
}

TEST_F(Train, FewerRowsThanFeaturesIsRankDeficientAndSaysSo) {
  const Outcome outcome = train("linear", file("t.csv", "a,b,c,y\n1,2,3,1\n2,1,5,2\n"), "y");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("1 of 3: rank deficient"), std::string::npos) << outcome.out;
  EXPECT_EQ(inspected(model_file())["fit"]["rank"], 1);
}

TEST_F(Train, EqualColumnsAreRankDeficientAndShareTheWeight) {
  const Outcome outcome = train("linear", file("t.csv", "a,b,y\n1,1,2\n2,2,4.5\n3,3,6\n4,4,8\n"), "y");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("1 of 2: rank deficient"), std::string::npos) << outcome.out;
  const json w = inspected(model_file())["coefficients"][0];
  EXPECT_NEAR(w[0].get<double>(), w[1].get<double>(), 1e-12);
}

TEST_F(Train, AnExistingModelIsReplaced) {
  file("model.aprender", "something else");
  EXPECT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);
  EXPECT_EQ(files(), std::vector<std::string>{"model.aprender"});
}

TEST_F(Train, WhatWentInOtherwiseIsRecorded) {
  const std::string settings = file("settings.toml", "alpha = 1\n");
  const auto train = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"train",    "--estimator", "ridge", "--data",           data("longley.csv"),
                                      "--target", "employed",    "--out", path("o.aprender"), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Outcome done = train({"--dependency", "settings=" + settings, "--builder", "https://ci.example.org",
                              "--intended-use", "lessons", "--licence", "MIT"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json card = json::parse(done.out);
  EXPECT_EQ(card["intended_use"], "lessons");
  EXPECT_EQ(card["licence"], "MIT");
  const json provenance = card["provenance"];
  EXPECT_EQ(provenance["builder"], "https://ci.example.org");
  // sha256sum of "alpha = 1\n"
  EXPECT_EQ(
      provenance["dependencies"]["settings"],
      (json{{"uri", "settings.toml"}, {"sha256", "89a4ab92e5f2e0b68036f8e61f8a6885627cc239a356d27a1ca40b29f626b2cc"}}));
  EXPECT_EQ(train({"--dependency", settings}).exit_code, 2);
  EXPECT_EQ(train({"--dependency", "a=" + settings, "--dependency", "a=" + settings}).exit_code, 2);
  EXPECT_EQ(train({"--dependency", "a=" + path("none")}).exit_code, 3);
  EXPECT_EQ(train({"--builder", "a\x01"}).exit_code, 2);
}

}  // namespace
}  // namespace aprender::cli
