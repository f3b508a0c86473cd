/// Logistic regression with an L1 penalty.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "aprender/solvers/logistic_gap.hpp"
#include "aprender/solvers/logistic_hessian.hpp"
#include "aprender/solvers/orthant_newton.hpp"
#include "aprender/solvers/quadratic_lasso.hpp"
#include "aprender/solvers/stopping.hpp"

namespace aprender::solver {

/// Proximal Newton (Lee, Sun, Saunders, 2014; Yuan, Ho, Lin, 2012) on a working set (Massias, Gramfort, Salmon, 2018):
/// each step takes the gradient and the duality gap in one pass over X, the columns of the support and those outside
/// that violate their optimality condition most, the Hessian in them, and minimises that model of F, with the penalty
/// as it is; of a large set by OrthantNewton. Stops when the relative duality gap is at most tol.
template <class Design>
class ProximalNewton {
 public:
  /// problem outlives this object.
  ProximalNewton(const LogisticProblem<Design>& problem, Eigen::MatrixXd theta)
      : problem_(problem), gap_(problem), theta_(std::move(theta)) {}

  /// Returns the number of steps taken.
  std::int64_t run(Stopping& stopping) {
    scores_ = problem_.scores(theta_);
    problem_.optimise_intercepts(theta_, scores_);
    Eigen::MatrixXd last;
    double last_gap = std::numeric_limits<double>::infinity();
    for (std::int64_t steps = 0;; ++steps) {
      gap_.evaluate(theta_, scores_);
      if (last_digits_ && !(gap_.relative() < 0.5 * last_gap)) {
        if (last_gap < gap_.relative()) {
          theta_ = last;
          scores_ = problem_.scores(theta_);
          gap_.evaluate(theta_, scores_);
        }
        return steps;
      }
      if (!stopping.proceed(steps, gap_.relative())) return steps;
      last = theta_;
      last_gap = gap_.relative();
      choose_columns();
      const auto unknowns = static_cast<Eigen::Index>(columns_.size() + 1) * problem_.outputs();
      if (!(unknowns <= most_unknowns ? advance() : advance_in_orthant())) return steps;
    }
  }

  [[nodiscard]] const Eigen::MatrixXd& theta() const noexcept { return theta_; }

  /// The relative duality gap where run() ended.
  [[nodiscard]] double certificate() const noexcept { return gap_.relative(); }

 private:
  /// How far the optimality condition at zero is violated, of the worst output: <= 1 is not.
  [[nodiscard]] double violation(Eigen::Index j) const {
    const double slope = gap_.gradient().row(j).cwiseAbs().maxCoeff();
    return slope == 0 ? 0.0 : slope / problem_.lambda()(j);
  }

  /// The support and the worst violators outside.
  void choose_columns() {
    std::vector<Eigen::Index> support, fresh;
    std::vector<bool> before(static_cast<std::size_t>(problem_.n_columns()));
    for (const Eigen::Index j : columns_) before[static_cast<std::size_t>(j)] = true;
    for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
      const double close = before[static_cast<std::size_t>(j)] ? 0.9 : 1.0;  // lest a column come and go
      if ((theta_.row(j).array() != 0).any()) {
        support.push_back(j);
      } else if (violation(j) > close) {
        fresh.push_back(j);
      }
    }
    const auto most = std::max<std::size_t>(static_cast<std::size_t>(128 / problem_.outputs() + 8), support.size());
    if (fresh.size() > most) {
      std::nth_element(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(most), fresh.end(),
                       [&](Eigen::Index i, Eigen::Index j) {
                         return std::pair(violation(i), j) > std::pair(violation(j), i);  // ties: the first columns
                       });
      fresh.resize(most);
    }
    columns_ = std::move(support);
    columns_.insert(columns_.end(), fresh.begin(), fresh.end());
    std::sort(columns_.begin(), columns_.end());
  }

  /// One step; false if F does not decrease any more.
  [[nodiscard]] bool advance() {
    const Eigen::Index m = problem_.outputs(), p = problem_.n_columns();
    const auto size = static_cast<Eigen::Index>(columns_.size());
    std::vector<Eigen::Index> rows = columns_;  // of theta
    if (problem_.fit_intercept()) rows.push_back(p);
    Eigen::MatrixXd gradient(static_cast<Eigen::Index>(rows.size()), m);
    gradient.topRows(size) =
        gap_.gradient()(columns_, Eigen::all) + problem_.ridge()(columns_).asDiagonal() * theta_(columns_, Eigen::all);
    Eigen::MatrixXd lambda = Eigen::MatrixXd::Zero(gradient.rows(), m);
    lambda.topRows(size) = problem_.lambda()(columns_).replicate(1, m);
    if (problem_.fit_intercept()) gradient.row(size) = gap_.slope().colwise().sum();

    const WeightedGram<Design> gram(problem_, columns_);
    Eigen::MatrixXd hessian = logistic_hessian(problem_, columns_, gram, gap_.probability());
    hessian.template triangularView<Eigen::StrictlyUpper>() = hessian.transpose().eval();
    const Eigen::MatrixXd start = theta_(rows, Eigen::all);
    QuadraticLasso<> model(std::move(hessian), gradient.reshaped(), lambda.reshaped(), start.reshaped());
    model.descend(1e-3, 20);
    const Eigen::MatrixXd direction = model.v().reshaped(start.rows(), m) - start;

    Eigen::MatrixXd step = Eigen::MatrixXd::Zero(theta_.rows(), m);
    step(rows, Eigen::all) = direction;
    return search(step, gradient.cwiseProduct(direction).sum());
  }

  [[nodiscard]] bool advance_in_orthant() {
    if (!orthant_) orthant_.emplace(problem_);
    const double objective = gap_.loss() + problem_.ridge_penalty(theta_) + problem_.lasso_penalty(theta_);
    const double fall = orthant_->advance(gap_, columns_, theta_, scores_);
    last_digits_ = !(fall > 8 * std::numeric_limits<double>::epsilon() * std::abs(objective));
    problem_.optimise_intercepts(theta_, scores_);
    return fall > 0;
  }

  /// Backtracks along `step` (Lee, Sun, Saunders, 2014, section 2.3); smooth: the slope of F without its L1 part. False
  /// if F does not decrease, or the scores do not change, any more.
  [[nodiscard]] bool search(const Eigen::MatrixXd& step, double smooth) {
    const Eigen::MatrixXd start = theta_, start_scores = scores_, moved = problem_.scores(step);
    const double objective = gap_.loss() + problem_.ridge_penalty(start) + problem_.lasso_penalty(start);
    const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::abs(objective);
    double slope = smooth;
    for (const Eigen::Index j : columns_) {
      for (Eigen::Index k = 0; k < start.cols(); ++k) {
        if (step(j, k) != 0)
          slope += problem_.lambda()(j) * (std::abs(start(j, k) + step(j, k)) - std::abs(start(j, k)));
      }
    }
    last_digits_ = !(slope < -rounding);
    if (!(slope < rounding)) return false;
    Eigen::MatrixXd unused_slope, unused_probability;
    double next = std::numeric_limits<double>::infinity(), length = 1.0;
    for (; length > 1e-12; length *= 0.5) {
      theta_ = length == 1.0 ? Eigen::MatrixXd(start + step) : Eigen::MatrixXd(start + length * step);
      scores_ = start_scores + length * moved;
      next = problem_.evaluate(scores_, unused_slope, unused_probability) + problem_.ridge_penalty(theta_) +
             problem_.lasso_penalty(theta_);
      if (next <= objective + 1e-4 * length * slope + rounding) break;
    }
    if (!(next <= objective + rounding)) {
      theta_ = start;
      scores_ = start_scores;
      return false;
    }
    problem_.optimise_intercepts(theta_, scores_);
    return length * moved.cwiseAbs().maxCoeff() >
           std::numeric_limits<double>::epsilon() * (1.0 + scores_.cwiseAbs().maxCoeff());
  }

  /// Of a Hessian that is formed: 50 MB.
  static constexpr Eigen::Index most_unknowns = 2500;

  const LogisticProblem<Design>& problem_;
  LogisticGap<Design> gap_;
  Eigen::MatrixXd theta_, scores_;
  std::optional<OrthantNewton<Design>> orthant_;
  bool last_digits_ = false;           ///< the last step was too short for F to tell whether it was good
  std::vector<Eigen::Index> columns_;  ///< of the working set, in order
};

/// Rounds a theta and certifies the rounded coefficients by their duality gap.
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> lasso_solution(const LogisticProblem<Design>& problem,
                                                                       const Eigen::MatrixXd& theta, bool descended,
                                                                       double tol) {
  LogisticSolution<typename Design::Scalar> solution;
  const Eigen::MatrixXd at = problem.rounded(theta, solution), scores = problem.scores(at);
  LogisticGap<Design> gap(problem);
  gap.evaluate(at, scores);
  FitReport& report = solution.report;
  report.objective = gap.loss() + problem.ridge_penalty(at) + problem.lasso_penalty(at);
  report.duality_gap = gap.relative();
  // Only what the solver has brought within tol may have been carried beyond it by rounding.
  const bool rounded_off = descended && !(*report.duality_gap <= tol);
  report.tolerance = rounded_off ? tol + gap.rounding_gap(at, scores) : tol;
  report.converged = descended && *report.duality_gap <= report.tolerance;
  return solution;
}

}  // namespace aprender::solver
