/// Least squares by Golub-Kahan bidiagonalisation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <Eigen/Core>

#include "aprender/solvers/least_squares_problem.hpp"
#include "aprender/solvers/telling.hpp"

namespace aprender::solver {

/// LSQR (Paige and Saunders, 1982) for  min ||b - A v||^2 + ||diag(g) v||^2  in the variables v / d. From zero it tends
/// to the minimiser for which the norm of v / d is least. Products with A and A' only. Memory: O(n + p) doubles.
template <class Design>
class Lsqr {
 public:
  /// a, g, d and telling outlive this object; d > 0. After each step the relative size of the gradient is told, which
  /// has to fall to tolerance.
  Lsqr(const CentredColumns<Design>& a, const Eigen::VectorXd& g, const Eigen::VectorXd& d, double tolerance,
       Telling& telling)
      : a_(a), g_(g), d_(d), tolerance_(tolerance), telling_(telling) {}

  /// One target: b (n) and the right-hand side of the penalty's rows (p). Ends when the relative size of the gradient
  /// is at most tol, when the residual is at most tol of its start, after max_iter steps, or when asked to stop.
  [[nodiscard]] Eigen::VectorXd solve(Eigen::VectorXd u, Eigen::VectorXd u_penalty, double tol, std::int64_t max_iter) {
    Eigen::VectorXd x = Eigen::VectorXd::Zero(a_.cols());
    double beta = normalise(u, u_penalty);
    const double start = beta;
    if (beta == 0) return x;
    Eigen::VectorXd v = transposed(u, u_penalty);
    double alpha = v.norm();
    if (alpha == 0) return x;
    v /= alpha;
    Eigen::VectorXd w = v;
    double rho_bar = alpha, phi_bar = beta, square = 0.0, inverse_square = 0.0;
    for (std::int64_t k = 0; k < max_iter; ++k) {
      ++iterations_;
      const Eigen::VectorXd dv = d_.cwiseProduct(v);
      u = -a_.residual(alpha * u, dv);
      u_penalty = g_.cwiseProduct(dv) - alpha * u_penalty;
      beta = normalise(u, u_penalty);
      square += alpha * alpha + beta * beta;
      v = transposed(u, u_penalty) - beta * v;
      alpha = v.norm();
      if (alpha > 0) v /= alpha;
      const double rho = std::hypot(rho_bar, beta), c = rho_bar / rho, s = beta / rho;
      const double phi = c * phi_bar, theta = s * alpha;
      rho_bar = -c * alpha;
      phi_bar = s * phi_bar;
      x += (phi / rho) * w;
      inverse_square += w.squaredNorm() / (rho * rho);
      w = v - (theta / rho) * w;
      const double gradient = alpha * std::abs(c) / std::sqrt(square);  // relative to the norms of A and the residual
      if (!telling_.go_on(iterations_, gradient, tolerance_)) break;
      if (gradient <= tol || phi_bar <= tol * start) break;
    }
    condition_ = std::max(condition_, std::sqrt(square * inverse_square));
    return d_.cwiseProduct(x);
  }

  [[nodiscard]] std::int64_t iterations() const noexcept { return iterations_; }  ///< of all calls
  /// An estimate, from the Frobenius norms of the bidiagonal matrix and its inverse, of the condition of A diag(d).
  [[nodiscard]] double condition() const noexcept { return condition_; }

 private:
  [[nodiscard]] Eigen::VectorXd transposed(const Eigen::VectorXd& u, const Eigen::VectorXd& u_penalty) const {
    return d_.cwiseProduct(a_.correlation(u).col(0) + g_.cwiseProduct(u_penalty));
  }
  static double normalise(Eigen::VectorXd& u, Eigen::VectorXd& u_penalty) {
    const double norm = std::hypot(u.norm(), u_penalty.norm());
    if (norm > 0) {
      u /= norm;
      u_penalty /= norm;
    }
    return norm;
  }

  const CentredColumns<Design>& a_;
  const Eigen::VectorXd& g_;
  const Eigen::VectorXd& d_;
  double tolerance_;
  Telling& telling_;
  std::int64_t iterations_ = 0;
  double condition_ = 1.0;
};

/// LSQR with restarts from residuals computed from X, until the certificate holds, in bounded time, or asked to stop.
/// With a penalty the columns are scaled to norm one; without, to the user's units, so that of several minimisers the w
/// of least norm is found (columns 2^450 times smaller than the largest count as that); where that does not arrive, as
/// of columns of units far apart, it goes on from there in columns of norm one.
template <class Design>
[[nodiscard]] SolutionOf<Design> iterative_least_squares(const LeastSquaresProblem<Design>& problem,
                                                         const Eigen::VectorXd& g, Telling& telling) {
  const CentredColumns<Design>& a = problem.a();
  const Eigen::VectorXd norm = problem.norms(g);
  Eigen::VectorXd d(a.cols());
  int largest = std::numeric_limits<int>::min();
  for (Eigen::Index j = 0; j < a.cols(); ++j) largest = std::max(largest, a.exponent(j));
  const Eigen::VectorXd unit_norm = norm.unaryExpr([](double x) { return x > 0 ? 1 / x : 1.0; });
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    d(j) = g.isZero(0) ? std::ldexp(1.0, std::max(a.exponent(j) - largest, -450)) : unit_norm(j);
  }
  Lsqr<Design> lsqr(a, g, d, problem.tolerance(), telling);
  Eigen::MatrixXd v = Eigen::MatrixXd::Zero(a.cols(), problem.b().cols());
  SolutionOf<Design> solution;
  const std::int64_t most = std::min<std::int64_t>(4 * std::min(a.rows(), a.cols()) + 100, 20'000);
  for (int restart = 0; restart < 4; ++restart) {
    if (restart == 2) d = unit_norm;
    const Eigen::MatrixXd r = a.residual(problem.b(), v);
    for (Eigen::Index t = 0; t < v.cols() && !telling.stopped(); ++t) {
      v.col(t) += lsqr.solve(r.col(t), -g.cwiseProduct(v.col(t)), restart == 0 ? 1e-12 : 1e-8, most);
    }
    solution = problem.round(v);
    problem.certify(solution, g, norm);
    if (solution.report.converged || telling.stopped()) break;
  }
  solution.report.solver = "LSQR";
  solution.report.iterations = lsqr.iterations();
  solution.report.condition_estimate = lsqr.condition();
  return solution;
}

/// A sparse X of at most so many columns is solved by its Gram matrix, where that is well-conditioned: beyond, forming
/// it costs more than iterating.
inline constexpr Eigen::Index most_columns_of_sparse_gram = 512;

}  // namespace aprender::solver
