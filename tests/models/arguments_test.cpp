// What cannot be fitted or predicted is refused with a message that names what was found and what was expected.

#include <complex>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/refusal.hpp"

namespace aprender::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

const Eigen::MatrixXd x{{1, 2}, {3, 4}, {5, 7}, {2, 2}};
const Eigen::VectorXd y{{1, 2, 3, 4}};
const Eigen::VectorXi labels{{0, 1, 1, 0}};

/// Calls `check` with a fit of every estimator: fit(X, rows of y, options).
template <class Check>
void for_each_estimator(const Check& check) {
  const auto regression = [&](const auto& estimator) {
    check([estimator](const auto& design, const Eigen::VectorXd& target, const FitOptions& options) {
      return estimator.fit(design, target, options).report;
    });
  };
  regression(LinearRegression{});
  regression(Ridge{});
  regression(Lasso{});
  regression(ElasticNet{});
  check([](const auto& design, const Eigen::VectorXd& target, const FitOptions& options) {
    return LogisticRegression{}.fit(design, Eigen::VectorXi((target.array() > 2).cast<int>()), options).report;
  });
}

TEST(Arguments, NonFiniteEntriesOfXAreNamed) {
  for_each_estimator([](const auto& fit) {
    Eigen::MatrixXd bad = x;
    bad(3, 1) = nan;
    EXPECT_EQ(refusal([&] { (void)fit(bad, y, {}); }), "X(3, 1) is nan, expected a finite number");
    bad(3, 1) = -infinity;
    EXPECT_EQ(refusal([&] { (void)fit(bad, y, {}); }), "X(3, 1) is -inf, expected a finite number");
    Eigen::MatrixXf single = x.cast<float>();
    single(0, 0) = std::numeric_limits<float>::infinity();
    EXPECT_EQ(refusal([&] { (void)fit(single, y, {}); }), "X(0, 0) is inf, expected a finite number");
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major = bad;
    EXPECT_EQ(refusal([&] { (void)fit(row_major, y, {}); }), "X(3, 1) is -inf, expected a finite number");
  });
}

TEST(Arguments, TheCriticalCRefusesWhatFitRefuses) {
  Eigen::MatrixXd bad = x;
  bad(3, 1) = nan;
  for (const double l1_ratio : {0.0, 0.5}) {
    const LogisticRegression estimator{.l1_ratio = l1_ratio};
    EXPECT_EQ(refusal([&] { (void)estimator.critical_C(bad, labels); }), "X(3, 1) is nan, expected a finite number");
  }
}

TEST(Arguments, NonFiniteEntriesOfASparseXAreNamed) {
  for_each_estimator([](const auto& fit) {
    for (const auto& [value, text] :
         {std::pair(nan, "nan"), std::pair(infinity, "inf"), std::pair(-infinity, "-inf")}) {
      Eigen::SparseMatrix<double> bad = x.sparseView();
      bad.coeffRef(2, 1) = value;
      const std::string message = "X(2, 1) is " + std::string(text) + ", expected a finite number";
      EXPECT_EQ(refusal([&] { (void)fit(bad, y, {}); }), message);
      EXPECT_EQ(refusal([&] { (void)fit(Eigen::SparseMatrix<double, Eigen::RowMajor>(bad), y, {}); }), message);
      EXPECT_EQ(refusal([&] { (void)fit(Eigen::SparseMatrix<float>(bad.cast<float>()), y, {}); }), message);
    }
  });
}

// Of more columns than a Gram matrix is formed for: by LSQR.
TEST(Arguments, NonFiniteEntriesOfALargeSparseXAreNamed) {
  Eigen::SparseMatrix<double> large(30, 600);
  for (int j = 0; j < 600; ++j) large.insert(j % 30, j) = 1.0 + j % 7;
  const Eigen::VectorXd target = Eigen::VectorXd::LinSpaced(30, -1, 1);
  EXPECT_EQ(LinearRegression{}.fit(large, target).report.solver, "LSQR");
  for (const double value : {nan, infinity, -infinity}) {
    Eigen::SparseMatrix<double> bad = large;
    bad.coeffRef(599 % 30, 599) = value;
    for (const std::string& said : {refusal([&] { (void)LinearRegression{}.fit(bad, target); }),
                                    refusal([&] { (void)Ridge{}.fit(bad, target); })}) {
      EXPECT_TRUE(said.starts_with("X(29, 599) is ")) << said;
    }
  }
}

TEST(Arguments, NonFiniteTargetsAreNamed) {
  for (const auto& [value, text] : {std::pair(nan, "nan"), std::pair(infinity, "inf"), std::pair(-infinity, "-inf")}) {
    Eigen::VectorXd bad = y;
    bad(2) = value;
    const std::string message = "y(2) is " + std::string(text) + ", expected a finite number";
    const Eigen::SparseMatrix<double> sparse = x.sparseView();
    EXPECT_EQ(refusal([&] { (void)LinearRegression{}.fit(x, bad); }), message);
    EXPECT_EQ(refusal([&] { (void)LinearRegression{}.fit(sparse, bad); }), message);
    EXPECT_EQ(refusal([&] { (void)Ridge{}.fit(x, bad); }), message);
    EXPECT_EQ(refusal([&] { (void)Lasso{}.fit(x, bad); }), message);
    EXPECT_EQ(refusal([&] { (void)ElasticNet{}.fit(sparse, bad); }), message);
  }
  Eigen::VectorXd bad = y;
  bad(2) = nan;
  Eigen::MatrixXd two(4, 2);
  two << y, bad;
  EXPECT_EQ(refusal([&] { (void)Ridge{}.fit(x, two); }), "y(2, 1) is nan, expected a finite number");
}

TEST(Arguments, SizesMustFit) {
  for_each_estimator([](const auto& fit) {
    EXPECT_EQ(refusal([&] { (void)fit(x, Eigen::VectorXd::Ones(3), {}); }), "rows of y is 3, expected 4 (rows of X)");
    EXPECT_EQ(refusal([&] { (void)fit(Eigen::MatrixXd(0, 2), Eigen::VectorXd(0), {}); }),
              "rows of X is 0, expected at least 1");
    EXPECT_EQ(refusal([&] { (void)fit(Eigen::MatrixXd(4, 0), y, {}); }), "columns of X is 0, expected at least 1");
    EXPECT_EQ(refusal([&] { (void)fit(x, y, {.sample_weight = Eigen::VectorXd::Ones(5)}); }),
              "length of sample_weight is 5, expected 4 (rows of X)");
  });
  EXPECT_EQ(refusal([&] { (void)LinearRegression{}.fit(x, Eigen::MatrixXd(4, 0)); }),
            "columns of y is 0, expected at least 1");
}

TEST(Arguments, WeightsMustBeUsable) {
  for_each_estimator([](const auto& fit) {
    const auto with = [&](const Eigen::Vector4d& weight) { return fit(x, y, {.sample_weight = weight}); };
    EXPECT_EQ(refusal([&] { (void)with({1, -0.5, 1, 1}); }), "sample_weight(1) is -0.5, expected a finite number >= 0");
    EXPECT_EQ(refusal([&] { (void)with({1, 1, nan, 1}); }), "sample_weight(2) is nan, expected a finite number >= 0");
    EXPECT_EQ(refusal([&] {
                (void)with({infinity, 1, 1, 1});
              }),
              "sample_weight(0) is inf, expected a finite number >= 0");
    EXPECT_EQ(refusal([&] {
                (void)with({0, 0, 0, 0});
              }),
              "largest sample_weight is 0, expected at least one positive weight");
    EXPECT_TRUE(with({1e300, 1e300, 1e300, 1e300}).converged);
    EXPECT_TRUE(with({1e-300, 1e-300, 1e-300, 1e-300}).converged);
  });
}

TEST(Arguments, HyperparametersMustBeInRange) {
  for (const auto& [alpha, text] : {std::pair(-1.0, "-1"), std::pair(nan, "nan"), std::pair(infinity, "inf")}) {
    const std::string message = "alpha is " + std::string(text) + ", expected a finite number >= 0";
    EXPECT_EQ(refusal([a = alpha] { (void)Ridge{.alpha = a}.fit(x, y); }), message);
    EXPECT_EQ(refusal([a = alpha] { (void)Lasso{.alpha = a}.fit(x, y); }), message);
    EXPECT_EQ(refusal([a = alpha] { (void)ElasticNet{.alpha = a}.fit(x, y); }), message);
  }
  EXPECT_EQ(refusal([] { (void)ElasticNet{.l1_ratio = 1.5}.fit(x, y); }),
            "l1_ratio is 1.5, expected a number from 0 to 1");
  EXPECT_EQ(refusal([] { (void)ElasticNet{.l1_ratio = -0.1}.fit(x, y); }),
            "l1_ratio is -0.1, expected a number from 0 to 1");
  EXPECT_EQ(refusal([] { (void)ElasticNet{.l1_ratio = nan}.fit(x, y); }),
            "l1_ratio is nan, expected a number from 0 to 1");
  EXPECT_EQ(refusal([] { (void)Lasso{.tol = 0}.fit(x, y); }), "tol is 0, expected a finite number > 0");
  EXPECT_EQ(refusal([] { (void)ElasticNet{.tol = nan}.fit(x, y); }), "tol is nan, expected a finite number > 0");
  EXPECT_EQ(refusal([] { (void)Lasso{.max_iter = 0}.fit(x, y); }), "max_iter is 0, expected at least 1");
  EXPECT_EQ(refusal([] { (void)ElasticNet{.max_iter = -3}.fit(x, y); }), "max_iter is -3, expected at least 1");
  EXPECT_EQ(refusal([] { (void)LogisticRegression{.C = 0}.fit(x, labels); }), "C is 0, expected a finite number > 0");
  EXPECT_EQ(refusal([] { (void)LogisticRegression{.C = nan}.fit(x, labels); }),
            "C is nan, expected a finite number > 0");
  EXPECT_EQ(refusal([] { (void)LogisticRegression{.tol = -1}.fit(x, labels); }),
            "tol is -1, expected a finite number > 0");
  for (const auto& [ratio, text] : {std::pair(-0.1, "-0.1"), std::pair(1.5, "1.5"), std::pair(nan, "nan")}) {
    const std::string message = "l1_ratio is " + std::string(text) + ", expected a number from 0 to 1";
    EXPECT_EQ(refusal([r = ratio] { (void)LogisticRegression{.l1_ratio = r}.fit(x, labels); }), message);
    EXPECT_EQ(refusal([r = ratio] { (void)LogisticRegression{.l1_ratio = r}.penalty_grid(x, labels); }), message);
  }
  EXPECT_EQ(refusal([] { (void)LogisticRegression{.max_iter = 0}.fit(x, labels); }),
            "max_iter is 0, expected at least 1");
}

TEST(Arguments, AClassifierNeedsTwoClasses) {
  EXPECT_EQ(refusal([] { (void)LogisticRegression{}.fit(x, Eigen::VectorXi::Constant(4, 3)); }),
            "the only class in y is 3, expected at least two classes");
  EXPECT_EQ(refusal([] { (void)LogisticRegression{}.fit(x, labels, {.sample_weight = Eigen::Vector4d(1, 0, 0, 2)}); }),
            "the only class in y is 0, expected at least two classes");
}

TEST(Arguments, LabelsBeyondTheirTypeAreRefused) {
  const Eigen::Vector<std::uint64_t, 4> huge(0, 1, 18446744073709551615U, 1);
  EXPECT_EQ(refusal([&] { (void)LogisticRegression{}.fit(x, huge); }),
            "largest label is 18446744073709551615, expected at most 2^63 - 1");
}

TEST(Arguments, PredictionsNeedTheFeaturesOfTheModel) {
  const auto linear = LinearRegression{}.fit(x, y).model;
  const auto logistic = LogisticRegression{}.fit(x, labels).model;
  const Eigen::MatrixXd wide(2, 3);
  const std::string columns = "columns of X is 3, expected 2 (features of the model)";
  EXPECT_EQ(refusal([&] { (void)linear.predict(wide); }), columns);
  EXPECT_EQ(refusal([&] { (void)logistic.predict(wide); }), columns);
  EXPECT_EQ(refusal([&] { (void)logistic.predict_proba(wide); }), columns);
  EXPECT_EQ(refusal([&] { (void)logistic.decision_function(wide); }), columns);
  const std::vector<double> row(3);
  std::vector<double> probabilities(3);
  const std::string length = "length of the row is 3, expected 2 (features of the model)";
  EXPECT_EQ(refusal([&] { (void)linear.predict_one(row); }), length);
  EXPECT_EQ(refusal([&] { (void)logistic.predict_one(row); }), length);
  EXPECT_EQ(refusal([&] { logistic.predict_proba_one(row, probabilities); }), length);
  EXPECT_EQ(refusal([&] { logistic.predict_proba_one(std::span(row).first(2), probabilities); }),
            "length of probabilities is 3, expected 2 (classes of the model)");
}

TEST(Arguments, ModelsMustBeConsistent) {
  using Linear = LinearModel<double, Eigen::Dynamic>;
  EXPECT_EQ(refusal([] { Linear(Eigen::MatrixXd(3, 2), Eigen::RowVectorXd(3)); }),
            "intercept is 3, expected 2 (coefficients' columns)");
  using Logistic = LogisticModel<double>;
  const auto logistic = [](Eigen::Index rows, Eigen::Index intercepts, std::vector<std::int64_t> classes) {
    Logistic(Logistic::Coefficients(rows, 2), Logistic::Intercept(intercepts), std::move(classes));
  };
  EXPECT_EQ(refusal([&] { logistic(1, 1, {4}); }), "number of classes is 1, expected at least 2");
  EXPECT_EQ(refusal([&] { logistic(1, 1, {4, 4}); }), "class after 4 is 4, expected a larger label");
  EXPECT_EQ(refusal([&] {
              logistic(2, 2, {4, 5});
            }),
            "coefficients' rows is 2, expected 1 (1 for two classes, else one a class)");
  EXPECT_EQ(refusal([&] {
              logistic(1, 1, {4, 5, 6});
            }),
            "coefficients' rows is 1, expected 3 (1 for two classes, else one a class)");
  EXPECT_EQ(refusal([&] { logistic(3, 1, {4, 5, 6}); }), "intercept's columns is 1, expected 3 (coefficients' rows)");
}

// What is no data does not compile.
template <class Estimator, class X, class Y>
concept Fits = requires(const Estimator& estimator, const X& design, const Y& target) {
  estimator.fit(design, target);
};

static_assert(Fits<Ridge, Eigen::MatrixXd, Eigen::VectorXd>);
static_assert(Fits<Ridge, Eigen::MatrixXf, Eigen::MatrixXd>);
static_assert(Fits<Lasso, Eigen::MatrixXd, Eigen::VectorXf>);
static_assert(Fits<LogisticRegression, Eigen::MatrixXd, Eigen::VectorXi>);
static_assert(Fits<Lasso, Eigen::Block<Eigen::MatrixXd>, Eigen::VectorBlock<Eigen::VectorXd>>);
static_assert(Fits<LogisticRegression, Eigen::MatrixXd::RowXpr, Eigen::VectorBlock<const Eigen::VectorXi>>);
static_assert(!Fits<Lasso, Eigen::MatrixXd, Eigen::MatrixXd>);               // several targets
static_assert(!Fits<Ridge, Eigen::MatrixXi, Eigen::VectorXd>);               // integers as features
static_assert(!Fits<Ridge, Eigen::MatrixXcd, Eigen::VectorXd>);              // complex numbers
static_assert(!Fits<Ridge, Eigen::ArrayXXd, Eigen::VectorXd>);               // an array is no matrix
static_assert(!Fits<LogisticRegression, Eigen::MatrixXd, Eigen::VectorXd>);  // labels are integers
static_assert(!Fits<Ridge, double, Eigen::VectorXd>);
static_assert(!Fits<Ridge, std::string, Eigen::VectorXd>);

}  // namespace
}  // namespace aprender::test
