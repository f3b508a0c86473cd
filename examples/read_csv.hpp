/// Just enough CSV for the examples: a header, commas, no quotes, numbers everywhere but in the last column, the
/// target. The command line reads CSV properly; a library of models has no business doing so.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <Eigen/Core>

/// APRENDER_EXAMPLES_DATA is the path of examples/data, given by CMakeLists.txt.
inline const std::filesystem::path data_folder = APRENDER_EXAMPLES_DATA;

struct Table {
  std::vector<std::string> features;  ///< names of the columns of X
  Eigen::MatrixXd X;                  ///< n_samples x n_features
  std::string target;                 ///< name of the last column
  std::vector<std::string> labels;    ///< the last column as it is written, n_samples

  /// The last column as numbers, n_samples.
  [[nodiscard]] Eigen::VectorXd y() const {
    Eigen::VectorXd values(X.rows());
    for (Eigen::Index i = 0; i < X.rows(); ++i) values(i) = std::stod(labels[static_cast<std::size_t>(i)]);
    return values;
  }
};

/// Throws std::runtime_error if there is no such file or a row is not as long as the header.
inline Table read_csv(const std::filesystem::path& file) {
  const auto cells = [](const std::string& line) {
    std::vector<std::string> row;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) row.push_back(cell);
    return row;
  };

  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) throw std::runtime_error("cannot read " + file.string());
  Table table{.features = cells(line), .X = {}, .target = {}, .labels = {}};
  table.target = table.features.back();
  table.features.pop_back();

  std::vector<double> values;
  while (std::getline(stream, line)) {
    const auto row = cells(line);
    if (row.size() != table.features.size() + 1) throw std::runtime_error("ragged row in " + file.string());
    for (std::size_t j = 0; j + 1 < row.size(); ++j) values.push_back(std::stod(row[j]));
    table.labels.push_back(row.back());
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  table.X = Eigen::Map<const RowMajor>(values.data(), static_cast<Eigen::Index>(table.labels.size()),
                                       static_cast<Eigen::Index>(table.features.size()));
  return table;
}
