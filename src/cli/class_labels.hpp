/// Labels of classes as a classifier takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

namespace aprender::cli {

/// Class labels as integers, and what they stand for.
struct Labels {
  using Values = Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>;

  Values values;  ///< n_samples
  std::size_t n_classes = 0;
  std::vector<std::string> classes;  ///< texts in the order of their labels 0 to n - 1, or none: integers of the data
};

/// The classes in words, in the order of their labels.
[[nodiscard]] std::vector<std::string> class_names(const Labels& labels);

/// Labels are integers if every one is a plain decimal integer, else texts in the order of their bytes. `where` names
/// their column and position(row) one of them, for messages; sample_weight may be empty. Throws Failure(unusable_data):
/// an empty label, one class only, a different one in every row, more than a hundred with few rows each, a class
/// without weight, numbers with fractions.
[[nodiscard]] Labels read_labels(const std::vector<std::string_view>& texts, const std::string& where,
                                 const std::function<std::string(std::size_t)>& position,
                                 const Eigen::VectorXd& sample_weight);

/// The same of labels that are integers already.
[[nodiscard]] Labels check_labels(Labels::Values values, const std::string& where,
                                  const Eigen::VectorXd& sample_weight);

}  // namespace aprender::cli
