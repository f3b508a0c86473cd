// Passes of coordinate descent on X itself, against their definition.

#include "aprender/solvers/residual_descent.hpp"

#include <gtest/gtest.h>

#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

TEST(ResidualDescent, KeepsTheResidualAndNeverIncreasesTheObjective) {
  for (const bool positive : {false, true}) {
    for (const Eigen::Index p : {1, 7, 61}) {
      SCOPED_TRACE(std::to_string(p) + (positive ? " positive" : ""));
      Random random(static_cast<std::uint64_t>(p));
      Eigen::MatrixXd x = random.matrix(300, p);
      for (Eigen::Index j = 1; j < p; ++j) x.col(j) += x.col(j - 1);
      if (p > 5) x.col(5).setConstant(3.0);
      const Eigen::VectorXd y = x * random.vector(p).cwiseAbs() + random.vector(300);
      const solver::DenseDesign<double> design(x);
      const solver::LinearSamples<solver::DenseDesign<double>> samples(design, y, {});
      solver::Team team;
      const solver::LeastSquaresProblem<solver::DenseDesign<double>> least_squares(
          design, samples, solver::Centring::exact, team, 0.0, true);
      const solver::ElasticNetProblem<solver::DenseDesign<double>> problem(
          least_squares, {.l1 = 0.01, .l2 = 0.02, .positive = positive});
      const Eigen::MatrixXd a = [&] {  // column by column, as the differences that a unit vector makes
        Eigen::MatrixXd columns(300, p);
        for (Eigen::Index j = 0; j < p; ++j) {
          columns.col(j) = -problem.a().residual(Eigen::VectorXd::Zero(300), Eigen::VectorXd::Unit(p, j));
        }
        return columns;
      }();

      solver::ResidualDescent descent(problem);
      auto at = problem.at_zero();
      const auto objective = [&] {
        return 0.5 * (problem.b() - a * at.v).squaredNorm() + problem.l1_part(at.v) +
               0.5 * at.v.dot(problem.mu().cwiseProduct(at.v));
      };
      double last = objective();
      double violated = 1.0;
      int passes = 0;
      for (; passes < 2000 && violated > 1e-9; ++passes) {
        const auto pass = descent.pass(at, passes % 5 == 0);
        if (passes % 5 == 0) violated = pass.violated;  // all columns were visited
        ASSERT_LE((at.r - (problem.b() - a * at.v)).norm(), 1e-12 * problem.b().norm()) << passes;
        const double now = objective();
        ASSERT_LE(now, last * (1 + 1e-14)) << passes;
        last = now;
        if (passes == 0) {
          EXPECT_GT(pass.moved, 0);
        }
      }
      EXPECT_LE(violated, 1e-9) << passes;
      EXPECT_GT((at.v.array() != 0).count(), positive ? 0 : p / 4);

      // The optimality conditions.
      const Eigen::VectorXd slope = a.transpose() * at.r - problem.mu().cwiseProduct(at.v);
      for (Eigen::Index j = 0; j < p; ++j) {
        const double lambda = problem.lambda()(j), close = 1e-7 * lambda;
        if (at.v(j) != 0) {
          EXPECT_NEAR(slope(j), std::copysign(lambda, at.v(j)), close) << j;
        } else {
          EXPECT_LE(positive ? slope(j) : std::abs(slope(j)), lambda + close) << j;
        }
        if (positive) {
          EXPECT_GE(at.v(j), 0) << j;
        }
      }
    }
  }
}

}  // namespace
}  // namespace aprender::test
