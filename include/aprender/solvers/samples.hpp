/// The samples a solver works on.
#pragma once

#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"

namespace aprender::solver {

/// X, column-major: what `fit` narrows every expression to, so that a solver is instantiated once a scalar. A
/// column-major expression with unit inner stride is viewed, anything else is evaluated once.
template <Real Scalar>
using Design = Eigen::Ref<const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>;

/// The samples of positive weight with weights that sum to their number. Views X unless some weight is zero, in which
/// case the other rows are copied: a sample of zero weight is one that is not there, to the last bit.
template <Real Scalar, class Targets>
class Samples {
 public:
  /// x outlives this object. y has a row a row of x. Throws std::invalid_argument on weights that cannot be used.
  Samples(const Design<Scalar>& x, Targets y, const Eigen::VectorXd& sample_weight)
      : weight_(argument::normalised_weights(sample_weight, x.rows())),
        present_(indices_of_positive(weight_)),
        rows_(all_present() ? Rows() : Rows(x(present_, Eigen::all))),
        x_(all_present() ? x : Design<Scalar>(rows_)),
        y_(all_present() ? std::move(y) : Targets(y(present_, Eigen::all))) {
    if (!all_present()) weight_ = Eigen::VectorXd(weight_(present_));
  }
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  [[nodiscard]] const Design<Scalar>& x() const noexcept { return x_; }
  [[nodiscard]] const Targets& y() const noexcept { return y_; }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return weight_; }

 private:
  using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  [[nodiscard]] static std::vector<Eigen::Index> indices_of_positive(const Eigen::VectorXd& weight) {
    std::vector<Eigen::Index> indices;
    if ((weight.array() > 0).all()) return indices;
    for (Eigen::Index i = 0; i < weight.size(); ++i) {
      if (weight(i) > 0) indices.push_back(i);
    }
    return indices;
  }
  [[nodiscard]] bool all_present() const noexcept { return present_.empty(); }

  Eigen::VectorXd weight_;
  std::vector<Eigen::Index> present_;  ///< empty: all
  Rows rows_;
  Design<Scalar> x_;
  Targets y_;
};

}  // namespace aprender::solver
