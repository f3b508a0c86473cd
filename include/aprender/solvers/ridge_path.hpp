/// L2-regularised least squares for many penalties from one decomposition of X.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

#include "aprender/solvers/ridge.hpp"

namespace aprender::solver {

/// B = A C, the columns in one common scale, C = diag(c) with c_j = 2^(e_j - e), e = max_j e_j: then the penalty is the
/// same for all coefficients, min ||b - B u||^2 + a ||u||^2 with v = C u and a = alpha 4^-e.
template <class Design>
class CommonScale {
 public:
  explicit CommonScale(const CentredColumns<Design>& a) : a_(a), c_(a.cols()) {
    for (Eigen::Index j = 0; j < a.cols(); ++j) exponent_ = std::max(exponent_, a.exponent(j));
    for (Eigen::Index j = 0; j < a.cols(); ++j) c_(j) = std::ldexp(1.0, a.exponent(j) - exponent_);
  }

  [[nodiscard]] const Eigen::VectorXd& c() const noexcept { return c_; }
  [[nodiscard]] double penalty(double alpha) const { return std::ldexp(alpha, -2 * exponent_); }  ///< a

  /// Columns first, first + 1, ... of B.
  [[nodiscard]] Eigen::MatrixXd columns(Eigen::Index first, Eigen::Index count) const {
    Eigen::MatrixXd result(a_.rows(), count);
    for (Eigen::Index j = 0; j < count; ++j) {
      Eigen::VectorXd column = Eigen::VectorXd::Zero(a_.rows());
      a_.add(first + j, c_(first + j), column);
      result.col(j) = column;
    }
    return result;
  }

  /// B m; a sparse X is not densified.
  [[nodiscard]] Eigen::MatrixXd times(const Eigen::MatrixXd& m) const {
    if constexpr (is_sparse<Design>) {
      return a_.root_weight().asDiagonal() * a_.product(c_.asDiagonal() * m);
    } else {
      return columns(0, a_.cols()) * m;
    }
  }

  /// The lower triangle of B'B, p x p.
  [[nodiscard]] Eigen::MatrixXd gram() const {
    Eigen::MatrixXd no_correlation;
    const Eigen::MatrixXd gram = a_.products(a_.all(), a_.cols(), Eigen::MatrixXd::Zero(a_.rows(), 1), no_correlation);
    return c_.asDiagonal() * gram * c_.asDiagonal();
  }

  /// The lower triangle of B B', n x n.
  [[nodiscard]] Eigen::MatrixXd outer() const {
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(a_.rows(), a_.rows());
    constexpr Eigen::Index at_once = 256;
    for (Eigen::Index first = 0; first < a_.cols(); first += at_once) {
      gram.selfadjointView<Eigen::Lower>().rankUpdate(columns(first, std::min(at_once, a_.cols() - first)));
    }
    return gram;
  }

 private:
  const CentredColumns<Design>& a_;
  Eigen::VectorXd c_;
  int exponent_ = -1023;
};

/// The eigenvalues and eigenvectors of B'B or B B', whichever is smaller, and with them ridge solutions for any alpha.
/// Memory: 2 min(n, p)^2 doubles. Time: 9 min(n, p)^3 flops beside those of the Gram matrix.
template <class Design>
class RidgeSpectrum {
 public:
  explicit RidgeSpectrum(const LeastSquaresProblem<Design>& problem)
      : problem_(problem),
        scale_(problem.a()),
        dual_(!is_sparse<Design> && problem.a().cols() > problem.a().rows()),
        eigen_(dual_ ? scale_.outer() : scale_.gram()),
        eigenvalues_(eigen_.eigenvalues().cwiseMax(0.0)) {}

  [[nodiscard]] bool dual() const noexcept { return dual_; }

  /// Condition number of [B; sqrt(a) I].
  [[nodiscard]] double condition(double alpha) const {
    const double a = scale_.penalty(alpha);
    const double least = dual_ ? 0.0 : eigenvalues_(0);
    return std::sqrt((eigenvalues_(eigenvalues_.size() - 1) + a) / (least + a));
  }

  /// v for each alpha, t columns each: p x (alphas t), with one step of refinement whose residuals are computed from X.
  [[nodiscard]] Eigen::MatrixXd solve(const Eigen::VectorXd& alphas) const {
    const CentredColumns<Design>& a = problem_.a();
    const Eigen::MatrixXd b = problem_.b().replicate(1, alphas.size());
    const Eigen::VectorXd squares = scale_.c().cwiseAbs2();
    if (dual_) {
      Eigen::MatrixXd r = shifted_inverse(b, alphas);
      Eigen::MatrixXd v = squares.asDiagonal() * a.correlation(r);
      Eigen::MatrixXd left = a.residual(b, v);
      for (Eigen::Index k = 0; k < r.cols(); ++k) left.col(k) -= penalty_of(k, alphas) * r.col(k);
      r += shifted_inverse(left, alphas);
      return squares.asDiagonal() * a.correlation(r);
    }
    Eigen::MatrixXd v = scaled_inverse(a.correlation(problem_.b()).replicate(1, alphas.size()), alphas);
    Eigen::MatrixXd slope = a.residual_and_correlation(b, v).second;
    for (Eigen::Index k = 0; k < v.cols(); ++k) {
      slope.col(k) -= penalty_of(k, alphas) * squares.cwiseInverse().cwiseProduct(v.col(k));
    }
    return v + scaled_inverse(slope, alphas);
  }

 private:
  [[nodiscard]] double penalty_of(Eigen::Index column, const Eigen::VectorXd& alphas) const {
    return scale_.penalty(alphas(column / problem_.b().cols()));
  }
  /// (G + a I)^-1 of each column, a that of its alpha.
  [[nodiscard]] Eigen::MatrixXd shifted_inverse(const Eigen::MatrixXd& m, const Eigen::VectorXd& alphas) const {
    Eigen::MatrixXd rotated = eigen_.eigenvectors().transpose() * m;
    for (Eigen::Index k = 0; k < rotated.cols(); ++k) {
      rotated.col(k).array() /= eigenvalues_.array() + penalty_of(k, alphas);
    }
    return eigen_.eigenvectors() * rotated;
  }
  [[nodiscard]] Eigen::MatrixXd scaled_inverse(const Eigen::MatrixXd& m, const Eigen::VectorXd& alphas) const {
    return scale_.c().asDiagonal() * shifted_inverse(scale_.c().asDiagonal() * m, alphas);
  }

  const LeastSquaresProblem<Design>& problem_;
  CommonScale<Design> scale_;
  bool dual_;
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen_;
  Eigen::VectorXd eigenvalues_;
};

/// Ridge for each of `alphas`, all positive and decreasing; one by one (`ridge`) where the decomposition is not
/// accurate enough and for a sparse X of many columns. Each is told; those finished when asked to stop. Memory: that of
/// RidgeSpectrum and min(16, alphas) (2 n + 3 p) doubles a target.
template <class Design>
[[nodiscard]] std::vector<SolutionOf<Design>> ridge_path(const LinearSamples<Design>& samples,
                                                         const Eigen::VectorXd& alphas, bool fit_intercept, Team& team,
                                                         Telling& telling) {
  std::vector<SolutionOf<Design>> path;
  const auto add = [&](SolutionOf<Design> solution) {
    path.push_back(told(std::move(solution), telling));
    telling.next_fit();
  };
  const auto one_by_one = [&](Eigen::Index first) {
    for (Eigen::Index k = first; k < alphas.size() && !telling.stopped(); ++k) {
      add(ridge(samples, alphas(k), fit_intercept, team, telling));
    }
  };
  if (is_sparse<Design> && samples.x().cols() > most_columns_of_sparse_gram) {
    one_by_one(0);
    return path;
  }
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit_intercept), team, std::sqrt(alphas.minCoeff()));
  const RidgeSpectrum<Design> spectrum(problem);
  const CentredColumns<Design>& a = problem.a();
  const Eigen::VectorXd factor = Eigen::VectorXd::NullaryExpr(a.cols(), [&](Eigen::Index j) { return a.factor(j); });
  const Eigen::VectorXd norm = problem.norms(Eigen::VectorXd::Zero(a.cols()));
  const Eigen::Index t = problem.b().cols();

  const auto good = std::partition_point(alphas.begin(), alphas.end(), [&](double alpha) {
    return spectrum.condition(alpha) <= cholesky_condition_limit;
  });
  constexpr Eigen::Index at_once = 16;
  const Eigen::Index end = good - alphas.begin();
  for (Eigen::Index first = 0; first < end && !telling.stopped(); first += at_once) {
    const Eigen::VectorXd some = alphas.segment(first, std::min(at_once, end - first));
    const Eigen::MatrixXd exact = spectrum.solve(some);
    std::vector<SolutionOf<Design>> rounded;
    Eigen::MatrixXd v(exact.rows(), exact.cols()), b(a.rows(), exact.cols());
    for (Eigen::Index k = 0; k < some.size(); ++k) {
      rounded.push_back(problem.round(exact.middleCols(k * t, t)));
      const Eigen::MatrixXd scaled = problem.scaled(rounded.back());
      v.middleCols(k * t, t) = scaled;
      b.middleCols(k * t, t) = problem.b() - a.root_weight() * problem.intercept_error(rounded.back(), scaled);
    }
    const auto [r, correlation] = a.residual_and_correlation(b, v);  // the certificates of all, in one pass over X
    for (Eigen::Index k = 0; k < some.size() && !telling.stopped(); ++k) {
      SolutionOf<Design>& solution = rounded[static_cast<std::size_t>(k)];
      solution.report.solver = spectrum.dual() ? "dual eigendecomposition" : "eigendecomposition";
      solution.report.condition_estimate = spectrum.condition(some(k));
      const Eigen::VectorXd g = std::sqrt(some(k)) * factor;
      const Eigen::MatrixXd left = r.middleCols(k * t, t);
      problem.certify(
          solution, g, norm.binaryExpr(g, [](double x, double y) { return std::hypot(x, y); }), v.middleCols(k * t, t),
          {left.colwise().squaredNorm(), a.root_weight().transpose() * left, correlation.middleCols(k * t, t)});
      add(solution.report.converged ? std::move(solution) : ridge(samples, some(k), fit_intercept, team, telling));
    }
  }
  one_by_one(end);
  return path;
}

}  // namespace aprender::solver
