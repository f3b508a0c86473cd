/// Products with the Hessian of the logistic loss.
#pragma once

#include <algorithm>
#include <vector>

#include "aprender/solvers/logistic_problem.hpp"

namespace aprender::solver {

/// v -> H v, H the Hessian of the loss in theta, without H: one pass over X, which takes Z v, its product with the
/// curvature of the loss and Z' of that where a block of rows lies in the cache; two passes for a sparse X by columns.
/// Memory: that of theta for each thread.
template <class Design>
class HessianProduct {
 public:
  /// problem outlives this object.
  explicit HessianProduct(const LogisticProblem<Design>& problem) : problem_(problem), z_(problem.z()) {
    if constexpr (is_sparse<Design>) {
      gain_.resize(z_.cols());
      shift_.resize(z_.cols());
      for (Eigen::Index j = 0; j < z_.cols(); ++j) {
        gain_(j) = problem.gain(j);
        shift_(j) = problem.shift(j);
      }
    }
  }

  /// H v at the point whose probabilities (as LogLoss::evaluate leaves them) are given; moved becomes Z v with the
  /// intercepts.
  [[nodiscard]] Eigen::MatrixXd operator()(const Eigen::MatrixXd& v, const Eigen::MatrixXd& probability,
                                           Eigen::MatrixXd& moved) const {
    moved.resize(z_.rows(), v.cols());
    if constexpr (is_sparse<Design>) {
      return problem_.x().row_major() ? by_rows(v, probability, moved) : in_two_passes(v, probability, moved);
    } else {
      return by_blocks(v, probability, moved);
    }
  }

 private:
  [[nodiscard]] Eigen::MatrixXd by_blocks(const Eigen::MatrixXd& v, const Eigen::MatrixXd& probability,
                                          Eigen::MatrixXd& moved) const requires(!is_sparse<Design>) {
    const Eigen::Index p = z_.cols(), m = v.cols();
    const Eigen::Index padded = CentredColumns<Design>::panels_of(p) * simd::panel_width;
    Eigen::MatrixXd w = Eigen::MatrixXd::Zero(padded, m);
    w.topRows(p) = v.topRows(p);
    std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(z_.team().size()),
                                       Eigen::MatrixXd::Zero(padded + 1, m));
    z_.for_each_block(z_.all(), p, false, [&](const auto& block) {
      Eigen::MatrixXd& part = parts[static_cast<std::size_t>(block.member)];
      auto scores = moved.middleRows(block.first, block.rows);
      for (Eigen::Index k = 0; k < m; ++k) {
        scores.col(k).setConstant(problem_.fit_intercept() ? v(p, k) : 0.0);
        simd::kernels().apply(block.panels, block.n_panels(), block.rows, &w(0, k), &moved(block.first, k));
      }
      Eigen::MatrixXd curved = scores;
      problem_.loss().curve(block.first, probability.middleRows(block.first, block.rows), curved);
      for (Eigen::Index k = 0; k < m; ++k) {
        simd::kernels().correlate(block.panels, block.n_panels(), block.rows, &curved(0, k), &part(0, k));
      }
      part.row(padded) += curved.colwise().sum();
    });
    for (std::size_t member = 1; member < parts.size(); ++member) parts[0] += parts[member];
    Eigen::MatrixXd result(problem_.size(), m);
    result.topRows(p) = parts[0].topRows(p);
    if (problem_.fit_intercept()) result.row(p) = parts[0].row(padded);
    return result;
  }

  [[nodiscard]] Eigen::MatrixXd in_two_passes(const Eigen::MatrixXd& v, const Eigen::MatrixXd& probability,
                                              Eigen::MatrixXd& moved) const {
    moved = problem_.scores(v);
    Eigen::MatrixXd curved = moved;
    problem_.for_each_strip([&](int, Eigen::Index first, Eigen::Index count) {
      problem_.loss().curve(first, probability.middleRows(first, count), curved.middleRows(first, count));
    });
    return problem_.gradient(curved);
  }

  [[nodiscard]] Eigen::MatrixXd by_rows(const Eigen::MatrixXd& v, const Eigen::MatrixXd& probability,
                                        Eigen::MatrixXd& moved) const requires(is_sparse<Design>) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Index p = z_.cols(), m = v.cols();
    const RowMajor w = gain_.asDiagonal() * v.topRows(p);
    Eigen::RowVectorXd constant = -shift_.transpose() * v.topRows(p);
    if (problem_.fit_intercept()) constant += v.row(p);
    std::vector<RowMajor> parts(static_cast<std::size_t>(z_.team().size()));
    std::vector<Eigen::RowVectorXd> sums(parts.size(), Eigen::RowVectorXd::Zero(m));
    z_.team().run([&](int member) {
      RowMajor& part = parts[static_cast<std::size_t>(member)];
      part.setZero(p, m);
      Eigen::RowVectorXd& sum = sums[static_cast<std::size_t>(member)];
      const auto [begin, end] = z_.team().share(z_.rows(), member, 8);
      Eigen::MatrixXd row(1, m);
      for (Eigen::Index i = begin; i < end; ++i) {
        row = constant;
        gather(i, w, row.data());
        moved.row(i) = row;
        problem_.loss().curve(i, probability.row(i), row);
        sum += row;
        scatter(i, row.data(), part);
      }
    });
    for (std::size_t member = 1; member < parts.size(); ++member) {
      parts[0] += parts[member];
      sums[0] += sums[member];
    }
    Eigen::MatrixXd result(problem_.size(), m);
    result.topRows(p) = gain_.asDiagonal() * parts[0] - shift_ * sums[0];
    if (problem_.fit_intercept()) result.row(p) = sums[0];
    return result;
  }

  /// to += x_i w.
  void gather(Eigen::Index i, const auto& w, double* to) const {
    const Design& x = problem_.x();
    const Eigen::Index m = w.cols(), end = x.begin(i + 1);
    if (m == 1) {
      double sum = *to;
      for (Eigen::Index e = x.begin(i); e < end; ++e) sum += x.value(e) * w.data()[x.inner(e)];
      *to = sum;
      return;
    }
    for (Eigen::Index e = x.begin(i); e < end; ++e) {
      const double value = x.value(e);
      const double* from = w.data() + x.inner(e) * m;
      for (Eigen::Index k = 0; k < m; ++k) to[k] += value * from[k];
    }
  }

  /// to += x_i' row.
  void scatter(Eigen::Index i, const double* row, auto& to) const {
    const Design& x = problem_.x();
    const Eigen::Index m = to.cols(), end = x.begin(i + 1);
    if (m == 1) {
      for (Eigen::Index e = x.begin(i); e < end; ++e) to.data()[x.inner(e)] += x.value(e) * *row;
      return;
    }
    for (Eigen::Index e = x.begin(i); e < end; ++e) {
      const double value = x.value(e);
      double* at = to.data() + x.inner(e) * m;
      for (Eigen::Index k = 0; k < m; ++k) at[k] += value * row[k];
    }
  }

  const LogisticProblem<Design>& problem_;
  const CentredColumns<Design>& z_;
  Eigen::VectorXd gain_, shift_;  ///< z_j = gain_j x_j - shift_j of a sparse X
};

}  // namespace aprender::solver
