/// Links only where program and library allocate Eigen's matrices alike.
#pragma once

#include <Eigen/Core>

namespace aprender {

/// Eigen allocates by EIGEN_MAX_ALIGN_BYTES, which follows the vector instructions that are enabled (-mavx,
/// -march=native). A matrix allocated in one way and freed in another corrupts the heap. The library defines this for
/// its own value alone, so that a program with another one does not link: build both with the same flags, or with the
/// same -DEIGEN_MAX_ALIGN_BYTES.
template <int max_align_bytes>
struct EigenAlignment {
  static bool is_that_of_the_library() noexcept;
};

inline const bool eigen_alignment_agrees = EigenAlignment<EIGEN_MAX_ALIGN_BYTES>::is_that_of_the_library();

}  // namespace aprender
