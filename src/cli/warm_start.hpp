/// Coefficients that a fit begins with.
#pragma once

#include <string>
#include <vector>

#include <Eigen/Core>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

/// A model to start from.
struct WarmStart {
  std::string file;
  ModelArchive archive;
};

/// Its coefficients, as FitOptions takes them. `classes` are those of the samples, none for a regression.
/// Throws Failure(unusable_data) unless features, which need no names on one side, and classes are those of the samples
/// and it has one target.
[[nodiscard]] Eigen::MatrixXd initial_coefficients(const WarmStart& start, const Samples& samples,
                                                   const std::vector<std::string>& classes);

}  // namespace aprender::cli
