// X and y may be any Eigen expression: the answer is that of the plain matrix, and the arguments stay as they were.

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

/// Fits one estimator to X given in many ways and expects the same bits, of contiguous rows (which are summed in
/// another order) the same up to rounding. `fit`: (X, y) -> coefficients.
template <class Fit>
void expect_same(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Fit& fit) {
  const auto expected = fit(x, y);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto near = [&](const auto& actual) { return (actual - expected).norm() <= 1e-13 * expected.norm(); };
  const RowMajor row_major = x;
  EXPECT_TRUE(near(fit(row_major, y)));

  Eigen::MatrixXd large = Eigen::MatrixXd::Constant(x.rows() + 5, x.cols() + 3, 1e9);
  large.block(2, 1, x.rows(), x.cols()) = x;
  EXPECT_EQ(fit(large.block(2, 1, x.rows(), x.cols()), y), expected);
  RowMajor large_rows = large;
  EXPECT_TRUE(near(fit(large_rows.block(2, 1, x.rows(), x.cols()), y)));

  const Eigen::MatrixXd transposed = x.transpose();
  EXPECT_TRUE(near(fit(transposed.transpose(), y)));
  EXPECT_EQ(fit(x * Eigen::MatrixXd::Identity(x.cols(), x.cols()), y), expected);
  EXPECT_EQ(fit(0.5 * x + 0.5 * x, y), expected);
  EXPECT_EQ(fit(Eigen::Map<const Eigen::MatrixXd>(x.data(), x.rows(), x.cols()), y), expected);

  Eigen::MatrixXd spread = Eigen::MatrixXd::Constant(2 * x.rows(), 3 * x.cols(), 1e9);
  using Strided = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j) spread(2 * i, 3 * j) = x(i, j);
  }
  EXPECT_EQ(fit(Strided(spread.data(), x.rows(), x.cols(), {3 * spread.rows(), 2}), y), expected);

  const Eigen::Ref<const Eigen::MatrixXd> ref(x);
  EXPECT_EQ(fit(ref, y), expected);

  Eigen::MatrixXd targets(y.size(), 2);
  targets << Eigen::VectorXd::Constant(y.size(), 1e9), y;
  EXPECT_EQ(fit(x, targets.col(1)), expected);
  EXPECT_EQ(fit(x, (2 * y - y)), expected);
  EXPECT_EQ(fit(x, y.reverse().reverse()), expected);
  const Eigen::RowVectorXd row = y.transpose();
  EXPECT_EQ(fit(x, row.transpose()), expected);
}

class Expressions : public ::testing::Test {
 protected:
  Random random_{1};
  Eigen::MatrixXd x_ = random_.matrix(20, 4);
  Eigen::VectorXd y_ = random_.vector(20);
};

TEST_F(Expressions, LinearRegression) {
  expect_same(x_, y_, [](const auto& x, const auto& y) { return LinearRegression{}.fit(x, y).model.coefficients(); });
}

TEST_F(Expressions, Lasso) {
  expect_same(x_, y_, [](const auto& x, const auto& y) { return Lasso{.alpha = 0.01}.fit(x, y).model.coefficients(); });
}

TEST_F(Expressions, LogisticRegression) {
  expect_same(x_, y_, [](const auto& x, const auto& y) {
    return LogisticRegression{}.fit(x, (y.array() > 0).matrix().template cast<int>()).model.coefficients();
  });
}

TEST_F(Expressions, PredictTakesThemToo) {
  const auto linear = LinearRegression{}.fit(x_, y_).model;
  const auto logistic = LogisticRegression{}.fit(x_, (y_.array() > 0).cast<int>().matrix()).model;
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(4, 4);
  const auto near = [&](const auto& design, Eigen::Index first) {
    const Eigen::VectorXd expected = linear.predict(x_.middleRows(first, design.rows()).eval());
    EXPECT_LE((linear.predict(design) - expected).norm(), 1e-14 * expected.norm());
    const Eigen::MatrixXd proba = logistic.predict_proba(x_.middleRows(first, design.rows()).eval());
    EXPECT_LE((logistic.predict_proba(design) - proba).norm(), 1e-14 * proba.norm());
  };
  near(x_.middleRows(3, 7), 3);
  near(x_ * identity, 0);
  near(Eigen::MatrixXd(x_.transpose()).transpose(), 0);
  near(x_.row(5), 5);
  near(Eigen::RowVectorXd(x_.row(5)), 5);
  EXPECT_EQ(linear.predict(x_.topRows(0)).size(), 0);
  EXPECT_EQ(logistic.predict(x_.topRows(0)).size(), 0);
}

TEST_F(Expressions, OneRowOfAnyKind) {
  const Eigen::RowVectorXd row = x_.row(3);
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = x_;
  const Eigen::Matrix<double, 1, 1> y(2.0);
  const auto expected = Ridge{.fit_intercept = false}.fit(Eigen::MatrixXd(row), y).model.coefficients();
  EXPECT_EQ((Ridge{.fit_intercept = false}.fit(row, y).model.coefficients()), expected);
  EXPECT_EQ((Ridge{.fit_intercept = false}.fit(x_.row(3), y).model.coefficients()), expected);
  EXPECT_EQ((Ridge{.fit_intercept = false}.fit(rows.row(3), y).model.coefficients()), expected);
  EXPECT_EQ((Ridge{.fit_intercept = false}.fit(Eigen::RowVector4d(row), y).model.coefficients()), expected);
}

TEST_F(Expressions, ArgumentsStayAsTheyWere) {
  const Eigen::MatrixXd x = x_;
  const Eigen::VectorXd y = y_;
  const FitOptions options{.sample_weight = Eigen::VectorXd::LinSpaced(20, 0, 1)};
  const Eigen::VectorXi labels = (y_.array() > 0).cast<int>();
  (void)LinearRegression{}.fit(x_, y_, options);
  (void)Ridge{}.fit(x_, y_, options);
  (void)Lasso{.alpha = 0.01}.fit(x_, y_, options);
  (void)ElasticNet{.alpha = 0.01}.fit(x_, y_, options);
  (void)LogisticRegression{}.fit(x_, labels, options);
  EXPECT_EQ(x_, x);
  EXPECT_EQ(y_, y);
  EXPECT_EQ(options.sample_weight, Eigen::VectorXd::LinSpaced(20, 0, 1));
}

TEST_F(Expressions, AFitIsTheSameEveryTime) {
  EXPECT_EQ(LinearRegression{}.fit(x_, y_).model.coefficients(), LinearRegression{}.fit(x_, y_).model.coefficients());
  const Lasso lasso{.alpha = 0.01};
  EXPECT_EQ(lasso.fit(x_, y_).model.coefficients(), lasso.fit(x_, y_).model.coefficients());
}

}  // namespace
}  // namespace aprender::test
