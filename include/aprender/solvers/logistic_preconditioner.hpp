/// What conjugate gradients for logistic regression are preconditioned with.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

#include "aprender/solvers/raised_cholesky.hpp"
#include "aprender/solvers/weighted_gram.hpp"

namespace aprender::solver {

/// An approximation of the Hessian of F without L1 penalty that is easily solved with: of the columns S that weigh most
/// the whole of
///
///     two classes and a sparse X    Z_S' diag(d) Z_S + ridge, d the loss's second derivatives at the point, with the
///                                   intercept;
///     otherwise                     M (x) Z_S' diag(s) Z_S + ridge, M = 1/n sum_i s_i (diag(p_i) - p_i p_i'), the mean
///                                   of what couples the classes (1/n sum_i d_i for two): exact where all probabilities
///                                   are the same, as they are at first. One Gram matrix serves all classes and points,
///                                   as in the bound of Böhning (1992), which has 1/2 (I - 11'/K) for M;
///
/// of the others the diagonal. S is chosen once.
template <class Design>
class LogisticPreconditioner {
 public:
  /// problem outlives this object. S: at most `most_columns`, if they outweigh their penalty.
  LogisticPreconditioner(const LogisticProblem<Design>& problem, Eigen::Index most_columns)
      : problem_(problem),
        square_(problem.squared_norms()),
        columns_(heaviest(most_columns)),
        gram_(problem, columns_) {
    if (!follows_point()) gram_of_samples_ = gram_(problem.loss().weight(), edge_, Precision::reduced);
  }

  /// Moves to the point with these probabilities (as LogLoss::evaluate leaves them).
  void update(const Eigen::MatrixXd& probability) {
    if (follows_point()) {
      update_exactly(probability.col(0));
    } else {
      update_mean(probability);
    }
  }

  /// The approximation's inverse times r, size() x outputs().
  [[nodiscard]] Eigen::MatrixXd solve(const Eigen::MatrixXd& r) const {
    Eigen::MatrixXd in_basis;
    if (problem_.outputs() > 1) in_basis.noalias() = r * basis_;
    const Eigen::MatrixXd& b = problem_.outputs() > 1 ? in_basis : r;
    Eigen::MatrixXd result = b.cwiseQuotient(diagonal_);
    const auto size = static_cast<Eigen::Index>(columns_.size());
    for (Eigen::Index k = 0; k < b.cols(); ++k) {
      if (!factors_[static_cast<std::size_t>(k)].succeeded()) continue;
      const RaisedCholesky<>& factor = factors_[static_cast<std::size_t>(k)];
      Eigen::VectorXd part(factor.size());
      for (Eigen::Index s = 0; s < size; ++s) part(s) = b(columns_[static_cast<std::size_t>(s)], k);
      if (part.size() > size) part(size) = b(problem_.n_columns(), k);
      part = factor.solve(part);
      for (Eigen::Index s = 0; s < size; ++s) result(columns_[static_cast<std::size_t>(s)], k) = part(s);
      if (part.size() > size) result(problem_.n_columns(), k) = part(size);
    }
    if (problem_.outputs() > 1) return result * basis_.transpose();
    return result;
  }

 private:
  /// The columns whose curvature, were every sample undecided, exceeds their penalty; of them those of largest norm.
  [[nodiscard]] std::vector<Eigen::Index> heaviest(Eigen::Index most) const {
    std::vector<Eigen::Index> list;
    for (Eigen::Index j = 0; j < problem_.n_columns(); ++j) {
      if (square_(j) > 0 && 0.25 * square_(j) > 0.1 * problem_.ridge()(j)) list.push_back(j);
    }
    if (static_cast<Eigen::Index>(list.size()) <= most) return list;
    const auto middle = list.begin() + most;
    std::nth_element(list.begin(), middle, list.end(), [&](Eigen::Index i, Eigen::Index j) {
      return std::pair(square_(i), j) > std::pair(square_(j), i);
    });
    list.erase(middle, list.end());
    std::sort(list.begin(), list.end());
    return list;
  }

  /// Whether the Gram matrix is cheap enough to be taken at each point.
  [[nodiscard]] bool follows_point() const { return is_sparse<Design> && problem_.outputs() == 1; }

  void update_exactly(const Eigen::VectorXd& d) {
    const auto size = static_cast<Eigen::Index>(columns_.size());
    const double total = d.sum();
    set_diagonal(Eigen::VectorXd::Constant(1, total / static_cast<double>(d.size())));
    const bool intercept = problem_.fit_intercept() && size > 0;
    Eigen::MatrixXd hessian(size + (intercept ? 1 : 0), size + (intercept ? 1 : 0));
    hessian.topLeftCorner(size, size) = gram_(d, edge_);
    hessian.diagonal().head(size) += problem_.ridge()(columns_);
    if (intercept) {
      hessian.row(size).head(size) = edge_.transpose();
      hessian(size, size) = total;
    }
    factors_.assign(1, RaisedCholesky<>(std::move(hessian)));
  }

  void update_mean(const Eigen::MatrixXd& p) {
    const auto n = static_cast<double>(p.rows());
    const auto s = problem_.loss().weight().asDiagonal();
    Eigen::MatrixXd mean = Eigen::MatrixXd::Constant(1, 1, p.col(0).sum() / n);
    if (p.cols() > 1) {
      mean = -(p.transpose() * s * p) / n;
      mean.diagonal() -= mean.rowwise().sum().eval();
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(mean);
    basis_ = eigen.eigenvectors();
    // Along the direction of no curvature, a common shift of all scores, there is nothing to solve but rounding.
    const Eigen::VectorXd values = eigen.eigenvalues().cwiseMax(1e-8 * eigen.eigenvalues().maxCoeff());
    set_diagonal(values);
    factors_.clear();
    for (Eigen::Index k = 0; k < values.size(); ++k) {
      Eigen::MatrixXd hessian = values(k) * gram_of_samples_;
      hessian.diagonal() += problem_.ridge()(columns_);
      factors_.emplace_back(std::move(hessian));
    }
  }

  /// Where columns are not coupled: curvature_k ||z_j||^2 + ridge_j, and for the intercept curvature_k n.
  void set_diagonal(const Eigen::VectorXd& curvature) {
    diagonal_.resize(problem_.size(), curvature.size());
    for (Eigen::Index k = 0; k < curvature.size(); ++k) {
      diagonal_.col(k).head(square_.size()) = curvature(k) * square_;
      if (problem_.fit_intercept()) {
        diagonal_(square_.size(), k) = curvature(k) * static_cast<double>(problem_.z().rows());
      }
      diagonal_.col(k) += problem_.ridge();
    }
    diagonal_ = (diagonal_.array() > 0).select(diagonal_, 1.0);
  }

  const LogisticProblem<Design>& problem_;
  Eigen::VectorXd square_;
  std::vector<Eigen::Index> columns_;
  WeightedGram<Design> gram_;
  Eigen::MatrixXd gram_of_samples_;  ///< unless it is taken at each point
  Eigen::VectorXd edge_;
  Eigen::MatrixXd basis_;                  ///< eigenvectors of M
  Eigen::MatrixXd diagonal_;               ///< in that basis
  std::vector<RaisedCholesky<>> factors_;  ///< likewise, one an eigenvalue
};

}  // namespace aprender::solver
