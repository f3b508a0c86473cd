// Data at the edges: one sample, no feature, and units from one end of double's range to the other on one design. Each
// is a clear error or a certified result, in every way to fit.

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "aprender/cross_validation.hpp"
#include "aprender/models.hpp"
#include "aprender/summary.hpp"
#include "models/data.hpp"
#include "models/random.hpp"
#include "models/refusal.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

TEST(OneSample, IsItsOwnMeanOnEveryPath) {
  const Eigen::MatrixXd x{{2, -1, 5}};
  const Eigen::VectorXd y{{7}};
  const PathOptions path{.alphas = Eigen::Vector2d(1, 0.1)};
  const auto expect_mean = [&](const auto& fits) {
    ASSERT_EQ(fits.size(), 2u);
    for (const auto& fit : fits) {
      EXPECT_TRUE(fit.report.converged);
      EXPECT_TRUE(fit.model.coefficients().isZero(0));
      EXPECT_EQ(fit.model.intercept(), 7);
    }
  };
  const auto expect_all = [&](const auto& design) {
    expect_mean(Ridge{}.path(design, y, path));
    expect_mean(Lasso{}.path(design, y, path));
    expect_mean(ElasticNet{}.path(design, y, path));
    expect_mean(ElasticNet{.l1_ratio = 0}.path(design, y, path));
    for (const std::string& said :
         {refusal([&] { return Ridge{}.path(design, y); }), refusal([&] { return Lasso{}.path(design, y); })}) {
      EXPECT_TRUE(said.starts_with("the largest alpha of the grid is 0, expected a finite number > 0")) << said;
    }
    EXPECT_EQ(refusal([&] { return cross_validate(Lasso{}, design, y, {.path = path}); }),
              "number of samples is 1, expected at least 2, one a fold");
    EXPECT_EQ(refusal([&] { return Ridge{}.leave_one_out(design, y, path); }),
              "samples of positive weight is 1, expected at least 2");
    const LinearSummary found = summary(LinearRegression{}.fit(design, y), design, y);
    EXPECT_EQ(found.residual_degrees_of_freedom, 0);
    EXPECT_EQ(found.intercept->value, 7);
    EXPECT_TRUE(std::isnan(found.intercept->standard_error));
    EXPECT_TRUE(std::isnan(found.residual_standard_error));
    for (const Estimate& estimate : found.coefficients) {
      EXPECT_EQ(estimate.value, 0);
      EXPECT_TRUE(std::isnan(estimate.standard_error));
    }
  };
  expect_all(x);
  expect_all(Eigen::SparseMatrix<double>(x.sparseView()));
}

TEST(NoFeature, IsRefusedOnEveryPath) {
  const Eigen::VectorXd y = Random(1).vector(12);
  const Eigen::VectorXi labels = (y.array() > 0).cast<int>();
  const std::string expected = "columns of X is 0, expected at least 1";
  const PathOptions path{.alphas = Eigen::Vector2d(1, 0.1)};
  const auto expect_refused = [&](const auto& x) {
    const auto both = [&](const auto& estimator, const auto& target) {
      for (const PathOptions& options : {PathOptions{}, path}) {
        EXPECT_EQ(refusal([&] { return estimator.path(x, target, options); }), expected);
        EXPECT_EQ(refusal([&] { return cross_validate(estimator, x, target, {.path = options}); }), expected);
      }
    };
    both(Ridge{}, y);
    both(Lasso{}, y);
    both(ElasticNet{}, y);
    EXPECT_EQ(refusal([&] { return LogisticRegression{}.path(x, labels, path.alphas); }), expected);
    for (const PathOptions& options : {PathOptions{}, path}) {
      EXPECT_EQ(refusal([&] { return Ridge{}.leave_one_out(x, y, options); }), expected);
      EXPECT_EQ(refusal([&] { return cross_validate(LogisticRegression{}, x, labels, {.path = options}); }), expected);
    }
  };
  expect_refused(Eigen::MatrixXd(12, 0));
  expect_refused(Eigen::SparseMatrix<double>(12, 0));
}

/// The diabetes data with the first column in a unit of 1e-300 and the second in one of 1e300.
struct UnitsApart {
  DataSet data = load("diabetes");
  Eigen::MatrixXd x = data.x;
  Eigen::SparseMatrix<double> sparse;

  UnitsApart() {
    x.col(0) *= 1e-300;
    x.col(1) *= 1e300;
    sparse = x.sparseView(0.0, 0.0);
  }

  void expect_gap(const auto& fit, double l1_ratio) const {
    SCOPED_TRACE("alpha " + std::to_string(fit.estimator.alpha));
    EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap;
    const CentredProblem problem(x, data.y, {}, true);
    const Vector w = fit.model.coefficients().template cast<Real>();
    const Real alpha = fit.estimator.alpha;
    EXPECT_LE(
        problem.relative_gap(w, fit.model.intercept(), alpha * l1_ratio, alpha * (1 - static_cast<Real>(l1_ratio))),
        1.001L * fit.report.tolerance);
    EXPECT_EQ(w(0), 0);  // too expensive
    EXPECT_NE(w(1), 0);  // free of charge
  }
};

TEST(UnitsFarApart, LassoAndElasticNetAreCertified) {
  const UnitsApart apart;
  for (const double alpha : {0.01, 1.0, 30.0}) {
    apart.expect_gap(Lasso{.alpha = alpha}.fit(apart.x, apart.data.y), 1.0);
    apart.expect_gap(Lasso{.alpha = alpha}.fit(apart.sparse, apart.data.y), 1.0);
    apart.expect_gap(ElasticNet{.alpha = alpha}.fit(apart.x, apart.data.y), 0.5);
    apart.expect_gap(ElasticNet{.alpha = alpha}.fit(apart.sparse, apart.data.y), 0.5);
  }
}

// As if the first column were not there and the second had no penalty.
TEST(UnitsFarApart, TheLassoIsThatOfAColumnThatCostsNothing) {
  const UnitsApart apart;
  Eigen::MatrixXd x = apart.data.x.rightCols(9);
  x.col(0) *= 1e6;  // next to nothing
  const Eigen::VectorXd cheap = Lasso{.alpha = 1, .tol = 1e-12}.fit(x, apart.data.y).model.coefficients();
  const Eigen::VectorXd found = Lasso{.alpha = 1, .tol = 1e-12}.fit(apart.x, apart.data.y).model.coefficients();
  EXPECT_NEAR(found(1) * 1e300 / (cheap(0) * 1e6), 1.0, 1e-4);
  EXPECT_LE((found.tail(8) - cheap.tail(8)).norm(), 1e-4 * cheap.tail(8).norm());
}

TEST(UnitsFarApart, LassoAndElasticNetPathsAreCertified) {
  const UnitsApart apart;
  const PathOptions few{.alphas = Eigen::Vector3d(1, 30, 0.01)};
  const PathOptions by_gram{.alphas = Eigen::VectorXd::LinSpaced(12, 0.1, 20)};
  for (const PathOptions& path : {few, by_gram}) {
    for (const auto& fit : Lasso{}.path(apart.x, apart.data.y, path)) apart.expect_gap(fit, 1.0);
    for (const auto& fit : Lasso{}.path(apart.sparse, apart.data.y, path)) apart.expect_gap(fit, 1.0);
    for (const auto& fit : ElasticNet{}.path(apart.x, apart.data.y, path)) apart.expect_gap(fit, 0.5);
  }
  // Its own grid is in the unit of the second column.
  for (const auto& fit : Lasso{}.path(apart.x, apart.data.y, {.n_alphas = 12})) {
    EXPECT_TRUE(fit.report.converged);
    EXPECT_GT(fit.estimator.alpha, 1e290);
  }
}

TEST(UnitsFarApart, RidgeAndItsPathAreCertified) {
  const UnitsApart apart;
  const CentredProblem problem(apart.x, apart.data.y, {}, true);
  const auto expect_error = [&](const auto& fit) {
    SCOPED_TRACE("alpha " + std::to_string(fit.estimator.alpha));
    EXPECT_TRUE(fit.report.converged) << *fit.report.backward_error;
    const Vector w = fit.model.coefficients().template cast<Real>();
    EXPECT_LE(problem.backward_error(w, fit.estimator.alpha), fit.report.tolerance);
  };
  for (const double alpha : {0.1, 1e4}) {
    expect_error(Ridge{.alpha = alpha}.fit(apart.x, apart.data.y));
    expect_error(Ridge{.alpha = alpha}.fit(apart.sparse, apart.data.y));
  }
  const PathOptions path{.alphas = Eigen::Vector3d(1, 1e4, 1e-3)};
  for (const auto& fit : Ridge{}.path(apart.x, apart.data.y, path)) expect_error(fit);
  for (const auto& fit : Ridge{}.path(apart.sparse, apart.data.y, path)) expect_error(fit);
}

TEST(UnitsFarApart, AGridThatOverflowsNamesTheColumn) {
  const UnitsApart apart;
  const std::string ridge =
      "the sum of squares of X up to column 1 is inf, expected a finite number (scale that column, or give the alphas)";
  EXPECT_EQ(refusal([&] { return Ridge{}.path(apart.x, apart.data.y); }), ridge);
  EXPECT_EQ(refusal([&] { return Ridge{}.leave_one_out(apart.sparse, apart.data.y); }), ridge);
  EXPECT_EQ(refusal([&] { return cross_validate(Ridge{}, apart.x, apart.data.y); }), ridge);
  const Eigen::VectorXd large = apart.data.y * 1e10;
  EXPECT_EQ(refusal([&] { return Lasso{}.path(apart.x, large); }),
            "the covariance of y and column 1 of X is inf, expected a finite number (scale that column, or give the "
            "alphas)");
}

TEST(UnitsFarApart, CrossValidationOfGivenAlphasConverges) {
  const UnitsApart apart;
  const CrossValidationOptions options{.n_folds = 3, .path = {.alphas = Eigen::Vector3d(1, 30, 0.1)}};
  const auto expect_fine = [&](const CrossValidation& found) {
    EXPECT_EQ(found.not_converged, 0);
    EXPECT_TRUE(found.errors.allFinite());
    EXPECT_LT(found.mean.minCoeff(), 4000.0);  // of y alone: 5930
  };
  expect_fine(cross_validate(Lasso{}, apart.x, apart.data.y, options));
  expect_fine(cross_validate(ElasticNet{}, apart.x, apart.data.y, options));
  expect_fine(cross_validate(Ridge{}, apart.x, apart.data.y, options));
  expect_fine(cross_validate(Lasso{}, apart.sparse, apart.data.y, options));
}

// Leave-one-out errors come from one decomposition in one scale, and have no certificate of their own.
TEST(UnitsFarApart, LeaveOneOutRefusesWhatItCannotTell) {
  const UnitsApart apart;
  const PathOptions path{.alphas = Eigen::Vector2d(1, 0.1)};
  for (const std::string& said : {refusal([&] { return Ridge{}.leave_one_out(apart.x, apart.data.y, path); }),
                                  refusal([&] { return Ridge{}.leave_one_out(apart.sparse, apart.data.y, path); })}) {
    EXPECT_TRUE(said.starts_with("the unit of column 0 of X, by that of the largest column, is ")) << said;
  }
}

TEST(UnitsFarApart, L1LogisticRegressionSaysWhatItReached) {
  const DataSet data = load("breast_cancer");
  Eigen::MatrixXd x = data.x;
  x.col(0) *= 1e-300;
  x.col(1) *= 1e300;
  const Eigen::VectorXi labels = data.y.cast<int>();
  const LogisticRegression estimator{.l1_ratio = 1.0};
  const auto fit = estimator.fit(x, labels);
  EXPECT_TRUE(fit.model.coefficients().allFinite());
  EXPECT_EQ(fit.model.coefficients()(0), 0);
  EXPECT_LE(fit.report.iterations, estimator.max_iter);
  // A penalty below the rounding of its column cannot be certified by a dual (docs/numerics.md); the objective is that
  // of a column that costs next to nothing all the same.
  EXPECT_EQ(fit.report.converged, *fit.report.duality_gap <= fit.report.tolerance);
  Eigen::MatrixXd cheap = data.x.rightCols(data.x.cols() - 1);
  cheap.col(0) *= 1e3;  // from 1e4 on the rounding of its scores may be more than a dual can certify
  const auto expected = estimator.fit(cheap, labels);
  EXPECT_TRUE(expected.report.converged);
  EXPECT_NEAR(fit.report.objective / expected.report.objective, 1.0, 1e-4);
}

}  // namespace
}  // namespace aprender::test
