// Metrics against numbers worked out by hand and by scikit-learn 1.2.1 (marked so).

#include "aprender/metrics.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/refusal.hpp"

namespace aprender::test {
namespace {

TEST(Metrics, OfRegression) {
  const Eigen::Vector4d y(3, -0.5, 2, 7);
  const Eigen::Vector4d p(2.5, 0, 2, 8);
  EXPECT_DOUBLE_EQ(mean_squared_error(y, p), 0.375);
  EXPECT_DOUBLE_EQ(mean_absolute_error(y, p), 0.5);
  EXPECT_DOUBLE_EQ(r2_score(y, p), 0.9486081370449679);  // scikit-learn
  EXPECT_DOUBLE_EQ(r2_score(y.cast<float>(), p.cast<float>()), 0.9486081370449679);
}

TEST(Metrics, OfRegressionWithWeights) {
  const Eigen::Vector4d y(3, -0.5, 2, 7);
  const Eigen::Vector4d p(2.5, 0, 2, 8);
  const Eigen::Vector4d weight(1, 2, 3, 0.5);
  EXPECT_DOUBLE_EQ(mean_squared_error(y, p, weight), 1.25 / 6.5);
  EXPECT_DOUBLE_EQ(mean_absolute_error(y, p, weight), 2.0 / 6.5);
  EXPECT_DOUBLE_EQ(r2_score(y, p, weight), 0.9512743628185907);  // scikit-learn
  EXPECT_DOUBLE_EQ(r2_score(y, p, 1e300 * weight), r2_score(y, p, weight));
  // A sample of zero weight is not there.
  EXPECT_DOUBLE_EQ(mean_squared_error(y, p, Eigen::Vector4d(0, 1, 1, 0)), 0.125);
}

TEST(Metrics, R2OfAConstantTargetIsOneOrZero) {
  const Eigen::Vector3d y(0.1, 0.1, 0.1);
  EXPECT_EQ(r2_score(y, y), 1);
  EXPECT_EQ(r2_score(y, Eigen::Vector3d(0.1, 0.1, 0.2)), 0);
  EXPECT_EQ(r2_score(Eigen::Matrix<double, 1, 1>(2.0), Eigen::Matrix<double, 1, 1>(3.0)), 0);
  // Constant where it counts.
  EXPECT_EQ(r2_score(Eigen::Vector3d(5, 0.1, 0.1), Eigen::Vector3d(9, 0.1, 0.1), Eigen::Vector3d(0, 1, 1)), 1);
}

TEST(Metrics, R2IsUnboundedBelow) { EXPECT_DOUBLE_EQ(r2_score(Eigen::Vector2d(0, 2), Eigen::Vector2d(10, -8)), -99); }

TEST(Metrics, Accuracy) {
  const Eigen::Vector4i y(1, 2, 3, 3);
  const Eigen::Vector<std::int64_t, 4> p(1, 2, 3, 4);
  EXPECT_EQ(accuracy_score(y, p), 0.75);
  EXPECT_EQ(accuracy_score(y, p, Eigen::Vector4d(1, 1, 1, 3)), 0.5);
  EXPECT_EQ(accuracy_score(y, y), 1);
}

TEST(Metrics, LogLoss) {
  const Eigen::Vector4i y(1, 0, 0, 1);
  const Eigen::MatrixXd p{{0.1, 0.9}, {0.9, 0.1}, {0.8, 0.2}, {0.35, 0.65}};
  const std::vector<std::int64_t> classes{0, 1};
  EXPECT_DOUBLE_EQ(log_loss(y, p, classes), 0.21616187468057912);  // scikit-learn
  EXPECT_DOUBLE_EQ(log_loss(y, p, classes), -(std::log(0.9) + std::log(0.9) + std::log(0.8) + std::log(0.65)) / 4);
  EXPECT_DOUBLE_EQ(log_loss(y, p, classes, Eigen::Vector4d(1, 1, 0, 2)),
                   -(std::log(0.9) + std::log(0.9) + 2 * std::log(0.65)) / 4);
}

TEST(Metrics, LogLossOfACertainMistakeIsFinite) {
  const Eigen::Vector2i y(7, -2);
  const std::vector<std::int64_t> classes{-2, 7};
  const Eigen::MatrixXd wrong{{1, 0}, {1, 0}};
  EXPECT_DOUBLE_EQ(log_loss(y, wrong, classes), -0.5 * std::log(std::numeric_limits<double>::epsilon()));
  EXPECT_DOUBLE_EQ(log_loss(y, wrong.cast<float>(), classes),
                   -0.5 * std::log(static_cast<double>(std::numeric_limits<float>::epsilon())));
}

TEST(Metrics, RefuseWhatDoesNotFit) {
  const Eigen::Vector2d y(1, 2);
  const Eigen::Vector2i labels(0, 1);
  const std::vector<std::int64_t> classes{0, 1};
  EXPECT_EQ(refusal([&] { return r2_score(y, Eigen::Vector3d(1, 2, 3)); }),
            "rows of y_pred is 3, expected 2 (rows of y_true)");
  EXPECT_EQ(refusal([&] { return mean_squared_error(Eigen::VectorXd(0), Eigen::VectorXd(0)); }),
            "rows of y_true is 0, expected at least 1");
  EXPECT_EQ(refusal([&] { return mean_absolute_error(y, Eigen::Vector2d(1, std::nan(""))); }),
            "y_pred(1) is nan, expected a finite number");
  EXPECT_EQ(refusal([&] { return accuracy_score(labels, labels, Eigen::Vector2d(1, -1)); }),
            "sample_weight(1) is -1, expected a finite number >= 0");
  EXPECT_EQ(refusal([&] { return accuracy_score(labels, labels, Eigen::VectorXd::Ones(3)); }),
            "length of sample_weight is 3, expected 2 (rows of y_true)");
  const Eigen::MatrixXd p{{0.5, 0.5}, {0.5, 0.5}};
  EXPECT_EQ(refusal([&] { return log_loss(Eigen::Vector2i(0, 5), p, classes); }),
            "y_true(1) is 5, expected one of the classes");
  EXPECT_EQ(refusal([&] { return log_loss(labels, (3 * p).eval(), classes); }),
            "probabilities(0, 0) is 1.5, expected a number from 0 to 1");
  EXPECT_EQ(refusal([&] { return log_loss(labels, Eigen::MatrixXd::Ones(2, 3), classes); }),
            "columns of probabilities is 3, expected 2 (classes)");
}

}  // namespace
}  // namespace aprender::test
