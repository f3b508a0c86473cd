/// What a command trains on.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include "aprender/provenance.hpp"
#include "cli/class_labels.hpp"
#include "cli/columns.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/roles.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {

/// X, targets and sample weights, from a table or from a file of sparse samples.
class Samples {
 public:
  /// Reads the file that the options name. Throws Failure: file, usage, unusable_data.
  explicit Samples(const DataOptions& options);

  [[nodiscard]] const std::string& file_name() const;
  [[nodiscard]] const TrainingData& source() const;
  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t n_features() const;
  [[nodiscard]] bool sparse() const { return std::holds_alternative<SparseFile>(data_); }
  [[nodiscard]] const std::vector<std::string>& targets() const { return targets_; }
  [[nodiscard]] const std::string& target() const { return targets_.front(); }  ///< where there is one
  [[nodiscard]] const std::string& sample_weight() const { return sample_weight_; }

  /// Names of the columns; those of sparse samples have none, and are called by their indices.
  [[nodiscard]] std::vector<std::string> feature_labels() const;

  /// use(X), whose columns are the features: a dense matrix, or a sparse one by rows. Throws Failure(unusable_data) for
  /// what is no number or overflows Scalar.
  template <class Scalar, class F>
  decltype(auto) with_x(F&& use) const {
    if (const auto* table = std::get_if<TableFile>(&data_)) {
      return use(number_matrix<Scalar>(table->file.table, table->roles.features));
    }
    const SparseSamples& samples = std::get<SparseFile>(data_).samples;
    if constexpr (std::same_as<Scalar, double>) {
      return use(samples.x());
    } else {
      const Eigen::SparseMatrix<Scalar, Eigen::RowMajor> x = samples.x().cast<Scalar>();
      require_in_range(x);
      return use(x);
    }
  }

  /// The target of a regression, or with Targets = Eigen::Dynamic a column each. Throws Failure(unusable_data)
  /// likewise.
  template <class Scalar, int Targets = 1>
  [[nodiscard]] Eigen::Matrix<Scalar, Eigen::Dynamic, Targets> y() const {
    if (const auto* table = std::get_if<TableFile>(&data_)) {
      return number_matrix<Scalar>(
          table->file.table, table->roles.targets,
          "A regression needs a finite number in every row; for classes use --estimator logistic.");
    }
    const SparseSamples& samples = std::get<SparseFile>(data_).samples;
    for (Eigen::Index i = 0; i < samples.labels().size(); ++i) {
      if (!std::isfinite(static_cast<Scalar>(samples.labels()(i)))) refuse_float(static_cast<std::size_t>(i), "label");
    }
    return samples.labels().cast<Scalar>();
  }

  /// The target of a classification. sample_weight may be empty. Throws Failure(unusable_data), also for more classes
  /// than there is memory for.
  [[nodiscard]] Labels labels(const Eigen::VectorXd& sample_weight) const;

  /// One weight a row, at least zero and not all zero, or none. Throws Failure(unusable_data).
  [[nodiscard]] Eigen::VectorXd weights() const;

 private:
  struct TableFile {
    DataFile file;
    Roles roles;
  };

  static std::variant<TableFile, SparseFile> read(const DataOptions& options);
  [[noreturn]] void refuse_float(std::size_t row, const std::string& what) const;

  template <class Matrix>
  void require_in_range(const Matrix& x) const {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      for (typename Matrix::InnerIterator entry(x, i); entry; ++entry) {
        if (std::isfinite(entry.value())) continue;
        refuse_float(static_cast<std::size_t>(i), "value of index " + std::to_string(entry.col() + 1));
      }
    }
  }

  std::variant<TableFile, SparseFile> data_;
  std::vector<std::string> targets_;
  std::string sample_weight_;
};

}  // namespace aprender::cli
