/// From the arguments of a classifier's `fit` to its samples.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <vector>

#include "aprender/class_weight.hpp"
#include "aprender/fitted.hpp"
#include "aprender/solvers/class_indices.hpp"
#include "aprender/solvers/samples.hpp"

namespace aprender::solver {

/// Samples of positive weight, with their classes as indices.
template <class Design>
class ClassifiedSamples {
 public:
  using Labels = Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>;

  /// x outlives this object. Throws std::invalid_argument on sizes that do not fit, weights that cannot be used and
  /// labels of one class only.
  ClassifiedSamples(const Design& x, const Labels& y, const ClassWeight& class_weight, const FitOptions& options)
      : samples_((argument::require_samples(x, y), x), y,
                 argument::weighted_by_class(class_weight, y, options.sample_weight)),
        classes_(samples_.y().begin(), samples_.y().end()),
        indices_(samples_.y().size()) {
    argument::require(options.threads >= 1, "threads", options.threads, "at least 1");
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    argument::require(classes_.size() >= 2, "the only class in y", classes_.front(), "at least two classes");
    for (Eigen::Index i = 0; i < indices_.size(); ++i) {
      indices_(i) = std::lower_bound(classes_.begin(), classes_.end(), samples_.y()(i)) - classes_.begin();
    }
  }

  [[nodiscard]] const Design& x() const noexcept { return samples_.x(); }
  [[nodiscard]] const Eigen::VectorXd& weight() const noexcept { return samples_.weight(); }
  [[nodiscard]] const ClassIndices& indices() const noexcept { return indices_; }  ///< positions in classes()
  [[nodiscard]] const std::vector<std::int64_t>& classes() const noexcept { return classes_; }
  [[nodiscard]] Eigen::Index n_classes() const noexcept { return static_cast<Eigen::Index>(classes_.size()); }

 private:
  Samples<Design, Labels> samples_;
  std::vector<std::int64_t> classes_;
  ClassIndices indices_;
};

/// Labels of any integer type. Throws std::invalid_argument on one beyond 2^63 - 1.
template <LabelVector Y>
[[nodiscard]] Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> as_labels(const Y& labels) {
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> y = labels.template cast<std::int64_t>();
  if constexpr (std::unsigned_integral<typename Y::Scalar>) {
    argument::require(y.size() == 0 || y.minCoeff() >= 0, "largest label", labels.maxCoeff(), "at most 2^63 - 1");
  }
  return y;
}

}  // namespace aprender::solver
