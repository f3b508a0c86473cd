/// L1-regularised least squares on the few columns that matter.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/elastic_net_problem.hpp"
#include "aprender/solvers/quadratic_descent.hpp"

namespace aprender::solver {

/// The problem on a growing list W of columns, whose Gram matrix is kept, so that descending costs no pass over X.
/// Unless W has all columns, that matrix may be reduced to single precision: then the slopes are as exact as the last
/// correct() has made them, and less so the further v has moved since.
template <class Design>
class WorkingSet {
 public:
  /// problem outlives this object. W has at most `most` columns.
  WorkingSet(const ElasticNetProblem<Design>& problem, Eigen::Index most)
      : problem_(problem),
        constant_(problem.b().squaredNorm()),
        inside_(static_cast<std::size_t>(problem.a().cols())),
        quadratic_(problem.positive(), most) {}

  [[nodiscard]] Eigen::Index size() const noexcept { return quadratic_.size(); }
  [[nodiscard]] bool contains(Eigen::Index j) const { return inside_[static_cast<std::size_t>(j)]; }
  [[nodiscard]] Eigen::Index n_nonzero() const { return (quadratic_.v().array() != 0).count(); }

  /// Extends W by columns that are not in it: one pass over the columns of W.
  void add(const std::vector<Eigen::Index>& fresh, Precision precision) {
    std::vector<Eigen::Index> list = fresh;
    list.insert(list.end(), columns_.begin(), columns_.end());
    Eigen::MatrixXd correlation;
    const Eigen::MatrixXd products =
        problem_.a().products(list, static_cast<Eigen::Index>(fresh.size()), problem_.b(), correlation, precision);
    quadratic_.extend(products, correlation.col(0));
    columns_.insert(columns_.end(), fresh.begin(), fresh.end());
    for (const Eigen::Index j : fresh) inside_[static_cast<std::size_t>(j)] = true;
  }

  /// Drops the columns whose coefficients are zero.
  void prune() {
    std::vector<Eigen::Index> kept, columns;
    for (Eigen::Index k = 0; k < size(); ++k) {
      const Eigen::Index j = columns_[static_cast<std::size_t>(k)];
      inside_[static_cast<std::size_t>(j)] = quadratic_.v()(k) != 0;
      if (quadratic_.v()(k) == 0) continue;
      kept.push_back(k);
      columns.push_back(j);
    }
    quadratic_.keep(kept);
    columns_ = std::move(columns);
  }

  /// Starts from the entries of v, which is zero outside W.
  void start_from(const Eigen::VectorXd& v) { quadratic_.set_v(v(columns_)); }

  /// Takes slopes and residual from a point that a pass over X has computed, where W stands.
  void correct(const typename ElasticNetProblem<Design>::Point& at) {
    const Eigen::VectorXd model = quadratic_.residual(quadratic_.v());
    std::vector<bool> computed(inside_.size(), at.complete);
    for (const Eigen::Index j : at.known) computed[static_cast<std::size_t>(j)] = true;
    Eigen::VectorXd change = Eigen::VectorXd::Zero(size());
    for (Eigen::Index k = 0; k < size(); ++k) {
      const Eigen::Index j = columns_[static_cast<std::size_t>(k)];
      if (computed[static_cast<std::size_t>(j)]) change(k) = at.correlation(j) - model(k);
    }
    quadratic_.add_to_c(change);
    constant_ = at.square + quadratic_.v().dot(quadratic_.c() + model + change);
  }

  /// The point v, which is zero outside W, if W has all columns: without a pass over X, and without r.
  [[nodiscard]] typename ElasticNetProblem<Design>::Point at(const Eigen::VectorXd& v) const {
    return point(v, quadratic_.residual(v(columns_)));
  }

  /// The same where descend() ended.
  [[nodiscard]] typename ElasticNetProblem<Design>::Point reached() const {
    return point(v(), quadratic_.slope() + problem_.mu()(columns_).cwiseProduct(quadratic_.v()));
  }

  /// v with zeros outside W.
  [[nodiscard]] Eigen::VectorXd v() const {
    Eigen::VectorXd v = Eigen::VectorXd::Zero(problem_.a().cols());
    v(columns_) = quadratic_.v();
    return v;
  }

  /// Cycles until the duality gap, were there no other columns, is at most `enough`, or after `most_passes` passes.
  /// Returns the number of passes.
  std::int64_t descend(double enough, std::int64_t most_passes) {
    quadratic_.set_penalty(problem_.lambda()(columns_), problem_.mu()(columns_));
    quadratic_.refresh();
    std::int64_t passes = 0;
    for (int round = 1; passes < most_passes; ++round) {
      ++passes;
      const double moved_most = quadratic_.pass(false);
      if (gap() <= enough || moved_most <= std::numeric_limits<double>::epsilon() * problem_.b().norm()) break;
      double moved = moved_most, rate = 1.0;
      for (int k = 0; k < 8 && moved > 0.01 * moved_most && passes < most_passes; ++k, ++passes) {
        rate = 1 / moved;
        moved = quadratic_.pass(true);
        rate *= moved;
      }
      const double left = gap();
      if (left <= enough || cycling_pays(left / enough, rate)) continue;
      // With more columns than rows the support is often singular at first, and cycling soon makes it regular, unless
      // the solution nearly interpolates.
      const bool stalls = round > 8;
      quadratic_.newton(stalls || n_nonzero() <= 64 ? 64 : 4, stalls);
    }
    return passes;
  }

 private:
  /// v, whose correlation with the residual is known in W.
  [[nodiscard]] typename ElasticNetProblem<Design>::Point point(Eigen::VectorXd v,
                                                                const Eigen::VectorXd& inside) const {
    Eigen::VectorXd correlation(v.size());
    correlation(columns_) = inside;
    const Eigen::VectorXd at = v(columns_);
    const double square = constant_ - at.dot(quadratic_.c()) - at.dot(inside);
    return {std::move(v), std::move(correlation), std::max(0.0, square), {}, true};
  }

  /// Whether passes that shrink steps by `rate` each will divide the gap, which goes with their square, sooner than a
  /// Newton step on the support. A multiply-add of a pass over Gram columns takes about four times that of a
  /// factorisation, of which there are a sixth of the support's cube.
  [[nodiscard]] bool cycling_pays(double by, double rate) const {
    if (!(rate < 1)) return false;
    const double passes = 0.5 * std::log(by) / -std::log(rate), support = static_cast<double>(n_nonzero());
    return passes * 24 * static_cast<double>(size()) < support * support;
  }

  /// The duality gap of the problem on W, as ElasticNetProblem::gap but absolute.
  [[nodiscard]] double gap() const {
    const auto v = quadratic_.v();
    const auto slope = quadratic_.slope();
    const auto lambda = quadratic_.lambda();
    const double square = std::max(0.0, constant_ - v.dot(quadratic_.c()) - v.dot(slope));
    double largest = 0.0;
    for (Eigen::Index k = 0; k < size(); ++k) largest = std::max(largest, problem_.excess(slope(k)) / lambda(k));
    const double c = largest > 1 ? 1 / largest : 1.0;
    double gap = 0.5 * (1 - c) * (1 - c) * square;
    for (Eigen::Index k = 0; k < size(); ++k) {
      if (v(k) != 0) gap += std::max(0.0, lambda(k) * std::abs(v(k)) - c * v(k) * slope(k));
    }
    return gap;
  }

  const ElasticNetProblem<Design>& problem_;
  double constant_;                    ///< ||b - A v||^2 = constant - 2 c'v + v'G v: ||b||^2, as corrected
  std::vector<bool> inside_;           ///< of all columns
  std::vector<Eigen::Index> columns_;  ///< W
  QuadraticDescent<> quadratic_;
};

}  // namespace aprender::solver
