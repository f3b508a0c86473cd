/// The columns of a dense X.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/column_scaling.hpp"

namespace aprender::solver {

/// Each pass takes X in blocks of rows, as panels that stay in the processor's cache, or column by column, shared out
/// to the team. Subtracting means entry by entry, instead of correcting products with X afterwards, keeps the digits of
/// a column whose mean is large against its deviation. Extra memory: n + 4 p doubles, and a block (2^17 doubles or 64
/// rows) a thread.
template <Real Scalar_>
class CentredColumns<DenseDesign<Scalar_>> : public ColumnScaling {
 public:
  using Scalar = Scalar_;

  /// Throws std::invalid_argument if an entry is not finite, and names it; of sampled centring, only among the sample.
  CentredColumns(const DenseDesign<Scalar>& x, const Eigen::VectorXd& weight, Centring centring, Team& team,
                 double smallest_scale = 0.0, const Eigen::VectorXd& b = {})
      : ColumnScaling(x.cols(), weight, team), x_(x) {
    if (centring == Centring::sampled) {
      const typename DenseDesign<Scalar>::Matrix sample = x_.matrix()(sampled_rows(), Eigen::all);
      const DenseDesign<Scalar> rows(sample);
      const Eigen::VectorXd ones = Eigen::VectorXd::Ones(sample.rows());
      const CentredColumns means(rows, ones, Centring::exact, team, smallest_scale);
      exponent_ = means.exponent_;
      factor_ = means.factor_;
      mean_ = means.mean_;
      return;
    }
    const bool centre = centring == Centring::exact;
    const Eigen::VectorXd weighted = b.size() == 0 || uniform_ ? b : root_weight_.cwiseProduct(b);
    const Ranges range = ranges(uniform_ ? nullptr : weight.data(), b.size() == 0 ? nullptr : weighted.data());
    if (!range.of.col(simd::Range::sum).allFinite()) x_.require_finite();
    scale(
        range, centre, smallest_scale, [&](Eigen::Index j) { return weight.dot(z(j).cwiseAbs()); },
        [&](Eigen::Index j) { return weight.dot(z(j)); });
    if (b.size() > 0 && !take_first_correlation(range, weighted.sum())) first_correlation_ = correlation(b);
  }

  /// z_j, an expression that views X.
  [[nodiscard]] auto z(Eigen::Index j) const {
    return (x_.matrix().col(j).template cast<double>().array() * factor_(j) - mean_(j)).matrix();
  }

  /// a_j, likewise.
  [[nodiscard]] auto a(Eigen::Index j) const { return z(j).cwiseProduct(root_weight_); }

  /// a_j'r.
  [[nodiscard]] double dot(Eigen::Index j, const Eigen::VectorXd& r) const { return a(j).dot(r); }

  /// r += step a_j.
  void add(Eigen::Index j, double step, Eigen::VectorXd& r) const { r += step * a(j); }

  /// ||a_j||^2.
  [[nodiscard]] Eigen::VectorXd squared_norms() const {
    Eigen::VectorXd square(cols());
    for (Eigen::Index j = 0; j < cols(); ++j) square(j) = a(j).squaredNorm();
    return square;
  }

  /// Rows first, first + 1, ... of some columns, as panels (simd/panels.inc).
  struct Block {
    int member;          ///< of the team
    Eigen::Index first;  ///< row
    Eigen::Index rows;
    Eigen::Index begin;  ///< position of the first column among those asked for
    Eigen::Index columns;
    double* panels;  ///< of this member, to overwrite

    [[nodiscard]] Eigen::Index n_panels() const noexcept { return panels_of(columns); }
  };

  [[nodiscard]] static Eigen::Index panels_of(Eigen::Index columns) noexcept {
    return (columns + simd::panel_width - 1) / simd::panel_width;
  }

  /// Calls visit(Block) for all rows of the given columns, of A if weighted, else of Z. Blocks of the same rows follow
  /// one another on the same member, at most `widest` columns wide.
  template <class Visit>
  void for_each_block(const std::vector<Eigen::Index>& columns, Eigen::Index widest, bool weighted,
                      const Visit& visit) const {
    const auto n_columns = static_cast<Eigen::Index>(columns.size());
    const Eigen::Index width = std::min(n_columns, widest);
    const Eigen::Index padded = panels_of(width) * simd::panel_width;
    const Eigen::Index height =
        std::clamp<Eigen::Index>(block_size / std::max<Eigen::Index>(padded, 1), 64, 512) / 8 * 8;
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(rows(), member, 8);
      Eigen::VectorXd panels(std::min(height, end - begin) * padded);
      for (Eigen::Index first = begin; first < end; first += height) {
        for (Eigen::Index at = 0; at < n_columns; at += width) {
          const Block block{member,       first, std::min(height, end - first), at, std::min(width, n_columns - at),
                            panels.data()};
          simd::kernels().pack(x_.data() + first * x_.row_stride(), x_.row_stride(), x_.column_stride(),
                               columns.data() + at, block.columns, block.rows, factor_.data(), mean_.data(),
                               weighted && !uniform_ ? root_weight_.data() + first : nullptr, panels.data());
          visit(block);
        }
      }
    });
  }

  /// r - A v, with one column a target: n x t, p x t.
  [[nodiscard]] Eigen::MatrixXd residual(Eigen::MatrixXd r, const Eigen::MatrixXd& v) const {
    const std::vector<Eigen::Index> support = nonzero_rows(v);
    const Eigen::MatrixXd w = padded(v(support, Eigen::all));
    if (contiguous_columns()) {
      for_each_strip(strip_rows,
                     [&](int, Eigen::Index first, Eigen::Index count) { subtract(first, count, support, w, r); });
      return r;
    }
    for_each_block(support, most_columns, true, [&](const Block& block) {
      for (Eigen::Index t = 0; t < r.cols(); ++t) {
        Eigen::VectorXd product = Eigen::VectorXd::Zero(block.rows);
        simd::kernels().apply(block.panels, block.n_panels(), block.rows, &w(block.begin, t), product.data());
        r.col(t).segment(block.first, block.rows) -= product;
      }
    });
    return r;
  }

  /// A'r: p x t.
  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r) const { return correlation(r, all()); }

  /// A_S'r: |S| x t, S a list of columns.
  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r, const std::vector<Eigen::Index>& columns) const {
    if (!contiguous_columns() || uniform_) return sums_of(r, columns, !uniform_);
    return sums_of(root_weight_.asDiagonal() * r, columns, false);
  }

  /// r = b - A v and A'r, in one pass over X where a row fits into a block.
  [[nodiscard]] std::pair<Eigen::MatrixXd, Eigen::MatrixXd> residual_and_correlation(const Eigen::MatrixXd& b,
                                                                                     const Eigen::MatrixXd& v) const {
    if (cols() > most_columns) {
      Eigen::MatrixXd r = residual(b, v);
      Eigen::MatrixXd slope = correlation(r);
      return {std::move(r), std::move(slope)};
    }
    Eigen::MatrixXd r = b;
    const Eigen::MatrixXd w = padded(v);
    Sums sums(team_, cols(), r.cols());
    if (contiguous_columns()) {
      const Eigen::Index height = std::clamp<Eigen::Index>(block_size / cols() / 8 * 8, 64, strip_rows);
      for_each_strip(height, [&](int member, Eigen::Index first, Eigen::Index count) {
        subtract(first, count, all(), w, r);
        const Eigen::MatrixXd weighted = root_weight_.segment(first, count).asDiagonal() * r.middleRows(first, count);
        simd::kernels().dots(x_.data() + first, x_.column_stride(), all().data(), cols(), count, factor_.data(),
                             mean_.data(), weighted.data(), count, r.cols(), sums.of(member), sums.stride());
      });
      return {std::move(r), sums.total()};
    }
    const Eigen::Index height = r.cols() == 1 ? rows() : std::max<Eigen::Index>(block_size / cols() / 4 * 4, 4);
    for_each_strip(height, [&](int member, Eigen::Index first, Eigen::Index count) {
      for (Eigen::Index t = 0; t < r.cols(); ++t) {
        simd::kernels().residual_rows(x_.data() + first * x_.row_stride(), x_.row_stride(), cols(), count,
                                      factor_.data(), mean_.data(), uniform_ ? nullptr : root_weight_.data() + first,
                                      &w(0, t), &r(first, t), sums.of(member) + t * sums.stride());
      }
    });
    return {std::move(r), sums.total()};
  }

  /// Z v: n x t.
  [[nodiscard]] Eigen::MatrixXd product(const Eigen::MatrixXd& v) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(rows(), v.cols());
    const std::vector<Eigen::Index> support = nonzero_rows(v);
    const Eigen::MatrixXd w = padded(v(support, Eigen::all));
    if (contiguous_columns()) {
      for_each_strip(strip_rows, [&](int, Eigen::Index first, Eigen::Index count) {
        for (Eigen::Index t = 0; t < v.cols(); ++t) combine(first, count, support, w.col(t), &result(first, t));
      });
      return result;
    }
    for_each_block(support, most_columns, false, [&](const Block& block) {
      for (Eigen::Index t = 0; t < v.cols(); ++t) {
        simd::kernels().apply(block.panels, block.n_panels(), block.rows, &w(block.begin, t), &result(block.first, t));
      }
    });
    return result;
  }

  /// Z'r: p x t.
  [[nodiscard]] Eigen::MatrixXd transposed_product(const Eigen::MatrixXd& r) const { return sums_of(r, all(), false); }

  /// The rows of A_S'A_T below the diagonal, T the first n_first columns of the list S, the rest being undefined: |S| x
  /// n_first, with A_T'b in `correlation`. One pass over A_S; memory for each thread: |S| n_first doubles.
  [[nodiscard]] Eigen::MatrixXd products(const std::vector<Eigen::Index>& columns, Eigen::Index n_first,
                                         const Eigen::MatrixXd& b, Eigen::MatrixXd& correlation) const {
    const auto size = static_cast<Eigen::Index>(columns.size());
    const Eigen::Index height = panels_of(size) * simd::panel_width, width = panels_of(n_first) * simd::panel_width;
    std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(team_.size()));
    for_each_block(columns, size, true, [&](const Block& block) {
      Eigen::MatrixXd& part = parts[static_cast<std::size_t>(block.member)];
      if (part.size() == 0) part.setZero(height, width + b.cols());
      simd::kernels().multiply(block.panels, block.n_panels(), block.panels, panels_of(n_first), block.rows,
                               part.data(), height, 0);
      for (Eigen::Index t = 0; t < b.cols(); ++t) {
        simd::kernels().correlate(block.panels, panels_of(n_first), block.rows, &b(block.first, t),
                                  part.col(width + t).data());
      }
    });
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(size, n_first);
    correlation.setZero(n_first, b.cols());
    for (const Eigen::MatrixXd& part : parts) {
      if (part.size() == 0) continue;  // a member may have had no rows
      sum += part.topLeftCorner(size, n_first);
      correlation += part.rightCols(b.cols()).topRows(n_first);
    }
    return sum;
  }

 private:
  /// Each member's part of A_S'r.
  class Sums {
   public:
    Sums(const Team& team, Eigen::Index n_columns, Eigen::Index n_targets)
        : n_columns_(n_columns),
          parts_(static_cast<std::size_t>(team.size()),
                 Eigen::MatrixXd::Zero(panels_of(n_columns) * simd::panel_width, n_targets)) {}

    /// r: all rows.
    void add(const Block& block, const Eigen::MatrixXd& r) {
      Eigen::MatrixXd& part = parts_[static_cast<std::size_t>(block.member)];
      for (Eigen::Index t = 0; t < part.cols(); ++t) {
        simd::kernels().correlate(block.panels, block.n_panels(), block.rows, &r(block.first, t),
                                  &part(block.begin, t));
      }
    }
    /// The sums of one member, targets so many doubles apart.
    [[nodiscard]] double* of(int member) { return parts_[static_cast<std::size_t>(member)].data(); }
    [[nodiscard]] Eigen::Index stride() const { return parts_.front().rows(); }
    [[nodiscard]] Eigen::MatrixXd total() const {
      Eigen::MatrixXd sum = parts_.front();
      for (std::size_t member = 1; member < parts_.size(); ++member) sum += parts_[member];
      return sum.topRows(n_columns_);
    }

   private:
    Eigen::Index n_columns_;
    std::vector<Eigen::MatrixXd> parts_;
  };

  static constexpr Eigen::Index block_size = Eigen::Index{1} << 17;  ///< doubles, a part of the second-level cache
  static constexpr Eigen::Index most_columns = 2048;
  static constexpr Eigen::Index strip_rows = 4096;

  /// A_S'r if weighted (X then lies by rows), else Z_S'r.
  [[nodiscard]] Eigen::MatrixXd sums_of(const Eigen::MatrixXd& r, const std::vector<Eigen::Index>& columns,
                                        bool weighted) const {
    const auto size = static_cast<Eigen::Index>(columns.size());
    if (!contiguous_columns()) {
      Sums sums(team_, size, r.cols());
      for_each_block(columns, most_columns, weighted, [&](const Block& block) { sums.add(block, r); });
      return sums.total();
    }
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size, r.cols());
    const Eigen::Index height = std::clamp<Eigen::Index>(strip_rows * 2 / r.cols(), 512, strip_rows);
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(size, member, 4);
      if (begin == end) return;
      for (Eigen::Index first = 0; first < rows(); first += height) {
        simd::kernels().dots(x_.data() + first, x_.column_stride(), columns.data() + begin, end - begin,
                             std::min(height, rows() - first), factor_.data(), mean_.data(), &r(first, 0), r.rows(),
                             r.cols(), &sums(begin, 0), size);
      }
    });
    return sums;
  }

  /// weight and r may be null.
  [[nodiscard]] Ranges ranges(const double* weight, const double* r) const {
    Ranges range(x_.matrix().row(0).template cast<double>());
    if (contiguous_columns()) {
      team_.run([&](int member) {
        const auto [begin, end] = team_.share(cols(), member);
        for (Eigen::Index j = begin; j < end; ++j) {
          simd::kernels().column_range(x_.data() + j * x_.column_stride(), rows(), weight, r, range.shift(j),
                                       &range.of(j, 0), cols());
        }
      });
      return range;
    }
    std::vector<Ranges> parts(static_cast<std::size_t>(team_.size()), range);
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(rows(), member);
      Ranges& part = parts[static_cast<std::size_t>(member)];
      simd::kernels().rows_range(x_.data() + begin * x_.row_stride(), x_.row_stride(), cols(), end - begin,
                                 weight == nullptr ? nullptr : weight + begin, r == nullptr ? nullptr : r + begin,
                                 part.shift.data(), part.of.data(), cols());
    });
    using simd::Range;
    constexpr int sums = Range::count - Range::sum;
    for (const Ranges& part : parts) {
      range.of.col(Range::low) = range.of.col(Range::low).cwiseMin(part.of.col(Range::low));
      range.of.col(Range::high) = range.of.col(Range::high).cwiseMax(part.of.col(Range::high));
      range.of.rightCols(sums) += part.of.rightCols(sums);
    }
    return range;
  }

  [[nodiscard]] std::vector<Eigen::Index> sampled_rows() const {
    const Eigen::Index count = std::min<Eigen::Index>(256, rows());
    std::vector<Eigen::Index> sample;
    for (Eigen::Index k = 0; k < count; ++k) sample.push_back(k * rows() / count);
    return sample;
  }

  /// v with zeros up to a whole panel.
  [[nodiscard]] static Eigen::MatrixXd padded(const Eigen::MatrixXd& v) {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(panels_of(v.rows()) * simd::panel_width, v.cols());
    result.topRows(v.rows()) = v;
    return result;
  }

  [[nodiscard]] bool contiguous_columns() const noexcept { return x_.row_stride() == 1; }

  /// Calls visit(member, first row, rows) for all rows, in strips of at most `height`.
  template <class Visit>
  void for_each_strip(Eigen::Index height, const Visit& visit) const {
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(rows(), member, 8);
      for (Eigen::Index first = begin; first < end; first += height)
        visit(member, first, std::min(height, end - first));
    });
  }

  /// out += Z_S w in rows first, first + 1, ...; for contiguous columns.
  void combine(Eigen::Index first, Eigen::Index count, const std::vector<Eigen::Index>& columns,
               const Eigen::VectorXd& w, double* out) const {
    simd::kernels().combine(x_.data() + first, x_.column_stride(), columns.data(),
                            static_cast<Eigen::Index>(columns.size()), count, factor_.data(), mean_.data(), w.data(),
                            out);
  }

  /// r -= A_S w, likewise.
  void subtract(Eigen::Index first, Eigen::Index count, const std::vector<Eigen::Index>& columns,
                const Eigen::MatrixXd& w, Eigen::MatrixXd& r) const {
    for (Eigen::Index t = 0; t < r.cols(); ++t) {
      Eigen::VectorXd product = Eigen::VectorXd::Zero(count);
      combine(first, count, columns, w.col(t), product.data());
      r.col(t).segment(first, count) -= root_weight_.segment(first, count).cwiseProduct(product);
    }
  }

  const DenseDesign<Scalar>& x_;
};

}  // namespace aprender::solver
