// The command line itself: what is not understood is exit code 2, before anything is read or written.
#include "aprender/version.hpp"
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

class Usage : public Command {
 protected:
  void expect_usage_error(const std::vector<std::string>& arguments, const std::string& message) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_TRUE(files().empty());
  }

  /// The same for a training that is complete but for the options given.
  void expect_refused(const std::string& estimator, std::vector<std::string> more, const std::string& message) const {
    std::vector<std::string> arguments = {"train",    "--estimator", estimator, "--data",    data("longley.csv"),
                                          "--target", "employed",    "--out",   model_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_usage_error(arguments, message);
  }
};

TEST_F(Usage, ACommandIsNeeded) {
  expect_usage_error({},
                     "a command is needed: train, path, cv, predict, summary, inspect, diff, export, verify, sign or "
                     "keygen");
  expect_usage_error({"trian"}, "unexpected 'trian', did you mean 'train'?");
  expect_usage_error({"frobnicate"}, "unexpected 'frobnicate'");
  expect_usage_error({""}, "unexpected ''");
}

TEST_F(Usage, MissingOptionsAreAllNamed) {
  expect_usage_error({"train", "--estimator", "ridge"}, "train needs --data, --target, --out");
  expect_usage_error({"predict"}, "predict needs MODEL.aprender, --data");
  expect_usage_error({"inspect"}, "inspect needs MODEL.aprender");
  expect_usage_error({"export"}, "export needs MODEL.aprender, --as");
  expect_usage_error({"verify"}, "verify needs MODEL.aprender");
}

TEST_F(Usage, UnknownRepeatedAndIncompleteOptions) {
  expect_refused("ridge", {"--alhpa", "1"}, "unexpected '--alhpa', did you mean '--alpha'?");
  expect_refused("ridge", {"stray"}, "unexpected 'stray'");
  expect_refused("ridge", {"--alpha", "1", "--alpha", "2"}, "--alpha is given more than once");
  expect_refused("ridge", {"--alpha"}, "--alpha needs a value, NUMBER");
  expect_usage_error({"inspect", "a", "b"}, "unexpected 'b'");
}

TEST_F(Usage, HyperparametersMustApply) {
  expect_refused("ridge", {"--C", "1"}, "--C does not apply to --estimator ridge");
  expect_refused("linear", {"--alpha", "1"}, "--alpha does not apply to --estimator linear");
  expect_refused("lasso", {"--l1-ratio", "0.5"}, "--l1-ratio does not apply to --estimator lasso");
  expect_refused("logistic", {"--alpha", "1"}, "--alpha does not apply to --estimator logistic");
  expect_refused("linear", {"--tol", "1e-3"}, "--tol does not apply to --estimator linear");
  expect_refused("ridge", {"--max-iter", "5"}, "--max-iter does not apply to --estimator ridge");
  expect_refused("rigde", {}, "Did you mean 'ridge'?");
}

TEST_F(Usage, SeveralTargetsAreForSomeEstimatorsOfTrain) {
  for (const std::string estimator : {"lasso", "elastic-net", "logistic"}) {
    expect_refused(estimator, {"--target", "gnp"}, "--target is given more than once");
    expect_refused(estimator, {"--target", "gnp"}, "for 'aprender train' with --estimator linear or ridge");
  }
  expect_refused("ridge", {"--target", "employed"}, "--target names 'employed' twice");
  expect_refused("ridge", {"--target", "gnp", "--features", "year,gnp"}, "--features names the target 'gnp'");
  expect_refused("ridge", {"--target", "gnp", "--sample-weight", "gnp"},
                 "--target and --sample-weight name the same column");
  for (const std::string command : {"path", "cv", "summary"}) {
    expect_usage_error({command, "--estimator", command == "summary" ? "linear" : "ridge", "--data",
                        data("longley.csv"), "--target", "employed", "--target", "gnp"},
                       "--target is given more than once");
  }
}

TEST_F(Usage, HyperparametersMustBeInRange) {
  expect_refused("ridge", {"--alpha", "-1"}, "--alpha is -1");
  expect_refused("elastic-net", {"--l1-ratio", "1.5"}, "--l1-ratio is 1.5, expected 0 to 1");
  expect_refused("logistic", {"--C", "0"}, "--C is 0, expected a positive number");
  expect_refused("lasso", {"--tol", "0"}, "--tol is 0, expected a positive number");
  expect_refused("lasso", {"--max-iter", "0"}, "--max-iter is 0, expected 1 or more");
}

TEST_F(Usage, NumbersMustBeNumbers) {
  for (const char* text : {"", "x", "1,5", "nan", "inf", "-inf", "1e999", "0x1", " 1", "1 "}) {
    expect_refused("ridge", {"--alpha", text}, std::string("--alpha: '") + text + "', expected a number in range");
  }
  for (const char* text : {"1.5", "1e3", "99999999999999999999", "ten"}) {
    expect_refused("lasso", {"--max-iter", text},
                   std::string("--max-iter: '") + text + "', expected an integer in range");
  }
  expect_refused("ridge", {"--seed", "-1"}, "--seed: '-1', expected an integer in range");
  expect_refused("ridge", {"--threads", "0"}, "--threads 0: expected 1 to 1024");
  expect_refused("ridge", {"--threads", "two"}, "--threads: 'two', expected an integer in range");
}

TEST_F(Usage, DescriptionsMustFitAnArchive) {
  expect_refused("ridge", {"--version", "1"}, "--version '1': expected a semantic version");
  expect_refused("ridge", {"--name", ""}, "--name '': expected 1 to 256 bytes");
  expect_refused("ridge", {"--name", std::string(257, 'n')}, "--name '");
  expect_refused("ridge", {"--name", "a\tb"}, "--name 'a\\x09b'");
  expect_refused("ridge", {"--description", "\xFF"}, "--description: expected UTF-8");
}

TEST_F(Usage, ColumnsHaveOneRole) {
  expect_refused("ridge", {"--features", "gnp,gnp"}, "is no list of column names");
  expect_refused("ridge", {"--features", "gnp,"}, "is no list of column names");
  expect_refused("ridge", {"--features", "gnp,employed"}, "--features names the target 'employed'");
  expect_refused("ridge", {"--features", "gnp,year", "--sample-weight", "year"}, "--features names the sample weight");
  expect_refused("ridge", {"--sample-weight", "employed"}, "--target and --sample-weight name the same column");
}

TEST_F(Usage, HelpAndVersionAreResults) {
  EXPECT_EQ(run({"--version"}).out, "aprender " APRENDER_VERSION "\n");
  const std::map<std::string, std::vector<std::string>> options = {
      {"train",
       {"--estimator", "--data", "--target", "--features", "--alpha", "--l1-ratio", "--C", "--max-iter", "--tol",
        "--no-intercept", "--sample-weight", "--float32", "--seed", "--threads", "--name", "--version", "--description",
        "--out", "--json"}},
      {"path",
       {"--estimator", "--data", "--target", "--features", "--sample-weight", "--alphas", "--n-alphas",
        "--alpha-min-ratio", "--l1-ratio", "--max-iter", "--tol", "--no-intercept", "--threads", "--svg", "--json"}},
      {"cv", {"--estimator",     "--data",     "--target",   "--features",
              "--sample-weight", "--alphas",   "--n-alphas", "--alpha-min-ratio",
              "--l1-ratio",      "--max-iter", "--tol",      "--no-intercept",
              "--threads",       "--folds",    "--seed",     "--leave-one-out",
              "--rule",          "--out",      "--name",     "--version",
              "--description",   "--float32",  "--svg",      "--json"}},
      {"predict", {"MODEL.aprender", "--data", "--proba", "--out"}},
      {"summary",
       {"--estimator", "--data", "--target", "--features", "--sample-weight", "--C", "--max-iter", "--tol",
        "--no-intercept", "--confidence", "--json"}},
      {"inspect", {"MODEL.aprender", "--html", "--trust", "--json"}},
      {"export", {"MODEL.aprender", "--as", "--out", "--trust", "--minimum-version"}},
      {"verify", {"MODEL.aprender...", "--json"}}};
  const Outcome top = run({"--help"});
  EXPECT_EQ(top.exit_code, 0);
  for (const auto& [command, names] : options) {
    EXPECT_NE(top.out.find("  " + command), std::string::npos);
    const Outcome help = run({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.err, "");
    for (const std::string& name : names) EXPECT_NE(help.out.find(name), std::string::npos) << command << name;
    for (const char* part : {"Usage: aprender ", "Examples:", "Exit codes:", "  8  data do not fit"}) {
      EXPECT_NE(help.out.find(part), std::string::npos) << command << part;
    }
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace aprender::cli
