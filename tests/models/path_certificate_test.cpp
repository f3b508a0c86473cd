// Every point of a path is certified by what it says: gaps, backward errors and optimality conditions are recomputed in
// long double from their definitions, of features that screening left out too.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

/// Columns with a common part, which screening cannot tell apart easily, in units up to 64 times each other.
Eigen::MatrixXd related_columns(Random& random, Eigen::Index n, Eigen::Index p, double density = 1.0) {
  Eigen::MatrixXd x = random.matrix(n, p);
  x.colwise() += random.vector(n);
  for (Eigen::Index j = 0; j < p; ++j) {
    x.col(j) *= std::ldexp(1.0, static_cast<int>(random.integer(-3, 3)));
    for (Eigen::Index i = 0; i < n; ++i) {
      if (std::abs(random.uniform()) > density) x(i, j) = 0;
    }
  }
  return x.cast<float>().cast<double>();
}

/// What the certificates of a path of ElasticNet or Lasso say, held against the definitions.
template <class Fits>
void expect_gaps(const Fits& fits, const CentredProblem& problem, double l1_ratio) {
  int zero = 0, active = 0;
  for (const auto& fit : fits) {
    SCOPED_TRACE("alpha " + std::to_string(fit.estimator.alpha));
    const FitReport& report = fit.report;
    EXPECT_TRUE(report.converged) << *report.duality_gap;
    const Vector w = fit.model.coefficients().template cast<Real>();
    const Real l1 = static_cast<Real>(fit.estimator.alpha) * l1_ratio;
    const Real l2 = static_cast<Real>(fit.estimator.alpha) * (1 - static_cast<Real>(l1_ratio));
    const Real gap = problem.relative_gap(w, fit.model.intercept(), l1, l2);
    EXPECT_LE(gap, 1.001L * report.tolerance + 1e-13L);
    EXPECT_NEAR(static_cast<double>(gap), *report.duality_gap, 1e-3 * static_cast<double>(gap) + 1e-12);

    // By the gap alone: slopes are within ||a_j|| times sqrt(2 gap P(0)) of the optimal ones.
    const Real moved = std::sqrt((std::max(gap, Real(0)) + 1e-18L) * problem.b.squaredNorm());
    const Vector slope = problem.a.transpose() * (problem.b - problem.a * w) - problem.n * l2 * w;
    const Vector norm = problem.norms(problem.n * l2);
    for (Eigen::Index j = 0; j < w.size(); ++j) {
      EXPECT_LE(std::abs(slope(j)), problem.n * l1 + 1.001L * norm(j) * moved) << "feature " << j;
      ++(w(j) == 0 ? zero : active);
    }
  }
  EXPECT_GT(zero, 0);
  EXPECT_GT(active, 0);
}

template <class Scalar>
class PathCertificate : public ::testing::Test {
 protected:
  using Columns = Eigen::MatrixX<Scalar>;
  using Sparse = Eigen::SparseMatrix<Scalar>;
};
using PathScalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PathCertificate, PathScalars);

// n >= p: with ten alphas or more by the Gram matrix of all columns, with fewer or a tol below 1e-11 by passes over X.
TYPED_TEST(PathCertificate, TallLassoAndElasticNetByGramAndByPasses) {
  Random random(41);
  const Eigen::MatrixXd x = related_columns(random, 60, 20);
  const Eigen::VectorXd w = random.vector(20), noise = random.vector(60), y = x * w + noise;
  const FitOptions weighted{.sample_weight = random.integers(60, 1, 1, 3), .threads = 2};
  const typename TestFixture::Columns columns = x.cast<TypeParam>();
  for (const std::int64_t n_alphas : {4, 20}) {
    for (const double tol : {1e-8, 1e-12}) {
      SCOPED_TRACE(std::to_string(n_alphas) + " alphas");
      const PathOptions path{.n_alphas = n_alphas};
      const CentredProblem problem(x, y, weighted.sample_weight, true), plain(x, y, {}, false);
      expect_gaps(Lasso{.tol = tol}.path(columns, y, path, weighted), problem, 1.0);
      expect_gaps(ElasticNet{.l1_ratio = 0.3, .tol = tol}.path(columns, y, path, weighted), problem, 0.3);
      expect_gaps(Lasso{.fit_intercept = false, .tol = tol}.path(columns, y, path), plain, 1.0);
    }
  }
}

// p >> n: columns enter by the sequential strong rule, which may be wrong of some until the certificate shows it.
TYPED_TEST(PathCertificate, WideLassoAndElasticNetByTheStrongRule) {
  Random random(42);
  const Eigen::MatrixXd x = related_columns(random, 30, 400);
  const Eigen::VectorXd noise = random.vector(30), y = x.leftCols(6) * random.vector(6) + noise;
  const typename TestFixture::Columns columns = x.cast<TypeParam>();
  const CentredProblem problem(x, y, {}, true);
  expect_gaps(Lasso{}.path(columns, y, {.n_alphas = 25, .alpha_min_ratio = 0.02}), problem, 1.0);
  expect_gaps(ElasticNet{.l1_ratio = 0.5}.path(columns, y, {.n_alphas = 25, .alpha_min_ratio = 0.02}), problem, 0.5);
}

TYPED_TEST(PathCertificate, SparseLassoAndElasticNet) {
  Random random(43);
  for (const auto& [n, p] : {std::pair(80, 30), std::pair(40, 200)}) {
    SCOPED_TRACE(std::to_string(n) + " x " + std::to_string(p));
    const Eigen::MatrixXd x = related_columns(random, n, p, 0.3);
    const Eigen::VectorXd noise = random.vector(n), y = x.leftCols(5) * random.vector(5) + noise;
    const typename TestFixture::Sparse sparse = Eigen::MatrixX<TypeParam>(x.cast<TypeParam>()).sparseView();
    const CentredProblem problem(x, y, {}, true);
    expect_gaps(Lasso{}.path(sparse, y, {.n_alphas = 15, .alpha_min_ratio = 0.02}), problem, 1.0);
    expect_gaps(ElasticNet{.l1_ratio = 0.5}.path(sparse, y, {.n_alphas = 15, .alpha_min_ratio = 0.02}), problem, 0.5);
  }
}

// By one decomposition of A'A or A A', by fits of their own where that is not accurate enough, and by Cholesky or LSQR
// of a sparse X.
TYPED_TEST(PathCertificate, RidgeTallWideAndSparse) {
  Random random(44);
  const auto expect_errors = [&](const auto& design, const Eigen::MatrixXd& x, const PathOptions& path) {
    const Eigen::VectorXd y = random.vector(x.rows());
    const FitOptions weighted{.sample_weight = random.integers(x.rows(), 1, 1, 3)};
    for (const bool fit_intercept : {true, false}) {
      const CentredProblem problem(x, y, weighted.sample_weight, fit_intercept);
      for (const auto& fit : Ridge{.fit_intercept = fit_intercept}.path(design, y, path, weighted)) {
        SCOPED_TRACE(fit.report.solver + ", alpha " + std::to_string(fit.estimator.alpha));
        EXPECT_TRUE(fit.report.converged) << *fit.report.backward_error;
        const Vector w = fit.model.coefficients().template cast<Real>();
        const Real error = problem.backward_error(w, fit.estimator.alpha);
        EXPECT_LE(error, fit.report.tolerance);
        // With an intercept its own error may be the largest.
        EXPECT_LE(error, 1.01L * *fit.report.backward_error + 1e-15L);
        if (!fit_intercept) {
          EXPECT_NEAR(static_cast<double>(error), *fit.report.backward_error,
                      0.01 * *fit.report.backward_error + 1e-15);
        }
        const Real missed = fit.model.intercept() - (fit_intercept ? problem.best_intercept(w) : 0);
        const Real objective = (problem.b - problem.a * w).squaredNorm() + problem.n * missed * missed +
                               static_cast<Real>(fit.estimator.alpha) * w.squaredNorm();
        EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-12 * y.squaredNorm());
      }
    }
  };
  const PathOptions path{.n_alphas = 15, .alpha_min_ratio = 1e-14}, of_sparse{.n_alphas = 15};
  for (const auto& [n, p] : {std::pair(60, 12), std::pair(15, 120)}) {
    const Eigen::MatrixXd x = related_columns(random, n, p);
    expect_errors(typename TestFixture::Columns(x.cast<TypeParam>()), x, path);
    const Eigen::MatrixXd holes = related_columns(random, n, p, 0.3);
    expect_errors(typename TestFixture::Sparse(Eigen::MatrixX<TypeParam>(holes.cast<TypeParam>()).sparseView()), holes,
                  of_sparse);
  }
}

}  // namespace
}  // namespace aprender::test
