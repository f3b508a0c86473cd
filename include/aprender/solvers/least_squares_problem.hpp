/// What the solvers of LinearRegression, Ridge, Lasso and ElasticNet share: the problem in scaled variables, the way
/// back to the user's units, and the backward error of a solution.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include "aprender/solvers/dense_columns.hpp"
#include "aprender/solvers/linear_solvers.hpp"
#include "aprender/solvers/sparse_columns.hpp"

namespace aprender::solver {

/// min_v ||b - A v||^2 + penalty(v): the intercept is eliminated by centring, columns of X and y are scaled by powers
/// of two (CentredColumns), rows by the roots of the weights. w_j = 2^(e_y - e_j) v_j, exactly.
template <class Design>
class LeastSquaresProblem {
 public:
  using Scalar = typename Design::Scalar;

  /// samples and team outlive this object.
  LeastSquaresProblem(const LinearSamples<Design>& samples, Centring centring, Team& team, double smallest_scale = 0.0)
      : LeastSquaresProblem(samples.x(), samples, centring, team, smallest_scale, false) {}

  /// The same with another view of the samples' X, which outlives this object too; with A'b of the first target in
  /// a().first_correlation() if `correlate`.
  LeastSquaresProblem(const Design& x, const LinearSamples<Design>& samples, Centring centring, Team& team,
                      double smallest_scale, bool correlate)
      : weight_(samples.weight()),
        y_(samples.y()),
        y_columns_(y_, samples.weight(), centring == Centring::none ? centring : Centring::exact, team),
        b_(scaled_targets(y_columns_)),
        a_(x, samples.weight(), centring, team, smallest_scale, correlate ? b_.col(0) : Eigen::VectorXd()),
        centring_(centring) {}

  [[nodiscard]] const CentredColumns<Design>& a() const noexcept { return a_; }
  void recentre(const Eigen::VectorXd& by) { a_.recentre(by); }
  [[nodiscard]] const Eigen::MatrixXd& b() const noexcept { return b_; }
  [[nodiscard]] Centring centring() const noexcept { return centring_; }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return weight_; }
  [[nodiscard]] auto scaled_target(Eigen::Index t) const { return y_columns_.scaled(t); }  ///< 2^-e_y y
  [[nodiscard]] double target_mean(Eigen::Index t) const { return y_columns_.mean()(t); }  ///< in units of 2^e_y
  [[nodiscard]] int target_exponent(Eigen::Index t) const { return y_columns_.exponent(t); }

  /// v in the user's units and rounded to Scalar, with the intercept that is best for the rounded coefficients by the
  /// means, plus an offset in units of 2^e_y.
  [[nodiscard]] LinearSolution<Scalar> round(const Eigen::MatrixXd& v, const Eigen::RowVectorXd& offset) const {
    LinearSolution<Scalar> solution;
    solution.coefficients.resize(v.rows(), v.cols());
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      for (Eigen::Index j = 0; j < v.rows(); ++j) {
        solution.coefficients(j, t) = static_cast<Scalar>(std::ldexp(v(j, t), target_exponent(t) - a_.exponent(j)));
      }
    }
    solution.intercept.resize(v.cols());
    const Eigen::RowVectorXd best = best_intercept(scaled(solution)) + offset;
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      solution.intercept(t) = static_cast<Scalar>(std::ldexp(best(t), target_exponent(t)));
    }
    return solution;
  }
  [[nodiscard]] LinearSolution<Scalar> round(const Eigen::MatrixXd& v) const {
    return round(v, Eigen::RowVectorXd::Zero(v.cols()));
  }

  /// The intercepts that the means make of v, in units of 2^e_y.
  [[nodiscard]] Eigen::RowVectorXd best_intercept(const Eigen::MatrixXd& v) const {
    if (centring_ == Centring::none) return Eigen::RowVectorXd::Zero(v.cols());
    return y_columns_.mean().transpose() - a_.mean().transpose() * v;
  }

  /// The coefficients of a solution as v.
  [[nodiscard]] Eigen::MatrixXd scaled(const LinearSolution<Scalar>& solution) const {
    return scaled(Eigen::MatrixXd(solution.coefficients.template cast<double>()));
  }
  [[nodiscard]] Eigen::MatrixXd scaled(Eigen::MatrixXd v) const {
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      for (Eigen::Index j = 0; j < v.rows(); ++j) {
        v(j, t) = std::ldexp(v(j, t), a_.exponent(j) - target_exponent(t));
      }
    }
    return v;
  }

  /// By how much the rounded intercept misses the best one for v = scaled(solution), in units of 2^e_y.
  [[nodiscard]] Eigen::RowVectorXd intercept_error(const LinearSolution<Scalar>& solution,
                                                   const Eigen::MatrixXd& v) const {
    Eigen::RowVectorXd error = -best_intercept(v);
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      error(t) += std::ldexp(static_cast<double>(solution.intercept(t)), -target_exponent(t));
    }
    return error;
  }

  /// Fills objective, backward_error, tolerance and converged from the rounded coefficients alone, for the objective
  /// ||b - A v||^2 + ||diag(ridge) v||^2.
  ///
  /// With the columns a~_j = [a_j; ridge_j e_j] and the residual r~ = [b - A v; -ridge v],
  ///     backward_error = max_j |a~_j' r~| / (||a~_j|| (||r~|| + sum_k ||a~_k|| |v_k|)),
  /// and for the intercept |sum_i sqrt(s_i) r_i| over its own scale. It is zero for an exact solution and otherwise
  /// bounds the relative change of the columns under which v is one (Stewart 1977; Higham 2002, section 20.7).
  /// norm_j = ||a~_j||.
  void certify(LinearSolution<Scalar>& solution, const Eigen::VectorXd& ridge, const Eigen::VectorXd& norm) const {
    const Eigen::MatrixXd v = scaled(solution);
    const Eigen::RowVectorXd missed = intercept_error(solution, v);
    const auto [r, correlation] = a_.residual_and_correlation(b_ - a_.root_weight() * missed, v);
    certify(solution, ridge, norm, v, {r.colwise().squaredNorm(), a_.root_weight().transpose() * r, correlation});
  }

  /// What a certificate needs of the residual r = b - A v - sqrt(s) missed, one column a target.
  struct Residual {
    Eigen::RowVectorXd square;    ///< ||r||^2
    Eigen::RowVectorXd sum;       ///< sum_i sqrt(s_i) r_i
    Eigen::MatrixXd correlation;  ///< A'r
  };

  /// The same with v = scaled(solution) and its residual known.
  void certify(LinearSolution<Scalar>& solution, const Eigen::VectorXd& ridge, const Eigen::VectorXd& norm,
               const Eigen::MatrixXd& v, const Residual& residual) const {
    const double root_n = std::sqrt(static_cast<double>(a_.rows()));

    double objective = 0.0;
    double backward_error = 0.0;
    for (Eigen::Index t = 0; t < v.cols(); ++t) {
      const double residual_norm = std::hypot(std::sqrt(residual.square(t)), ridge.cwiseProduct(v.col(t)).norm());
      const double scale = residual_norm + norm.dot(v.col(t).cwiseAbs());
      for (Eigen::Index j = 0; j < a_.cols(); ++j) {
        const double slope = std::abs(residual.correlation(j, t) - ridge(j) * ridge(j) * v(j, t));
        backward_error = larger(backward_error, quotient(slope, norm(j) * scale));
      }
      if (centring_ != Centring::none) {
        const double mean_scale = std::abs(y_columns_.mean()(t)) + a_.mean().cwiseAbs().dot(v.col(t).cwiseAbs());
        backward_error =
            larger(backward_error, quotient(std::abs(residual.sum(t)), root_n * (scale + root_n * mean_scale)));
      }
      objective += std::ldexp(residual_norm * residual_norm, 2 * target_exponent(t));
    }
    solution.report.objective = objective;
    solution.report.backward_error = backward_error;
    solution.report.tolerance = tolerance();
    solution.report.converged = backward_error <= tolerance();
  }

  /// ||a~_j||, a~_j = [a_j; ridge_j e_j].
  [[nodiscard]] Eigen::VectorXd norms(const Eigen::VectorXd& ridge) const {
    return a_.squared_norms().cwiseSqrt().binaryExpr(ridge, [](double a, double g) { return std::hypot(a, g); });
  }

  /// The rounding errors of an orthogonal factorisation in double, max(n, p) eps, and of the one rounding to Scalar
  /// if that is shorter. Columns dependent to within it are dependent.
  [[nodiscard]] double tolerance() const {
    const double factorisation =
        static_cast<double>(std::max(a_.rows(), a_.cols())) * std::numeric_limits<double>::epsilon();
    if constexpr (std::same_as<Scalar, double>) return factorisation;
    return factorisation + std::sqrt(static_cast<double>(a_.cols())) * std::numeric_limits<Scalar>::epsilon();
  }

 private:
  /// 0 / 0 = 0: a column of zeros has no slope.
  [[nodiscard]] static double quotient(double value, double scale) { return value == 0 ? 0.0 : value / scale; }
  /// The maximum that lets NaN through.
  [[nodiscard]] static double larger(double a, double b) { return b <= a ? a : b; }

  [[nodiscard]] static Eigen::MatrixXd scaled_targets(const CentredColumns<DenseDesign<double>>& columns) {
    Eigen::MatrixXd b(columns.rows(), columns.cols());
    for (Eigen::Index t = 0; t < b.cols(); ++t) b.col(t) = columns.a(t);
    return b;
  }

  const Eigen::VectorXd& weight_;
  DenseDesign<double> y_;
  CentredColumns<DenseDesign<double>> y_columns_;
  Eigen::MatrixXd b_;
  CentredColumns<Design> a_;
  Centring centring_ = Centring::none;
};

}  // namespace aprender::solver
