/// A strict reader of the sparse format of LIBSVM and SVMlight: a line a sample, `label index:value index:value ...`.
///
/// Indices begin at 1 and increase within a line; labels and values are finite decimal numbers, a label may have a plus
/// sign; blanks or tabs separate, and may end a line; LF or CRLF; `#` begins a comment that the line ends. Refused,
/// each with file and line: blank lines; what is not UTF-8; anything else, such as `qid:`, several labels, indices
/// beyond max_feature_index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>
#include <Eigen/SparseCore>

#include "aprender/error.hpp"

namespace aprender::cli {

inline constexpr std::int64_t max_feature_index = 100'000'000;  ///< what is fitted has a number a feature, or several

/// Labels and features of samples.
class SparseSamples {
 public:
  using Matrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;
  using Labels = Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>;

  [[nodiscard]] const std::string& file_name() const noexcept { return file_name_; }
  [[nodiscard]] std::size_t rows() const noexcept { return lines_.size(); }
  [[nodiscard]] const Matrix& x() const noexcept { return x_; }                ///< column j holds index j + 1
  [[nodiscard]] const Eigen::VectorXd& labels() const noexcept { return y_; }  ///< as numbers

  /// The labels as integers. Errors: unusable_data, naming the first that is none, or is beyond 2^53.
  [[nodiscard]] Result<Labels> integer_labels() const;

  /// "file.svm:12", the line of a sample.
  [[nodiscard]] std::string where(std::size_t row) const;

 private:
  friend class LibsvmReader;

  std::string file_name_;
  std::vector<std::size_t> lines_;
  Eigen::VectorXd y_;
  Matrix x_;
};

/// `file_name` is what errors say; n_features is the number of columns, 0 for the largest index. Errors: unusable_data,
/// also where there is no sample. Linear in the size of the text.
[[nodiscard]] Result<SparseSamples> read_libsvm(std::string_view text, std::string_view file_name,
                                                std::int64_t n_features = 0);

}  // namespace aprender::cli
