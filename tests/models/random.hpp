/// Random problems that are the same on every platform.
#pragma once

#include <cstdint>
#include <random>

#include <Eigen/Core>

namespace aprender::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}

  /// Uniform in [-1, 1).
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-52 - 1.0; }

  /// One of lowest ... highest.
  Eigen::Index integer(Eigen::Index lowest, Eigen::Index highest) {
    return lowest + static_cast<Eigen::Index>(bits_() % static_cast<std::uint64_t>(highest - lowest + 1));
  }

  /// Entries uniform in [-1, 1), exact in float so that every Scalar sees the same numbers.
  Eigen::MatrixXd matrix(Eigen::Index rows, Eigen::Index cols) {
    return Eigen::MatrixXd::NullaryExpr(rows, cols, [this] { return uniform(); }).cast<float>().cast<double>();
  }
  Eigen::VectorXd vector(Eigen::Index size) { return matrix(size, 1); }

  /// Integers lowest ... highest.
  Eigen::MatrixXd integers(Eigen::Index rows, Eigen::Index cols, int lowest, int highest) {
    return Eigen::MatrixXd::NullaryExpr(rows, cols, [&] { return static_cast<double>(integer(lowest, highest)); });
  }

 private:
  std::mt19937_64 bits_;
};

/// Row i of x repeated times(i) times.
inline Eigen::MatrixXd repeat(const Eigen::MatrixXd& x, const Eigen::VectorXi& times) {
  Eigen::MatrixXd repeated(times.sum(), x.cols());
  Eigen::Index row = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (int k = 0; k < times(i); ++k) repeated.row(row++) = x.row(i);
  }
  return repeated;
}

}  // namespace aprender::test
