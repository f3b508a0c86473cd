// The blocked factorisation against its definition.

#include "aprender/solvers/cholesky.hpp"

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace aprender::test {
namespace {

/// The lower triangle alone, NaN above: what must not be read.
Eigen::MatrixXd lower(Eigen::MatrixXd matrix) {
  matrix.triangularView<Eigen::StrictlyUpper>().setConstant(std::numeric_limits<double>::quiet_NaN());
  return matrix;
}

TEST(Cholesky, FactorsAndSolvesAnySize) {
  Random random(4);
  for (const Eigen::Index n : {1, 2, 47, 48, 95, 96, 97, 100, 144, 145, 203, 331}) {
    const Eigen::MatrixXd root = random.matrix(n, n);
    const Eigen::MatrixXd a = root * root.transpose() + Eigen::MatrixXd::Identity(n, n);
    const solver::Cholesky<> cholesky(lower(a));
    ASSERT_TRUE(cholesky.succeeded()) << n;
    const Eigen::MatrixXd l = cholesky.factor().triangularView<Eigen::Lower>();
    // |A - L L'| <= (n + 1) eps |L| |L'|, Higham (2002), theorem 10.3.
    const Eigen::MatrixXd bound = l.cwiseAbs() * l.cwiseAbs().transpose();
    EXPECT_TRUE(
        (((a - l * l.transpose()).cwiseAbs() / (static_cast<double>(n + 1) * 2.3e-16) - bound).array() <= 0).all())
        << n;
    const Eigen::MatrixXd x = random.matrix(n, 2);
    EXPECT_LE((cholesky.solve(a * x) - x).norm(), 1e-10 * x.norm()) << n;
  }
}

TEST(Cholesky, WhatIsNotPositiveDefiniteIsNotFactored) {
  Random random(5);
  for (const Eigen::Index n : {1, 60, 130, 200}) {
    for (const Eigen::Index bad : {Eigen::Index{0}, n / 2, n - 1}) {
      const Eigen::MatrixXd root = random.matrix(n, n);
      Eigen::MatrixXd a = root * root.transpose() + Eigen::MatrixXd::Identity(n, n);
      for (const double entry : {-1.0, 0.0, std::numeric_limits<double>::quiet_NaN()}) {
        a(bad, bad) = entry;
        EXPECT_FALSE(solver::Cholesky<>(lower(a)).succeeded()) << n << " " << bad << " " << entry;
      }
    }
  }
}

}  // namespace
}  // namespace aprender::test
