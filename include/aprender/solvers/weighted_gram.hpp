/// Gram matrices of some columns under changing weights.
#pragma once

#include <algorithm>
#include <vector>

#include "aprender/solvers/logistic_problem.hpp"

namespace aprender::solver {

/// Z_S' diag(d) Z_S and Z_S'd for a fixed list S of columns, |S| x |S| and |S| numbers.
template <class Design>
class WeightedGram;

/// By panels, in the precision asked for; memory for each thread: |S|^2 doubles and two blocks.
template <Real Scalar>
class WeightedGram<DenseDesign<Scalar>> {
 public:
  using Design = DenseDesign<Scalar>;

  /// problem outlives this object.
  WeightedGram(const LogisticProblem<Design>& problem, std::vector<Eigen::Index> columns)
      : z_(problem.z()), columns_(std::move(columns)) {}

  /// The lower triangle, and Z_S'd in `edge`. One pass over X_S. d >= 0 unless `every` is 1: of so many blocks of rows
  /// one is taken, to estimate from.
  [[nodiscard]] Eigen::MatrixXd operator()(const Eigen::VectorXd& d, Eigen::VectorXd& edge,
                                           Precision precision = Precision::full, Eigen::Index every = 1) const {
    return precision == Precision::full ? gram<double>(d, edge, every) : gram<float>(d, edge, every);
  }

 private:
  template <class Element>
  [[nodiscard]] Eigen::MatrixXd gram(const Eigen::VectorXd& d, Eigen::VectorXd& edge, Eigen::Index every) const {
    const auto size = static_cast<Eigen::Index>(columns_.size());
    edge.setZero(size);
    if (size == 0) return {};
    struct Part {
      Workspace<Element> scaled;  // as large as a block
      Workspace<double> sum;      // and the edge
    };
    const Eigen::Index padded = simd::padded<Element>(size);
    std::vector<Part> parts(static_cast<std::size_t>(z_.team().size()));
    Eigen::VectorXd taken = Eigen::VectorXd::Zero(z_.team().size());
    z_.template for_each_block<Element>(columns_, size, false, every, [&](const auto& block) {
      Part& part = parts[static_cast<std::size_t>(block.member)];
      if (part.sum.empty()) {  // no block of a member is larger than its first
        part = {Workspace<Element>(padded, block.rows), Workspace<double>(padded, padded + 1)};
        part.sum.matrix().setZero();
      }
      taken(block.member) += d.segment(block.first, block.rows).sum();
      const simd::Kernels& kernels = simd::kernels();
      const double* weight = d.data() + block.first;
      kernels.correlate(block.panels, block.n_panels(), block.rows, weight, part.sum.data() + padded * padded);
      kernels.scale_rows(block.panels, block.n_panels(), block.rows, weight, part.scaled.data());
      kernels.multiply(part.scaled.data(), block.n_panels(), block.panels, block.n_panels(), block.rows,
                       part.sum.data(), padded, Eigen::Index{0});
    });
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(size, size);
    for (Part& part : parts) {
      if (part.sum.empty()) continue;  // a member may have had no rows
      sum += part.sum.matrix().topLeftCorner(size, size);
      edge += part.sum.matrix().col(padded).head(size);
    }
    if (every == 1) return sum;
    const double share = taken.sum() / d.sum();
    edge /= share;
    return sum / share;
  }

  const CentredColumns<Design>& z_;
  std::vector<Eigen::Index> columns_;
};

/// By rows: the products of the entries of each, without those that are zero. Memory: the entries of X_S, twice, and
/// |S|^2 doubles for each thread.
template <Real Scalar, class StorageIndex>
class WeightedGram<SparseDesign<Scalar, StorageIndex>> {
 public:
  using Design = SparseDesign<Scalar, StorageIndex>;

  /// problem outlives this object.
  WeightedGram(const LogisticProblem<Design>& problem, const std::vector<Eigen::Index>& columns)
      : z_(problem.z()), size_(static_cast<Eigen::Index>(columns.size())), shift_(size_) {
    std::vector<Eigen::Index> position(static_cast<std::size_t>(z_.cols()), -1);
    for (Eigen::Index s = 0; s < size_; ++s) {
      const Eigen::Index j = columns[static_cast<std::size_t>(s)];
      position[static_cast<std::size_t>(j)] = s;
      shift_(s) = z_.shift()(j);
    }
    const Design& x = problem.x();
    begin_.assign(static_cast<std::size_t>(z_.rows() + 1), 0);
    const auto for_each = [&](const auto& visit) {
      for (Eigen::Index k = 0; k < x.outer_size(); ++k) {
        if (!x.row_major() && position[static_cast<std::size_t>(k)] < 0) continue;
        for (Eigen::Index e = x.begin(k); e < x.begin(k + 1); ++e) {
          const Eigen::Index i = x.row_major() ? k : x.inner(e), j = x.row_major() ? x.inner(e) : k;
          const Eigen::Index s = position[static_cast<std::size_t>(j)];
          if (s >= 0) visit(static_cast<std::size_t>(i), Entry{s, x.value(e) * z_.gain()(j)});
        }
      }
    };
    for_each([&](std::size_t i, const Entry&) { ++begin_[i + 1]; });
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    entries_.resize(begin_.back());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for_each([&](std::size_t i, const Entry& entry) { entries_[next[i]++] = entry; });
    for (std::size_t i = 0; i < next.size(); ++i) {
      std::sort(entries_.begin() + static_cast<std::ptrdiff_t>(begin_[i]),
                entries_.begin() + static_cast<std::ptrdiff_t>(begin_[i + 1]),
                [](const Entry& a, const Entry& b) { return a.column < b.column; });
    }
  }

  /// As that of a dense X: half the sum over rows of the squared number of entries.
  [[nodiscard]] Eigen::MatrixXd operator()(const Eigen::VectorXd& d, Eigen::VectorXd& edge,
                                           Precision /*precision*/ = Precision::full) const {
    std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(z_.team().size()));
    z_.team().run([&](int member) {
      Eigen::MatrixXd& part = parts[static_cast<std::size_t>(member)];
      part.setZero(size_, size_ + 1);
      const auto [first, last] = z_.team().share(z_.rows(), member);
      for (Eigen::Index i = first; i < last; ++i) {
        const std::size_t end = begin_[static_cast<std::size_t>(i) + 1];
        for (std::size_t e = begin_[static_cast<std::size_t>(i)]; e < end; ++e) {
          const double scaled = d(i) * entries_[e].value;
          double* column = part.col(entries_[e].column).data();
          for (std::size_t f = e; f < end; ++f) column[entries_[f].column] += scaled * entries_[f].value;
          part(entries_[e].column, size_) += scaled;
        }
      }
    });
    for (std::size_t member = 1; member < parts.size(); ++member) parts[0] += parts[member];
    const Eigen::VectorXd raw = parts[0].col(size_);
    const double total = d.sum();
    edge = raw - total * shift_;
    Eigen::MatrixXd gram = parts[0].leftCols(size_);
    gram -= raw * shift_.transpose() + shift_ * edge.transpose();
    return gram;
  }

 private:
  struct Entry {
    Eigen::Index column;
    double value;
  };

  const CentredColumns<Design>& z_;
  Eigen::Index size_;
  Eigen::VectorXd shift_;  ///< means of the columns
  std::vector<std::size_t> begin_;
  std::vector<Entry> entries_;
};

}  // namespace aprender::solver
