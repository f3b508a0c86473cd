/// Data to fit where it does not matter which.
#pragma once

#include <Eigen/Core>

namespace aprender::cli {

inline const Eigen::MatrixXd six_rows{{1.0, 0.0}, {2.0, 1.0}, {3.0, 5.0}, {4.0, 2.0}, {5.0, 4.0}, {6.0, 3.0}};
inline const Eigen::VectorXd six_targets{{1.0, 3.0, 2.0, 5.0, 4.0, 7.0}};

}  // namespace aprender::cli
