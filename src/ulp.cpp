#include "aprender/ulp.hpp"

#include <bit>
#include <limits>

#include "kernel/ulp.h"

namespace aprender {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

std::uint32_t ulp_distance(float a, float b) noexcept {
  return aprender_ulp_distance_u32(std::bit_cast<std::uint32_t>(a), std::bit_cast<std::uint32_t>(b));
}

std::uint64_t ulp_distance(double a, double b) noexcept {
  return aprender_ulp_distance_u64(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b));
}

}  // namespace aprender
