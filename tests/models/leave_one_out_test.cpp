// Leave-one-out errors of ridge without refitting: the same as with refitting, and those of scikit-learn.

#include <cmath>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <Eigen/LU>

#include "aprender/models.hpp"
#include "models/data.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

struct Reference {
  std::string estimator;
  double l1_ratio;
  bool weighted;
  std::vector<double> penalties;
  std::vector<std::vector<double>> errors;  ///< mean, then those of the first samples, times their weights
};
const std::vector<Reference> references = {
#include "models/reference_cross_validation.inc"
};

/// Squared errors of n fits, each without one sample: n x n_alphas. The others keep their weights, which `fit`
/// normalises to sum to n - 1 instead: the same problem if alpha is scaled likewise.
Eigen::MatrixXd refitted(const Ridge& ridge, const Eigen::MatrixXd& x, const Eigen::MatrixXd& y,
                         const Eigen::VectorXd& alphas, const Eigen::VectorXd& sample_weight) {
  const Eigen::Index n = x.rows();
  const Eigen::VectorXd weight = sample_weight * (static_cast<double>(n) / sample_weight.sum());
  Eigen::MatrixXd errors(n, alphas.size());
  for (Eigen::Index i = 0; i < n; ++i) {
    std::vector<Eigen::Index> others;
    for (Eigen::Index k = 0; k < n; ++k) {
      if (k != i) others.push_back(k);
    }
    const Eigen::MatrixXd x_others = x(others, Eigen::all), y_others = y(others, Eigen::all);
    for (Eigen::Index k = 0; k < alphas.size(); ++k) {
      Ridge scaled = ridge;
      scaled.alpha = alphas(k) * static_cast<double>(n - 1) / (weight.sum() - weight(i));
      const auto fit = scaled.fit(x_others, y_others, {.sample_weight = weight(others)});
      errors(i, k) = (y.row(i) - fit.model.predict(x.row(i))).cwiseAbs2().mean();
    }
  }
  return errors;
}

void expect_refitted(const Ridge& ridge, const Eigen::MatrixXd& x, const Eigen::MatrixXd& y, const PathOptions& path,
                     const Eigen::VectorXd& weight, double tolerance) {
  const LeaveOneOut found = ridge.leave_one_out(x, y, path, {.sample_weight = weight});
  const Eigen::MatrixXd expected = refitted(ridge, x, y, found.validation.alphas, weight);
  ASSERT_EQ(found.validation.errors.rows(), expected.rows());
  for (Eigen::Index k = 0; k < expected.cols(); ++k) {
    EXPECT_LT((found.validation.errors.col(k) - expected.col(k)).norm() / expected.col(k).norm(), tolerance)
        << x.rows() << " x " << x.cols() << ", alpha " << found.validation.alphas(k);
    EXPECT_NEAR(found.validation.mean(k) * weight.sum() / weight.dot(expected.col(k)), 1.0, tolerance);
  }
}

TEST(LeaveOneOut, IsTheErrorOfRefitting) {
  Random random(1);
  const PathOptions path{.n_alphas = 7};
  for (const auto& [n, p] :
       {std::pair(30, 4), std::pair(12, 12), std::pair(13, 12), std::pair(10, 40), std::pair(2, 3)}) {
    const Eigen::MatrixXd x = random.matrix(n, p).array() + 2.0;
    const Eigen::MatrixXd y = random.matrix(n, 2);
    for (const bool fit_intercept : {true, false}) {
      const Ridge ridge{.fit_intercept = fit_intercept};
      expect_refitted(ridge, x, y.leftCols(1), path, Eigen::VectorXd::Ones(n), 1e-8);
      expect_refitted(ridge, x, y, path, cyclic_weights(n), 1e-8);
    }
  }
}

TEST(LeaveOneOut, HoldsForPenaltiesFarBelowX) {
  Random random(2);
  for (const auto& [n, p] : {std::pair(30, 4), std::pair(10, 40)}) {
    const Eigen::MatrixXd x = random.matrix(n, p);
    const Eigen::MatrixXd y = random.matrix(n, 1);
    const PathOptions path{.alphas = Eigen::Vector3d(1e-6, 1e-9, 1e-12)};
    for (const bool fit_intercept : {true, false}) {
      expect_refitted(Ridge{.fit_intercept = fit_intercept}, x, y, path, cyclic_weights(n), 1e-8);
    }
  }
}

TEST(LeaveOneOut, HoldsForColumnsOfDifferentUnits) {
  const DataSet data = load("longley");
  Eigen::MatrixXd x = data.x;
  x.col(1) *= 1e3;
  x.col(3) *= 1e-3;
  expect_refitted(Ridge{}, x, data.y, {.alphas = Eigen::Vector3d(1e4, 1.0, 1e-3)}, Eigen::VectorXd::Ones(16), 1e-6);
}

TEST(LeaveOneOut, IsThatOfScikitLearn) {
  const DataSet data = load("diabetes");
  const Eigen::Index n = data.y.size();
  std::size_t compared = 0;
  for (const Reference& reference : references) {
    if (reference.estimator != "LeaveOneOut") continue;
    ++compared;
    Eigen::VectorXd weight = reference.weighted ? cyclic_weights(n) : Eigen::VectorXd::Ones(n);
    weight *= static_cast<double>(n) / weight.sum();
    const Eigen::VectorXd alphas = Eigen::Map<const Eigen::VectorXd>(reference.penalties.data(), 3);
    const LeaveOneOut found = Ridge{}.leave_one_out(data.x, data.y, {.alphas = alphas}, {.sample_weight = weight});
    for (Eigen::Index k = 0; k < 3; ++k) {
      const std::vector<double>& expected = reference.errors[static_cast<std::size_t>(k)];
      EXPECT_NEAR(found.validation.mean(k) / expected[0], 1.0, 1e-9);
      for (Eigen::Index i = 0; i < 4; ++i) {
        EXPECT_NEAR(found.validation.errors(i, k) * weight(i) / expected[static_cast<std::size_t>(i + 1)], 1.0, 1e-8);
      }
    }
  }
  EXPECT_EQ(compared, 2u);
}

TEST(LeaveOneOut, TheBestByGcvIsTheStrongestPenaltyOfTheLeast) {
  LeaveOneOut found;
  found.gcv = Eigen::Vector4d(3, 1, 1, 2);
  EXPECT_EQ(found.best_by_gcv(), 1);
  found.gcv = Eigen::Vector3d(std::nan(""), 5, 4);
  EXPECT_EQ(found.best_by_gcv(), 2);
}

TEST(LeaveOneOut, IsCrossValidationWithAFoldASample) {
  Random random(3);
  const Eigen::MatrixXd x = random.matrix(25, 3);
  const Eigen::VectorXd y = random.vector(25);
  const PathOptions path{.n_alphas = 20};
  const LeaveOneOut found = Ridge{}.leave_one_out(x, y, path);
  const CrossValidation slow = cross_validate(Ridge{}, x, y, {.n_folds = 25, .path = path});
  EXPECT_LT((found.validation.mean - slow.mean).norm(), 1e-10 * slow.mean.norm());
  EXPECT_LT((found.validation.standard_error - slow.standard_error).norm(), 1e-10 * slow.standard_error.norm());
  EXPECT_EQ(found.validation.best(), slow.best());
  EXPECT_EQ(found.validation.one_standard_error(), slow.one_standard_error());
}

// The matrix H that maps y to the fitted values, from its definition.
TEST(LeaveOneOut, GcvAndDegreesOfFreedomAreThoseOfTheHatMatrix) {
  Random random(4);
  for (const auto& [n, p] : {std::pair(20, 5), std::pair(6, 15)}) {
    const Eigen::MatrixXd x = random.matrix(n, p);
    const Eigen::VectorXd y = random.vector(n);
    const Eigen::VectorXd weight = cyclic_weights(n) * (static_cast<double>(n) / cyclic_weights(n).sum());
    const PathOptions path{.alphas = Eigen::Vector3d(10, 0.3, 0.01)};
    const LeaveOneOut found = Ridge{}.leave_one_out(x, y, path, {.sample_weight = weight});
    Eigen::MatrixXd with_one(n, p + 1);
    with_one << x, Eigen::VectorXd::Ones(n);
    const Eigen::MatrixXd a = weight.cwiseSqrt().asDiagonal() * with_one;
    for (Eigen::Index k = 0; k < 3; ++k) {
      Eigen::VectorXd penalty = Eigen::VectorXd::Constant(p + 1, found.validation.alphas(k));
      penalty(p) = 0;
      const Eigen::MatrixXd normal = a.transpose() * a + Eigen::MatrixXd(penalty.asDiagonal());
      const Eigen::MatrixXd h = a * normal.fullPivLu().solve(a.transpose());
      const Eigen::VectorXd b = weight.cwiseSqrt().cwiseProduct(y);
      EXPECT_NEAR(found.degrees_of_freedom(k), h.trace(), 1e-9);
      const double share_left = 1 - h.trace() / n;
      EXPECT_NEAR(found.gcv(k), (b - h * b).squaredNorm() / n / share_left / share_left, 1e-9);
    }
  }
}

TEST(LeaveOneOut, SamplesOfZeroWeightAreNotThere) {
  Random random(5);
  const Eigen::MatrixXd x = random.matrix(20, 3);
  const Eigen::VectorXd y = random.vector(20);
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(20);
  weight.tail(4).setZero();
  const LeaveOneOut with = Ridge{}.leave_one_out(x, y, {}, {.sample_weight = weight});
  const LeaveOneOut without = Ridge{}.leave_one_out(x.topRows(16), y.head(16));
  EXPECT_EQ(with.validation.errors.rows(), 16);
  EXPECT_EQ(with.validation.alphas, without.validation.alphas);
  EXPECT_LT((with.validation.errors - without.validation.errors).norm(), 1e-12 * without.validation.errors.norm());
}

TEST(LeaveOneOut, OfASparseXIsThatOfTheDenseOne) {
  Random random(5);
  for (const auto& [n, p] : {std::pair(40, 6), std::pair(12, 30)}) {
    Eigen::MatrixXd x = random.matrix(n, p);
    x = (x.array().abs() > 0.6).select(x, 0.0);
    const Eigen::MatrixXd y = random.matrix(n, 2);
    const Eigen::SparseMatrix<double> by_columns = x.sparseView();
    const Eigen::SparseMatrix<double, Eigen::RowMajor> by_rows = x.sparseView();
    for (const double smallest : {1e-3, 1e-9}) {  // from the Gram matrix, and by singular values
      const PathOptions path{.alphas = Eigen::Vector3d(10.0, 1.0, smallest)};
      const FitOptions options{.sample_weight = cyclic_weights(n)};
      const LeaveOneOut expected = Ridge{}.leave_one_out(x, y, path, options);
      for (const LeaveOneOut& found :
           {Ridge{}.leave_one_out(by_columns, y, path, options), Ridge{}.leave_one_out(by_rows, y, path, options)}) {
        EXPECT_LT((found.validation.errors - expected.validation.errors).norm(),
                  1e-8 * expected.validation.errors.norm());
        EXPECT_LT((found.gcv - expected.gcv).norm(), 1e-8 * expected.gcv.norm());
      }
    }
  }
}

TEST(LeaveOneOut, NeedsTwoSamples) {
  const Eigen::MatrixXd x = Eigen::MatrixXd::Ones(1, 2);
  const Eigen::VectorXd y = Eigen::VectorXd::Ones(1);
  try {
    (void)Ridge{.fit_intercept = false}.leave_one_out(x, y);
    FAIL() << "accepted";
  } catch (const std::invalid_argument& refused) {
    EXPECT_STREQ(refused.what(), "samples of positive weight is 1, expected at least 2");
  }
}

}  // namespace
}  // namespace aprender::test
