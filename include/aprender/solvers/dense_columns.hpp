/// The columns of a dense X.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/column_scaling.hpp"
#include "aprender/solvers/workspace.hpp"

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

  /// 2^-e_j x_j, an expression that views X.
  [[nodiscard]] auto scaled(Eigen::Index j) const { return x_.matrix().col(j).template cast<double>() * factor_(j); }

  /// z_j, likewise.
  [[nodiscard]] auto z(Eigen::Index j) const { return (scaled(j).array() - mean_(j)).matrix(); }

  /// a_j, likewise.
  [[nodiscard]] auto a(Eigen::Index j) const { return z(j).cwiseProduct(root_weight_); }

  /// r += step a_j.
  void add(Eigen::Index j, double step, Eigen::VectorXd& r) const { r += step * a(j); }

  /// ||a_j||^2.
  [[nodiscard]] Eigen::VectorXd squared_norms() const {
    Eigen::VectorXd square(cols());
    for (Eigen::Index j = 0; j < cols(); ++j) square(j) = a(j).squaredNorm();
    return square;
  }

  /// Rows first, first + 1, ... of some columns, as panels (simd/panels.inc).
  template <class Element>
  struct Block {
    int member;          ///< of the team
    Eigen::Index first;  ///< row
    Eigen::Index rows;
    Eigen::Index begin;  ///< position of the first column among those asked for
    Eigen::Index columns;
    Element* panels;  ///< of this member, to overwrite

    [[nodiscard]] Eigen::Index n_panels() const noexcept { return simd::panels_of<Element>(columns); }
  };

  /// Calls visit(Block) for one in `every` blocks of rows, those of the given columns of A if weighted, else of Z.
  /// Blocks of the same rows follow one another on the same member, at most `widest` columns wide.
  template <class Element, class Visit>
  void for_each_block(const std::vector<Eigen::Index>& columns, Eigen::Index widest, bool weighted, Eigen::Index every,
                      const Visit& visit) const {
    const auto n_columns = static_cast<Eigen::Index>(columns.size());
    const Eigen::Index width = std::min(n_columns, widest);
    const Eigen::Index padded = simd::padded<Element>(width);
    const Eigen::Index height =
        std::clamp<Eigen::Index>(block_size / std::max<Eigen::Index>(padded, 1), 64, 512) / 8 * 8;
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(rows(), member, 8);
      Workspace<Element> panels(std::min(height, end - begin), padded);
      for (Eigen::Index first = begin; first < end; first += every * height) {
        for (Eigen::Index at = 0; at < n_columns; at += width) {
          const Block<Element> block{
              member, first, std::min(height, end - first), at, std::min(width, n_columns - at), panels.data()};
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
    for_each_product(v, [&](Eigen::Index t, Eigen::Index first, const Eigen::VectorXd& product) {
      const Eigen::Index count = product.size();
      r.col(t).segment(first, count) -= root_weight_.segment(first, count).cwiseProduct(product);
    });
    return r;
  }

  /// r -= A_S v, S a list of columns, which have to be contiguous.
  void subtract(const std::vector<Eigen::Index>& columns, const Eigen::VectorXd& v, Eigen::VectorXd& r) const {
    const Eigen::VectorXd w = -v;
    for_each_strip(strip_rows, [&](int, Eigen::Index first, Eigen::Index count) {
      const auto add_to = [&](double* out) {
        simd::kernels().combine(x_.data() + first, x_.column_stride(), columns.data(), w.size(), count, factor_.data(),
                                mean_.data(), w.data(), out);
      };
      if (uniform_) return add_to(&r(first));
      Eigen::VectorXd product = Eigen::VectorXd::Zero(count);
      add_to(product.data());
      r.segment(first, count) += root_weight_.segment(first, count).cwiseProduct(product);
    });
  }

  /// A'r: p x t.
  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r) const { return correlation(r, all()); }

  /// A_S'r: |S| x t, S a list of columns.
  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::Ref<const Eigen::MatrixXd>& r,
                                            const std::vector<Eigen::Index>& columns) const {
    return uniform_ ? sums_of(r, columns) : sums_of(root_weight_.asDiagonal() * r, columns);
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
    Sums sums(team_, cols(), r.cols());
    for_each_cached_strip([&](int member, Eigen::Index first, Eigen::Index count) {
      const auto scale = root_weight_.segment(first, count);
      for (Eigen::Index t = 0; t < r.cols(); ++t) {
        Eigen::VectorXd product = Eigen::VectorXd::Zero(count);
        add_products(first, count, v.col(t).data(), product.data());
        r.col(t).segment(first, count) -= scale.cwiseProduct(product);
        product = scale.cwiseProduct(r.col(t).segment(first, count));
        add_correlations(first, count, product.data(), sums.of(member) + t * sums.stride());
      }
    });
    return {std::move(r), sums.total()};
  }

  /// out += Z v in rows first, first + 1, ...
  void add_products(Eigen::Index first, Eigen::Index count, const double* v, double* out) const {
    if (contiguous_columns()) {
      simd::kernels().combine(x_.data() + first, x_.column_stride(), all().data(), cols(), count, factor_.data(),
                              mean_.data(), v, out);
    } else {
      simd::kernels().row_products(x_.data() + first * x_.row_stride(), x_.row_stride(), cols(), count, factor_.data(),
                                   mean_.data(), v, out);
    }
  }

  /// sums += Z'r, r and Z in rows first, first + 1, ...
  void add_correlations(Eigen::Index first, Eigen::Index count, const double* r, double* sums) const {
    if (contiguous_columns()) {
      simd::kernels().dots(x_.data() + first, x_.column_stride(), all().data(), cols(), count, factor_.data(),
                           mean_.data(), r, count, Eigen::Index{1}, sums, cols());
    } else {
      simd::kernels().row_sums(x_.data() + first * x_.row_stride(), x_.row_stride(), cols(), count, factor_.data(),
                               mean_.data(), r, sums);
    }
  }

  /// Calls visit(member, first row, rows) for all rows, in strips of X that stay in the cache, shared out to the team.
  template <class Visit>
  void for_each_cached_strip(const Visit& visit) const {
    for_each_strip(std::clamp<Eigen::Index>(strip_size / cols() / 8 * 8, 16, strip_rows), visit);
  }

  /// Z v: n x t.
  [[nodiscard]] Eigen::MatrixXd product(const Eigen::MatrixXd& v) const {
    Eigen::MatrixXd result(rows(), v.cols());
    for_each_product(v, [&](Eigen::Index t, Eigen::Index first, const Eigen::VectorXd& product) {
      result.col(t).segment(first, product.size()) = product;
    });
    return result;
  }

  /// Z'r: p x t.
  [[nodiscard]] Eigen::MatrixXd transposed_product(const Eigen::MatrixXd& r) const { return sums_of(r, all()); }

  /// The rows of A_S'A_T below the diagonal, T the first n_first columns of the list S, the rest being undefined: |S| x
  /// n_first, with A_T'b in `correlation`. One pass over A_S; memory for each thread: |S| n_first doubles.
  [[nodiscard]] Eigen::MatrixXd products(const std::vector<Eigen::Index>& columns, Eigen::Index n_first,
                                         const Eigen::MatrixXd& b, Eigen::MatrixXd& correlation,
                                         Precision precision = Precision::full) const {
    return precision == Precision::full ? products_of<double>(columns, n_first, b, correlation)
                                        : products_of<float>(columns, n_first, b, correlation);
  }

 private:
  /// Each member's part of Z'r.
  class Sums {
   public:
    Sums(const Team& team, Eigen::Index n_columns, Eigen::Index n_targets)
        : parts_(static_cast<std::size_t>(team.size()), Eigen::MatrixXd::Zero(n_columns, n_targets)) {}

    /// The sums of one member, targets so many doubles apart.
    [[nodiscard]] double* of(int member) { return parts_[static_cast<std::size_t>(member)].data(); }
    [[nodiscard]] Eigen::Index stride() const { return parts_.front().rows(); }
    [[nodiscard]] Eigen::MatrixXd total() const {
      Eigen::MatrixXd sum = parts_.front();
      for (std::size_t member = 1; member < parts_.size(); ++member) sum += parts_[member];
      return sum;
    }

   private:
    std::vector<Eigen::MatrixXd> parts_;
  };

  static constexpr Eigen::Index block_size = Eigen::Index{1}
                                             << 19;  ///< doubles; tall: its products are added in memory
  static constexpr Eigen::Index most_columns = 2048;
  static constexpr Eigen::Index strip_size = Eigen::Index{1} << 16;  ///< likewise
  static constexpr Eigen::Index strip_rows = 4096;

  template <class Element>
  [[nodiscard]] Eigen::MatrixXd products_of(const std::vector<Eigen::Index>& columns, Eigen::Index n_first,
                                            const Eigen::MatrixXd& b, Eigen::MatrixXd& correlation) const {
    const auto size = static_cast<Eigen::Index>(columns.size());
    const Eigen::Index height = simd::padded<Element>(size), width = simd::padded<Element>(n_first);
    const Eigen::Index first_panels = simd::panels_of<Element>(n_first);
    std::vector<Workspace<double>> parts(static_cast<std::size_t>(team_.size()));
    for_each_block<Element>(columns, size, true, 1, [&](const Block<Element>& block) {
      Workspace<double>& part = parts[static_cast<std::size_t>(block.member)];
      if (part.empty()) {
        part = Workspace<double>(height, width + b.cols());
        part.matrix().setZero();
      }
      simd::kernels().multiply(block.panels, block.n_panels(), block.panels, first_panels, block.rows, part.data(),
                               height, Eigen::Index{0});
      for (Eigen::Index t = 0; t < b.cols(); ++t) {
        simd::kernels().correlate(block.panels, first_panels, block.rows, &b(block.first, t),
                                  part.data() + (width + t) * height);
      }
    });
    std::erase_if(parts, [](const auto& part) { return part.empty(); });  // a member may have had no rows
    Eigen::MatrixXd sum = parts.front().matrix().topLeftCorner(size, n_first);
    correlation = parts.front().matrix().block(0, width, n_first, b.cols());
    for (std::size_t k = 1; k < parts.size(); ++k) {
      sum += parts[k].matrix().topLeftCorner(size, n_first);
      correlation += parts[k].matrix().block(0, width, n_first, b.cols());
    }
    return sum;
  }

  /// Z_S'r; of an X by rows all of Z'r is taken for it.
  [[nodiscard]] Eigen::MatrixXd sums_of(const Eigen::Ref<const Eigen::MatrixXd>& r,
                                        const std::vector<Eigen::Index>& columns) const {
    const auto size = static_cast<Eigen::Index>(columns.size());
    if (!contiguous_columns()) {
      Sums sums(team_, cols(), r.cols());
      for_each_cached_strip([&](int member, Eigen::Index first, Eigen::Index count) {
        for (Eigen::Index t = 0; t < r.cols(); ++t) {
          add_correlations(first, count, r.col(t).data() + first, sums.of(member) + t * sums.stride());
        }
      });
      return size == cols() ? sums.total() : Eigen::MatrixXd(sums.total()(columns, Eigen::all));
    }
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size, r.cols());
    const Eigen::Index height = std::clamp<Eigen::Index>(strip_rows * 2 / r.cols(), 512, strip_rows);
    team_.run([&](int member) {
      const auto [begin, end] = team_.share(size, member, 4);
      if (begin == end) return;
      for (Eigen::Index first = 0; first < rows(); first += height) {
        simd::kernels().dots(x_.data() + first, x_.column_stride(), columns.data() + begin, end - begin,
                             std::min(height, rows() - first), factor_.data(), mean_.data(), r.data() + first,
                             r.outerStride(), r.cols(), &sums(begin, 0), size);
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

  /// Calls visit(t, first row, rows first, first + 1, ... of Z v_t) for all rows and columns of v.
  template <class Visit>
  void for_each_product(const Eigen::MatrixXd& v, const Visit& visit) const {
    const std::vector<Eigen::Index> support = nonzero_rows(v);
    const Eigen::MatrixXd w = v(support, Eigen::all);
    const auto multiply = [&](int, Eigen::Index first, Eigen::Index count) {
      for (Eigen::Index t = 0; t < v.cols(); ++t) {
        Eigen::VectorXd product = Eigen::VectorXd::Zero(count);
        if (contiguous_columns()) {
          simd::kernels().combine(x_.data() + first, x_.column_stride(), support.data(), w.rows(), count,
                                  factor_.data(), mean_.data(), w.col(t).data(), product.data());
        } else {
          add_products(first, count, v.col(t).data(), product.data());
        }
        visit(t, first, product);
      }
    };
    if (contiguous_columns()) {
      for_each_strip(strip_rows, multiply);
    } else {
      for_each_cached_strip(multiply);
    }
  }

  const DenseDesign<Scalar>& x_;
};

}  // namespace aprender::solver
