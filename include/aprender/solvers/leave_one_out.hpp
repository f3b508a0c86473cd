/// Errors of ridge on samples that were left out, without refitting.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include "aprender/solvers/ridge_path.hpp"

namespace aprender::solver {

/// Of a matrix M = U diag(s) V': s^2 and, if M is tall, U diag(s), otherwise U.
template <class Matrix = Eigen::MatrixXd>
struct LeftSingular {
  Eigen::VectorXd values;
  Matrix vectors;
};

/// By QR and the SVD of its triangle. Memory: M and 4 min(n, p)^2 doubles.
template <class Matrix>
[[nodiscard]] LeftSingular<Matrix> left_singular(const Matrix& m) {
  if (m.cols() < m.rows()) {
    const Eigen::HouseholderQR<Matrix> qr(m);
    const Matrix r = qr.matrixQR().topRows(m.cols()).template triangularView<Eigen::Upper>();
    const Eigen::BDCSVD<Matrix> svd(r, Eigen::ComputeFullU);
    Matrix vectors = Matrix::Zero(m.rows(), m.cols());
    vectors.topRows(m.cols()) = svd.matrixU() * svd.singularValues().asDiagonal();
    vectors.applyOnTheLeft(qr.householderQ());
    return {svd.singularValues().cwiseAbs2(), std::move(vectors)};
  }
  const Eigen::HouseholderQR<Matrix> qr(m.transpose());
  const Matrix r = qr.matrixQR().topRows(m.rows()).template triangularView<Eigen::Upper>();
  const Eigen::BDCSVD<Matrix> svd(r, Eigen::ComputeFullV);
  return {svd.singularValues().cwiseAbs2(), svd.matrixV()};
}

/// Left singular vectors U of the weighted, centred X (CommonScale) and squared singular values l.
///
/// With H the matrix that maps b to the fitted values, 1 - h_i = sum_k U_ik^2 a/(l_k + a) where U is square. With more
/// features than samples it is; the direction q of the intercept is then made an eigenvector of its own, of eigenvalue
/// `intercept`, by adding a column to X. Otherwise 1 - h_i = 1 - q_i^2 - sum_k U_ik^2 l_k/(l_k + a).
///
/// From the Gram matrix where that is accurate enough for all penalties from `least` on, else by QR and SVD of X.
/// Memory: n p + 2 min(n, p)^2 doubles, of a sparse X n min(n, p) instead of n p; by SVD 3 n p.
template <class Design>
class LeftSingularVectors {
 public:
  LeftSingularVectors(const LeastSquaresProblem<Design>& problem, const CommonScale<Design>& scale, double least)
      : square_(problem.a().cols() >= problem.a().rows()) {
    const CentredColumns<Design>& a = problem.a();
    const auto n = static_cast<double>(a.rows());
    if (problem.centring() != Centring::none) q_ = a.root_weight() / std::sqrt(n);
    Eigen::MatrixXd gram = square_ ? scale.outer() : scale.gram();
    if (square_ && q_.size() > 0) {
      intercept_ = gram.trace() > 0 ? gram.trace() : 1.0;
      gram.template selfadjointView<Eigen::Lower>().rankUpdate(q_, intercept_);
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram);
    values_ = eigen.eigenvalues().cwiseMax(0.0);
    constexpr double gram_limit = 1e6;  // eigenvalues are off by 1e-16 of the largest, the results by 1e-10 then
    if (values_(values_.size() - 1) <= gram_limit * least) {
      vectors_ = square_ ? eigen.eigenvectors() : scale.times(eigen.eigenvectors());
    } else {
      Eigen::MatrixXd columns = scale.columns(0, a.cols());
      if (square_ && q_.size() > 0) {
        columns.conservativeResize(Eigen::NoChange, columns.cols() + 1);
        columns.rightCols(1) = std::sqrt(intercept_) * q_;
      }
      LeftSingular<> singular = left_singular(columns);
      values_ = std::move(singular.values);
      vectors_ = std::move(singular.vectors);
    }
  }

  /// For one penalty a: b - H b, and 1 - h_i.
  [[nodiscard]] Eigen::MatrixXd residual(const Eigen::MatrixXd& b, double a) const {
    const Eigen::MatrixXd rotated = vectors_.transpose() * b;
    const Eigen::VectorXd shrunk = (values_.array() + a).inverse();
    if (square_) return vectors_ * ((a * shrunk).asDiagonal() * rotated);
    return b - vectors_ * (shrunk.asDiagonal() * rotated);
  }
  [[nodiscard]] Eigen::VectorXd complement(double a) const {
    const Eigen::VectorXd shrunk = (values_.array() + a).inverse();
    const Eigen::VectorXd sum = vectors_.cwiseAbs2() * shrunk;
    if (square_ && q_.size() > 0) return a * sum - (a / (intercept_ + a)) * q_.cwiseAbs2();
    if (square_) return a * sum;
    const Eigen::VectorXd rest = Eigen::VectorXd::Ones(sum.size()) - sum;
    return q_.size() > 0 ? Eigen::VectorXd(rest - q_.cwiseAbs2()) : rest;
  }

 private:
  bool square_;
  Eigen::VectorXd q_;  ///< of unit length, empty without an intercept
  double intercept_ = 0.0;
  Eigen::VectorXd values_;
  Eigen::MatrixXd vectors_;  ///< U if it is square, else U diag(l)^(1/2)
};

/// Throws std::invalid_argument where columns of units too far apart are decomposed in one scale: rounding errors are
/// 1e-16 of the largest column, which is too much for another of less than 1e-9 of it unless the penalty, `least` in
/// that scale, hides it.
template <class Design>
void require_comparable_units(const CentredColumns<Design>& a, const CommonScale<Design>& scale, double least) {
  if (std::sqrt(least) >= 1e-10) return;
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    if (scale.c()(j) >= 1e-9 || a.magnitude(j) == 0) continue;
    argument::refuse("the unit of column " + std::to_string(j) + " of X, by that of the largest column,", scale.c()(j),
                     "at least 1e-09 where an alpha is so small (scale the columns, or take larger alphas)");
  }
}

/// Leave-one-out errors and generalised cross-validation for each of `alphas`, all positive and decreasing, of at least
/// two samples, or for those finished when asked to stop:  e_i = (y_i - x_i w - b) / (1 - h_i),  GCV = sum_i s_i r_i^2
/// / n / (1 - trace(H)/n)^2 (Golub, Heath, Wahba, 1979). The other samples keep their weights when one is left out.
template <class Design>
[[nodiscard]] LeftOut leave_one_out(const LinearSamples<Design>& samples, const Eigen::VectorXd& alphas,
                                    bool fit_intercept, Team& team, Telling& telling) {
  const LeastSquaresProblem<Design> problem(samples, centring_for(fit_intercept), team, std::sqrt(alphas.minCoeff()));
  const CommonScale<Design> scale(problem.a());
  require_comparable_units(problem.a(), scale, scale.penalty(alphas.minCoeff()));
  const LeftSingularVectors<Design> vectors(problem, scale, scale.penalty(alphas.minCoeff()));
  const auto n = static_cast<double>(problem.b().rows());
  const auto n_targets = static_cast<double>(problem.b().cols());

  LeftOut out{.squared_error = Eigen::MatrixXd::Zero(problem.b().rows(), alphas.size()),
              .gcv = Eigen::VectorXd::Zero(alphas.size()),
              .degrees_of_freedom = Eigen::VectorXd(alphas.size())};
  Eigen::Index finished = 0;
  while (finished < alphas.size() && !telling.stopped()) {
    const Eigen::Index k = finished++;
    const double a = scale.penalty(alphas(k));
    const Eigen::MatrixXd r = vectors.residual(problem.b(), a);
    const Eigen::VectorXd complement = vectors.complement(a);
    out.degrees_of_freedom(k) = n - complement.sum();
    for (Eigen::Index t = 0; t < r.cols(); ++t) {
      const double unit = std::ldexp(1.0, problem.target_exponent(t));
      const auto error = r.col(t).array() / complement.array() / problem.a().root_weight().array() * unit;
      out.squared_error.col(k).array() += error.square() / n_targets;
      const double norm = r.col(t).norm() * unit;
      out.gcv(k) += norm * norm * n / std::pow(complement.sum(), 2) / n_targets;
    }
    telling.go_on(0, 0.0, 0.0);
    telling.next_fit();
  }
  out.squared_error.conservativeResize(Eigen::NoChange, finished);
  out.gcv.conservativeResize(finished);
  out.degrees_of_freedom.conservativeResize(finished);
  return out;
}

}  // namespace aprender::solver
