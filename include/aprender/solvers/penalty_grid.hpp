/// The strongest penalty worth fitting.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "aprender/solvers/least_squares_problem.hpp"

namespace aprender::solver {

/// What is expected of X and y where a grid of penalties is to be made of them.
inline constexpr std::string_view give_the_alphas = "a finite number (scale that column, or give the alphas)";

/// The smallest weight l1 of ||w||_1 for which w = 0 minimises 1/(2n) sum s_i (y_i - x_i w - b)^2 + l1 ||w||_1:
/// max_j |sum_i s_i (x_ij - mean_j) (y_i - mean)| / n, or of the sum without its sign if w is constrained to be
/// positive. Throws std::invalid_argument if it is beyond the range of double, naming the column.
template <class Design>
[[nodiscard]] double largest_l1(const LinearSamples<Design>& samples, bool fit_intercept, bool positive, Team& team) {
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit_intercept), team);
  const CentredColumns<Design>& a = problem.a();
  const Eigen::MatrixXd correlation = a.correlation(problem.b());
  double largest = 0.0;
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    const double slope = positive ? std::max(correlation(j, 0), 0.0) : std::abs(correlation(j, 0));
    const double in_units =
        std::ldexp(slope / static_cast<double>(a.rows()), a.exponent(j) + problem.target_exponent(0));
    argument::require(std::isfinite(in_units), "the covariance of y and column " + std::to_string(j) + " of X",
                      in_units, give_the_alphas);
    largest = std::max(largest, in_units);
  }
  return largest;
}

/// ||A||_F^2 in the user's units: the sum of the eigenvalues l of A'A, so that a ridge penalty of that size leaves less
/// than one effective degree of freedom, sum l / (l + penalty), and no direction more than half of its coefficient.
/// weight: of the rows of x, summing to their number. Throws std::invalid_argument if it is beyond the range of double,
/// naming a column.
template <class Design>
[[nodiscard]] double squared_norm(const Design& x, const Eigen::VectorXd& weight, bool centre, Team& team) {
  const CentredColumns<Design> a(x, weight, centring_for(centre), team);
  const Eigen::VectorXd squares = a.squared_norms();
  double sum = 0.0;
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    sum += std::ldexp(squares(j), 2 * a.exponent(j));
    argument::require(std::isfinite(sum), "the sum of squares of X up to column " + std::to_string(j), sum,
                      give_the_alphas);
  }
  return sum;
}

}  // namespace aprender::solver
