/// Objectives and certificates from their definitions in long double, without any code of the library.
#pragma once

#include <Eigen/Core>

namespace aprender::test {

using Real = long double;
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// min ||b - A v||^2 + ..., the centred and weighted form of a least-squares problem with weights normalised to sum to
/// n.
struct CentredProblem {
  Matrix a;
  Vector b;
  Vector x_mean;  ///< zero without an intercept
  Real y_mean = 0;
  Real n = 0;

  CentredProblem(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& weight, bool intercept);

  [[nodiscard]] Real best_intercept(const Vector& w) const;

  /// Norms of the columns of [A; sqrt(l2) I].
  [[nodiscard]] Vector norms(Real l2) const;

  /// Smallest eigenvalue of the Gram matrix of [A; sqrt(l2) I] with columns of norm one.
  [[nodiscard]] Real smallest_eigenvalue(Real l2) const;

  /// Half the slope of ||b - A w||^2 + l2 ||w||^2 along each column of norm one; along a column of zeros it is zero.
  [[nodiscard]] Vector slope(const Vector& w, Real l2) const;

  /// A bound on the distance of two vectors of coefficients, each times its column's norm, in the 2-norm, from their
  /// slopes and the curvature alone.
  [[nodiscard]] Real distance_bound(const Vector& w, const Vector& other, Real l2) const;
  [[nodiscard]] Real distance(const Vector& w, const Vector& other, Real l2) const;

  /// The backward error of docs/numerics.md without the term of the intercept.
  [[nodiscard]] Real backward_error(const Vector& w, Real l2) const;

  /// Primal minus dual of 1/2 ||b - A w||^2 + n l1 ||w||_1 + n l2 / 2 ||w||^2, the dual point being the residual scaled
  /// to feasibility, relative to the primal at zero. Of columns whose condition |a_j'r| <= n l1 no rounded residual
  /// could meet, at n l1 below 1e-10 of ||a_j|| ||b||, the residual is made orthogonal first.
  [[nodiscard]] Real relative_gap(const Vector& w, Real intercept, Real l1, Real l2) const;
};

/// sum s_i loss_i + 1/(2C) ||W||^2 as a function of theta, (n_features + 1) x m, whose last row is the intercept (kept
/// at zero if there is none).
struct LogisticProblem {
  Matrix x;  ///< with a column of ones, or zeros if there is no intercept
  Eigen::VectorXi y;
  Vector s;
  Real inverse_c;
  Eigen::Index n_classes;

  LogisticProblem(const Eigen::MatrixXd& features, Eigen::VectorXi classes, const Eigen::VectorXd& weight, double c,
                  bool intercept);

  /// Of two classes both columns, the first score being zero.
  [[nodiscard]] Matrix probabilities(const Matrix& theta) const;

  [[nodiscard]] Real objective(const Matrix& theta) const;

  [[nodiscard]] Matrix gradient(const Matrix& theta) const;

  /// The relative gradient of docs/numerics.md.
  [[nodiscard]] Real relative_gradient(const Matrix& theta) const;

  /// The Hessian, theta column by column, made regular where the problem does not determine an intercept.
  [[nodiscard]] Eigen::MatrixXd hessian(const Matrix& theta) const;
};

}  // namespace aprender::test
