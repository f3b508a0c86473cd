/// Residuals of least squares in twice the precision, and refinement with them.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/Core>

#include "aprender/solvers/least_squares_problem.hpp"

namespace aprender::solver {

/// Of the residual r = sqrt(s) (y - X w - intercept), in the scales of A and b but of X itself: what the rounding of
/// means and of differences from them has changed in A and b does not enter. Rounded from twice the precision.
struct ExactSlope {
  Eigen::VectorXd correlation;  ///< A'r
  double sum = 0.0;             ///< sum_i sqrt(s_i) r_i
};

/// That of one target, the intercept a sum of two doubles in units of 2^e_y. One pass over X; memory: O(p) for each
/// thread.
template <class Design>
[[nodiscard]] ExactSlope exact_slope(const LeastSquaresProblem<Design>& problem, Eigen::Index target,
                                     const Eigen::VectorXd& v, const Eigen::Vector2d& intercept) {
  const CentredColumns<Design>& a = problem.a();
  const auto& simd = simd::kernels();
  const Eigen::Index p = a.cols(), padded_columns = simd::padded<double>(p + 1);
  struct Sums {  // of r with each column, and last of r
    Eigen::VectorXd high, low;
  };
  const Eigen::VectorXd zeros = Eigen::VectorXd::Zero(padded_columns);
  std::vector<Sums> parts(static_cast<std::size_t>(a.team().size()), Sums{zeros, zeros});
  a.for_each_cached_strip([&](int member, Eigen::Index first, Eigen::Index count) {
    Sums& sums = parts[static_cast<std::size_t>(member)];
    const Eigen::Index padded = simd::padded<double>(count);
    Eigen::VectorXd column = Eigen::VectorXd::Zero(padded), high = column, low = column;
    const auto take = [&](Eigen::Index j) { column.head(count) = a.scaled(j).segment(first, count); };
    const Eigen::VectorXd ones = Eigen::VectorXd::Ones(padded);
    high.head(count) = problem.scaled_target(target).segment(first, count);
    for (const double part : intercept) simd.exact_add(ones.data(), padded, -part, high.data(), low.data());
    for (Eigen::Index j = 0; j < p; ++j) {
      take(j);
      simd.exact_add(column.data(), padded, -v(j), high.data(), low.data());
    }
    for (Eigen::Index i = 0; i < padded; ++i) {
      const double weight = i < count ? problem.weight()(first + i) : 0.0;
      const double sum = high(i) + low(i), of_low = sum - high(i);  // the terms of high may have cancelled
      const double rest = (high(i) - (sum - of_low)) + (low(i) - of_low);
      high(i) = weight * sum;
      low(i) = std::fma(weight, sum, -high(i)) + weight * rest;
    }
    simd.exact_dot(ones.data(), padded, 0.0, high.data(), low.data(), &sums.high(p), &sums.low(p));
    for (Eigen::Index j = 0; j < p; ++j) {
      take(j);
      simd.exact_dot(column.data(), padded, a.mean()(j), high.data(), low.data(), &sums.high(j), &sums.low(j));
    }
  });
  Sums& total = parts.front();
  for (std::size_t k = 1; k < parts.size(); ++k) {
    simd.exact_add(parts[k].high.data(), padded_columns, 1.0, total.high.data(), total.low.data());
    total.low += parts[k].low;
  }
  const Eigen::VectorXd rounded = total.high + total.low;
  return {rounded.head(p), rounded(p)};
}

/// Whether residuals in twice the precision are worth their passes over X: the error of coefficients is the square of
/// the condition number times that of the residuals (Bjorck, 1967), and a small X costs next to nothing.
template <class Design>
[[nodiscard]] bool exactness_pays(const LeastSquaresProblem<Design>& problem, double condition) {
  return condition > 1e3 || problem.a().rows() * problem.a().cols() <= 1 << 16;
}

/// Moves v, the minimiser of ||b - A v||^2 + ||diag(g) v||^2 but for rounding errors, to the double next to it, or up
/// to a hundred beside where the condition number leaves no digit without that: iterative refinement with slopes
/// computed in twice the precision (Bjorck, 1967; Demmel, Hida, Riedy, Li, 2009). Returns by how much the intercept
/// differs from what the means make of v, in units of 2^e_y. solve: the slope of one target -> (A'A + diag(g)^2)^-1
/// slope, of any accuracy. Two or three passes over X.
template <class Solve>
[[nodiscard]] Eigen::RowVectorXd refine_exactly(const LeastSquaresProblem<DenseDesign<double>>& problem,
                                                const Eigen::VectorXd& g, const Eigen::VectorXd& norm,
                                                const Solve& solve, Eigen::MatrixXd& v) {
  const auto n = static_cast<double>(problem.a().rows());
  const bool centred = problem.centring() != Centring::none;
  const Eigen::VectorXd square = g.cwiseAbs2();
  Eigen::RowVectorXd intercepts = problem.best_intercept(v);
  for (Eigen::Index t = 0; t < v.cols(); ++t) {
    Eigen::VectorXd at = v.col(t);
    // In two parts, as what its rounding leaves in r would come back in the slopes by the rounding of the means.
    Eigen::Vector2d intercept(intercepts(t), 0.0);
    double last = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < 8; ++pass) {
      const ExactSlope slope = exact_slope(problem, t, at, intercept);
      const Eigen::VectorXd step = solve(slope.correlation - square.cwiseProduct(at));
      const double size = step.cwiseProduct(norm).norm();
      if (!(size < 0.5 * last)) break;
      last = size;
      at += step;
      if (centred) intercept(1) += slope.sum / n - problem.a().mean().dot(step);
      constexpr double last_bit = 0.5 * std::numeric_limits<double>::epsilon();
      if (pass > 0 && (step.array().abs() <= last_bit * at.array().abs()).all()) break;
    }
    v.col(t) = at;
    intercepts(t) = intercept.sum();
  }
  return intercepts - problem.best_intercept(v);
}

}  // namespace aprender::solver
