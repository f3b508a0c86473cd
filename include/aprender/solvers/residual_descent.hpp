/// L1-regularised least squares on X itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Core>

#include "aprender/solvers/elastic_net_problem.hpp"
#include "aprender/solvers/soft_threshold.hpp"

namespace aprender::solver {

/// Cyclic coordinate descent that keeps the residual. It takes columns in blocks: one product with the block gives
/// their slopes, its Gram matrix what each step changes of them, and a second product, from the cache, the new
/// residual.
template <class Design>
class ResidualDescent {
 public:
  using Point = typename ElasticNetProblem<Design>::Point;

  /// problem outlives this object. Memory: at most 24 p doubles.
  explicit ResidualDescent(const ElasticNetProblem<Design>& problem)
      : problem_(problem),
        width_(std::clamp<Eigen::Index>(block_size / problem.a().rows(), 8, 24)),
        grams_(static_cast<std::size_t>((problem.a().cols() + width_ - 1) / width_)),
        active_(static_cast<std::size_t>(problem.a().cols()), true) {}

  /// What a pass met.
  struct Pass {
    double moved = 0.0;     ///< the largest change of A v that a coordinate caused, in the 2-norm
    double violated = 0.0;  ///< by how much a slope missed its optimality condition at most, as a share of lambda_j
  };

  /// Moves v and r of a point, whose correlations are no longer valid then. Unless `all`, goes over the columns alone
  /// that were active when last visited: v_j was not zero, or would not have stayed so, had the slope been larger by a
  /// third of lambda_j.
  Pass pass(Point& at, bool all) {
    Pass pass;
    if (all) active_.assign(active_.size(), true);
    for (std::size_t block = 0; block < grams_.size(); ++block) {
      columns_.clear();
      const Eigen::Index begin = static_cast<Eigen::Index>(block) * width_;
      const Eigen::Index end = std::min(begin + width_, problem_.a().cols());
      for (Eigen::Index j = begin; j < end; ++j) {
        if (active_[static_cast<std::size_t>(j)]) columns_.push_back(j);
      }
      if (!columns_.empty()) descend(gram(block, begin, end), begin, at, pass);
    }
    return pass;
  }

 private:
  /// Of the columns of a block, computed when it is first needed.
  [[nodiscard]] const Eigen::MatrixXd& gram(std::size_t block, Eigen::Index begin, Eigen::Index end) {
    Eigen::MatrixXd& gram = grams_[block];
    if (gram.size() == 0) {
      const auto first = problem_.a().all().begin();
      Eigen::MatrixXd unused;
      gram = problem_.a().products({first + begin, first + end}, end - begin, problem_.b(), unused);
      gram = gram.template selfadjointView<Eigen::Lower>();
    }
    return gram;
  }

  /// On columns_, which are of the block that starts with column `begin`.
  void descend(const Eigen::MatrixXd& gram, Eigen::Index begin, Point& at, Pass& pass) {
    Eigen::VectorXd slope = problem_.a().correlation(at.r, columns_);
    const Eigen::VectorXd start = at.v(columns_);
    Eigen::VectorXd v = start;
    double most_moved = 0.0;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      double moved = 0.0;
      for (Eigen::Index s = 0; s < v.size(); ++s) {
        const Eigen::Index j = columns_[static_cast<std::size_t>(s)];
        const double square = gram(j - begin, j - begin), curvature = square + problem_.mu()(j), old = v(s);
        if (square == 0) continue;
        v(s) = soft_threshold(slope(s) + square * old, problem_.lambda()(j), curvature, problem_.positive());
        const double step = v(s) - old;
        if (step == 0) continue;
        pass.violated = std::max(pass.violated, std::abs(step) * curvature / problem_.lambda()(j));
        moved = std::max(moved, std::abs(step) * std::sqrt(square));
        for (Eigen::Index i = 0; i < v.size(); ++i) {
          slope(i) -= step * gram(columns_[static_cast<std::size_t>(i)] - begin, j - begin);
        }
      }
      most_moved = std::max(most_moved, moved);
      if (moved <= 0.1 * most_moved) break;
    }
    pass.moved = std::max(pass.moved, most_moved);
    problem_.a().subtract(columns_, v - start, at.r);
    at.v(columns_) = v;
    for (Eigen::Index s = 0; s < v.size(); ++s) {
      const Eigen::Index j = columns_[static_cast<std::size_t>(s)];
      active_[static_cast<std::size_t>(j)] = v(s) != 0 || problem_.excess(slope(s)) > 2.0 / 3 * problem_.lambda()(j);
    }
  }

  static constexpr Eigen::Index block_size = Eigen::Index{1} << 18;  ///< doubles
  static constexpr int most_sweeps = 4;

  const ElasticNetProblem<Design>& problem_;
  Eigen::Index width_;
  std::vector<Eigen::MatrixXd> grams_;  ///< of each block, empty until needed
  std::vector<bool> active_;            ///< of all columns
  std::vector<Eigen::Index> columns_;   ///< those that a pass visits in a block
};

}  // namespace aprender::solver
