/// Least squares by the normal equations, where those are safe.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/condition.hpp"
#include "aprender/solvers/least_squares_problem.hpp"

namespace aprender::solver {

/// Cholesky is trusted up to this condition number: beyond it one step of refinement no longer gives the digits of an
/// orthogonal factorisation (Bjorck, 1987: corrected seminormal equations).
inline constexpr double cholesky_condition_limit = 1e5;

/// A solution and the estimated condition number of what was factored, infinite if it could not be.
struct Solved {
  Eigen::MatrixXd v = {};
  Eigen::VectorXd norm = {};  ///< of the columns of [A; diag(g)]
  double condition = std::numeric_limits<double>::infinity();
};

/// min ||b - A v||^2 + ||diag(g) v||^2 by Cholesky of A'A + diag(g)^2, with one step of refinement whose residuals are
/// computed from X. Two passes over X. Memory: (2 + threads) p^2 doubles.
template <class Design>
[[nodiscard]] Solved normal_equations(const LeastSquaresProblem<Design>& problem, const Eigen::VectorXd& g) {
  const CentredColumns<Design>& a = problem.a();
  Eigen::MatrixXd correlation;
  Eigen::MatrixXd normal = a.products(a.all(), a.cols(), problem.b(), correlation);
  normal.diagonal() += g.cwiseAbs2();
  Solved solved{.norm = normal.diagonal().cwiseSqrt()};
  const Eigen::VectorXd scale =
      normal.diagonal().unaryExpr([](double square) { return std::ldexp(1.0, -exponent_above(std::sqrt(square))); });
  normal.array().colwise() *= scale.array();
  normal.array().rowwise() *= scale.transpose().array();
  const Cholesky<> cholesky(std::move(normal));
  if (cholesky.succeeded()) solved.condition = triangular_condition<Eigen::Lower>(cholesky.factor());
  if (!(solved.condition <= cholesky_condition_limit)) return solved;

  const auto solve = [&](const Eigen::MatrixXd& slope) -> Eigen::MatrixXd {
    return scale.asDiagonal() * cholesky.solve(scale.asDiagonal() * slope);
  };
  solved.v = solve(correlation);
  const Eigen::MatrixXd slope = a.residual_and_correlation(problem.b(), solved.v).second;
  solved.v += solve(slope - g.cwiseAbs2().asDiagonal() * solved.v);
  return solved;
}

}  // namespace aprender::solver
