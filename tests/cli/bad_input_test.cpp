// Training data that cannot be used: an error that names file, line and column, and no file left behind.
#include "cli/process.hpp"

namespace aprender::cli {
namespace {

class BadInput : public Command {
 protected:
  /// Trains on a table that must be refused, beside a model that must stay as it is.
  void expect_refused(const std::string& estimator, std::string_view content, const std::string& message,
                      const std::vector<std::string>& more = {}) {
    file("t.csv", content);
    expect_refused_file(estimator, path("t.csv"), 8, message, more);
  }

  void expect_refused_file(const std::string& estimator, const std::string& table, int exit_code,
                           const std::string& message, const std::vector<std::string>& more = {}) {
    file("model.aprender", "precious");
    const std::vector<std::string> before = files();
    const Outcome outcome = train(estimator, table, "y", more);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("aprender: error: ")) << outcome.err;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
    EXPECT_EQ(read(model_file()), "precious");
    EXPECT_EQ(files(), before);
  }
};

TEST_F(BadInput, FilesThatCannotBeRead) {
  expect_refused_file("linear", path("missing.csv"), 3, "missing.csv: No such file or directory");
  expect_refused_file("linear", path(""), 3, "not a regular file");
  std::filesystem::permissions(file("secret.csv", "x,y\n1,2\n"), std::filesystem::perms::none);
  expect_refused_file("linear", path("secret.csv"), 3, "secret.csv: Permission denied");
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  expect_refused_file("linear", path("fifo"), 3, "fifo: not a regular file");
  expect_refused_file("linear", "/dev/zero", 3, "/dev/zero: not a regular file");
  const std::string huge = file("huge.csv", "");
  std::filesystem::resize_file(huge, std::uintmax_t{20} << 30);
  expect_refused_file("linear", huge, 8, "huge.csv: larger than 4 GiB");
}

TEST_F(BadInput, FilesThatAreNoTable) {
  expect_refused("linear", "", "t.csv: empty, expected a header");
  expect_refused("linear", "x,y\n", "t.csv: a header and no rows");
  expect_refused("linear", "x,y\n1,2\n3\n", "t.csv:3: 1 field, expected 2");
  expect_refused("linear", "x,y\n1,\"2\n", "t.csv:2: a quote is opened and never closed");
  expect_refused("linear", std::string("x,y\n1,\0\n", 8), "t.csv:2: a NUL byte");
  expect_refused("linear", "x,y\n1,\xFF\n", "t.csv:2: not UTF-8");
  expect_refused("linear", "x,x,y\n1,2,3\n", "t.csv:1: column 'x' appears more than once");
  expect_refused("linear", "x,,y\n1,2,3\n", "t.csv:1: column 2 of 3 has no name");
}

TEST_F(BadInput, FieldsThatAreNoNumbers) {
  expect_refused("linear", "x,y\n1,2\nabc,3\n", "t.csv:3: column 'x': 'abc' is not a number");
  expect_refused("ridge", "x,y\n1,2\nnan,3\n", "t.csv:3: column 'x': 'nan' is not a finite number");
  expect_refused("lasso", "x,y\n1,2\n1,inf\n", "t.csv:3: column 'y': 'inf' is not a finite number");
  expect_refused("elastic-net", "x,y\n1,2\n,3\n", "t.csv:3: column 'x': empty, expected a number");
  expect_refused("logistic", "x,y\n1,a\n1e999,b\n", "t.csv:3: column 'x': '1e999' is beyond the range of double");
  expect_refused("ridge", "x,y\n1,2\n2,1e39\n", "t.csv:3: column 'y': '1e39' is beyond the range of float",
                 {"--float32"});
}

TEST_F(BadInput, TextTargetsPointToTheClassifier) {
  expect_refused("linear", "x,y\n1,yes\n2,no\n", "t.csv:2: column 'y': 'yes' is not a number");
  EXPECT_NE(train("linear", path("t.csv"), "y").err.find("--estimator logistic"), std::string::npos);
}

TEST_F(BadInput, ColumnsThatAreNotThere) {
  const std::string table = file("t.csv", "alpha,beta,y\n1,2,3\n");
  const Outcome target = train("linear", table, "gamma");
  EXPECT_EQ(target.exit_code, 8);
  EXPECT_NE(target.err.find("no column 'gamma'"), std::string::npos) << target.err;
  EXPECT_NE(target.err.find("The columns are 'alpha', 'beta', 'y'."), std::string::npos) << target.err;
  expect_refused_file("linear", table, 8, "Did you mean 'alpha'?", {"--features", "alhpa,beta"});
  expect_refused_file("linear", table, 8, "no columns 'gamma', 'delta'", {"--features", "gamma,beta,delta"});
  expect_refused_file("linear", table, 8, "no column 'w'", {"--sample-weight", "w"});
}

TEST_F(BadInput, TablesWithoutFeatures) {
  expect_refused("linear", "y\n1\n2\n", "t.csv: no column is left to be a feature");
  expect_refused("linear", "w,y\n1,1\n1,2\n", "no column is left to be a feature", {"--sample-weight", "w"});
}

TEST_F(BadInput, NamesThatCannotBeStored) {
  expect_refused("linear", "\"x\nz\",y\n1,2\n2,3\n", "cannot be stored under that name");
  expect_refused("linear", std::string(257, 'x') + ",y\n1,2\n2,3\n", "cannot be stored under that name");
  expect_refused("logistic", "x,y\n1,\"a\nb\"\n2,b\n", "t.csv:2: column 'y': 'a\\x0ab' cannot be a class");
}

TEST_F(BadInput, TargetsThatAreNoClasses) {
  expect_refused("logistic", "x,y\n1,yes\n2,yes\n", "t.csv: column 'y': every row is of class 'yes'");
  expect_refused("logistic", "x,y\n1,3\n2,3\n", "t.csv: column 'y': every row is of class '3'");
  expect_refused("logistic", "x,y\n1,3\n", "every row is of class '3'");
  expect_refused("logistic", "x,y\n1,3\n2,3.5\n3,4\n", "t.csv:3: column 'y': '3.5' is a measured number");
  expect_refused("logistic", "x,y\n1,10\n2,20\n3,30\n", "t.csv: column 'y': 3 rows and as many classes");
  expect_refused("logistic", "x,y\n1,a\n2,\n", "t.csv:3: column 'y': empty, expected a class");
}

TEST_F(BadInput, SampleWeightsThatWeighNothing) {
  const std::vector<std::string> weighted = {"--sample-weight", "w"};
  expect_refused("linear", "x,w,y\n1,1,1\n2,-0.5,2\n", "t.csv:3: column 'w': the sample weight '-0.5' is negative",
                 weighted);
  expect_refused("linear", "x,w,y\n1,0,1\n2,0,2\n", "t.csv: column 'w': sample weights with the sum 0", weighted);
  expect_refused("linear", "x,w,y\n1,1e308,1\n2,1e308,2\n", "sample weights with the sum inf", weighted);
  expect_refused("linear", "x,w,y\n1,nan,1\n2,1,2\n", "t.csv:2: column 'w': 'nan' is not a finite number", weighted);
  expect_refused("logistic", "x,w,y\n1,1,a\n2,1,b\n3,0,c\n4,0,c\n", "every row of class 'c' has the sample weight 0",
                 weighted);
}

TEST_F(BadInput, ModelsThatOverflow) {
  // The slope would be 1e310.
  expect_refused("linear", "x,y\n1e-310,1\n2e-310,2\n3e-310,5\n", "t.csv: no usable model");
}

TEST_F(BadInput, IdentifiersAreNoClasses) {
  std::string table = "a,b,c,d,e,y\n";
  for (int row = 0; row < 6000; ++row) table += "1,2,3,4," + std::to_string(row) + "," + std::to_string(row / 2) + "\n";
  expect_refused("logistic", table, "t.csv: column 'y': 3000 classes in 6000 rows, expected at least 5 rows a class");
}

TEST_F(BadInput, DestinationsThatCannotBeWritten) {
  const std::string table = data("longley.csv");
  const auto out = [&](const std::string& destination) {
    return run({"train", "--estimator", "ridge", "--data", table, "--target", "employed", "--out", destination});
  };
  EXPECT_EQ(out(path("no/such/directory.aprender")).exit_code, 3);
  EXPECT_EQ(out(path("")).exit_code, 3);
  EXPECT_EQ(out("/dev/full").exit_code, 3);
  std::filesystem::create_symlink(path("target"), path("link"));
  EXPECT_EQ(out(path("link")).exit_code, 3);
  EXPECT_EQ(files(), std::vector<std::string>{"link"});
  std::filesystem::create_directory(path("directory.aprender"));
  EXPECT_EQ(out(path("directory.aprender")).exit_code, 3);
  std::filesystem::create_directory(path("sealed"));
  std::filesystem::permissions(path("sealed"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Outcome sealed = out(path("sealed/model.aprender"));
  EXPECT_EQ(sealed.exit_code, 3);
  EXPECT_NE(sealed.err.find("Permission denied"), std::string::npos) << sealed.err;
  // Said before any work: the data are not even looked for.
  const Outcome first = run({"train", "--estimator", "ridge", "--data", path("missing.csv"), "--target", "y", "--out",
                             path("no/model.aprender")});
  EXPECT_NE(first.err.find("there is no directory"), std::string::npos) << first.err;
}

}  // namespace
}  // namespace aprender::cli
