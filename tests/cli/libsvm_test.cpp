#include "cli/libsvm.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/memory_limit.hpp"

namespace aprender::cli {
namespace {

/// The samples of text that must be accepted.
SparseSamples read(std::string_view text, std::int64_t n_features = 0) {
  auto samples = read_libsvm(text, "f.svm", n_features);
  if (!samples) {
    ADD_FAILURE() << samples.error().context;
    return {};
  }
  return std::move(*samples);
}

/// What is said about text that must be refused.
std::string refusal(std::string_view text, std::int64_t n_features = 0) {
  const auto samples = read_libsvm(text, "f.svm", n_features);
  if (samples) return "accepted";
  EXPECT_EQ(samples.error().code, ErrorCode::unusable_data);
  return samples.error().context;
}

TEST(Libsvm, ReadsLabelsAndEntries) {
  const SparseSamples samples = read("+1 1:0.5 3:-2e-3\n-1 2:1\n0.25\n");
  EXPECT_EQ(samples.labels(), Eigen::Vector3d(1, -1, 0.25));
  Eigen::MatrixXd expected(3, 3);
  expected << 0.5, 0, -2e-3, 0, 1, 0, 0, 0, 0;
  EXPECT_EQ(Eigen::MatrixXd(samples.x()), expected);
  EXPECT_EQ(samples.x().nonZeros(), 3);
  EXPECT_TRUE(samples.x().isCompressed());
}

TEST(Libsvm, LineEndsBlanksAndComments) {
  const Eigen::MatrixXd plain = Eigen::MatrixXd(read("1 1:2 2:3\n2 2:4\n").x());
  for (const char* text : {"1 1:2 2:3\n2 2:4", "1 1:2 2:3\r\n2 2:4\r\n", "1  1:2\t2:3 \n2 2:4 \r\n",
                           "# head\n1 1:2 2:3 # and more 3:4\n#\n2 2:4\n"}) {
    EXPECT_EQ(Eigen::MatrixXd(read(text).x()), plain) << text;
  }
  EXPECT_EQ(read("# head\n1 1:2\n").where(0), "f.svm:2");
}

TEST(Libsvm, TheNumberOfFeaturesMayBeGiven) {
  EXPECT_EQ(read("1 2:1\n", 5).x().cols(), 5);
  EXPECT_EQ(read("1 2:1\n").x().cols(), 2);
  EXPECT_EQ(refusal("1 6:1\n", 5), "f.svm:1: index '6', expected 1 to 5");
}

TEST(Libsvm, IntegerLabels) {
  EXPECT_EQ(*read("+1 1:1\n-2\n").integer_labels(), (Eigen::Matrix<std::int64_t, 2, 1>(1, -2)));
  EXPECT_EQ(read("1\n# no\n0.5\n").integer_labels().error().context,
            "f.svm:3: a label is no integer, expected a class");
  EXPECT_FALSE(read("1e300\n").integer_labels());
}

TEST(Libsvm, RefusesWhatIsNotTheFormat) {
  EXPECT_EQ(refusal(""), "f.svm: no sample");
  EXPECT_EQ(refusal("# nothing\n"), "f.svm: no sample");
  EXPECT_EQ(refusal("1 1:1\n\n2 1:1\n"), "f.svm:2: no label, expected one on every line");
  EXPECT_EQ(refusal("1 1:1\n \t\r\n"), "f.svm:2: no label, expected one on every line");
  EXPECT_EQ(refusal("x 1:1\n"), "f.svm:1: label 'x' is not a number");
  EXPECT_EQ(refusal("1,2 1:1\n"), "f.svm:1: label '1,2' is not a number");
  EXPECT_EQ(refusal("+-1 1:1\n"), "f.svm:1: label '+-1' is not a number");
  EXPECT_EQ(refusal("nan 1:1\n"), "f.svm:1: label 'nan' is not a finite number");
  EXPECT_EQ(refusal("1e999 1:1\n"), "f.svm:1: label '1e999' is beyond the range of double");
  EXPECT_EQ(refusal("1:1 2:1\n"), "f.svm:1: label '1:1' is not a number");
  EXPECT_EQ(refusal("1 qid:3 1:1\n"), "f.svm:1: 'qid:3' is not index:value");
  EXPECT_EQ(refusal("1 17\n"), "f.svm:1: '17' is not index:value");
  EXPECT_EQ(refusal("1 :1\n"), "f.svm:1: ':1' is not index:value");
  EXPECT_EQ(refusal("1 1.5:1\n"), "f.svm:1: '1.5:1' is not index:value");
  EXPECT_EQ(refusal("1 1 :2\n"), "f.svm:1: '1' is not index:value");
  EXPECT_EQ(refusal("1 0:1\n"), "f.svm:1: index '0', expected 1 to 100000000");
  EXPECT_EQ(refusal("1 -3:1\n"), "f.svm:1: index '-3', expected 1 to 100000000");
  EXPECT_EQ(refusal("1 100000001:1\n"), "f.svm:1: index '100000001', expected 1 to 100000000");
  EXPECT_EQ(refusal("1 99999999999999999999:1\n"), "f.svm:1: index '99999999999999999999', expected 1 to 100000000");
  EXPECT_EQ(refusal("1 1:1\n1 3:1 2:1\n"), "f.svm:2: index 2 behind index 3, expected increasing indices");
  EXPECT_EQ(refusal("1 3:1 3:1\n"), "f.svm:1: index 3 behind index 3, expected increasing indices");
  EXPECT_EQ(refusal("1 1:\n"), "f.svm:1: value '' of index 1 is not a number");
  EXPECT_EQ(refusal("1 1:2:3\n"), "f.svm:1: value '2:3' of index 1 is not a number");
  EXPECT_EQ(refusal("1 1:0x1\n"), "f.svm:1: value '0x1' of index 1 is not a number");
  EXPECT_EQ(refusal("1 1:inf\n"), "f.svm:1: value 'inf' of index 1 is not a finite number");
  EXPECT_EQ(refusal("1 1:1\r2 1:1\n"), "f.svm:1: value '1\r2' of index 1 is not a number");
  EXPECT_EQ(refusal(std::string_view("1 1:1\n1\0\n", 9)), "f.svm:2: a NUL byte, expected text");
  EXPECT_EQ(refusal("1 1:1\n\xFF\n"), "f.svm:2: not UTF-8, expected text in UTF-8");
}

TEST(Libsvm, MemoryIsThatOfTheText) {
  const support::MemoryLimit limit(std::size_t{64} << 20);
  EXPECT_EQ(read("1 100000000:1\n").x().cols(), 100'000'000);
}

TEST(Libsvm, TimeIsLinear) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "1 1:0.25 17:-3.5 1000:1e-3\n";
  text += "1";
  for (int j = 1; j < 300'000; ++j) text += " " + std::to_string(j) + ":1";  // one long line
  const auto started = std::chrono::steady_clock::now();
  const SparseSamples samples = read(text);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
  EXPECT_EQ(samples.x().nonZeros(), 60'000 + 299'999);
}

}  // namespace
}  // namespace aprender::cli
