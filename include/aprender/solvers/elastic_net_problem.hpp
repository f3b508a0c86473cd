/// The objective of Lasso and ElasticNet in scaled variables, and the certificate of a solution.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <Eigen/QR>

#include "aprender/solvers/cholesky.hpp"
#include "aprender/solvers/condition.hpp"
#include "aprender/solvers/least_squares_problem.hpp"

namespace aprender::solver {

///     P(v) = 1/2 ||b - A v||^2 + sum_j lambda_j |v_j| + 1/2 sum_j mu_j v_j^2,  v >= 0 if positive,
/// the elastic net with lambda_j = n l1 2^(-e_j - e_y) and mu_j = n l2 4^(-e_j).
template <class Design>
class ElasticNetProblem {
 public:
  using Scalar = typename Design::Scalar;

  /// problem, which was asked for A'b, outlives this object.
  ElasticNetProblem(const LeastSquaresProblem<Design>& problem, const Penalty& penalty)
      : problem_(problem), lambda_(a().cols()), mu_(a().cols()) {
    set(penalty);
  }

  /// Changes the penalty's weights; `positive` stays.
  void set(const Penalty& penalty) {
    const auto n = static_cast<double>(a().rows());
    positive_ = penalty.positive;
    for (Eigen::Index j = 0; j < a().cols(); ++j) {
      lambda_(j) = std::ldexp(n * penalty.l1, -a().exponent(j) - problem_.target_exponent(0));
      mu_(j) = std::pow(std::sqrt(n * penalty.l2) * a().factor(j), 2);
    }
    find_lost();
  }

  [[nodiscard]] const LeastSquaresProblem<Design>& least_squares() const noexcept { return problem_; }
  [[nodiscard]] const CentredColumns<Design>& a() const noexcept { return problem_.a(); }
  [[nodiscard]] auto b() const { return problem_.b().col(0); }
  [[nodiscard]] const Eigen::VectorXd& lambda() const noexcept { return lambda_; }
  [[nodiscard]] const Eigen::VectorXd& mu() const noexcept { return mu_; }
  [[nodiscard]] bool positive() const noexcept { return positive_; }

  /// A point and what a pass over X says of it. The penalty does not enter.
  struct Point {
    Eigen::VectorXd v;
    Eigen::VectorXd correlation;           ///< A'r, r = b - A v
    double square = 0.0;                   ///< ||r||^2
    Eigen::VectorXd r = {};                ///< empty if it was not needed
    bool complete = true;                  ///< every correlation is known
    std::vector<Eigen::Index> known = {};  ///< else those of these columns, the others being bounds
  };

  [[nodiscard]] Point at_zero() const {
    return {Eigen::VectorXd::Zero(a().cols()), a().first_correlation(), b().squaredNorm(), b(), true};
  }

  [[nodiscard]] Point at(const Eigen::VectorXd& v) const {
    auto [r, correlation] = a().residual_and_correlation(b(), v);
    return {v, std::move(correlation), r.squaredNorm(), std::move(r), true};
  }

  /// The point v, where the correlation of a column is computed only if it may come near lambda_j. With the residuals
  /// r_k of `anchors`, points where all correlations are known, and r = sum_k c_k r_k + q, it is at most
  /// |sum_k c_k a_j'r_k| + ||a_j|| ||q||. Where v_j = 0 and that is at most 0.99 lambda_j, the entry is this bound.
  [[nodiscard]] Point near(const std::vector<Point>& anchors, const Eigen::VectorXd& v) const {
    Point point{v, Eigen::VectorXd(a().cols()), 0.0, a().residual(b(), v), false};
    point.square = point.r.squaredNorm();
    const auto count = static_cast<Eigen::Index>(anchors.size());
    Eigen::MatrixXd residuals(a().rows(), count);
    for (Eigen::Index k = 0; k < count; ++k) residuals.col(k) = anchors[static_cast<std::size_t>(k)].r;
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr;
    qr.setThreshold(1e-6);  // of nearly dependent ones c would magnify the rounding of what is known
    const Eigen::VectorXd c = qr.compute(residuals).solve(point.r);
    const double distance = (point.r - residuals * c).norm();
    Eigen::VectorXd& correlation = point.correlation;
    correlation.setZero();
    for (Eigen::Index k = 0; k < count; ++k) correlation += c(k) * anchors[static_cast<std::size_t>(k)].correlation;
    correlation = correlation.cwiseAbs() + distance * a().norm_bound();
    for (Eigen::Index j = 0; j < a().cols(); ++j) {
      if (v(j) != 0 || !(correlation(j) <= 0.99 * lambda_(j))) point.known.push_back(j);
    }
    // Short columns are not much faster to pick than to go through, after which more is known of the next points.
    const Eigen::Index part = a().cols() > a().rows() ? 6 : 2;
    point.complete = part * static_cast<Eigen::Index>(point.known.size()) >= a().cols();
    if (point.complete) {
      correlation = a().correlation(point.r);
    } else {
      correlation(point.known) = a().correlation(point.r, point.known);
    }
    return point;
  }

  /// Computes the correlations of a point that are only known to be at most so much, where that is more than `share` of
  /// lambda_j.
  void refine(Point& point, double share) const {
    if (point.complete) return;
    std::vector<bool> known(static_cast<std::size_t>(a().cols()));
    for (const Eigen::Index j : point.known) known[static_cast<std::size_t>(j)] = true;
    std::vector<Eigen::Index> bounds = a().all();
    std::erase_if(bounds, [&](Eigen::Index j) {
      return known[static_cast<std::size_t>(j)] || point.correlation(j) <= share * lambda_(j);
    });
    if (bounds.empty()) return;
    point.correlation(bounds) = a().correlation(point.r, bounds);
    point.known.insert(point.known.end(), bounds.begin(), bounds.end());
  }

  /// |g_j|, or its positive part where v_j may not be negative: what must not exceed lambda_j where v_j = 0.
  [[nodiscard]] double excess(double g) const noexcept { return positive_ ? std::max(g, 0.0) : std::abs(g); }

  /// sum_j lambda_j |v_j|, where a lambda_j that overflowed counts for v_j = 0.
  [[nodiscard]] double l1_part(const Eigen::VectorXd& v) const {
    return (v.array() != 0).select(lambda_.cwiseProduct(v.cwiseAbs()), 0.0).sum();
  }

  /// (P - D) / P(0) at a point with an intercept that misses the best by `missed`.
  ///
  /// The dual point is c theta, the best feasible multiple of theta = r~ - Q r~, where r~ = [b - A v; -sqrt(mu) v] and
  /// Q projects onto the columns a~_j = [a_j; sqrt(mu_j) e_j] whose lambda_j is lost in the rounding of slopes: their
  /// a~_j'theta is zero by definition, where no computed slope could be shown to be at most lambda_j. There are none
  /// unless units are far apart or the penalty is next to nothing. With g_j = a~_j'theta the gap is
  /// at most  (1 - c)^2 ||r~||^2 / 2 + ||Q r~||^2 / 2 + sum_j (lambda_j |v_j| - c v_j g_j),  a sum without
  /// cancellation.
  [[nodiscard]] double gap(const Point& at, double missed = 0.0) const {
    Eigen::VectorXd g = at.correlation - mu_.cwiseProduct(at.v);
    const double square = at.square + at.v.dot(mu_.cwiseProduct(at.v));
    const double removed = project(at.v, g);  // ||Q r~||
    double above = 0.0, below = 0.0;          // the largest g_j / lambda_j and -g_j / lambda_j
    for (Eigen::Index j = 0; j < g.size(); ++j) {
      if (g(j) > 0) above = std::max(above, g(j) / lambda_(j));
      if (g(j) < 0) below = std::max(below, -g(j) / lambda_(j));
    }
    if (!positive_) above = below = std::max(above, below);
    double c = square > 0 ? 1.0 + at.v.dot(g) / square : 1.0;
    if (above > 0) c = std::min(c, 1.0 / above);
    if (below > 0) c = std::max(c, -1.0 / below);
    double gap = 0.5 * ((1.0 - c) * (1.0 - c) * square + removed * removed) +
                 0.5 * static_cast<double>(a().rows()) * missed * missed;
    for (Eigen::Index j = 0; j < g.size(); ++j) {
      const double term = lambda_(j) * std::abs(at.v(j)) - c * at.v(j) * g(j);
      if (at.v(j) != 0 && !(term <= 0)) gap += term;
    }
    return gap == 0 ? 0.0 : gap / objective_at_zero();
  }

  /// A bound on what rounding an optimal v and its intercept b to Scalar can make of the relative gap.
  ///
  /// With u = eps(Scalar), T = sum_j ||a~_j|| |v_j| and a~_j = [a_j; sqrt(mu_j) e_j], A~ v moves by at most u T, so
  /// that g_j moves by at most u T ||a~_j||, c falls short of one by at most e = u T max_j ||a~_j|| / lambda_j, and the
  /// gap is at most  e^2 ||r~||^2 / 2 + e sum_j lambda_j |v_j| + u T^2 + n (u b)^2 / 2.
  /// Where some lambda_j are lost they do not count for e, the others doubly, and (u T)^2 / 2 is added.
  [[nodiscard]] double rounding_gap(const Point& at, double intercept) const {
    constexpr double u = std::numeric_limits<Scalar>::epsilon();
    Eigen::VectorXd norm = (a().squared_norms() + mu_).cwiseSqrt();
    const double t = norm.dot(at.v.cwiseAbs());
    norm(lost_).setZero();
    double largest = 0.0;
    for (Eigen::Index j = 0; j < norm.size(); ++j) {
      if (norm(j) > 0) largest = std::max(largest, norm(j) / lambda_(j));
    }
    const double e = (lost_.empty() ? 1 : 2) * u * t * largest;
    const double square = at.square + at.v.dot(mu_.cwiseProduct(at.v));
    const double gap = 0.5 * e * e * square + e * l1_part(at.v) + u * t * t +
                       (lost_.empty() ? 0.0 : 0.5 * u * u * t * t) +
                       0.5 * static_cast<double>(a().rows()) * std::pow(u * intercept, 2);
    return std::min(gap / objective_at_zero(), 1.0);
  }

  /// P(0), or what rounding y to Scalar leaves of it if y is constant.
  [[nodiscard]] double objective_at_zero() const {
    const double rounding = std::numeric_limits<Scalar>::epsilon() * problem_.target_mean(0);
    return 0.5 * std::max(b().squaredNorm(), static_cast<double>(a().rows()) * rounding * rounding);
  }

  /// The coefficients at a point rounded once to Scalar, certified at exactly those, which evaluate(v) turns into a
  /// point.
  template <class Evaluate>
  [[nodiscard]] SolutionOf<Design> solution(const Point& at, double tol, const Evaluate& evaluate) const {
    SolutionOf<Design> solution = problem_.round(at.v);
    const Eigen::VectorXd v = problem_.scaled(solution);
    const Point rounded = v == at.v ? at : evaluate(v);
    const double missed = problem_.intercept_error(solution, v)(0);
    const double intercept = std::ldexp(static_cast<double>(solution.intercept(0)), -problem_.target_exponent(0));
    const auto n = static_cast<double>(a().rows());
    FitReport& report = solution.report;
    report.solver = "coordinate descent";
    const bool descended = gap(at) <= tol;
    report.duality_gap = gap(rounded, missed);
    // Only what the solver has brought within tol may have been carried beyond it by rounding.
    const bool rounded_off = descended && !(*report.duality_gap <= tol);
    report.tolerance = rounded_off ? tol + rounding_gap(rounded, intercept) : tol;
    report.converged = descended && *report.duality_gap <= report.tolerance;
    const double loss = rounded.square + n * missed * missed;
    report.objective =
        std::ldexp((0.5 * loss + l1_part(v) + 0.5 * v.dot(mu_.cwiseProduct(v))) / n, 2 * problem_.target_exponent(0));
    return solution;
  }

 private:
  /// Finds the columns with lambda_j <= 1e-10 ||a~_j|| ||b||. ||a_j|| is known to be at most 2 sqrt(n).
  void find_lost() {
    lost_.clear();
    const double size = 1e-10 * b().norm(), most = 4 * static_cast<double>(a().rows());
    const auto may_be_lost = [&](Eigen::Index j) { return lambda_(j) * lambda_(j) <= size * size * (most + mu_(j)); };
    if (std::none_of(a().all().begin(), a().all().end(), may_be_lost)) return;
    norm_ = (a().squared_norms() + mu_).cwiseSqrt();
    for (const Eigen::Index j : a().all()) {
      if (norm_(j) > 0 && lambda_(j) <= size * norm_(j)) lost_.push_back(j);
    }
  }

  /// Turns g_j = a~_j'r~ into a~_j'(r~ - Q r~), in one pass over X, and returns ||Q r~||; leaves all as it is if no
  /// lambda_j is lost, or so many are, or so nearly dependent, that Q is not to be had. Where v_j may not be negative
  /// only columns that push upwards are in the way.
  [[nodiscard]] double project(const Eigen::VectorXd& v, Eigen::VectorXd& g) const {
    std::vector<Eigen::Index> lost = lost_;
    if (positive_) std::erase_if(lost, [&](Eigen::Index j) { return v(j) == 0 && g(j) <= 0; });
    const auto count = static_cast<Eigen::Index>(lost.size());
    if (count == 0 || count > most_lost) return 0.0;
    Eigen::MatrixXd unused;
    Eigen::MatrixXd gram = a().products(lost, count, b(), unused);
    gram.diagonal() += mu_(lost);
    const Eigen::VectorXd inverse_norm = norm_(lost).cwiseInverse(), slope = inverse_norm.cwiseProduct(g(lost));
    gram = inverse_norm.asDiagonal() * gram * inverse_norm.asDiagonal();
    const Cholesky<> cholesky(std::move(gram));
    if (!cholesky.succeeded() || !(triangular_condition<Eigen::Lower>(cholesky.factor()) <= 1e5)) return 0.0;
    const Eigen::VectorXd solved = cholesky.solve(slope);
    Eigen::VectorXd step = Eigen::VectorXd::Zero(g.size());  // Q r~ = A~ step
    step(lost) = inverse_norm.cwiseProduct(solved);
    g += a().residual_and_correlation(Eigen::VectorXd::Zero(a().rows()), step).second;
    g(lost).setZero();
    return std::sqrt(slope.dot(solved));
  }

  const LeastSquaresProblem<Design>& problem_;
  Eigen::VectorXd lambda_;
  Eigen::VectorXd mu_;
  Eigen::VectorXd norm_;            ///< ||a~_j||, where some lambda_j is lost
  std::vector<Eigen::Index> lost_;  ///< the columns whose lambda_j is
  static constexpr Eigen::Index most_lost = 256;
  bool positive_ = false;
};

}  // namespace aprender::solver
