/// Splitting samples into those a model is fitted to and those it is judged by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender {

/// The SplitMix64 generator (Steele, Lea, Flood, 2014): the same numbers on every platform, which the distributions of
/// <random> do not promise.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) noexcept : state_(seed) {}

  /// The next 64 bits.
  constexpr std::uint64_t operator()() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// A number below `bound` > 0, each equally likely: numbers of the incomplete last cycle are drawn again.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    const std::uint64_t incomplete = (0 - bound) % bound;
    std::uint64_t bits = (*this)();
    while (bits < incomplete) bits = (*this)();
    return bits % bound;
  }

 private:
  std::uint64_t state_;
};

/// Indices of rows, each list increasing, together every row once: X(split.train, Eigen::all).
struct Split {
  std::vector<Eigen::Index> train;
  std::vector<Eigen::Index> test;
};

namespace solver {

/// Makes the first `count` rows a random choice of all of them, in random order (Durstenfeld, 1964).
inline void shuffle_first(std::size_t count, std::vector<Eigen::Index>& rows, SplitMix64& random) {
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(rows[i], rows[i + static_cast<std::size_t>(random.below(rows.size() - i))]);
  }
}

}  // namespace solver

/// A random split that keeps the proportions of the labels: of each class the nearest number to test_fraction of its
/// samples is held out, at least one and not all of them; the only sample of a class is kept for training.
///
/// Every such subset is equally likely over seeds; the same arguments give the same split on every platform.
/// Throws std::invalid_argument unless 0 < test_fraction < 1 and some class has two samples.
template <LabelVector Y>
[[nodiscard]] Split train_test_split(const Y& labels, double test_fraction, std::uint64_t seed) {
  argument::require(test_fraction > 0 && test_fraction < 1, "test_fraction", test_fraction, "a number between 0 and 1");
  std::map<typename Y::Scalar, std::vector<Eigen::Index>> classes;
  for (Eigen::Index i = 0; i < labels.rows(); ++i) classes[labels.coeff(i)].push_back(i);

  SplitMix64 random(seed);
  Split split;
  for (auto& [label, rows] : classes) {
    const auto nearest = std::llround(test_fraction * static_cast<double>(rows.size()));
    const std::size_t count = std::min(rows.size() - 1, static_cast<std::size_t>(std::max(nearest, 1LL)));
    solver::shuffle_first(count, rows, random);
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(count);
    split.test.insert(split.test.end(), rows.begin(), middle);
    split.train.insert(split.train.end(), middle, rows.end());
  }
  argument::require(!split.test.empty(), "number of samples to hold out", split.test.size(),
                    "at least 1: a class of two samples or more");
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.test.begin(), split.test.end());
  return split;
}

/// A random split of n_samples >= 2 rows as if all had one label.
[[nodiscard]] inline Split train_test_split(Eigen::Index n_samples, double test_fraction, std::uint64_t seed) {
  argument::require(n_samples >= 2, "n_samples", n_samples, "at least 2");
  return train_test_split(Eigen::VectorXi::Zero(n_samples), test_fraction, seed);
}

/// Folds of a random partition, each the test rows of a split whose training rows are all others: sizes, and numbers of
/// samples of each class, differ by one at most.
///
/// Every such partition is equally likely over seeds, up to the order of folds; the same arguments give the same folds
/// on every platform. Throws std::invalid_argument unless 2 <= n_folds <= samples. Memory: n_folds * samples indices.
template <LabelVector Y>
[[nodiscard]] std::vector<Split> k_fold(const Y& labels, std::int64_t n_folds, std::uint64_t seed) {
  argument::require(labels.rows() >= 2, "number of samples", labels.rows(), "at least 2, one a fold");
  argument::require(n_folds >= 2 && n_folds <= labels.rows(), "n_folds", n_folds,
                    "2 to " + std::to_string(labels.rows()) + ", the number of samples");
  std::map<typename Y::Scalar, std::vector<Eigen::Index>> classes;
  for (Eigen::Index i = 0; i < labels.rows(); ++i) classes[labels.coeff(i)].push_back(i);

  // Each class is shuffled and dealt to the folds, beginning where the class before ended.
  SplitMix64 random(seed);
  std::vector<std::size_t> fold_of(static_cast<std::size_t>(labels.rows()));
  std::size_t next = 0;
  for (auto& [label, rows] : classes) {
    solver::shuffle_first(rows.size(), rows, random);
    for (const Eigen::Index row : rows) {
      fold_of[static_cast<std::size_t>(row)] = next;
      next = next + 1 == static_cast<std::size_t>(n_folds) ? 0 : next + 1;
    }
  }
  std::vector<Split> folds(static_cast<std::size_t>(n_folds));
  for (std::size_t f = 0; f < folds.size(); ++f) {
    for (std::size_t i = 0; i < fold_of.size(); ++i) {
      (fold_of[i] == f ? folds[f].test : folds[f].train).push_back(static_cast<Eigen::Index>(i));
    }
  }
  return folds;
}

/// Folds of n_samples rows as if all had one label.
[[nodiscard]] inline std::vector<Split> k_fold(Eigen::Index n_samples, std::int64_t n_folds, std::uint64_t seed) {
  return k_fold(Eigen::VectorXi::Zero(n_samples), n_folds, seed);
}

}  // namespace aprender
