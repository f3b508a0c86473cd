#include "aprender/eigen_alignment.hpp"

namespace aprender {

template <int max_align_bytes>
bool EigenAlignment<max_align_bytes>::is_that_of_the_library() noexcept {
  return true;
}
template struct EigenAlignment<EIGEN_MAX_ALIGN_BYTES>;

}  // namespace aprender
