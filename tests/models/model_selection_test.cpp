// Splits: every row once, the asked-for size, the same everywhere, and no row preferred.

#include "aprender/model_selection.hpp"

#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "models/refusal.hpp"

namespace aprender::test {
namespace {

void expect_partition(const Split& split, Eigen::Index n) {
  std::set<Eigen::Index> all(split.train.begin(), split.train.end());
  all.insert(split.test.begin(), split.test.end());
  EXPECT_EQ(static_cast<Eigen::Index>(all.size()), n);
  EXPECT_EQ(split.train.size() + split.test.size(), all.size());
  EXPECT_EQ(*all.begin(), 0);
  EXPECT_EQ(*all.rbegin(), n - 1);
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
  EXPECT_TRUE(std::is_sorted(split.test.begin(), split.test.end()));
}

TEST(SplitMix64, GivesThePublishedNumbers) {
  // The first outputs for seed 1234567 of the reference implementation (S. Vigna, splitmix64.c, 2015).
  SplitMix64 random(1234567);
  EXPECT_EQ(random(), 6457827717110365317U);
  EXPECT_EQ(random(), 3203168211198807973U);
  EXPECT_EQ(random(), 9817491932198370423U);
  EXPECT_EQ(random(), 4593380528125082431U);
  EXPECT_EQ(random(), 16408922859458223821U);
}

TEST(SplitMix64, DrawsBelowABound) {
  SplitMix64 random(1);
  int counts[6] = {};
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // 5 standard deviations of 91
  EXPECT_EQ(random.below(1), 0U);
}

TEST(TrainTestSplit, TakesEveryRowOnce) {
  for (const Eigen::Index n : {2, 3, 10, 442, 20'001}) {
    for (const double fraction : {1e-9, 0.1, 0.25, 0.5, 0.999}) {
      const Split split = train_test_split(n, fraction, 7);
      expect_partition(split, n);
      const auto nearest = std::llround(fraction * static_cast<double>(n));
      EXPECT_EQ(static_cast<long long>(split.test.size()), std::clamp<long long>(nearest, 1, n - 1));
    }
  }
}

TEST(TrainTestSplit, IsTheSameEverywhere) {
  const std::vector<Eigen::Index> expected{2, 6, 8, 13, 16};
  EXPECT_EQ(train_test_split(20, 0.25, 42).test, expected);
  EXPECT_NE(train_test_split(20, 0.25, 43).test, expected);
}

TEST(TrainTestSplit, PrefersNoRow) {
  int held_out[10] = {};
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    for (const Eigen::Index row : train_test_split(10, 0.3, seed).test) ++held_out[row];
  }
  for (const int count : held_out) EXPECT_NEAR(count, 3000, 5 * std::sqrt(10'000 * 0.3 * 0.7));
}

TEST(TrainTestSplit, KeepsTheProportionsOfLabels) {
  Eigen::VectorXi labels(100);
  for (int i = 0; i < 100; ++i) labels(i) = i < 70 ? 3 : i < 99 ? -1 : 8;
  const Split split = train_test_split(labels, 0.2, 1);
  expect_partition(split, 100);
  int counts[3] = {};
  for (const Eigen::Index row : split.test) ++counts[labels(row) == 3 ? 0 : labels(row) == -1 ? 1 : 2];
  EXPECT_EQ(counts[0], 14);
  EXPECT_EQ(counts[1], 6);
  EXPECT_EQ(counts[2], 0);  // the only one of its class is needed for training
}

TEST(TrainTestSplit, RefusesWhatCannotBeSplit) {
  EXPECT_THROW((void)train_test_split(1, 0.5, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(0, 0.5, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(-4, 0.5, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(10, 0.0, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(10, 1.0, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(10, std::nan(""), 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(Eigen::Vector3i(1, 2, 3), 0.5, 1), std::invalid_argument);
  EXPECT_THROW((void)train_test_split(Eigen::VectorXi(0), 0.5, 1), std::invalid_argument);
}

TEST(KFold, LeavesOutEveryRowOnceInFoldsOfEqualSize) {
  for (const Eigen::Index n : {2, 3, 10, 442}) {
    for (const std::int64_t k : {std::int64_t{2}, std::int64_t{3}, std::int64_t{10}, static_cast<std::int64_t>(n)}) {
      if (k > n) continue;
      const std::vector<Split> folds = k_fold(n, k, 7);
      ASSERT_EQ(static_cast<std::int64_t>(folds.size()), k);
      std::set<Eigen::Index> left_out;
      for (const Split& fold : folds) {
        expect_partition(fold, n);
        left_out.insert(fold.test.begin(), fold.test.end());
        EXPECT_GE(static_cast<std::int64_t>(fold.test.size()), n / k);
        EXPECT_LE(static_cast<std::int64_t>(fold.test.size()), (n + k - 1) / k);
      }
      EXPECT_EQ(static_cast<Eigen::Index>(left_out.size()), n);
    }
  }
}

TEST(KFold, IsTheSameEverywhere) {
  const std::vector<Split> folds = k_fold(12, 3, 42);
  EXPECT_EQ(folds[0].test, (std::vector<Eigen::Index>{1, 3, 7, 11}));
  EXPECT_NE(k_fold(12, 3, 43)[0].test, folds[0].test);
}

TEST(KFold, KeepsTheProportionsOfLabels) {
  Eigen::VectorXi labels(47);
  for (int i = 0; i < 47; ++i) labels(i) = i < 30 ? 3 : i < 46 ? -1 : 8;
  for (const Split& fold : k_fold(labels, 5, 1)) {
    expect_partition(fold, 47);
    std::map<int, int> count;
    for (const Eigen::Index row : fold.test) ++count[labels(row)];
    EXPECT_EQ(count[3], 6);
    EXPECT_GE(count[-1], 3);
    EXPECT_LE(count[-1], 4);
    EXPECT_GE(fold.test.size(), 9u);
    EXPECT_LE(fold.test.size(), 10u);
  }
}

TEST(KFold, PrefersNoPairOfRows) {
  int together = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    for (const Split& fold : k_fold(9, 3, seed)) {
      const std::set<Eigen::Index> rows(fold.test.begin(), fold.test.end());
      if (rows.contains(0) && rows.contains(8)) ++together;
    }
  }
  EXPECT_NEAR(together, 2500, 5 * std::sqrt(10'000 * 0.25 * 0.75));  // 2 other places of 8 in the fold of row 0
}

TEST(KFold, RefusesWhatCannotBeFolded) {
  EXPECT_THROW((void)k_fold(5, 1, 0), std::invalid_argument);
  EXPECT_THROW((void)k_fold(5, 6, 0), std::invalid_argument);
  EXPECT_THROW((void)k_fold(5, -2, 0), std::invalid_argument);
  EXPECT_THROW((void)k_fold(0, 2, 0), std::invalid_argument);
  EXPECT_EQ(refusal([] { (void)k_fold(1, 2, 0); }), "number of samples is 1, expected at least 2, one a fold");
  EXPECT_EQ(refusal([] { (void)k_fold(5, 6, 0); }), "n_folds is 6, expected 2 to 5, the number of samples");
}

}  // namespace
}  // namespace aprender::test
