/// The samples a solver works on.
#pragma once

#include <utility>
#include <vector>

#include <Eigen/Core>

#include "aprender/arguments.hpp"
#include "aprender/solvers/design.hpp"

namespace aprender::solver {

/// The samples of positive weight with weights that sum to their number. Views X unless some weight is zero, in which
/// case the other rows are copied: a sample of zero weight is one that is not there, to the last bit.
template <class Design, class Targets>
class Samples {
 public:
  /// x outlives this object. y has a row a row of x. Throws std::invalid_argument on weights that cannot be used.
  Samples(const Design& x, Targets y, const Eigen::VectorXd& sample_weight)
      : weight_(argument::normalised_weights(sample_weight, x.rows())),
        present_(indices_of_positive(weight_)),
        rows_(all_present() ? Rows() : x.select(present_)),
        copy_(rows_),
        x_(all_present() ? x : copy_),
        y_(all_present() ? std::move(y) : Targets(y(present_, Eigen::all))) {
    if (all_present()) return;
    x.require_finite();
    weight_ = Eigen::VectorXd(weight_(present_));
  }
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  [[nodiscard]] const Design& x() const noexcept { return x_; }
  [[nodiscard]] const Targets& y() const noexcept { return y_; }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return weight_; }

 private:
  using Rows = typename Design::Matrix;

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
  Design copy_;
  const Design& x_;
  Targets y_;
};

}  // namespace aprender::solver
