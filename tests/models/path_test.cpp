// Paths: the grid of glmnet and scikit-learn, and at each alpha the fit that `fit` gives.

#include "aprender/path.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/data.hpp"
#include "models/random.hpp"
#include "models/refusal.hpp"

namespace aprender::test {
namespace {

struct GlmnetReference {
  bool weighted;
  std::vector<double> lambdas, mean, standard_error;
  double lambda_min, lambda_1se, largest, largest_ridge;
};
const std::vector<GlmnetReference> glmnet = {
#include "models/reference_cv_glmnet.inc"
};

TEST(Path, TheGridIsGeometricFromTheLargestAlphaDown) {
  const DataSet data = load("diabetes");
  // The grid of scikit-learn 1.2.1: reference_cross_validation.inc.
  const Eigen::VectorXd lasso = Lasso{}.penalty_grid(data.x, data.y);
  ASSERT_EQ(lasso.size(), 100);
  EXPECT_NEAR(lasso(0), 564.4043529002272, 1e-9);
  EXPECT_NEAR(lasso(1), 526.3653885102099, 1e-9);
  EXPECT_NEAR(lasso(50), 17.236093423139177, 1e-10);
  EXPECT_NEAR(lasso(99), 0.5644043529002273, 1e-12);
  const Eigen::VectorXd net = ElasticNet{.l1_ratio = 0.25}.penalty_grid(data.x, data.y);
  EXPECT_NEAR(net(0), 2257.6174116009097, 1e-8);
  EXPECT_NEAR(net(99), 2.257617411600909, 1e-11);
  const Eigen::VectorXd short_grid = Lasso{}.penalty_grid(data.x, data.y, {.n_alphas = 3, .alpha_min_ratio = 0.25});
  EXPECT_NEAR(short_grid(1), lasso(0) / 2, 1e-9);
  EXPECT_NEAR(short_grid(2), lasso(0) / 4, 1e-9);
  EXPECT_EQ(Lasso{}.penalty_grid(data.x, data.y, {.n_alphas = 1}).size(), 1);
}

TEST(Path, TheLargestAlphaIsThatOfGlmnetWeightedOrNotAndWithoutAnL1PartToo) {
  const DataSet data = load("diabetes");
  for (const GlmnetReference& reference : glmnet) {
    FitOptions options;
    if (reference.weighted) options.sample_weight = cyclic_weights(data.y.size());
    EXPECT_NEAR(Lasso{}.penalty_grid(data.x, data.y, {}, options)(0) / reference.largest, 1.0, 1e-12);
    const ElasticNet no_l1{.l1_ratio = 0.0};
    EXPECT_NEAR(no_l1.penalty_grid(data.x, data.y, {}, options)(0) / reference.largest_ridge, 1.0, 1e-9);
  }
}

TEST(Path, EveryCoefficientIsZeroAtTheLargestAlphaAndNotBelow) {
  const DataSet data = load("diabetes");
  for (const bool fit_intercept : {true, false}) {
    const Lasso lasso{.fit_intercept = fit_intercept};
    const double largest = lasso.penalty_grid(data.x, data.y)(0);
    const auto fits = lasso.path(data.x, data.y, {.alphas = Eigen::Vector2d(0.999 * largest, largest)});
    EXPECT_EQ(fits[0].estimator.alpha, largest);
    EXPECT_TRUE((fits[0].model.coefficients().array() == 0).all());
    EXPECT_TRUE((fits[1].model.coefficients().array() != 0).any());
  }
}

TEST(Path, GivenAlphasAreFittedFromTheStrongestOn) {
  const DataSet data = load("diabetes");
  const PathOptions options{.alphas = Eigen::Vector3d(1, 100, 10)};
  const auto lasso = Lasso{.alpha = -1}.path(data.x, data.y, options);  // its own alpha does not matter
  const auto net = ElasticNet{.l1_ratio = 0.0}.path(data.x, data.y, options);
  const auto ridge = Ridge{}.path(data.x, data.y, options);
  ASSERT_EQ(lasso.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    const double alpha = std::pow(10.0, 2 - static_cast<double>(k));
    EXPECT_EQ(lasso[k].estimator.alpha, alpha);
    EXPECT_EQ(net[k].estimator.alpha, alpha);
    EXPECT_EQ(ridge[k].estimator.alpha, alpha);
    const auto alone = Lasso{.alpha = alpha}.fit(data.x, data.y);
    EXPECT_TRUE(lasso[k].report.converged);
    // |A (w_1 - w_2)|^2 <= 2 (sqrt(gap_1) + sqrt(gap_2))^2 n P(0), P(0) <= |y|^2 / 2n.
    const Eigen::VectorXd apart = lasso[k].model.predict(data.x) - alone.model.predict(data.x);
    const double variance = (data.y.array() - data.y.mean()).square().sum();
    EXPECT_LE((apart.array() - apart.mean()).matrix().squaredNorm(), 4 * 1e-8 * variance);
  }
}

TEST(Path, AlphasMayLieAnywhere) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(60, 900);
  const Eigen::VectorXd y = x.leftCols(20) * random.vector(20) + random.vector(60);
  Eigen::VectorXd shares(9);  // of the largest: close to each other, far apart, until the solution nearly interpolates
  shares << 1, 0.999, 0.998, 0.6, 0.599, 0.01, 0.0099, 1e-4, 1e-6;
  const auto expect_certified = [&](const auto& estimator) {
    const Eigen::VectorXd alphas = estimator.penalty_grid(x, y)(0) * shares;
    const auto fits = estimator.path(x, y, {.alphas = alphas});
    ASSERT_EQ(static_cast<Eigen::Index>(fits.size()), alphas.size());
    for (const auto& fit : fits) {
      EXPECT_TRUE(fit.report.converged) << fit.estimator.alpha;
      const auto alone = fit.estimator.fit(x, y);
      // Both objectives exceed the least by at most the gap, a share of that of w = 0.
      const double at_zero = 0.5 * (y.array() - y.mean()).square().mean();
      EXPECT_NEAR(fit.report.objective, alone.report.objective, 1e-8 * at_zero) << fit.estimator.alpha;
    }
  };
  expect_certified(Lasso{});
  expect_certified(Lasso{.positive = true});
  expect_certified(ElasticNet{.l1_ratio = 0.5});
}

TEST(Path, ConstrainedCoefficientsBeginToMoveAtTheGridsHead) {
  const DataSet data = load("diabetes");
  const Lasso positive{.positive = true};
  const double largest = positive.penalty_grid(data.x, data.y)(0);
  EXPECT_LT(largest, Lasso{}.penalty_grid(data.x, data.y)(0) + 1e-9);
  const auto fits = positive.path(data.x, data.y, {.alphas = Eigen::Vector2d(0.99 * largest, largest)});
  EXPECT_TRUE((fits[0].model.coefficients().array() == 0).all());
  EXPECT_GT(fits[1].model.coefficients().maxCoeff(), 0.0);
  EXPECT_GE(fits[1].model.coefficients().minCoeff(), 0.0);
}

TEST(Path, ValuesOfCBeginWhereTheFirstCoefficientMoves) {
  const DataSet data = load("breast_cancer");
  const Eigen::VectorXi labels = data.y.cast<int>();
  const LogisticRegression lasso{.l1_ratio = 1.0};
  const Eigen::VectorXd c = lasso.penalty_grid(data.x, labels, {.n_alphas = 3});
  EXPECT_NEAR(c(0) / lasso.critical_C(data.x, labels), 1.0, 1e-12);
  EXPECT_NEAR(c(2) / c(0), 1e3, 1e-8);
  EXPECT_TRUE(
      (LogisticRegression{.C = 0.999 * c(0), .l1_ratio = 1.0}.fit(data.x, labels).model.coefficients().array() == 0)
          .all());
  const Eigen::VectorXd smooth = LogisticRegression{}.penalty_grid(data.x, labels, {.n_alphas = 3});
  const double square = (data.x.rowwise() - data.x.colwise().mean()).squaredNorm();
  EXPECT_NEAR(smooth(0) * square / 4, 1.0, 1e-12);
  EXPECT_NEAR(smooth(2) / smooth(0), 1e8, 1e-3);
}

TEST(Path, SparseXGivesThePathOfDenseX) {
  Random random(9);
  Eigen::MatrixXd x = random.matrix(60, 12);
  x = (x.array().abs() < 0.6).select(0.0, x);
  const Eigen::VectorXd y = random.vector(60);
  const Eigen::SparseMatrix<double> columns = x.sparseView();
  const Eigen::SparseMatrix<double, Eigen::RowMajor> rows = columns;
  const PathOptions path{.n_alphas = 12};
  const auto expect_same = [&](const auto& dense, const auto& sparse) {
    ASSERT_EQ(dense.size(), sparse.size());
    for (std::size_t k = 0; k < dense.size(); ++k) {
      EXPECT_TRUE(sparse[k].report.converged);
      EXPECT_NEAR(sparse[k].estimator.alpha / dense[k].estimator.alpha, 1.0, 1e-12);
      EXPECT_LT((dense[k].model.coefficients() - sparse[k].model.coefficients()).norm(), 1e-6) << k;
    }
  };
  expect_same(Ridge{}.path(x, y, path), Ridge{}.path(columns, y, path));
  expect_same(Ridge{}.path(x, y, path), Ridge{}.path(rows, y, path));
  expect_same(Lasso{.tol = 1e-13}.path(x, y, path), Lasso{.tol = 1e-13}.path(rows, y, path));
  expect_same(Ridge{}.path(x.transpose(), Eigen::VectorXd(y.head(12)), path),
              Ridge{}.path(Eigen::SparseMatrix<double>(columns.transpose()), Eigen::VectorXd(y.head(12)), path));
}

/// The largest difference of coefficients of path and fit, relative to the largest coefficient.
template <class X, class Y>
double apart(const Ridge& ridge, const X& x, const Y& y, const PathOptions& path, const FitOptions& options = {}) {
  double largest = 0.0;
  for (const auto& fit : ridge.path(x, y, path, options)) {
    EXPECT_TRUE(fit.report.converged) << fit.estimator.alpha;
    EXPECT_LE(*fit.report.backward_error, fit.report.tolerance);
    const auto alone = fit.estimator.fit(x, y, options);
    EXPECT_EQ(fit.report.n_samples, x.rows());
    EXPECT_EQ(fit.report.n_features, x.cols());
    EXPECT_EQ(fit.report.fit_intercept, ridge.fit_intercept);
    EXPECT_NEAR(fit.report.objective / alone.report.objective, 1.0, 1e-6);
    const double scale = static_cast<double>(alone.model.coefficients().cwiseAbs().maxCoeff());
    const auto difference = (fit.model.coefficients() - alone.model.coefficients()).cwiseAbs().maxCoeff();
    largest = std::max(largest, static_cast<double>(difference) / scale);
  }
  return largest;
}

TEST(RidgePath, IsThatOfFitTallAndWide) {
  Random random(1);
  const PathOptions path{.n_alphas = 40, .alpha_min_ratio = 1e-8};
  for (const auto& [n, p] : {std::pair(200, 12), std::pair(12, 200), std::pair(30, 30), std::pair(3, 1)}) {
    const Eigen::MatrixXd x = random.matrix(n, p).array() + 3.0;
    const Eigen::VectorXd y = random.vector(n);
    for (const bool fit_intercept : {true, false}) {
      EXPECT_LT(apart(Ridge{.fit_intercept = fit_intercept}, x, y, path), 1e-11) << n << " x " << p;
    }
    FitOptions weighted{.sample_weight = cyclic_weights(n), .threads = 2};
    weighted.sample_weight(0) = 0;
    EXPECT_LT(apart(Ridge{}, x, y, path, weighted), 1e-11) << n << " x " << p;
    EXPECT_LT(apart(Ridge{}, x, Eigen::MatrixXd(random.matrix(n, 3)), path), 1e-11) << n << " x " << p;
    EXPECT_LT(apart(Ridge{}, Eigen::MatrixXf(x.cast<float>()), y, path), 1e-5) << n << " x " << p;
  }
}

TEST(RidgePath, ComesFromOneDecomposition) {
  Random random(2);
  const Eigen::MatrixXd x = random.matrix(50, 5);
  for (const auto& fit : Ridge{}.path(x, random.vector(50))) EXPECT_EQ(fit.report.solver, "eigendecomposition");
  const Eigen::MatrixXd wide = x.transpose();
  for (const auto& fit : Ridge{}.path(wide, random.vector(5))) EXPECT_EQ(fit.report.solver, "dual eigendecomposition");
}

TEST(RidgePath, IllConditionedAlphasAreFittedOnTheirOwn) {
  Random random(3);
  Eigen::MatrixXd x = random.matrix(60, 6);
  x.col(5) = x.col(4) + 1e-9 * random.vector(60);
  x.col(0) *= 1e6;  // units apart
  x.col(1) *= 1e-6;
  const Eigen::VectorXd y = random.vector(60);
  const auto fits = Ridge{}.path(x, y, {.n_alphas = 30, .alpha_min_ratio = 1e-25});
  for (const auto& fit : fits) EXPECT_TRUE(fit.report.converged) << fit.estimator.alpha << fit.report.solver;
  EXPECT_EQ(fits.front().report.solver, "eigendecomposition");
  EXPECT_EQ(fits.back().report.solver, "pivoted QR");
}

TEST(RidgePath, UnitsDoNotMatter) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(40, 4);
  const Eigen::VectorXd y = random.vector(40);
  const auto fits = Ridge{}.path(x, y, {.n_alphas = 5});
  for (const double unit : {0x1p-400, 0x1p400}) {
    const auto scaled = Ridge{}.path(x * unit, y / unit, {.n_alphas = 5});
    for (std::size_t k = 0; k < fits.size(); ++k) {
      EXPECT_TRUE(scaled[k].report.converged);
      EXPECT_DOUBLE_EQ(scaled[k].estimator.alpha / unit / unit, fits[k].estimator.alpha);
      EXPECT_LT((scaled[k].model.coefficients() * unit * unit - fits[k].model.coefficients()).norm(),
                1e-13 * fits[k].model.coefficients().norm());
    }
  }
}

TEST(RidgePath, TheGridLeavesLessThanOneDegreeOfFreedomAtItsHead) {
  const DataSet data = load("diabetes");
  const LeaveOneOut found = Ridge{}.leave_one_out(data.x, data.y);
  EXPECT_LT(found.degrees_of_freedom(0), 2.0);  // with the intercept
  EXPECT_GT(found.degrees_of_freedom(0), 1.4);
  EXPECT_GT(found.degrees_of_freedom(99), 10.0);
}

TEST(Path, BadInputIsRefused) {
  Random random(5);
  const Eigen::MatrixXd x = random.matrix(20, 3);
  const Eigen::VectorXd y = random.vector(20);
  const auto with = [&](const PathOptions& options) {
    std::string lasso = refusal([&] { (void)Lasso{}.path(x, y, options); });
    EXPECT_EQ(refusal([&] { (void)Ridge{}.path(x, y, options); }), lasso);
    EXPECT_EQ(refusal([&] { (void)ElasticNet{}.path(x, y, options); }), lasso);
    EXPECT_EQ(refusal([&] { (void)Ridge{}.leave_one_out(x, y, options); }), lasso);
    EXPECT_EQ(refusal([&] { (void)cross_validate(Lasso{}, x, y, {.path = options}); }), lasso);
    return lasso;
  };
  EXPECT_EQ(with({.n_alphas = 0}), "n_alphas is 0, expected at least 1");
  EXPECT_EQ(with({.alpha_min_ratio = 0.0}), "alpha_min_ratio is 0, expected a number between 0 and 1");
  EXPECT_EQ(with({.alpha_min_ratio = 1.0}), "alpha_min_ratio is 1, expected a number between 0 and 1");
  EXPECT_EQ(with({.alpha_min_ratio = std::nan("")}), "alpha_min_ratio is nan, expected a number between 0 and 1");
  EXPECT_EQ(with({.alphas = Eigen::Vector2d(1, 0)}), "alphas(1) is 0, expected a finite number > 0");
  EXPECT_EQ(with({.alphas = Eigen::Vector2d(-1, 1)}), "alphas(0) is -1, expected a finite number > 0");
  EXPECT_EQ(with({.alphas = Eigen::Vector2d(1, std::nan(""))}), "alphas(1) is nan, expected a finite number > 0");
  EXPECT_EQ(with({.alphas = Eigen::Vector3d(2, 1, 2)}), "an alpha that is given twice is 2, expected each alpha once");
  EXPECT_EQ(refusal([&] { (void)Lasso{}.path(x, Eigen::VectorXd(y.head(3))); }),
            "rows of y is 3, expected 20 (rows of X)");
  EXPECT_EQ(refusal([&] { (void)Lasso{}.path(x, y, {}, {.threads = 0}); }), "threads is 0, expected at least 1");
  EXPECT_EQ(refusal([&] { (void)ElasticNet{.l1_ratio = 2}.path(x, y); }),
            "l1_ratio is 2, expected a number from 0 to 1");
  Eigen::MatrixXd broken = x;
  broken(3, 2) = std::nan("");
  EXPECT_EQ(refusal([&] { (void)Ridge{}.path(broken, y); }), "X(3, 2) is nan, expected a finite number");
}

TEST(Path, WithoutAnyCorrelationAlphasMustBeGiven) {
  const Eigen::MatrixXd x = Random(6).matrix(20, 3);
  const Eigen::VectorXd constant = Eigen::VectorXd::Constant(20, 7.0);
  EXPECT_NE(refusal([&] { (void)Lasso{}.path(x, constant); }).find("the largest alpha of the grid is 0"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              (void)Ridge{}.path(Eigen::MatrixXd::Ones(20, 3), constant);
            }).find("the largest alpha of the grid is 0"),
            std::string::npos);
  for (const auto& fit : Lasso{}.path(x, constant, {.alphas = Eigen::Vector2d(2, 1)})) {
    EXPECT_TRUE(fit.report.converged);
    EXPECT_EQ(fit.model.intercept(), 7.0);
  }
}

}  // namespace
}  // namespace aprender::test
