/// All 2^32 floats, through the distance that the library exports, and the codec and the keys that it compiles.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/ulp.hpp"
#include "kernel/little_endian.h"
#include "kernel/ulp.h"

namespace aprender {
namespace {

/// Applies check(bits), which says whether all is well, to every pattern; returns how often it was not.
template <class Check>
std::uint64_t failures(const Check& check) {
  constexpr std::uint64_t all = std::uint64_t{1} << 32;
  const std::uint64_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<std::uint64_t> total{0};
  std::vector<std::jthread> workers;
  for (std::uint64_t t = 0; t < threads; ++t) {
    workers.emplace_back([&total, &check, from = all * t / threads, to = all * (t + 1) / threads] {
      std::uint64_t wrong = 0;
      for (std::uint64_t bits = from; bits < to; ++bits) wrong += check(static_cast<std::uint32_t>(bits)) ? 0 : 1;
      total += wrong;
    });
  }
  workers.clear();
  return total;
}

TEST(EveryFloat, IsOneFromTheNextAndInfinitelyFarFromNaN) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(failures([](std::uint32_t bits) {
              const auto value = std::bit_cast<float>(bits);
              if (std::isnan(value)) {
                return ulp_distance(value, value) == UINT32_MAX && ulp_distance(1.0F, value) == UINT32_MAX;
              }
              if (value == infinity) return ulp_distance(value, value) == 0;
              // Patterns that follow each other are numbers with none between, going away from zero.
              const std::uint32_t up = value == 0 ? 1 : bits >> 31 != 0 ? bits - 1 : bits + 1;
              const auto next = std::bit_cast<float>(up);
              return value < next && ulp_distance(value, next) == 1 && ulp_distance(next, value) == 1;
            }),
            0U);
}

TEST(EveryFloat, IsFourBytesTheLowestFirst) {
  EXPECT_EQ(failures([](std::uint32_t bits) {
              std::array<std::uint8_t, 4> bytes{};
              const bool whole = aprender_store_u32(bytes.data(), bits) == bytes.data() + 4;
              return whole && aprender_load_u32(bytes.data()) == bits && bytes[0] == bits % 256 &&
                     bytes[1] == bits / 256 % 256 && bytes[2] == bits / 65536 % 256 && bytes[3] == bits / 16777216;
            }),
            0U);
}

TEST(EveryFloat, HasAKeyOneFromThatOfTheNext) {
  constexpr std::uint32_t infinity = 0x7f800000U, sign = 0x80000000U;
  EXPECT_EQ(failures([](std::uint32_t bits) {
              const std::uint32_t magnitude = bits & ~sign;
              if ((aprender_is_nan_u32(bits) != 0) != (magnitude > infinity)) return false;
              if (magnitude >= infinity) return true;
              // The next pattern is the next number going away from zero.
              const std::uint32_t key = aprender_ulp_key_u32(bits), next = aprender_ulp_key_u32(bits + 1);
              return bits == magnitude ? next - key == 1 : key - next == 1;
            }),
            0U);
  EXPECT_EQ(aprender_ulp_key_u32(0), aprender_ulp_key_u32(sign));
}

}  // namespace
}  // namespace aprender
