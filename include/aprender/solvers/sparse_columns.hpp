/// The columns of a sparse X.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/solvers/column_scaling.hpp"

namespace aprender::solver {

/// Centring is implicit: products with X are corrected by the means, so that a pass costs as many operations as X has
/// entries. A column without zeros whose mean is large against its deviation loses digits thereby, which the
/// certificate of a fit shows. dot, add and products need X by columns. Extra memory: n + 6 p doubles, and n or p for
/// each thread and target during a pass.
template <Real Scalar_, class StorageIndex>
class CentredColumns<SparseDesign<Scalar_, StorageIndex>> : public ColumnScaling {
 public:
  using Scalar = Scalar_;
  using Design = SparseDesign<Scalar, StorageIndex>;

  /// Throws std::invalid_argument if an entry is not finite, and names it.
  CentredColumns(const Design& x, const Eigen::VectorXd& weight, Centring centring, Team& team,
                 double smallest_scale = 0.0, const Eigen::VectorXd& b = {})
      : ColumnScaling(x.cols(), weight, team), x_(x), weight_(weight) {
    const bool centre = centring != Centring::none;
    const Ranges range = ranges();
    if (!range.of.col(simd::Range::sum).allFinite()) x_.require_finite();
    scale(
        range, centre, smallest_scale, [&](Eigen::Index j) { return scaled_sum(j, true); },
        [&](Eigen::Index j) { return scaled_sum(j, false) - static_cast<double>(rows()) * mean_(j); });
    gain_ = factor_;
    shift_ = mean_;
    for (Eigen::Index j = 0; j < cols() && centre; ++j) {
      if (range.of(j, simd::Range::low) == range.of(j, simd::Range::high)) gain_(j) = shift_(j) = 0.0;
    }
    if (b.size() > 0) first_correlation_ = correlation(b);
  }

  /// z_j = gain_j x_j - shift_j, exactly zero for a constant column that is centred.
  [[nodiscard]] const Eigen::VectorXd& gain() const noexcept { return gain_; }
  [[nodiscard]] const Eigen::VectorXd& shift() const noexcept { return shift_; }

  void add(Eigen::Index j, double step, Eigen::VectorXd& r) const {
    for (Eigen::Index e = x_.begin(j); e < x_.begin(j + 1); ++e) {
      r(x_.inner(e)) += step * gain_(j) * x_.value(e) * root_weight_(x_.inner(e));
    }
    if (shift_(j) != 0) r -= step * shift_(j) * root_weight_;
  }

  void subtract(const std::vector<Eigen::Index>& columns, const Eigen::VectorXd& v, Eigen::VectorXd& r) const {
    for (Eigen::Index c = 0; c < v.size(); ++c) add(columns[static_cast<std::size_t>(c)], -v(c), r);
  }

  /// Sums over the entries and over the zeros, neither of which cancels.
  [[nodiscard]] Eigen::VectorXd squared_norms() const {
    Eigen::VectorXd square = Eigen::VectorXd::Zero(cols()), present = Eigen::VectorXd::Zero(cols());
    for_each_entry([&](Eigen::Index i, Eigen::Index j, double x) {
      const double z = x * gain_(j) - shift_(j);
      square(j) += weight_(i) * z * z;
      present(j) += weight_(i);
    });
    const auto absent = (static_cast<double>(rows()) - present.array()).max(0.0);
    return square.array() + absent * shift_.array().square();
  }

  [[nodiscard]] Eigen::MatrixXd residual(const Eigen::MatrixXd& r, const Eigen::MatrixXd& v) const {
    return r - (uniform_ ? product(v) : Eigen::MatrixXd(root_weight_.asDiagonal() * product(v)));
  }

  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r) const {
    return uniform_ ? transposed_product(r) : transposed_product(root_weight_.asDiagonal() * r);
  }

  [[nodiscard]] Eigen::MatrixXd correlation(const Eigen::MatrixXd& r, const std::vector<Eigen::Index>& columns) const {
    const Eigen::MatrixXd weighted = root_weight_.asDiagonal() * r;
    const Eigen::RowVectorXd sum = weighted.colwise().sum();
    Eigen::MatrixXd result(static_cast<Eigen::Index>(columns.size()), r.cols());
    for (Eigen::Index c = 0; c < result.rows(); ++c) {
      const Eigen::Index j = columns[static_cast<std::size_t>(c)];
      Eigen::RowVectorXd dots = Eigen::RowVectorXd::Zero(r.cols());
      for (Eigen::Index e = x_.begin(j); e < x_.begin(j + 1); ++e) dots += x_.value(e) * weighted.row(x_.inner(e));
      result.row(c) = gain_(j) * dots - shift_(j) * sum;
    }
    return result;
  }

  [[nodiscard]] std::pair<Eigen::MatrixXd, Eigen::MatrixXd> residual_and_correlation(const Eigen::MatrixXd& b,
                                                                                     const Eigen::MatrixXd& v) const {
    Eigen::MatrixXd r = residual(b, v);
    Eigen::MatrixXd slope = correlation(r);
    return {std::move(r), std::move(slope)};
  }

  /// Z v.
  [[nodiscard]] Eigen::MatrixXd product(const Eigen::MatrixXd& v) const {
    const Eigen::MatrixXd w = gain_.asDiagonal() * v;
    Eigen::MatrixXd result = x_.row_major() ? gather(w, rows()) : scatter(w, rows());
    result.rowwise() -= shift_.transpose() * v;
    return result;
  }

  /// Z'r.
  [[nodiscard]] Eigen::MatrixXd transposed_product(const Eigen::MatrixXd& r) const {
    Eigen::MatrixXd result = x_.row_major() ? scatter(r, cols()) : gather(r, cols());
    return gain_.asDiagonal() * result - shift_ * r.colwise().sum();
  }

  /// As that of dense columns, and always in full: nnz(A_S) operations for each of T; memory for each thread: n
  /// doubles.
  [[nodiscard]] Eigen::MatrixXd products(const std::vector<Eigen::Index>& columns, Eigen::Index n_first,
                                         const Eigen::MatrixXd& b, Eigen::MatrixXd& correlation,
                                         Precision /*precision*/ = Precision::full) const {
    const auto size = static_cast<Eigen::Index>(columns.size());
    const auto n = static_cast<double>(rows());
    Eigen::MatrixXd result(size, n_first);
    correlation.resize(n_first, b.cols());
    const Eigen::RowVectorXd sum_b = root_weight_.transpose() * b;
    team_.run([&](int member) {
      Eigen::VectorXd spread = Eigen::VectorXd::Zero(rows());
      for (Eigen::Index t = member; t < n_first; t += team_.size()) {
        const Eigen::Index j = columns[static_cast<std::size_t>(t)];
        for (Eigen::Index e = x_.begin(j); e < x_.begin(j + 1); ++e) {
          spread(x_.inner(e)) = gain_(j) * x_.value(e) * weight_(x_.inner(e));
        }
        for (Eigen::Index s = t; s < size; ++s) {
          const Eigen::Index k = columns[static_cast<std::size_t>(s)];
          double sum = 0.0;
          for (Eigen::Index e = x_.begin(k); e < x_.begin(k + 1); ++e) sum += x_.value(e) * spread(x_.inner(e));
          result(s, t) = sum * gain_(k) - n * shift_(j) * shift_(k);
        }
        correlation.row(t).setZero();
        for (Eigen::Index e = x_.begin(j); e < x_.begin(j + 1); ++e) {
          const Eigen::Index i = x_.inner(e);
          correlation.row(t) += gain_(j) * x_.value(e) * root_weight_(i) * b.row(i);
          spread(i) = 0.0;
        }
        correlation.row(t) -= shift_(j) * sum_b;
      }
    });
    return result;
  }

 private:
  /// visit(row, column, value) of every entry.
  template <class Visit>
  void for_each_entry(const Visit& visit) const {
    for (Eigen::Index k = 0; k < x_.outer_size(); ++k) {
      for (Eigen::Index e = x_.begin(k); e < x_.begin(k + 1); ++e) {
        if (x_.row_major()) {
          visit(k, x_.inner(e), x_.value(e));
        } else {
          visit(x_.inner(e), k, x_.value(e));
        }
      }
    }
  }

  [[nodiscard]] Ranges ranges() const {
    using simd::Range;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Ranges range(Eigen::VectorXd::Zero(cols()));
    range.of.col(Range::low).setConstant(infinity);
    range.of.col(Range::high).setConstant(-infinity);
    std::vector<Eigen::Index> present(static_cast<std::size_t>(cols()));
    for_each_entry([&](Eigen::Index i, Eigen::Index j, double x) {
      auto of = range.of.row(j);
      of(Range::low) = std::min(of(Range::low), x);
      of(Range::high) = std::max(of(Range::high), x);
      of(Range::sum) += weight_(i) * x;
      of(Range::magnitude) += weight_(i) * std::abs(x);
      of(Range::square) += weight_(i) * x * x;
      ++present[static_cast<std::size_t>(j)];
    });
    for (Eigen::Index j = 0; j < cols(); ++j) {
      if (present[static_cast<std::size_t>(j)] == rows()) continue;
      range.of(j, Range::low) = std::min(range.of(j, Range::low), 0.0);
      range.of(j, Range::high) = std::max(range.of(j, Range::high), 0.0);
    }
    return range;
  }

  /// sum_i s_i x_ij 2^-e_j, or of the absolute values.
  [[nodiscard]] double scaled_sum(Eigen::Index column, bool absolute) const {
    double sum = 0.0;
    for_each_entry([&](Eigen::Index i, Eigen::Index j, double x) {
      if (j == column) sum += weight_(i) * (absolute ? std::abs(x) : x) * factor_(j);
    });
    return sum;
  }

  /// One sum for each row or column k in which entries lie together: sum over its entries of x v(inner).
  [[nodiscard]] Eigen::MatrixXd gather(const Eigen::MatrixXd& v, Eigen::Index size) const {
    Eigen::MatrixXd result(size, v.cols());
    team_.run([&](int member) {
      const auto [begin, end] = shares(member);
      for (Eigen::Index t = 0; t < v.cols(); ++t) {
        for (Eigen::Index k = begin; k < end; ++k) {
          double sum = 0.0;
          for (Eigen::Index e = x_.begin(k); e < x_.begin(k + 1); ++e) sum += x_.value(e) * v(x_.inner(e), t);
          result(k, t) = sum;
        }
      }
    });
    return result;
  }

  /// The transpose of gather.
  [[nodiscard]] Eigen::MatrixXd scatter(const Eigen::MatrixXd& v, Eigen::Index size) const {
    std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(team_.size()));
    team_.run([&](int member) {
      const auto [begin, end] = shares(member);
      Eigen::MatrixXd& part = parts[static_cast<std::size_t>(member)];
      part.setZero(size, v.cols());
      for (Eigen::Index t = 0; t < v.cols(); ++t) {
        for (Eigen::Index k = begin; k < end; ++k) {
          const double scale = v(k, t);
          if (scale == 0) continue;
          for (Eigen::Index e = x_.begin(k); e < x_.begin(k + 1); ++e) part(x_.inner(e), t) += x_.value(e) * scale;
        }
      }
    });
    for (std::size_t member = 1; member < parts.size(); ++member) parts[0] += parts[member];
    return std::move(parts[0]);
  }

  /// The member's part of the rows or columns in which entries lie together, with about as many entries as the others'.
  [[nodiscard]] Team::Share shares(int member) const {
    const auto start = [&](int m) {
      if (m == team_.size()) return x_.outer_size();
      const Eigen::Index wanted = x_.begin(0) + x_.n_entries() * m / team_.size();
      Eigen::Index low = 0, high = x_.outer_size();
      while (low < high) {
        const Eigen::Index middle = low + (high - low) / 2;
        if (x_.begin(middle) < wanted) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    };
    return {start(member), start(member + 1)};
  }

  const Design& x_;
  const Eigen::VectorXd& weight_;
  Eigen::VectorXd gain_;   ///< 2^-e_j, and 0 for a constant column that is centred
  Eigen::VectorXd shift_;  ///< m_j, likewise
};

}  // namespace aprender::solver
