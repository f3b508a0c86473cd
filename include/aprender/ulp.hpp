/// Distance between floating-point numbers in units in the last place.
#pragma once

#include <cstdint>

namespace aprender {

/// Number of representable values from a to b: 0 iff a == b (so +0 and -0 are 0 apart), 1 iff b is a's neighbour,
/// symmetric, and UINT32_MAX (UINT64_MAX) if either is NaN. Infinity is the neighbour of the largest finite value.
[[nodiscard]] std::uint32_t ulp_distance(float a, float b) noexcept;
[[nodiscard]] std::uint64_t ulp_distance(double a, double b) noexcept;

}  // namespace aprender
