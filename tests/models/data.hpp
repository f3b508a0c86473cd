/// The data sets of examples/data.
#pragma once

#include <cstddef>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <Eigen/Core>

namespace aprender::test {

struct DataSet {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;  ///< the last column; text labels become their index in sorted order
};

inline DataSet load(const std::string& name) {
  std::ifstream file(std::string(APRENDER_SOURCE_DIR) + "/examples/data/" + name + ".csv");
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("cannot read " + name);
  std::vector<std::vector<std::string>> rows;
  std::set<std::string> labels;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    labels.insert(rows.back().back());
  }
  const bool text = labels.begin()->find_first_not_of("+-.0123456789eE") != std::string::npos;
  const auto n_features = static_cast<Eigen::Index>(rows.front().size()) - 1;
  DataSet data{Eigen::MatrixXd(rows.size(), n_features), Eigen::VectorXd(rows.size())};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    for (Eigen::Index j = 0; j < n_features; ++j) data.x(row, j) = std::stod(rows[i][static_cast<std::size_t>(j)]);
    const std::string& target = rows[i].back();
    data.y(row) = text ? static_cast<double>(std::distance(labels.begin(), labels.find(target))) : std::stod(target);
  }
  return data;
}

/// The weights of reference_scikit_learn.py: 1 + i mod 5.
inline Eigen::VectorXd cyclic_weights(Eigen::Index n) {
  return Eigen::VectorXd::NullaryExpr(n, [](Eigen::Index i) { return static_cast<double>(1 + i % 5); });
}

}  // namespace aprender::test
