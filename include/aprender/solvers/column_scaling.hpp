/// The columns of X as the solvers see them: centred and scaled.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"
#include "aprender/solvers/design.hpp"
#include "aprender/solvers/team.hpp"

namespace aprender::solver {

/// The exponent e of the smallest power of two above |value|, so that |value| 2^-e lies in [1/2, 1); 0 for 0.
/// Never below -1023, so that 2^-e is finite.
[[nodiscard]] inline int exponent_above(double value) {
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::max(exponent, -1023);
}

/// Centred and scaled columns z_j = 2^-e_j x_j - m_j and their weighted form a_j = sqrt(s) z_j, computed on the fly
/// from a design that is not copied: specialised for dense X (dense_columns.hpp) and for sparse X (sparse_columns.hpp).
///
/// e_j is such that the largest |x_ij| is scaled to [1/2, 1), so that nothing overflows whatever the unit of a column;
/// m_j is the mean under the weights s (0 if not centred), exact for a constant column. Every specialisation is
/// constructed from (design, weights that sum to the number of rows, centring, team, smallest scale, b or nothing), of
/// which the first two and the team outlive it, and offers, besides what ColumnScaling does,
///
///     add(j, step, r)                  r += step a_j
///     subtract(S, v, r)                r -= A_S v of a list S of columns
///     squared_norms()                  ||a_j||^2 of all columns
///     residual(b, v)                   b - A v, one column a target
///     correlation(r)                   A'r
///     correlation(r, S)                A_S'r of a list S of columns
///     residual_and_correlation(b, v)   r = b - A v and A'r
///     products(S, t, b, &correlation, precision)  A_S'A_T below the diagonal, T the first t of S, and A_T'b
///     product(v), transposed_product(r)   Z v and Z'r, without weights
template <class Design>
class CentredColumns;

/// Columns as they are, less their means, or less the means of some rows: then e_j too is that of those rows, without a
/// pass over X, and recentre() has the last word on the means.
enum class Centring { none, exact, sampled };

/// How exact Gram matrices have to be: reduced to single precision, entry (j, k) may be off by about 1e-7 ||a_j||
/// ||a_k||, and a_j'b likewise, which costs half. Whoever takes that has to correct what comes of it by products with
/// A.
enum class Precision { full, reduced };

/// How samples are centred for a model with or without an intercept.
[[nodiscard]] constexpr Centring centring_for(bool fit_intercept) noexcept {
  return fit_intercept ? Centring::exact : Centring::none;
}

/// Scale, mean and weights of the columns.
class ColumnScaling {
 public:
  [[nodiscard]] Eigen::Index rows() const noexcept { return root_weight_.size(); }
  [[nodiscard]] Eigen::Index cols() const noexcept { return factor_.size(); }
  [[nodiscard]] Team& team() const noexcept { return team_; }
  [[nodiscard]] int exponent(Eigen::Index j) const { return exponent_(j); }       ///< e_j
  [[nodiscard]] double factor(Eigen::Index j) const { return factor_(j); }        ///< 2^-e_j
  [[nodiscard]] const Eigen::VectorXd& mean() const noexcept { return mean_; }    ///< m
  [[nodiscard]] double magnitude(Eigen::Index j) const { return magnitude_(j); }  ///< sum_i s_i |x_ij| 2^-e_j
  [[nodiscard]] const Eigen::VectorXd& root_weight() const noexcept { return root_weight_; }

  /// At least ||a_j||, infinite if it is not known.
  [[nodiscard]] const Eigen::VectorXd& norm_bound() const noexcept { return norm_bound_; }
  /// A'b, for the b of the constructor.
  [[nodiscard]] const Eigen::VectorXd& first_correlation() const noexcept { return first_correlation_; }

  /// m += by.
  void recentre(const Eigen::VectorXd& by) { mean_ += by; }

  /// 0 ... p - 1.
  [[nodiscard]] const std::vector<Eigen::Index>& all() const noexcept { return all_; }

 protected:
  /// A row a column of X: a simd::Range of its entries x_ij, of which shift_j is subtracted where that says so.
  struct Ranges {
    Eigen::Matrix<double, Eigen::Dynamic, simd::Range::count> of;
    Eigen::VectorXd shift;

    /// Those of one row of X, x_1j = shift_j.
    explicit Ranges(Eigen::VectorXd first_row)
        : of(first_row.size(), +simd::Range::count), shift(std::move(first_row)) {
      of.setZero();
      of.col(simd::Range::low) = of.col(simd::Range::high) = shift;
    }
  };

  ColumnScaling(Eigen::Index n_columns, const Eigen::VectorXd& weight, Team& team)
      : team_(team),
        root_weight_(weight.cwiseSqrt()),
        uniform_((weight.array() == 1).all()),
        exponent_(n_columns),
        factor_(n_columns),
        mean_(Eigen::VectorXd::Zero(n_columns)),
        magnitude_(n_columns),
        norm_bound_(n_columns),
        all_(static_cast<std::size_t>(n_columns)) {
    std::iota(all_.begin(), all_.end(), Eigen::Index{0});
  }

  /// Columns are never scaled by more than 1 / smallest_scale. What overflowed in `range` is summed again from the
  /// scaled columns: sum_magnitude(j) = sum_i s_i |z_ij| and sum(j) = sum_i s_i z_ij with the mean of the moment.
  template <class SumMagnitude, class Sum>
  void scale(const Ranges& range, bool centre, double smallest_scale, const SumMagnitude& sum_magnitude,
             const Sum& sum) {
    using simd::Range;
    const auto n = static_cast<double>(rows());
    for (Eigen::Index j = 0; j < cols(); ++j) {
      const double low = range.of(j, Range::low), high = range.of(j, Range::high), shift = range.shift(j);
      exponent_(j) = exponent_above(std::max({std::abs(low), std::abs(high), smallest_scale}));
      factor_(j) = std::ldexp(1.0, -exponent_(j));
      magnitude_(j) = range.of(j, Range::magnitude) * factor_(j);
      if (!std::isfinite(magnitude_(j))) magnitude_(j) = sum_magnitude(j);
      if (centre) {
        if (low == high) {
          mean_(j) = low * factor_(j);
        } else if (std::isfinite(range.of(j, Range::sum))) {
          mean_(j) = (shift + range.of(j, Range::sum) / n) * factor_(j);
        } else {
          for (int pass = 0; pass < 2; ++pass) mean_(j) += sum(j) / n;
        }
      }
      norm_bound_(j) = norm_bound(range, j, mean_(j) / factor_(j));
    }
  }

  /// A'b from sum_i (x_ij - shift_j) sqrt(s_i) b_i and sum_i sqrt(s_i) b_i; false if those overflowed or may have lost
  /// digits below the smallest normal number.
  [[nodiscard]] bool take_first_correlation(const Ranges& range, double sum) {
    const auto product = range.of.col(simd::Range::product).array();
    if (!((product == 0) || (product.abs() >= 0x1p-900)).all() || !product.allFinite()) return false;
    first_correlation_ = factor_.array() * product + (factor_.array() * range.shift.array() - mean_.array()) * sum;
    return first_correlation_.allFinite();
  }

  /// ||a_j|| around a centre, in the units of X, from the squares around the shift: with a margin for rounding, of some
  /// 1e-6 unless centre and shift are far from each other; infinite if those squares overflowed or lost their digits.
  [[nodiscard]] double norm_bound(const Ranges& range, Eigen::Index j, double centre) const {
    using simd::Range;
    const double by = centre - range.shift(j), n = static_cast<double>(rows());
    const double square = range.of(j, Range::square) * (1 + 1e-12), other = by * (n * by - 2 * range.of(j, Range::sum));
    if (!(square >= std::numeric_limits<double>::min()) || !std::isfinite(square + std::abs(other)))
      return std::numeric_limits<double>::infinity();
    const double around = square + other + 1e-12 * (square + std::abs(other));
    return (1 + 1e-6) * std::sqrt(std::max(0.0, around)) * factor_(j);
  }

  Team& team_;
  Eigen::VectorXd root_weight_;
  bool uniform_;  ///< every weight is one
  Eigen::VectorXi exponent_;
  Eigen::VectorXd factor_;
  Eigen::VectorXd mean_;
  Eigen::VectorXd magnitude_;
  Eigen::VectorXd norm_bound_;
  Eigen::VectorXd first_correlation_;
  std::vector<Eigen::Index> all_;
};

/// The rows of v that are not zero.
[[nodiscard]] inline std::vector<Eigen::Index> nonzero_rows(const Eigen::MatrixXd& v) {
  std::vector<Eigen::Index> support;
  for (Eigen::Index j = 0; j < v.rows(); ++j) {
    if ((v.row(j).array() != 0).any()) support.push_back(j);
  }
  return support;
}

}  // namespace aprender::solver
