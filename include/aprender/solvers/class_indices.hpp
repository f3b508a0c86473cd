#pragma once

#include <Eigen/Core>

namespace aprender::solver {

/// The class of each sample, 0 ... n_classes - 1.
using ClassIndices = Eigen::Matrix<Eigen::Index, Eigen::Dynamic, 1>;

}  // namespace aprender::solver
