#include "aprender/ulp.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aprender {
namespace {

template <class Scalar>
using Limits = std::numeric_limits<Scalar>;

template <class Scalar>
class UlpDistance : public testing::Test {
 protected:
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  static constexpr Bits nan_distance = std::numeric_limits<Bits>::max();

  /// Edges of the ranges, their neighbours, both signs, and random bit patterns that are numbers.
  [[nodiscard]] static std::vector<Scalar> numbers() {
    std::vector<Scalar> values;
    for (const Scalar edge : {Scalar(0), Limits<Scalar>::denorm_min(), Limits<Scalar>::min(), Scalar(1), Scalar(3),
                              Limits<Scalar>::max()}) {
      for (const Scalar value :
           {edge, std::nextafter(edge, Scalar(0)), std::nextafter(edge, Limits<Scalar>::infinity())}) {
        values.push_back(value);
        values.push_back(-value);
      }
    }
    std::mt19937_64 random(3);
    for (int i = 0; i < 200; ++i) {
      const auto value = std::bit_cast<Scalar>(static_cast<Bits>(random()));
      if (!std::isnan(value)) values.push_back(value);
    }
    return values;
  }
};

using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(UlpDistance, Scalars);

TYPED_TEST(UlpDistance, IsAMetricUpToTheSignOfZero) {
  const auto numbers = this->numbers();
  for (const TypeParam a : numbers) {
    for (const TypeParam b : numbers) {
      ASSERT_EQ(ulp_distance(a, b), ulp_distance(b, a)) << a << ' ' << b;
      ASSERT_EQ(ulp_distance(a, b) == 0, a == b) << a << ' ' << b;
      ASSERT_NE(ulp_distance(a, b), this->nan_distance) << a << ' ' << b;
      for (std::size_t i = 0; i < numbers.size(); i += 7) {
        const TypeParam c = numbers[i];
        const bool between = (a <= c && c <= b) || (b <= c && c <= a);
        const auto whole = ulp_distance(a, b);
        const auto part = ulp_distance(a, c);
        ASSERT_TRUE(part > whole || ulp_distance(c, b) >= whole - part) << a << ' ' << c << ' ' << b;
        ASSERT_EQ(part <= whole && ulp_distance(c, b) == whole - part, between) << a << ' ' << c << ' ' << b;
      }
    }
  }
}

TYPED_TEST(UlpDistance, NeighboursAreOneApart) {
  for (const TypeParam value : this->numbers()) {
    for (const TypeParam towards : {Limits<TypeParam>::infinity(), -Limits<TypeParam>::infinity()}) {
      const TypeParam neighbour = std::nextafter(value, towards);
      ASSERT_EQ(ulp_distance(value, neighbour), value == towards ? 0U : 1U) << value;
    }
  }
}

TYPED_TEST(UlpDistance, KnownAnswers) {
  EXPECT_EQ(ulp_distance(TypeParam(0), -TypeParam(0)), 0U);
  EXPECT_EQ(ulp_distance(Limits<TypeParam>::denorm_min(), -Limits<TypeParam>::denorm_min()), 2U);
  EXPECT_EQ(ulp_distance(TypeParam(1), TypeParam(1) + 5 * Limits<TypeParam>::epsilon()), 5U);
  EXPECT_EQ(ulp_distance(TypeParam(1), TypeParam(2)), std::uint64_t{1} << (Limits<TypeParam>::digits - 1));
  EXPECT_EQ(ulp_distance(Limits<TypeParam>::max(), Limits<TypeParam>::infinity()), 1U);
}

TYPED_TEST(UlpDistance, NothingIsNearToNaN) {
  for (const TypeParam nan :
       {Limits<TypeParam>::quiet_NaN(), -Limits<TypeParam>::quiet_NaN(), Limits<TypeParam>::signaling_NaN()}) {
    EXPECT_EQ(ulp_distance(nan, nan), this->nan_distance);
    for (const TypeParam value : this->numbers()) {
      ASSERT_EQ(ulp_distance(nan, value), this->nan_distance) << value;
      ASSERT_EQ(ulp_distance(value, nan), this->nan_distance) << value;
    }
  }
}

}  // namespace
}  // namespace aprender
