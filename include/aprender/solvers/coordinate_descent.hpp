/// L1-regularised least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "aprender/solvers/elastic_net_problem.hpp"
#include "aprender/solvers/residual_descent.hpp"
#include "aprender/solvers/ridge.hpp"
#include "aprender/solvers/stopping.hpp"
#include "aprender/solvers/working_set.hpp"

namespace aprender::solver {

/// Cyclic coordinate descent on a working set of the columns that violate their optimality condition most, which grows
/// until none does (Friedman, Hastie, Tibshirani, 2010; Massias, Gramfort, Salmon, 2018). On X itself it goes on where
/// the set would take most of a tall X, and where the set grew too large or tol asks for the last digits. Stops when
/// the relative duality gap is at most tol or after max_iter passes.
///
/// A pass over X visits only columns that may violate their condition, as far as the last full passes can tell (the
/// sphere test of Fercoq, Gramfort, Salmon, 2015, around the nearest combination of their residuals): the certificate
/// holds for all.
template <class Design>
class CoordinateDescent {
 public:
  using Point = typename ElasticNetProblem<Design>::Point;

  /// problem outlives this object, which starts where it is told or at zero.
  explicit CoordinateDescent(const ElasticNetProblem<Design>& problem)
      : problem_(problem),
        anchors_{problem.at_zero()},
        at_(anchors_.front()),
        set_(problem, static_cast<Eigen::Index>(most_columns())),
        on_x_(problem) {}

  /// Of coefficients that may not be negative, those that are begin at zero.
  void start_from(Eigen::VectorXd v) {
    if (problem_.positive()) v = v.cwiseMax(0.0);
    take(v);
    if (set_.size() > 0) at_ = on_gram_ ? set_.at(v) : near(v);
  }

  /// Takes all columns into the working set, after which passes over X are needed for nothing but the last digits:
  /// p^2 n operations at once.
  void take_all_columns() {
    set_.add(problem_.a().all(), Precision::full);
    on_gram_ = true;
  }

  /// Where the descent is.
  [[nodiscard]] const Eigen::VectorXd& v() const noexcept { return at_.v; }

  /// Descends to the solution for the problem's penalty of the moment, from where it is; returns the number of passes
  /// over coefficients made. Columns whose slope is above `screen` times lambda enter at once: one, or less where the
  /// penalty has just become smaller (the sequential strong rule of Tibshirani et al., 2012). If `guess` is given,
  /// which is zero where v is, the working set is first solved from there.
  std::int64_t run(Stopping& stopping, double screen = 1.0, const Eigen::VectorXd& guess = {}) {
    double share = 0.3;  // of the gap, that the working set may keep
    std::int64_t passes = 0;
    bool descended = false, tried_x = false;
    for (double gap = problem_.gap(at_); stopping.proceed(passes, gap); gap = problem_.gap(at_)) {
      const Eigen::Index most_fresh = std::max<Eigen::Index>(128, set_.n_nonzero() / 2);
      const auto grown = static_cast<double>(set_.size() + most_fresh);
      if (!on_gram_ && grown > std::min(most_columns(), 640.0 + 3.5 * static_cast<double>(set_.n_nonzero()))) {
        set_.prune();
      }
      if (descended && !tried_x && pays_on_x()) {
        tried_x = true;
        passes += descend_on_x(stopping, passes, false);
        continue;
      }
      if (strayed_) {
        if (static_cast<double>(n_nonzero()) > most_columns()) {
          return passes + descend_on_x(stopping, passes, true);
        }
        take(at_.v);
      }
      if (!descended && screen < 1) problem_.refine(at_, screen);
      const std::vector<Eigen::Index> fresh = violators(descended ? 1.0 : screen, most_fresh);
      if (fresh.empty() && descended) share *= 0.1;
      if (share < 1e-6 || static_cast<double>(set_.size()) + static_cast<double>(fresh.size()) > most_columns()) {
        return passes + descend_on_x(stopping, passes, true);
      }
      if (!fresh.empty()) set_.add(fresh, precision());
      if (set_.size() == 0) return passes;
      if (!on_gram_) set_.correct(at_);
      if (!descended && guess.size() > 0) set_.start_from(guess);
      // While columns are missing, more than a share of the gap is wasted, unless descent is cheap beside a pass over
      // X.
      const bool cheap = 100.0 * std::pow(static_cast<double>(set_.size()), 2) <= size_of_x();
      const double enough =
          std::max(0.3 * stopping.tol(), cheap || on_gram_ ? 0.0 : share * gap) * problem_.objective_at_zero();
      passes += set_.descend(enough, stopping.max_iter() - passes);
      at_ = on_gram_ ? set_.reached() : near(set_.v());
      descended = true;
    }
    return passes;
  }

  /// Columns that the working set may have: its Gram matrix may have 32 MB or, if that is more, a quarter of X in
  /// double.
  [[nodiscard]] double most_columns() const { return std::max(2000.0, 0.5 * std::sqrt(size_of_x())); }

  /// Where the descent is, rounded to the scalar of X and certified.
  [[nodiscard]] SolutionOf<Design> solution(double tol) const {
    return problem_.solution(at_, tol, [this](const Eigen::VectorXd& v) {
      return on_gram_ && at_.r.size() == 0 ? set_.at(v) : problem_.at(v);
    });
  }

 private:
  [[nodiscard]] Eigen::Index n_nonzero() const { return (at_.v.array() != 0).count(); }

  /// Has the working set start from v, which is zero outside it once the columns that it lacks are added.
  void take(const Eigen::VectorXd& v) {
    std::vector<Eigen::Index> fresh = nonzero_rows(v);
    std::erase_if(fresh, [this](Eigen::Index j) { return set_.contains(j); });
    if (!fresh.empty()) set_.add(fresh, precision());
    if (set_.size() > 0) set_.start_from(v);
    strayed_ = false;
  }

  /// Of the working set's Gram matrix. Of few rows it costs less than the passes over X that correct it.
  [[nodiscard]] Precision precision() const {
    return problem_.a().rows() >= 2048 ? Precision::reduced : Precision::full;
  }

  [[nodiscard]] double size_of_x() const {
    return static_cast<double>(problem_.a().rows()) * static_cast<double>(problem_.a().cols());
  }

  /// The point v, in a pass over as much of X as is needed.
  [[nodiscard]] Point near(const Eigen::VectorXd& v) {
    Point point = problem_.near(anchors_, v);
    if (point.complete) remember(point);
    return point;
  }

  void remember(const Point& point) {
    if (anchors_.size() == most_anchors) anchors_.erase(anchors_.begin());
    anchors_.push_back(point);
  }

  /// At most `most` of the columns outside the working set whose slope exceeds `screen` times lambda, those that exceed
  /// it most.
  [[nodiscard]] std::vector<Eigen::Index> violators(double screen, Eigen::Index most) const {
    const auto violation = [&](Eigen::Index j) {
      return problem_.excess(at_.correlation(j) - problem_.mu()(j) * at_.v(j)) / problem_.lambda()(j);
    };
    std::vector<Eigen::Index> result;
    for (Eigen::Index j = 0; j < problem_.a().cols(); ++j) {
      if (!set_.contains(j) && violation(j) > screen) result.push_back(j);
    }
    if (static_cast<Eigen::Index>(result.size()) > most) {
      std::nth_element(result.begin(), result.begin() + most, result.end(), [&](Eigen::Index i, Eigen::Index j) {
        return std::pair(violation(i), j) > std::pair(violation(j), i);  // ties: the first columns
      });
      result.resize(static_cast<std::size_t>(most));
    }
    return result;
  }

  /// Whether to go on on X itself: it is tall, so that its columns may be nearly orthogonal and few passes be enough,
  /// and so many columns outside the working set push that their Gram matrix would cost more than those.
  [[nodiscard]] bool pays_on_x() const {
    if (is_sparse<Design> || on_gram_ || problem_.a().rows() < 4 * problem_.a().cols()) return false;
    return violators(1.0, problem_.a().cols()).size() >= 256;
  }

  /// Descends on X itself; returns the number of passes made beyond `passes`. If not `patient`, ends as soon as a Gram
  /// matrix of the support promises to cost less than what is left.
  std::int64_t descend_on_x(Stopping& stopping, std::int64_t passes, bool patient) {
    if (at_.r.size() == 0) at_ = problem_.at(at_.v);
    strayed_ = true;
    const std::int64_t before = passes;
    const double smallest = std::numeric_limits<double>::epsilon() * problem_.b().norm();
    for (bool ended = false; !ended && stopping.proceed(passes, problem_.gap(at_));) {
      typename ResidualDescent<Design>::Pass last;
      const std::int64_t most = passes + std::max<std::int64_t>(10, n_nonzero() / 2);
      for (bool first = true; passes < std::min(most, stopping.max_iter()); first = false) {
        const auto pass = on_x_.pass(at_, first || last.violated > 1.0 / 3);
        ++passes;
        const double rate = first ? 1.0 : pass.violated / last.violated;
        // The gap is about the sum of lambda_j |v_j| times the largest violation.
        const double left = pass.violated * rate * problem_.l1_part(at_.v) / problem_.objective_at_zero();
        last = pass;
        ended = pass.moved <= smallest || (!patient && passes - before > 1 && !passes_pay(left / stopping.tol(), rate));
        if (ended || left <= 0.3 * stopping.tol()) break;
      }
      at_ = near(at_.v);
    }
    return passes - before;
  }

  /// Whether passes that shrink violations by `rate` each will divide the gap sooner than a Gram matrix could be had. A
  /// multiply-add of the latter takes a 25th of that of a pass.
  [[nodiscard]] bool passes_pay(double by, double rate) const {
    return rate < 1 && std::log(by) / -std::log(rate) * 50 < static_cast<double>(n_nonzero());
  }

  const ElasticNetProblem<Design>& problem_;
  static constexpr std::size_t most_anchors = 3;
  std::vector<Point> anchors_;  ///< the last points where all correlations were known
  Point at_;                    ///< where the descent is
  WorkingSet<Design> set_;
  bool on_gram_ = false;  ///< the working set has all columns and evaluates
  ResidualDescent<Design> on_x_;
  bool strayed_ = false;  ///< it has moved on without the working set
};

/// X as coordinate descent takes it: a dense one whose columns are not contiguous is copied.
template <class Design>
struct Columns {
  explicit Columns(const Design& given) : owned(given.matrix()), x(owned) {}
  Design owned;
  const Design& x;
};
template <class Design>
requires is_sparse<Design>
struct Columns<Design> {
  explicit Columns(const Design& given) : x(given) {}
  const Design& x;
};

/// Penalties beyond which every coefficient is zero count as that, so that n times them is finite.
[[nodiscard]] inline Penalty bounded(Penalty penalty, Eigen::Index n_samples) {
  const double largest = std::numeric_limits<double>::max() / (2 * static_cast<double>(n_samples));
  penalty.l1 = std::min(penalty.l1, largest);
  penalty.l2 = std::min(penalty.l2, largest);
  return penalty;
}

/// Minimises 1/(2n) sum s_i (y_i - x_i w - b)^2 + l1 ||w||_1 + l2/2 ||w||^2. Memory: O(n + p) doubles and the Gram
/// matrix of the working set. If l1 is zero the problem is smooth and solved directly: ridge with n l2.
template <class Design>
[[nodiscard]] SolutionOf<Design> elastic_net(const LinearSamples<Design>& samples, Penalty penalty, bool fit_intercept,
                                             Stopping& stopping, const Eigen::MatrixXd& initial, Team& team) {
  const auto n = static_cast<double>(samples.x().rows());
  penalty = bounded(penalty, samples.x().rows());
  if (penalty.l1 == 0) {
    Telling& telling = stopping.telling();
    SolutionOf<Design> solution = told(ridge(samples, n * penalty.l2, fit_intercept, team, telling), telling);
    solution.report.objective /= 2 * n;
    return solution;
  }
  const Columns<Design> columns(samples.x());
  const LeastSquaresProblem<Design> problem(columns.x, samples, centring_for(fit_intercept), team,
                                            std::sqrt(n * penalty.l2), true);
  const ElasticNetProblem<Design> penalised(problem, penalty);
  CoordinateDescent<Design> descent(penalised);
  if (initial.size() > 0) descent.start_from(problem.scaled(initial).col(0));
  const std::int64_t passes = descent.run(stopping);
  SolutionOf<Design> solution = descent.solution(stopping.tol());
  solution.report.iterations = passes;
  solution.report.stopped = stopping.stopped();
  return solution;
}

}  // namespace aprender::solver
