/// The loss of logistic regression, binomial and multinomial.
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

namespace aprender::solver {

/// log(1 + exp(z)) without overflow.
[[nodiscard]] inline double log1p_exp(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

/// 1 / (1 + exp(-z)) without overflow or cancellation.
[[nodiscard]] inline double logistic(double z) {
  const double e = std::exp(-std::abs(z));
  return (z >= 0 ? 1.0 : e) / (1.0 + e);
}

/// The class of each sample, 0 ... n_classes - 1.
using ClassIndices = Eigen::Matrix<Eigen::Index, Eigen::Dynamic, 1>;

/// The log loss as a function of the scores: n x 1 (two classes) or n x n_classes.
template <class Scores = Eigen::MatrixXd>
class LogLoss {
 public:
  /// y and weight outlive this object.
  LogLoss(const ClassIndices& y, const Eigen::VectorXd& weight) : y_(y), weight_(weight) {}

  /// sum_i s_i loss_i.
  [[nodiscard]] double value(const Scores& scores) const {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      if (scores.cols() == 1) {
        sum += weight_(i) * log1p_exp(y_(i) == 1 ? -scores(i, 0) : scores(i, 0));
      } else {
        const double largest = scores.row(i).maxCoeff();
        sum += weight_(i) * (std::log((scores.row(i).array() - largest).exp().sum()) + (largest - scores(i, y_(i))));
      }
    }
    return sum;
  }

  /// The derivative s_i (p_ik - [y_i = k]); the entry of the true class is summed from the others, so that it keeps
  /// its digits when the model is sure.
  [[nodiscard]] Scores slope(const Scores& scores) const {
    Scores slope = probabilities(scores);
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      if (scores.cols() == 1) {
        slope(i, 0) = y_(i) == 1 ? -logistic(-scores(i, 0)) : slope(i, 0);
      } else {
        slope(i, y_(i)) = 0;
        slope(i, y_(i)) = -slope.row(i).sum();
      }
    }
    return weight_.asDiagonal() * slope;
  }

  /// p_ik; of two classes the second.
  [[nodiscard]] static Scores probabilities(const Scores& scores) {
    if (scores.cols() == 1) return scores.unaryExpr([](double z) { return logistic(z); });
    Scores p = (scores.colwise() - scores.rowwise().maxCoeff()).array().exp();
    return p.array().colwise() / p.rowwise().sum().array();
  }

 private:
  const ClassIndices& y_;
  const Eigen::VectorXd& weight_;
};

}  // namespace aprender::solver
