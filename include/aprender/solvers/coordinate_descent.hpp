/// L1-regularised least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "aprender/solvers/ridge.hpp"
#include "aprender/solvers/working_set.hpp"

namespace aprender::solver {

/// Cyclic coordinate descent for
///     P(v) = 1/2 ||b - A v||^2 + sum_j lambda_j |v_j| + 1/2 sum_j mu_j v_j^2,
/// the elastic net in scaled variables. First on a working set of the columns that violate their optimality condition
/// most, which grows until none does (Friedman, Hastie, Tibshirani, 2010; Massias, Gramfort, Salmon, 2018); what is
/// left then, because the set grew too large or tol asks for the last digits, is done on X itself. Newton steps on the
/// support where columns are too parallel for descent to settle. Stops when the relative duality gap is at most tol or
/// after max_iter passes.
template <class Design>
class CoordinateDescent {
 public:
  using Scalar = typename Design::Scalar;

  CoordinateDescent(const LeastSquaresProblem<Design>& problem, Eigen::VectorXd lambda, Eigen::VectorXd mu)
      : problem_(problem),
        a_(problem.a()),
        b_(problem.b().col(0)),
        lambda_(std::move(lambda)),
        mu_(std::move(mu)),
        v_(Eigen::VectorXd::Zero(a_.cols())) {}

  /// Descends; returns the number of passes made.
  std::int64_t run(double tol, std::int64_t max_iter) {
    std::int64_t passes = run_on_working_set(tol, max_iter);
    while (!(gap(v_, 0.0) <= tol) && passes < max_iter) {
      r_ = seen_.r;
      const double moved_most = pass(false);
      ++passes;
      if (moved_most <= std::numeric_limits<double>::epsilon() * b_.norm()) break;  // the limit of double
      // Descend on the support until it moves little against the pass over all; the gap then tells. Where that takes
      // as many passes as a factorisation costs, factorise.
      const std::int64_t most = std::max<std::int64_t>(10, (v_.array() != 0).count() / 2);
      double moved = moved_most;
      for (std::int64_t k = 0; k < most && passes < max_iter && moved > 0.1 * moved_most; ++k, ++passes) {
        moved = pass(true);
      }
      if (moved > 0.1 * moved_most) newton();
    }
    return passes;
  }

  [[nodiscard]] const Eigen::VectorXd& v() const noexcept { return v_; }

  /// (P - D) / P(0) at v with an intercept that misses the best by `missed`.
  ///
  /// The dual point is c r~, the best feasible multiple of r~ = [b - A v; -sqrt(mu) v]. With g = A'(b - A v) - mu v the
  /// gap is  (1 - c)^2 ||r~||^2 / 2 + sum_j (lambda_j |v_j| - c v_j g_j),  a sum without cancellation.
  [[nodiscard]] double gap(const Eigen::VectorXd& v, double missed) {
    const auto& [seen, r, g] = see(v);
    const double square = r.squaredNorm() + v.dot(mu_.cwiseProduct(v));
    double largest = 0.0;
    for (Eigen::Index j = 0; j < g.size(); ++j) {
      if (g(j) != 0) largest = std::max(largest, std::abs(g(j)) / lambda_(j));
    }
    double c = square > 0 ? 1.0 + v.dot(g) / square : 1.0;
    if (largest > 0) c = std::clamp(c, -1.0 / largest, 1.0 / largest);
    double gap = 0.5 * (1.0 - c) * (1.0 - c) * square + 0.5 * static_cast<double>(a_.rows()) * missed * missed;
    for (Eigen::Index j = 0; j < v.size(); ++j) {
      const double term = lambda_(j) * std::abs(v(j)) - c * v(j) * g(j);
      if (v(j) != 0 && !(term <= 0)) gap += term;
    }
    return gap == 0 ? 0.0 : gap / objective_at_zero();
  }

  /// A bound on what rounding an optimal v and its intercept b to Scalar can make of the relative gap.
  ///
  /// With u = eps(Scalar), T = sum_j ||a~_j|| |v_j| and a~_j = [a_j; sqrt(mu_j) e_j], A~ v moves by at most u T, so
  /// that g_j moves by at most u T ||a~_j||, c falls short of one by at most e = u T max_j ||a~_j|| / lambda_j, and the
  /// gap is at most  e^2 ||r~||^2 / 2 + e sum_j lambda_j |v_j| + u T^2 + n (u b)^2 / 2.
  [[nodiscard]] double rounding_gap(const Eigen::VectorXd& v, double intercept) {
    constexpr double u = std::numeric_limits<Scalar>::epsilon();
    const Eigen::VectorXd norm = (square() + mu_).cwiseSqrt();
    const double t = norm.dot(v.cwiseAbs());
    const double e = u * t * norm.cwiseQuotient(lambda_).maxCoeff();
    const double square = see(v).r.squaredNorm() + v.dot(mu_.cwiseProduct(v));
    const double gap = 0.5 * e * e * square + e * penalty(v) + u * t * t +
                       0.5 * static_cast<double>(a_.rows()) * std::pow(u * intercept, 2);
    return std::min(gap / objective_at_zero(), 1.0);
  }

  /// sum_j lambda_j |v_j|, where a lambda_j that overflowed counts for v_j = 0.
  [[nodiscard]] double penalty(const Eigen::VectorXd& v) const {
    return (v.array() != 0).select(lambda_.cwiseProduct(v.cwiseAbs()), 0.0).sum();
  }

  /// P(0), or what rounding y to Scalar leaves of it if y is constant.
  [[nodiscard]] double objective_at_zero() const {
    const double rounding = std::numeric_limits<Scalar>::epsilon() * problem_.target_mean(0);
    return 0.5 * std::max(b_.squaredNorm(), static_cast<double>(a_.rows()) * rounding * rounding);
  }

  /// ||b - A v||^2.
  [[nodiscard]] double loss(const Eigen::VectorXd& v) { return see(v).r.squaredNorm(); }

 private:
  /// Where the problem was evaluated last.
  struct Seen {
    Eigen::VectorXd v;
    Eigen::VectorXd r;  ///< b - A v
    Eigen::VectorXd g;  ///< A'r - mu v
  };

  const Seen& see(const Eigen::VectorXd& v) {
    if (seen_.v.size() == v.size() && seen_.v == v) return seen_;
    auto [r, correlation] = a_.residual_and_correlation(b_, v);
    seen_ = {v, r, correlation - mu_.cwiseProduct(v)};
    return seen_;
  }

  /// ||a_j||^2.
  const Eigen::VectorXd& square() {
    if (square_.size() == 0) {
      square_ = a_.squared_norms();
    }
    return square_;
  }

  /// Returns the number of passes over the working set.
  std::int64_t run_on_working_set(double tol, std::int64_t max_iter) {
    // Its Gram matrix may be a quarter of X, or 32 MB.
    const auto size_of_x = static_cast<double>(a_.rows() * a_.cols());
    const double most_columns = std::max(2000.0, 0.5 * std::sqrt(size_of_x));
    WorkingSet<CentredColumns<Design>> set(a_, b_, lambda_, mu_);
    std::vector<bool> inside(static_cast<std::size_t>(a_.cols()));
    double share = 0.3;  // of the gap, that the working set may keep
    std::int64_t passes = 0;
    for (double gap = this->gap(v_, 0.0); !(gap <= tol) && passes < max_iter; gap = this->gap(v_, 0.0)) {
      const std::vector<Eigen::Index> fresh = violators(inside, std::max<Eigen::Index>(128, set.n_nonzero() / 2));
      if (fresh.empty()) {
        share *= 0.1;
        if (set.size() == 0 || share < 1e-6) return passes;
      } else {
        if (static_cast<double>(set.size()) + static_cast<double>(fresh.size()) > most_columns) return passes;
        set.add(fresh);
        for (const Eigen::Index j : fresh) inside[static_cast<std::size_t>(j)] = true;
      }
      // While columns are missing, more than a share of the gap is wasted, unless descent is cheap beside a pass over
      // X.
      const bool cheap = 100.0 * std::pow(static_cast<double>(set.size()), 2) <= size_of_x;
      const double enough = std::max(0.3 * tol, cheap ? 0.0 : share * gap) * objective_at_zero();
      passes += set.descend(enough, max_iter - passes);
      v_(set.columns()) = set.v();
    }
    return passes;
  }

  /// At most `most` of the columns outside whose slope exceeds lambda, those that exceed it most.
  [[nodiscard]] std::vector<Eigen::Index> violators(const std::vector<bool>& inside, Eigen::Index most) const {
    std::vector<Eigen::Index> result;
    for (Eigen::Index j = 0; j < a_.cols(); ++j) {
      if (!inside[static_cast<std::size_t>(j)] && std::abs(seen_.g(j)) > lambda_(j)) result.push_back(j);
    }
    if (static_cast<Eigen::Index>(result.size()) > most) {
      const auto violation = [&](Eigen::Index j) { return std::abs(seen_.g(j)) / lambda_(j); };
      std::nth_element(result.begin(), result.begin() + most, result.end(), [&](Eigen::Index i, Eigen::Index j) {
        return std::pair(violation(i), j) > std::pair(violation(j), i);  // ties: the first columns
      });
      result.resize(static_cast<std::size_t>(most));
    }
    return result;
  }

  /// One pass; returns the largest change of A v that a coordinate caused, in the 2-norm.
  double pass(bool support_only) {
    double largest = 0.0;
    for (Eigen::Index j = 0; j < a_.cols(); ++j) {
      if (square()(j) == 0 || (support_only && v_(j) == 0)) continue;
      const double old = v_(j);
      const double target = a_.dot(j, r_) + square_(j) * old;
      const double shrunk = std::max(std::abs(target) - lambda_(j), 0.0);
      v_(j) = shrunk > 0 ? std::copysign(shrunk, target) / (square_(j) + mu_(j)) : 0.0;
      if (v_(j) == old) continue;
      a_.add(j, old - v_(j), r_);
      largest = std::max(largest, std::abs(v_(j) - old) * std::sqrt(square_(j)));
    }
    return largest;
  }

  /// Newton's method on the support: to the minimiser with the signs as they are or, where a coefficient reaches zero
  /// before, to there and on without it. Never increases P.
  void newton() {
    std::vector<Eigen::Index> support;
    for (Eigen::Index j = 0; j < v_.size(); ++j) {
      if (v_(j) != 0) support.push_back(j);
    }
    if (static_cast<Eigen::Index>(support.size()) > a_.rows()) return;
    Eigen::MatrixXd unused;
    Eigen::MatrixXd hessian = a_.products(support, static_cast<Eigen::Index>(support.size()), r_, unused);
    hessian.diagonal() += mu_(support);
    hessian.triangularView<Eigen::StrictlyUpper>() = hessian.transpose().eval();
    Eigen::VectorXd slope(hessian.rows());
    for (Eigen::Index k = 0; k < slope.size(); ++k) {
      const Eigen::Index j = support[static_cast<std::size_t>(k)];
      slope(k) = a_.dot(j, r_) - mu_(j) * v_(j) - std::copysign(lambda_(j), v_(j));
    }
    std::vector<Eigen::Index> kept(support.size());  // positions in support
    std::iota(kept.begin(), kept.end(), Eigen::Index{0});
    for (int leaving = 0; leaving < 100 && !kept.empty(); ++leaving) {
      Eigen::MatrixXd kept_hessian = hessian(kept, kept);
      const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> llt(kept_hessian);
      if (llt.info() != Eigen::Success) return;
      const Eigen::VectorXd direction = llt.solve(slope(kept));
      const Eigen::VectorXd curved = hessian(Eigen::all, kept) * direction;
      // The exact minimiser along the direction, whatever digits the factorisation lost.
      double step = slope(kept).dot(direction) / direction.dot(curved(kept));
      if (!std::isfinite(step) || step <= 0) return;
      std::size_t first = kept.size();
      for (std::size_t k = 0; k < kept.size(); ++k) {
        const Eigen::Index j = support[static_cast<std::size_t>(kept[k])];
        const double to_zero = -v_(j) / direction(static_cast<Eigen::Index>(k));
        if (!(to_zero > 0 && to_zero <= step)) continue;
        step = to_zero;
        first = k;
      }
      for (std::size_t k = 0; k < kept.size(); ++k) {
        v_(support[static_cast<std::size_t>(kept[k])]) += step * direction(static_cast<Eigen::Index>(k));
      }
      if (first == kept.size()) return;
      slope -= step * curved;
      v_(support[static_cast<std::size_t>(kept[first])]) = 0;
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(first));
    }
  }

  const LeastSquaresProblem<Design>& problem_;
  const CentredColumns<Design>& a_;
  Eigen::VectorXd b_;
  Eigen::VectorXd lambda_;
  Eigen::VectorXd mu_;
  Eigen::VectorXd square_;  ///< empty until needed
  Eigen::VectorXd v_;
  Eigen::VectorXd r_;  ///< b - A v, kept up to date by passes on X
  Seen seen_;
};

/// Minimises 1/(2n) sum s_i (y_i - x_i w - b)^2 + l1 ||w||_1 + l2/2 ||w||^2. Memory: O(n + p) doubles.
/// If l1 is zero the problem is smooth and solved directly: ridge with n l2.
template <class Design>
[[nodiscard]] SolutionOf<Design> elastic_net(const LinearSamples<Design>& samples, double l1, double l2,
                                             bool fit_intercept, double tol, std::int64_t max_iter, Team& team) {
  const auto n = static_cast<double>(samples.x().rows());
  const double largest = std::numeric_limits<double>::max() / (2 * n);  // beyond which every coefficient is zero
  l1 = std::min(l1, largest);
  l2 = std::min(l2, largest);
  if (l1 == 0) {
    SolutionOf<Design> solution = ridge(samples, n * l2, fit_intercept, team);
    solution.report.objective /= 2 * n;
    return solution;
  }
  const Design columns(samples.x().matrix());  // a copy if they are not contiguous
  const LeastSquaresProblem<Design> problem(columns, samples, fit_intercept, team, std::sqrt(n * l2));
  const CentredColumns<Design>& a = problem.a();
  Eigen::VectorXd lambda(a.cols());
  Eigen::VectorXd mu(a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    lambda(j) = std::ldexp(n * l1, -a.exponent(j) - problem.target_exponent(0));
    mu(j) = std::pow(std::sqrt(n * l2) * a.factor(j), 2);
  }
  CoordinateDescent<Design> descent(problem, lambda, mu);
  const std::int64_t passes = descent.run(tol, max_iter);

  SolutionOf<Design> solution = problem.round(descent.v());
  const Eigen::VectorXd v = problem.scaled(solution);
  const double missed = problem.intercept_error(solution, v)(0);
  const double intercept = std::ldexp(static_cast<double>(solution.intercept(0)), -problem.target_exponent(0));
  FitReport& report = solution.report;
  report.solver = "coordinate descent";
  report.iterations = passes;
  const bool descended = descent.gap(descent.v(), 0.0) <= tol;
  report.duality_gap = descent.gap(v, missed);
  // Only what the solver has brought within tol may have been carried beyond it by rounding.
  const bool rounded_off = descended && !(*report.duality_gap <= tol);
  report.tolerance = rounded_off ? tol + descent.rounding_gap(v, intercept) : tol;
  report.converged = descended && *report.duality_gap <= report.tolerance;
  const double loss = descent.loss(v) + n * missed * missed;
  const double penalty = descent.penalty(v) + 0.5 * v.dot(mu.cwiseProduct(v));
  report.objective = std::ldexp((0.5 * loss + penalty) / n, 2 * problem.target_exponent(0));
  return solution;
}

}  // namespace aprender::solver
