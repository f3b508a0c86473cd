/// Regularisation paths of L1-regularised least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "aprender/solvers/coordinate_descent.hpp"

namespace aprender::solver {

/// Where a path goes on to, as far as two solutions tell: w changes linearly with l1 while the same coefficients are
/// not zero and l2 stays in proportion or is zero. `ahead` is the step to come over the last one; signs stay.
[[nodiscard]] inline Eigen::VectorXd extrapolated(const Eigen::VectorXd& before, const Eigen::VectorXd& last,
                                                  double ahead) {
  const Eigen::VectorXd v = last + std::min(ahead, 1.0) * (last - before);
  return (v.array() * last.array() > 0).select(v, 0.0);
}

/// The elastic net for penalties with l1 > 0, the strongest first, each from the solution of the one before on one
/// working set; with at least as many samples as features on the Gram matrix of all columns, where that is not larger
/// than a working set may become. Ends early, after the fit in which the caller asked to stop. Memory: that of one fit,
/// or p^2 doubles, and p for each penalty.
///
/// On the Gram matrix, certificates are exact to about 1e-13; tolerances below 1e-11 are met on X.
template <class Design>
[[nodiscard]] std::vector<SolutionOf<Design>> elastic_net_path(const LinearSamples<Design>& samples,
                                                               const std::vector<Penalty>& penalties,
                                                               bool fit_intercept, Stopping& stopping,
                                                               const Eigen::MatrixXd& initial, Team& team) {
  const Columns<Design> columns(samples.x());
  const Eigen::Index n = samples.x().rows(), p = samples.x().cols();
  double l2 = 0.0;
  for (const Penalty& penalty : penalties) l2 = std::max(l2, bounded(penalty, n).l2);
  const LeastSquaresProblem<Design> problem(columns.x, samples, centring_for(fit_intercept), team,
                                            std::sqrt(static_cast<double>(n) * l2), true);
  ElasticNetProblem<Design> penalised(problem, bounded(penalties.front(), n));
  CoordinateDescent<Design> descent(penalised);
  const bool by_gram = !is_sparse<Design> && n >= p && penalties.size() >= 10 && stopping.tol() >= 1e-11 &&
                       static_cast<double>(p) <= descent.most_columns();
  if (by_gram) descent.take_all_columns();
  if (initial.size() > 0) descent.start_from(problem.scaled(initial).col(0));

  std::vector<SolutionOf<Design>> path;
  double last = bounded(penalties.front(), n).l1, step = 0.0;
  Eigen::VectorXd before;
  for (const Penalty& each : penalties) {
    const Penalty penalty = bounded(each, n);
    penalised.set(penalty);
    const Eigen::VectorXd guess =
        step > 0 ? extrapolated(before, descent.v(), (last - penalty.l1) / step) : Eigen::VectorXd();
    step = last - penalty.l1;
    before = descent.v();
    const std::int64_t passes = descent.run(stopping, 2.0 - last / penalty.l1, guess);
    path.push_back(descent.solution(stopping.tol()));
    path.back().report.iterations = passes;
    path.back().report.stopped = stopping.stopped();
    if (stopping.stopped()) break;
    last = penalty.l1;
    stopping.next_fit();
  }
  return path;
}

}  // namespace aprender::solver
