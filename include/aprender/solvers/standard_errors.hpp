/// Standard errors of coefficients and intercepts in the user's units.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "aprender/solvers/dense_columns.hpp"
#include "aprender/solvers/exact_slope.hpp"
#include "aprender/solvers/inverse_gram.hpp"
#include "aprender/solvers/sparse_columns.hpp"

namespace aprender::solver {

/// The mean weight of the samples that are present.
[[nodiscard]] inline double mean_weight(const Eigen::VectorXd& sample_weight) {
  if (sample_weight.size() == 0) return 1.0;
  const double largest = sample_weight.maxCoeff();
  return largest * ((sample_weight / largest).sum() / static_cast<double>((sample_weight.array() > 0).count()));
}

/// NaN where a parameter is not estimable.
struct StandardErrors {
  Eigen::MatrixXd coefficients;  ///< n_features, one column for each log-odds
  Eigen::VectorXd intercept;     ///< one for each log-odds; of no meaning if none is fitted
  Eigen::Index rank = 0;         ///< of the matrix inverted
};

/// Those of the weighted least-squares fit on a if y_i has the variance (sigma 2^unit)^2 / weight_i. error(q): the
/// square root of q'(A'A)^-1 q, for a vector or the number of a unit vector.
template <class Design, class Error>
[[nodiscard]] StandardErrors least_squares_errors(const CentredColumns<Design>& a, Eigen::Index rank,
                                                  const Error& error, double sigma, int unit) {
  StandardErrors errors{Eigen::MatrixXd(a.cols(), 1), Eigen::VectorXd(1), rank};
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    errors.coefficients(j, 0) = std::ldexp(sigma * error(j), unit - a.exponent(j));
  }
  // The mean of y and the coefficients are uncorrelated.
  const double mean_error = 1 / std::sqrt(static_cast<double>(a.rows()));
  errors.intercept(0) = std::ldexp(sigma * std::hypot(mean_error, error(a.mean())), unit);
  return errors;
}

template <class Design>
[[nodiscard]] StandardErrors least_squares_errors(const CentredColumns<Design>& a, const InverseGram<>& inverse,
                                                  double sigma, int unit) {
  const auto error = [&](const auto& q) { return inverse.standard_error(q); };
  return least_squares_errors(a, inverse.rank(), error, sigma, unit);
}

/// Square root of q'(A'A)^-1 q from the factor in `inverse`, which has full rank, by two steps of refinement with
/// residuals in twice the precision; what `inverse` says itself if they do not settle. nothing: A with the target zero.
template <class Design>
[[nodiscard]] double exact_error(const LeastSquaresProblem<Design>& nothing, const InverseGram<>& inverse,
                                 const Eigen::VectorXd& q) {
  const auto n = static_cast<double>(nothing.a().rows());
  Eigen::VectorXd x = inverse.solve(q), step;
  Eigen::Vector2d intercept(nothing.best_intercept(x)(0), 0.0);  // in two parts, as in refine_exactly
  for (int pass = 0; pass < 2; ++pass) {
    const ExactSlope slope = exact_slope(nothing, 0, x, intercept);  // of A x = 0
    step = inverse.solve(q + slope.correlation);
    x += step;
    if (nothing.centring() != Centring::none) intercept(1) += slope.sum / n - nothing.a().mean().dot(step);
  }
  const double square = q.dot(x);
  return std::abs(q.dot(step)) <= 1e-6 * square ? std::sqrt(square) : inverse.standard_error(q);
}

/// Whether p + 1 times two passes over X in twice the precision are next to nothing, and worth it.
template <class Design>
[[nodiscard]] bool exact_errors_pay(const CentredColumns<Design>& a, double condition) {
  return condition > 1e3 && a.rows() * a.cols() * a.cols() <= 1 << 20;
}

/// Those of `inverse` from exact errors. nothing: A with the target zero.
template <class Design>
[[nodiscard]] StandardErrors exact_least_squares_errors(const LeastSquaresProblem<Design>& nothing,
                                                        const InverseGram<>& inverse, double sigma, int unit) {
  const auto error = [&](const auto& q) {
    if constexpr (std::integral<std::remove_cvref_t<decltype(q)>>) {
      return exact_error(nothing, inverse, Eigen::VectorXd::Unit(nothing.a().cols(), q));
    } else {
      return exact_error(nothing, inverse, q);
    }
  };
  return least_squares_errors(nothing.a(), inverse.rank(), error, sigma, unit);
}

/// X W + b, n_samples x outputs; w: n_features x outputs.
template <class Design>
[[nodiscard]] Eigen::MatrixXd scores(const Design& x, const Eigen::MatrixXd& w, const Eigen::RowVectorXd& b,
                                     Team& team) {
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(x.rows());
  const CentredColumns<Design> z(x, ones, Centring::none, team);
  Eigen::MatrixXd v = w;
  for (Eigen::Index j = 0; j < v.rows(); ++j) {
    for (Eigen::Index k = 0; k < v.cols(); ++k) v(j, k) = std::ldexp(v(j, k), z.exponent(j));
  }
  return z.product(v).rowwise() + b;
}

/// Those of the log-odds of each class against the first, from the Fisher information of the log likelihood
/// sum_i s_i log p_i(y_i).
template <class Design>
class LogisticErrors {
 public:
  /// x and team outlive this object.
  LogisticErrors(const Design& x, bool fit_intercept, Team& team) : x_(x), fit_intercept_(fit_intercept), team_(team) {}

  /// Of two classes. curvature: n_samples, s_i p_i (1 - p_i).
  [[nodiscard]] StandardErrors binomial(const Eigen::VectorXd& curvature) const;

  /// Of more. p: probabilities, n_samples x n_classes; s: n_samples.
  ///
  /// The information has a block for each pair of classes but the first, sum_i s_i p_ik ([k = l] - p_il) z_i z_i', z_i
  /// being the centred and scaled columns and a constant. It is inverted through its pivoted Cholesky factor, so that
  /// the square of its condition number costs digits. Memory: O(n n_classes + (n_classes n_features)^2).
  [[nodiscard]] StandardErrors multinomial(const Eigen::MatrixXd& p, const Eigen::VectorXd& s) const;

 private:
  [[nodiscard]] double tolerance() const {
    return static_cast<double>(std::max(x_.rows(), x_.cols())) * std::numeric_limits<double>::epsilon();
  }

  [[nodiscard]] StandardErrors missing(Eigen::Index n_outputs) const {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return {Eigen::MatrixXd::Constant(x_.cols(), n_outputs, nan), Eigen::VectorXd::Constant(n_outputs, nan)};
  }

  /// Weights in proportion that sum to the number of samples.
  [[nodiscard]] static Eigen::VectorXd normalised(const Eigen::VectorXd& curvature) {
    const Eigen::VectorXd relative = curvature / curvature.maxCoeff();
    return relative * (static_cast<double>(curvature.size()) / relative.sum());
  }

  /// sum_i curvature_i z_i z_i', z centred at `origin`: about its own mean, which loses no digits, and moved.
  [[nodiscard]] Eigen::MatrixXd block(const Eigen::VectorXd& curvature, const Eigen::VectorXd& origin) const;

  const Design& x_;
  bool fit_intercept_;
  Team& team_;
};

template <class Design>
StandardErrors LogisticErrors<Design>::binomial(const Eigen::VectorXd& curvature) const {
  const double total = curvature.sum();
  if (!(total > 0)) return missing(1);
  const Eigen::VectorXd weight = normalised(curvature);
  const CentredColumns<Design> a(x_, weight, centring_for(fit_intercept_), team_);
  StandardErrors errors =
      least_squares_errors(a, inverse_gram(a, tolerance()), std::sqrt(static_cast<double>(x_.rows()) / total), 0);
  if (fit_intercept_) ++errors.rank;
  return errors;
}

template <class Design>
StandardErrors LogisticErrors<Design>::multinomial(const Eigen::MatrixXd& p, const Eigen::VectorXd& s) const {
  const Eigen::Index n_outputs = p.cols() - 1, n_features = x_.cols(), size = n_features + (fit_intercept_ ? 1 : 0);
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(x_.rows());
  const CentredColumns<Design> origin(x_, ones, centring_for(fit_intercept_), team_);
  Eigen::MatrixXd information = Eigen::MatrixXd::Zero(size * n_outputs, size * n_outputs);
  for (Eigen::Index k = 0; k < n_outputs; ++k) {
    for (Eigen::Index l = 0; l <= k; ++l) {
      Eigen::VectorXd other = p.col(l + 1);
      if (k == l) other = p.leftCols(k + 1).rowwise().sum() + p.rightCols(n_outputs - k - 1).rowwise().sum();
      const Eigen::VectorXd curvature = s.cwiseProduct(p.col(k + 1)).cwiseProduct(other);
      information.block(k * size, l * size, size, size) = (k == l ? 1.0 : -1.0) * block(curvature, origin.mean());
    }
  }

  const Eigen::VectorXd scale = information.diagonal().unaryExpr(
      [](double h) { return h > 0 ? std::ldexp(1.0, -exponent_above(std::sqrt(h))) : 1.0; });
  information = scale.asDiagonal() * information * scale.asDiagonal();
  const Eigen::LDLT<Eigen::MatrixXd> ldlt(information);
  // P'L D L'P = D^1/2 L'P squared.
  Eigen::MatrixXd root = Eigen::MatrixXd::Identity(size * n_outputs, size * n_outputs);
  root = ldlt.transpositionsP() * root;
  const Eigen::ArrayXd pivots = ldlt.vectorD();
  const double rounding = tolerance() * pivots.maxCoeff();
  const Eigen::VectorXd roots = (pivots > rounding).select(pivots, 0.0).sqrt();
  root = roots.asDiagonal() * Eigen::MatrixXd(ldlt.matrixU() * root);
  root = root * scale.cwiseInverse().asDiagonal();
  const InverseGram<> inverse(std::move(root), std::sqrt(tolerance()));

  StandardErrors errors = missing(n_outputs);
  errors.rank = inverse.rank();
  for (Eigen::Index k = 0; k < n_outputs; ++k) {
    for (Eigen::Index j = 0; j < n_features; ++j) {
      errors.coefficients(j, k) = std::ldexp(inverse.standard_error(k * size + j), -origin.exponent(j));
    }
    if (!fit_intercept_) continue;
    Eigen::VectorXd q = Eigen::VectorXd::Zero(size * n_outputs);
    q.segment(k * size, n_features) = -origin.mean();
    q(k * size + n_features) = 1.0;
    errors.intercept(k) = inverse.standard_error(q);
  }
  return errors;
}

template <class Design>
Eigen::MatrixXd LogisticErrors<Design>::block(const Eigen::VectorXd& curvature, const Eigen::VectorXd& origin) const {
  const Eigen::Index p = x_.cols(), size = p + (fit_intercept_ ? 1 : 0);
  const double total = curvature.sum();
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size, size);
  if (!(total > 0)) return result;
  const Eigen::VectorXd weight = normalised(curvature);
  const CentredColumns<Design> a(x_, weight, centring_for(fit_intercept_), team_);
  const Eigen::VectorXd moved = a.mean() - origin;
  Eigen::MatrixXd correlation;
  const Eigen::MatrixXd gram = a.products(a.all(), p, Eigen::VectorXd::Zero(a.rows()), correlation);
  result.topLeftCorner(p, p) = gram.template selfadjointView<Eigen::Lower>();
  result.topLeftCorner(p, p) *= total / static_cast<double>(a.rows());
  if (!fit_intercept_) return result;
  result.topLeftCorner(p, p) += total * moved * moved.transpose();
  result.col(p).head(p) = total * moved;
  result.row(p).head(p) = total * moved.transpose();
  result(p, p) = total;
  return result;
}

}  // namespace aprender::solver
