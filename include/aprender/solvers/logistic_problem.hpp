/// Logistic regression as its solvers see it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>

#include "aprender/solvers/dense_columns.hpp"
#include "aprender/solvers/log_loss.hpp"
#include "aprender/solvers/logistic_solvers.hpp"
#include "aprender/solvers/sparse_columns.hpp"

namespace aprender::solver {

/// F(theta) = sum_i s_i loss_i + sum_j lambda_j ||theta_j||_1 + 1/2 sum_j ridge_j ||theta_j||^2  in the centred and
/// scaled columns z of X, whose penalties are l1 ||w||_1 + l2/2 ||w||^2. theta is size() x outputs(): a row a column
/// of X, and a last one of intercepts, without penalty, if they are fitted.
template <class Design>
class LogisticProblem {
 public:
  using Scalar = typename Design::Scalar;

  /// x, y, weight (summing to the number of rows) and team outlive this object.
  LogisticProblem(const Design& x, const ClassIndices& y, const Eigen::VectorXd& weight, Eigen::Index n_classes,
                  double l1, double l2, bool fit_intercept, Team& team)
      : x_(x),
        z_(x, weight, centring_for(fit_intercept), team, std::sqrt(l2)),
        loss_(y, weight),
        n_classes_(n_classes),
        fit_intercept_(fit_intercept),
        lambda_(z_.cols()),
        ridge_(Eigen::VectorXd::Zero(size())) {
    for (Eigen::Index j = 0; j < z_.cols(); ++j) {
      lambda_(j) = l1 == 0 ? 0.0 : std::ldexp(l1, -z_.exponent(j));
      ridge_(j) = std::pow(std::sqrt(l2) * z_.factor(j), 2);
    }
  }

  [[nodiscard]] const Design& x() const noexcept { return x_; }
  [[nodiscard]] const CentredColumns<Design>& z() const noexcept { return z_; }
  [[nodiscard]] const LogLoss& loss() const noexcept { return loss_; }
  [[nodiscard]] const Eigen::VectorXd& lambda() const noexcept { return lambda_; }  ///< n_columns()
  [[nodiscard]] const Eigen::VectorXd& ridge() const noexcept { return ridge_; }    ///< size(), 0 for the intercept
  [[nodiscard]] bool fit_intercept() const noexcept { return fit_intercept_; }
  [[nodiscard]] Eigen::Index n_columns() const noexcept { return z_.cols(); }
  [[nodiscard]] Eigen::Index size() const noexcept { return z_.cols() + (fit_intercept_ ? 1 : 0); }
  [[nodiscard]] Eigen::Index outputs() const noexcept { return n_classes_ == 2 ? 1 : n_classes_; }
  [[nodiscard]] Eigen::Index n_classes() const noexcept { return n_classes_; }

  /// sum_i s_i z_ij^2 of all columns, to about six digits.
  [[nodiscard]] Eigen::VectorXd squared_norms() const {
    return z_.norm_bound().allFinite() ? Eigen::VectorXd(z_.norm_bound().cwiseAbs2()) : z_.squared_norms();
  }

  /// Zero coefficients and the best intercepts for them: the logarithms of the classes' shares.
  [[nodiscard]] Eigen::MatrixXd zero() const {
    Eigen::MatrixXd theta = Eigen::MatrixXd::Zero(size(), outputs());
    if (!fit_intercept_) return theta;
    const Eigen::VectorXd share = shares();
    if (outputs() == 1) {
      theta(n_columns(), 0) = std::log(share(1)) - std::log(share(0));
    } else {
      theta.row(n_columns()) = share.array().log().transpose();
      theta.row(n_columns()).array() -= theta.row(n_columns()).mean();
    }
    return theta;
  }

  /// F(zero()).
  [[nodiscard]] double objective_at_zero() const {
    const auto n = static_cast<double>(z_.rows());
    if (!fit_intercept_) return n * std::log(static_cast<double>(n_classes_));
    const Eigen::ArrayXd share = shares();
    return -n * (share * share.log()).sum();
  }

  /// max_jk |g_jk| in the user's units of the loss's gradient at zero().
  [[nodiscard]] double steepest_at_zero() const {
    Eigen::MatrixXd slope, probability;
    evaluate(scores(zero()), slope, probability);
    const Eigen::MatrixXd g = z_.transposed_product(slope);
    double largest = 0.0;
    for (Eigen::Index j = 0; j < n_columns(); ++j) {
      largest = std::max(largest, std::ldexp(g.row(j).cwiseAbs().maxCoeff(), z_.exponent(j)));
    }
    return largest;
  }

  /// theta of coefficients in the user's units, outputs() x n_columns(), with the best intercepts for them, or zero()
  /// if there are none or they are worse. Throws std::invalid_argument on another shape and on coefficients that are
  /// not finite.
  [[nodiscard]] Eigen::MatrixXd start(const Eigen::MatrixXd& coefficients) const;

  /// Moves the intercepts, and the scores of theta with them, to where the loss is least; no pass over X.
  void optimise_intercepts(Eigen::MatrixXd& theta, Eigen::MatrixXd& scores) const;

  /// Z theta with the intercepts.
  [[nodiscard]] Eigen::MatrixXd scores(const Eigen::MatrixXd& theta) const {
    Eigen::MatrixXd scores = z_.product(theta.topRows(n_columns()));
    if (fit_intercept_) scores.rowwise() += theta.row(n_columns());
    return scores;
  }

  /// LogLoss::evaluate of all rows.
  double evaluate(const Eigen::MatrixXd& scores, Eigen::MatrixXd& slope, Eigen::MatrixXd& probability) const {
    slope.resize(scores.rows(), scores.cols());
    probability.resize(scores.rows(), scores.cols());
    Eigen::VectorXd sums = Eigen::VectorXd::Zero(z_.team().size());
    for_each_strip([&](int member, Eigen::Index first, Eigen::Index count) {
      sums(member) += loss_.evaluate(first, scores.middleRows(first, count), slope.middleRows(first, count),
                                     probability.middleRows(first, count));
    });
    return sums.sum();
  }

  /// The loss's gradient: [Z'slope; sum of slope].
  [[nodiscard]] Eigen::MatrixXd gradient(const Eigen::MatrixXd& slope) const {
    Eigen::MatrixXd gradient(size(), outputs());
    gradient.topRows(n_columns()) = z_.transposed_product(slope);
    if (fit_intercept_) gradient.row(n_columns()) = slope.colwise().sum();
    return gradient;
  }

  /// 1/2 sum_j ridge_j ||theta_j||^2.
  [[nodiscard]] double ridge_penalty(const Eigen::MatrixXd& theta) const {
    return 0.5 * (ridge_.asDiagonal() * theta).cwiseProduct(theta).sum();
  }

  /// sum_j lambda_j ||theta_j||_1; a lambda_j that overflowed counts for theta_j = 0.
  [[nodiscard]] double lasso_penalty(const Eigen::MatrixXd& theta) const {
    double sum = 0.0;
    for (Eigen::Index j = 0; j < n_columns(); ++j) {
      const double norm = theta.row(j).cwiseAbs().sum();
      if (norm != 0) sum += lambda_(j) * norm;
    }
    return sum;
  }

  /// max_j |g_j| / sum_i s_i |x_ij| with g in the columns of X itself, |g| / n for the intercept; 0 / 0 = 0.
  [[nodiscard]] double relative(const Eigen::MatrixXd& gradient) const {
    double largest = 0.0;
    for (Eigen::Index k = 0; k < outputs(); ++k) {
      const double intercept = fit_intercept_ ? gradient(n_columns(), k) : 0.0;
      for (Eigen::Index j = 0; j < n_columns(); ++j) {
        const double g = gradient(j, k) + z_.mean()(j) * intercept;
        const double ratio = g == 0 ? 0.0 : std::abs(g) / z_.magnitude(j);
        if (!(ratio <= largest)) largest = ratio;
      }
      const double ratio = std::abs(intercept) / static_cast<double>(z_.rows());
      if (!(ratio <= largest)) largest = ratio;
    }
    return largest;
  }

  /// sum_j |x_ij| |theta_j| + |b|: what rounding theta and b moves scores by, in units of the rounding.
  [[nodiscard]] Eigen::MatrixXd score_magnitudes(const Eigen::MatrixXd& theta) const;

  /// A bound on what rounding an optimal w and b to Scalar can make of the relative gradient, twice over: with
  /// u = eps(Scalar) / 2 a score moves by at most u (|b| + sum_j |x_ij w_j|), a probability by half of that (logistic
  /// and softmax have Lipschitz constants of at most 1/2 in the maximum norm), the penalty's slope by u ridge_j |w_j|.
  [[nodiscard]] double rounding_gradient(const Eigen::MatrixXd& theta) const {
    double penalty = 0.0;
    for (Eigen::Index j = 0; j < n_columns(); ++j) {
      if (!(z_.magnitude(j) > 0)) continue;
      penalty = std::max(penalty, ridge_(j) * theta.row(j).cwiseAbs().maxCoeff() / z_.magnitude(j));
    }
    return std::numeric_limits<Scalar>::epsilon() * 0.5 * (score_magnitudes(theta).maxCoeff() + penalty);
  }

  /// theta rounded to the user's units and Scalar, in `solution`, and back; the intercepts of the softmax are shifted
  /// to sum to zero.
  [[nodiscard]] Eigen::MatrixXd rounded(const Eigen::MatrixXd& theta, LogisticSolution<Scalar>& solution) const {
    const Eigen::Index p = n_columns();
    solution.coefficients.resize(outputs(), p);
    solution.intercept.setZero(outputs());
    Eigen::MatrixXd rounded = Eigen::MatrixXd::Zero(size(), outputs());
    for (Eigen::Index k = 0; k < outputs(); ++k) {
      for (Eigen::Index j = 0; j < p; ++j) {
        solution.coefficients(k, j) = static_cast<Scalar>(std::ldexp(theta(j, k), -z_.exponent(j)));
        rounded(j, k) = std::ldexp(static_cast<double>(solution.coefficients(k, j)), z_.exponent(j));
      }
    }
    if (!fit_intercept_) return rounded;
    const Eigen::RowVectorXd mean_score = z_.mean().transpose() * rounded.topRows(p);
    Eigen::RowVectorXd intercept = theta.row(p) - mean_score;
    if (outputs() > 1) intercept.array() -= intercept.mean();
    solution.intercept = intercept.template cast<Scalar>();
    rounded.row(p) = solution.intercept.template cast<double>() + mean_score;
    return rounded;
  }

  /// Calls visit(member, first row, rows) for all rows, in strips that stay in the cache, shared out to the team.
  template <class Visit>
  void for_each_strip(const Visit& visit) const {
    constexpr Eigen::Index height = 2048;
    z_.team().run([&](int member) {
      const auto [begin, end] = z_.team().share(z_.rows(), member, 8);
      for (Eigen::Index first = begin; first < end; first += height) {
        visit(member, first, std::min(height, end - first));
      }
    });
  }

 private:
  /// The classes' shares of the weight.
  [[nodiscard]] Eigen::VectorXd shares() const {
    Eigen::VectorXd share = Eigen::VectorXd::Zero(n_classes_);
    for (Eigen::Index i = 0; i < z_.rows(); ++i) share(loss_.y()(i)) += loss_.weight()(i);
    return share / share.sum();
  }

  const Design& x_;
  CentredColumns<Design> z_;
  LogLoss loss_;
  Eigen::Index n_classes_;
  bool fit_intercept_;
  Eigen::VectorXd lambda_;  ///< l1 2^-e_j
  Eigen::VectorXd ridge_;   ///< l2 2^(-2 e_j), 0 for the intercept
};

template <class Design>
Eigen::MatrixXd LogisticProblem<Design>::start(const Eigen::MatrixXd& coefficients) const {
  Eigen::MatrixXd theta = zero();
  if (coefficients.size() == 0) return theta;
  argument::require_equal("rows of initial_coefficients", coefficients.rows(), "rows of the model's", outputs());
  argument::require_equal("columns of initial_coefficients", coefficients.cols(), "columns of X", n_columns());
  argument::require_finite("initial_coefficients", coefficients);
  for (Eigen::Index j = 0; j < n_columns(); ++j) {
    for (Eigen::Index k = 0; k < outputs(); ++k) {
      const double scaled = std::ldexp(coefficients(k, j), z_.exponent(j));
      if (std::isfinite(scaled)) theta(j, k) = scaled;
    }
  }
  Eigen::MatrixXd at = scores(theta), slope, probability;
  optimise_intercepts(theta, at);
  const double objective = evaluate(at, slope, probability) + ridge_penalty(theta) + lasso_penalty(theta);
  return objective < objective_at_zero() ? theta : zero();
}

template <class Design>
void LogisticProblem<Design>::optimise_intercepts(Eigen::MatrixXd& theta, Eigen::MatrixXd& scores) const {
  if (!fit_intercept_) return;
  const Eigen::Index m = outputs();
  const auto n = static_cast<double>(z_.rows());
  Eigen::MatrixXd slope, p;
  double least = evaluate(scores, slope, p);
  for (int iteration = 0; iteration < 30; ++iteration) {
    const Eigen::VectorXd gradient = slope.colwise().sum();
    if (gradient.cwiseAbs().maxCoeff() <= 1e-15 * n) return;
    Eigen::MatrixXd curvature = Eigen::MatrixXd::Constant(1, 1, p.col(0).sum());
    if (m > 1) {  // 11' makes it regular where a common shift changes nothing
      curvature = -(p.transpose() * loss_.weight().asDiagonal() * p);
      curvature.diagonal() -= curvature.rowwise().sum().eval();
      curvature.array() += n / static_cast<double>(m * m);
    }
    curvature.diagonal().array() += 1e-14 * n;
    Eigen::RowVectorXd step = -curvature.llt().solve(gradient).transpose();
    if (!step.allFinite() || step.cwiseAbs().maxCoeff() <= 1e-15) return;
    Eigen::MatrixXd next_scores, next_slope, next_p;
    double next = std::numeric_limits<double>::infinity();
    for (int halving = 0; halving < 60 && !(next <= least); ++halving, step *= 0.5) {
      next_scores = scores.rowwise() + step;
      next = evaluate(next_scores, next_slope, next_p);
      if (next <= least) theta.row(n_columns()) += step;
    }
    if (!(next <= least)) return;
    least = next;
    scores = std::move(next_scores);
    slope = std::move(next_slope);
    p = std::move(next_p);
  }
}

template <class Design>
Eigen::MatrixXd LogisticProblem<Design>::score_magnitudes(const Eigen::MatrixXd& theta) const {
  const Eigen::Index p = n_columns();
  Eigen::MatrixXd magnitude = Eigen::MatrixXd::Zero(z_.rows(), outputs());
  if constexpr (is_sparse<Design>) {
    for (Eigen::Index k = 0; k < x_.outer_size(); ++k) {
      for (Eigen::Index e = x_.begin(k); e < x_.begin(k + 1); ++e) {
        const Eigen::Index i = x_.row_major() ? k : x_.inner(e), j = x_.row_major() ? x_.inner(e) : k;
        magnitude.row(i) += std::abs(x_.value(e)) * z_.factor(j) * theta.row(j).cwiseAbs();
      }
    }
  } else {
    for (Eigen::Index j = 0; j < p; ++j) {
      magnitude.noalias() += (z_.z(j).array() + z_.mean()(j)).abs().matrix() * theta.row(j).cwiseAbs();
    }
  }
  if (fit_intercept_) {
    const Eigen::RowVectorXd b = theta.row(p) - z_.mean().transpose() * theta.topRows(p);
    magnitude.rowwise() += b.cwiseAbs();
  }
  return magnitude;
}

}  // namespace aprender::solver
