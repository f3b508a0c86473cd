// Fits with several threads: the same answers, within what the certificates promise, and no thread left behind.

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

TEST(Team, EveryMemberWorksOnceATask) {
  for (const int size : {1, 2, 5}) {
    solver::Team team(size);
    EXPECT_EQ(team.size(), size);
    for (int task = 0; task < 200; ++task) {
      std::vector<int> calls(static_cast<std::size_t>(size));
      std::atomic<int> total = 0;
      team.run([&](int member) {
        ++calls[static_cast<std::size_t>(member)];
        ++total;
      });
      ASSERT_EQ(total, size);
      for (const int count : calls) ASSERT_EQ(count, 1);
    }
  }
}

TEST(Team, SharesCoverEverythingOnce) {
  for (const int size : {1, 2, 3, 7}) {
    solver::Team team(size);
    for (const Eigen::Index count : {0, 1, 7, 8, 9, 100}) {
      Eigen::Index next = 0;
      for (int member = 0; member < size; ++member) {
        const auto [begin, end] = team.share(count, member, 8);
        EXPECT_EQ(begin, next);
        EXPECT_LE(begin, end);
        EXPECT_TRUE(begin % 8 == 0 || begin == count);
        next = end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST(Team, AnExceptionOfAnyMemberComesOut) {
  solver::Team team(3);
  for (int thrower = 0; thrower < 3; ++thrower) {
    EXPECT_THROW(team.run([&](int member) {
      if (member == thrower) throw std::runtime_error("stop");
    }),
                 std::runtime_error);
    std::atomic<int> calls = 0;
    team.run([&](int) { ++calls; });
    EXPECT_EQ(calls, 3) << "the team works on";
  }
}

/// Fits with 1, 2 and 5 threads; close: (model, model) -> bool.
template <class Estimator, class X, class Y>
void expect_same(const Estimator& estimator, const X& x, const Y& y, double accuracy) {
  const Eigen::VectorXd weight = Eigen::VectorXd::LinSpaced(x.rows(), 0.5, 2);
  const auto alone = estimator.fit(x, y, {.sample_weight = weight});
  const double size = alone.model.coefficients().cwiseAbs().maxCoeff() + 1e-300;
  for (const int threads : {2, 5}) {
    const auto together = estimator.fit(x, y, {.sample_weight = weight, .threads = threads});
    EXPECT_EQ(together.report.converged, alone.report.converged);
    EXPECT_LE((together.model.coefficients() - alone.model.coefficients()).cwiseAbs().maxCoeff(), accuracy * size);
    const auto again = estimator.fit(x, y, {.sample_weight = weight, .threads = threads});
    EXPECT_EQ(again.model.coefficients(), together.model.coefficients()) << "not the same every time";
  }
}

TEST(Threads, DoNotChangeTheAnswer) {
  Random random(3);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  for (const Eigen::Index n : {1, 3, 60, 1500}) {
    const Eigen::MatrixXd x = random.matrix(n, 9).array() + 3.0;
    const RowMajor rows = x;
    const Eigen::MatrixXd y = x * random.matrix(9, 2) + random.matrix(n, 2);
    for (const Eigen::Index p : {1, 9}) {
      expect_same(LinearRegression{}, x.leftCols(p), y.col(0), 1e-9);
      expect_same(LinearRegression{}, rows.leftCols(p), y, 1e-9);
      expect_same(Ridge{.alpha = 0.3}, x.leftCols(p), y.col(0), 1e-9);
      expect_same(Ridge{.alpha = 0.3}, rows.leftCols(p), y, 1e-9);
      expect_same(Lasso{.alpha = 0.01, .tol = 1e-14}, x.leftCols(p), y.col(0), 1e-6);
      expect_same(ElasticNet{.alpha = 0.01, .tol = 1e-14}, rows.leftCols(p), y.col(0), 1e-6);
      if (n < 3) continue;
      Eigen::VectorXi labels = (y.col(0).array() > y.col(0).mean()).cast<int>();
      expect_same(LogisticRegression{}, x.leftCols(p), labels, 1e-6);
      labels(0) = 2;
      expect_same(LogisticRegression{}, rows.leftCols(p), labels, 1e-6);
    }
  }
}

TEST(Threads, NeedAtLeastOne) {
  const Eigen::MatrixXd x = Eigen::MatrixXd::Identity(3, 2);
  EXPECT_THROW((void)Ridge{}.fit(x, Eigen::VectorXd::Ones(3), {.threads = 0}), std::invalid_argument);
  EXPECT_THROW((void)LogisticRegression{}.fit(x, Eigen::Vector3i(0, 1, 0), {.threads = -1}), std::invalid_argument);
}

TEST(Threads, AnErrorInTheDataIsThatOfOneThread) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Random(50, 3);
  x(31, 2) = std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXd y = Eigen::VectorXd::Random(50);
  for (const int threads : {1, 2, 3}) {
    try {
      (void)Ridge{}.fit(x, y, {.threads = threads});
      ADD_FAILURE() << "not refused";
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(), "X(31, 2) is nan, expected a finite number");
    }
  }
}

}  // namespace
}  // namespace aprender::test
