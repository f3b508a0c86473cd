/// The loss of logistic regression, binomial and multinomial.
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "aprender/simd/kernels.hpp"

namespace aprender::solver {

/// The class of each sample, 0 ... n_classes - 1.
using ClassIndices = Eigen::Matrix<Eigen::Index, Eigen::Dynamic, 1>;

/// The log loss of rows of scores, one column (the log-odds of the second of two classes) or one a class (softmax).
class LogLoss {
 public:
  /// y and weight outlive this object.
  LogLoss(const ClassIndices& y, const Eigen::VectorXd& weight)
      : y_(y), weight_(weight), sign_((y.array() == 1).select(Eigen::VectorXd::Ones(y.size()), -1.0)) {}

  /// sum_i s_i loss_i over rows first, first + 1, ... of the samples, whose scores are given. slope_ik becomes the
  /// derivative s_i (p_ik - [y_i = k]), summed from the other classes where y_i = k so that it keeps its digits when
  /// the model is sure. p_ik becomes the probability, but s_i p_i (1 - p_i) where there is one column.
  double evaluate(Eigen::Index first, const Eigen::Ref<const Eigen::MatrixXd>& scores, Eigen::MatrixXd& slope,
                  Eigen::MatrixXd& p) const {
    slope.resize(scores.rows(), scores.cols());
    p.resize(scores.rows(), scores.cols());
    if (scores.cols() == 1) {
      return simd::kernels().logistic(scores.data(), sign_.data() + first, weight_.data() + first, scores.rows(),
                                      slope.data(), p.data());
    }
    double sum = 0.0;
    p = (scores.colwise() - scores.rowwise().maxCoeff()).array().exp();
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const double total = p.row(i).sum();
      const double largest = scores.row(i).maxCoeff();
      const Eigen::Index label = y_(first + i);
      const double s = weight_(first + i);
      sum += s * (std::log(total) + (largest - scores(i, label)));
      p.row(i) /= total;
      slope.row(i) = s * p.row(i);
      slope(i, label) = 0;
      slope(i, label) = -slope.row(i).sum();
    }
    return sum;
  }

 private:
  const ClassIndices& y_;
  const Eigen::VectorXd& weight_;
  Eigen::VectorXd sign_;
};

}  // namespace aprender::solver
