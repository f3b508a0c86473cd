#include "models/textbook.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

namespace aprender::test {

CentredProblem::CentredProblem(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& weight,
                               bool intercept)
    : a(x.cast<Real>()), b(y.cast<Real>()), x_mean(Vector::Zero(x.cols())), n(static_cast<Real>(x.rows())) {
  const Vector s =
      weight.size() == 0 ? Vector::Ones(x.rows()) : Vector(weight.cast<Real>() * (n / weight.cast<Real>().sum()));
  if (intercept) {
    x_mean = a.transpose() * s / n;
    y_mean = b.dot(s) / n;
  }
  a.rowwise() -= x_mean.transpose();
  b.array() -= y_mean;
  a = s.cwiseSqrt().asDiagonal() * a;
  b = s.cwiseSqrt().asDiagonal() * b;
}

Real CentredProblem::best_intercept(const Vector& w) const { return y_mean - x_mean.dot(w); }

Vector CentredProblem::norms(Real l2) const { return (a.colwise().squaredNorm().array() + l2).sqrt(); }

Real CentredProblem::smallest_eigenvalue(Real l2) const {
  Matrix gram = a.transpose() * a;
  gram.diagonal().array() += l2;
  const Vector scale = norms(l2).cwiseInverse();
  gram = scale.asDiagonal() * gram * scale.asDiagonal();
  return Eigen::SelfAdjointEigenSolver<Matrix>(gram, Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
}

Vector CentredProblem::slope(const Vector& w, Real l2) const {
  const Vector length = norms(l2);
  const Vector slope = a.transpose() * (b - a * w) - l2 * w;
  return (length.array() > 0).select(slope.cwiseQuotient(length), Vector::Zero(w.size()));
}

Real CentredProblem::distance_bound(const Vector& w, const Vector& other, Real l2) const {
  return (slope(w, l2).norm() + slope(other, l2).norm()) / smallest_eigenvalue(l2);
}

Real CentredProblem::distance(const Vector& w, const Vector& other, Real l2) const {
  return norms(l2).cwiseProduct(w - other).norm();
}

Real CentredProblem::backward_error(const Vector& w, Real l2) const {
  const Real residual = std::sqrt((b - a * w).squaredNorm() + l2 * w.squaredNorm());
  const Real scale = residual + norms(l2).dot(w.cwiseAbs());
  return scale == 0 ? 0 : slope(w, l2).cwiseAbs().maxCoeff() / scale;
}

Real CentredProblem::relative_gap(const Vector& w, Real intercept, Real l1, Real l2) const {
  const Real missed = intercept - best_intercept(w);
  const Eigen::Index rows = a.rows(), p = a.cols();
  const Vector norm = norms(n * l2);
  const auto column = [&](Eigen::Index j) {
    Vector result = Vector::Zero(rows + p);
    result.head(rows) = a.col(j);
    result(rows + j) = std::sqrt(n * l2);
    return result;
  };
  Vector r(rows + p);
  r << b - a * w, -std::sqrt(n * l2) * w;
  const Real primal = 0.5L * r.squaredNorm() + n * l1 * w.cwiseAbs().sum() + 0.5L * n * missed * missed;

  std::vector<Eigen::Index> lost;
  for (Eigen::Index j = 0; j < p; ++j) {
    if (norm(j) > 0 && n * l1 <= 1e-10L * norm(j) * b.norm()) lost.push_back(j);
  }
  Matrix span(rows + p, lost.size());
  for (std::size_t k = 0; k < lost.size(); ++k)
    span.col(static_cast<Eigen::Index>(k)) = column(lost[k]) / norm(lost[k]);
  Vector theta = r;
  if (!lost.empty()) theta -= span * Eigen::ColPivHouseholderQR<Matrix>(span).solve(r).eval();

  Real largest = 0;
  for (Eigen::Index j = 0; j < p; ++j) {
    if (std::find(lost.begin(), lost.end(), j) == lost.end())
      largest = std::max(largest, std::abs(column(j).dot(theta)));
  }
  // Not the best multiple of theta, which may be nothing but rounding errors where the columns span all rows.
  Real scale = r.squaredNorm() > 0 ? b.dot(r.head(rows)) / r.squaredNorm() : 0;
  if (largest > 0) scale = std::clamp(scale, -n * l1 / largest, n * l1 / largest);
  const Real dual = scale * b.dot(theta.head(rows)) - 0.5L * scale * scale * theta.squaredNorm();
  return (primal - dual) / (0.5L * b.squaredNorm());
}

LogisticProblem::LogisticProblem(const Eigen::MatrixXd& features, Eigen::VectorXi classes,
                                 const Eigen::VectorXd& weight, double c, bool intercept)
    : x(features.rows(), features.cols() + 1),
      y(std::move(classes)),
      s(Vector::Ones(features.rows())),
      inverse_c(1 / static_cast<Real>(c)),
      n_classes(y.maxCoeff() + 1) {
  x << features.cast<Real>(), Vector::Constant(features.rows(), intercept ? 1 : 0);
  if (weight.size() > 0) s = weight.cast<Real>() * (static_cast<Real>(s.size()) / weight.cast<Real>().sum());
}

Matrix LogisticProblem::probabilities(const Matrix& theta) const {
  Matrix scores = Matrix::Zero(x.rows(), n_classes);
  scores.rightCols(theta.cols()) = x * theta;
  scores = (scores.colwise() - scores.rowwise().maxCoeff()).array().exp();
  return scores.array().colwise() / scores.rowwise().sum().array();
}

Real LogisticProblem::objective(const Matrix& theta) const {
  const Matrix p = probabilities(theta);
  Real sum = 0.5L * inverse_c * theta.topRows(theta.rows() - 1).squaredNorm();
  for (Eigen::Index i = 0; i < x.rows(); ++i) sum -= s(i) * std::log(p(i, y(i)));
  return sum;
}

Matrix LogisticProblem::gradient(const Matrix& theta) const {
  Matrix slope = probabilities(theta);
  for (Eigen::Index i = 0; i < x.rows(); ++i) slope(i, y(i)) -= 1;
  Matrix gradient = x.transpose() * (s.asDiagonal() * slope.rightCols(theta.cols()));
  gradient.topRows(theta.rows() - 1) += inverse_c * theta.topRows(theta.rows() - 1);
  return gradient;
}

Real LogisticProblem::relative_gradient(const Matrix& theta) const {
  const Vector magnitude = x.cwiseAbs().transpose() * s;
  const Matrix g = gradient(theta).cwiseAbs();
  Real largest = 0;
  for (Eigen::Index j = 0; j < g.rows(); ++j) {
    if (g.row(j).maxCoeff() > 0) largest = std::max(largest, g.row(j).maxCoeff() / magnitude(j));
  }
  return largest;
}

Eigen::MatrixXd LogisticProblem::hessian(const Matrix& theta) const {
  const Eigen::Index q = x.cols();
  const Eigen::MatrixXd p = probabilities(theta).rightCols(theta.cols()).cast<double>();
  const Eigen::MatrixXd rows = x.cast<double>();
  Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(q * p.cols(), q * p.cols());
  for (Eigen::Index k = 0; k < p.cols(); ++k) {
    for (Eigen::Index l = 0; l < p.cols(); ++l) {
      const Eigen::ArrayXd curvature = p.col(k).array() * ((k == l ? 1.0 : 0.0) - p.col(l).array());
      const Eigen::VectorXd weight = s.cast<double>().array() * curvature;
      hessian.block(k * q, l * q, q, q) = rows.transpose() * (weight.asDiagonal() * rows);
      if (p.cols() > 1) hessian(k * q + q - 1, l * q + q - 1) += static_cast<double>(s.sum());
    }
    hessian.diagonal().segment(k * q, q - 1).array() += static_cast<double>(inverse_c);
    if (rows.col(q - 1).isZero()) hessian(k * q + q - 1, k * q + q - 1) += 1;
  }
  return hessian;
}

}  // namespace aprender::test
