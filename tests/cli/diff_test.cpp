// aprender diff: what changes when one model takes the place of another.
#include <cmath>

#include <nlohmann/json.hpp>

#include "cli/process.hpp"

namespace aprender::cli {
namespace {

using nlohmann::json;

class Diff : public Command {
 protected:
  /// Trains on `table` to NAME.aprender and returns its path.
  std::string model(const std::string& name, const std::string& estimator, const std::string& table,
                    const std::string& target, const std::vector<std::string>& more = {}) {
    std::string out = path(name + ".aprender");
    std::vector<std::string> arguments = {"train",    "--estimator", estimator, "--data", table,
                                          "--target", target,        "--out",   out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return out;
  }
  [[nodiscard]] std::string ridge(const std::string& name, const std::string& alpha) {
    return model(name, "ridge", data("longley.csv"), "employed", {"--alpha", alpha});
  }
  [[nodiscard]] static json diff(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"diff", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
};

TEST_F(Diff, AModelIsIdenticalToItself) {
  const std::string one = ridge("one", "1");
  const json found = diff({one, one, "--data", data("longley.csv")});
  EXPECT_EQ(found.at("level"), "identical");
  EXPECT_TRUE(found.at("changes").empty());
  EXPECT_EQ(found.at("old"), found.at("new"));
  const json output = found.at("answers").at("outputs").at(0);
  EXPECT_EQ(output.at("name"), "employed");
  EXPECT_EQ(output.at("ulp").at("largest"), 0);
  EXPECT_EQ(output.at("ulp").at("rows_by_distance").at("0"), 16);
  EXPECT_EQ(output.at("difference").at("largest"), 0);
}

TEST_F(Diff, DifferencesAreThoseOfThePredictions) {
  const std::string one = ridge("one", "1"), two = ridge("two", "2");
  const json found = diff({one, two, "--data", data("longley.csv")});
  EXPECT_EQ(found.at("level"), "output-changed");
  EXPECT_NE(found.at("changes").at(0).at("reason").get<std::string>().find("numeric contract"), std::string::npos);

  // The same from the predictions that anybody can see.
  const auto predictions = [&](const std::string& file) {
    std::istringstream lines(run({"predict", file, "--data", data("longley.csv")}).out);
    std::vector<double> values;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) values.push_back(std::stod(line));
    return values;
  };
  const auto was = predictions(one), is = predictions(two);
  std::vector<double> distance;
  for (std::size_t i = 0; i < was.size(); ++i) distance.push_back(std::abs(is[i] - was[i]));
  const auto furthest = std::max_element(distance.begin(), distance.end());
  const json output = found.at("answers").at("outputs").at(0);
  EXPECT_EQ(output.at("difference").at("largest").get<double>(), *furthest);
  EXPECT_EQ(output.at("largest_at"), data("longley.csv") + ":" + std::to_string(2 + (furthest - distance.begin())));
  std::sort(distance.begin(), distance.end());
  EXPECT_EQ(output.at("difference").at("median").get<double>(), distance[8]);
  EXPECT_EQ(output.at("ulp").at("rows_by_distance").at("more"), 16);
}

TEST_F(Diff, ClassesThatRowsChange) {
  const std::string table = data("breast_cancer.csv");
  const std::string one = model("one", "logistic", table, "diagnosis", {"--C", "1"});
  const std::string two = model("two", "logistic", table, "diagnosis", {"--C", "1e-4"});
  const json found = diff({one, two, "--data", table});
  EXPECT_EQ(found.at("level"), "output-changed");
  EXPECT_GT(found.at("answers").at("labels_changed"), 0);
  EXPECT_EQ(found.at("answers").at("outputs").size(), 2u);
  EXPECT_EQ(found.at("answers").at("outputs").at(1).at("name"), "malignant");
  const Outcome page = run({"diff", one, two, "--data", table});
  EXPECT_TRUE(page.out.starts_with("output changed\n")) << page.out;
  EXPECT_NE(page.out.find("probability of"), std::string::npos) << page.out;
}

TEST_F(Diff, ADtypeIsComparedInTheCoarserOne) {
  const std::string one = ridge("one", "1");
  const std::string two = model("two", "ridge", data("longley.csv"), "employed", {"--alpha", "1", "--float32"});
  const json found = diff({one, two, "--data", data("longley.csv")});
  EXPECT_EQ(found.at("level"), "output-changed");
  EXPECT_LE(found.at("answers").at("outputs").at(0).at("ulp").at("largest"), 1024);
}

TEST_F(Diff, BreakingChangesAreNamedAndNotCompared) {
  const std::string one = ridge("one", "1");
  const std::string two = model("two", "lasso", data("diabetes.csv"), "progression");
  const Outcome page = run({"diff", one, two, "--data", data("longley.csv")});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_TRUE(page.out.starts_with("breaking\n")) << page.out;
  EXPECT_NE(page.out.find("not compared"), std::string::npos);
  EXPECT_EQ(diff({one, two, "--data", data("longley.csv")}).at("answers"), nullptr);
}

TEST_F(Diff, ALimitIsAnExitCode) {
  const std::string one = ridge("one", "1"), two = ridge("two", "2");
  EXPECT_EQ(run({"diff", one, two, "--at-most", "drop-in"}).exit_code, 9);
  EXPECT_EQ(run({"diff", one, two, "--at-most", "output-changed"}).exit_code, 0);
  EXPECT_EQ(run({"diff", one, one, "--at-most", "identical"}).exit_code, 0);
  EXPECT_EQ(run({"diff", one, two, "--at-most", "little"}).exit_code, 2);
}

TEST_F(Diff, BadInput) {
  const std::string one = ridge("one", "1");
  EXPECT_EQ(run({"diff", one}).exit_code, 2);
  EXPECT_EQ(run({"diff", one, one, one}).exit_code, 2);
  EXPECT_EQ(run({"diff", one, one, "--sparse"}).exit_code, 2);
  EXPECT_EQ(run({"diff", one, path("none.aprender")}).exit_code, 3);
  EXPECT_EQ(run({"diff", one, file("text", "hello")}).exit_code, 4);
  EXPECT_EQ(run({"diff", one, one, "--data", file("other.csv", "a,b\n1,2\n")}).exit_code, 8);
  const std::string head = read(data("longley.csv")).substr(0, read(data("longley.csv")).find('\n') + 1);
  const Outcome empty = run({"diff", one, one, "--data", file("empty.csv", head)});
  EXPECT_EQ(empty.exit_code, 8);
  EXPECT_NE(empty.err.find("no rows"), std::string::npos) << empty.err;
  EXPECT_EQ(run({"diff", one, one, "--trust", path("none.pem")}).exit_code, 3);
}

}  // namespace
}  // namespace aprender::cli
