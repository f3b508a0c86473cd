// A single row is predicted without allocating. A program of its own, because Eigen and operator new are told to count.

#include <cstdlib>
#include <new>
#include <vector>

static int allocations = 0;

// NOLINTBEGIN(cppcoreguidelines-no-malloc): these are the allocation functions
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

#define EIGEN_RUNTIME_NO_MALLOC
#define eigen_assert(condition)      \
  do {                               \
    if (!(condition)) ++allocations; \
  } while (false)

#include <gtest/gtest.h>

#include "aprender/fitted.hpp"

namespace aprender::test {
namespace {

template <class Predict>
int allocations_of(const Predict& predict) {
  const int before = allocations;
  Eigen::internal::set_is_malloc_allowed(false);
  predict();
  Eigen::internal::set_is_malloc_allowed(true);
  return allocations - before;
}

template <class Scalar>
class PredictOne : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PredictOne, Scalars);

TYPED_TEST(PredictOne, DoesNotAllocate) {
  constexpr Eigen::Index p = 100;
  const std::vector<TypeParam> row(p, TypeParam(0.5));
  const LinearModel<TypeParam> linear(Eigen::VectorX<TypeParam>::Ones(p), TypeParam(1));
  TypeParam prediction = 0;
  EXPECT_EQ(allocations_of([&] { prediction = linear.predict_one(row); }), 0);
  EXPECT_EQ(prediction, 51);

  using Logistic = LogisticModel<TypeParam>;
  for (const Eigen::Index k : {2, 5}) {
    const Eigen::Index rows = k == 2 ? 1 : k;
    std::vector<std::int64_t> classes;
    for (Eigen::Index c = 0; c < k; ++c) classes.push_back(c);
    const Logistic logistic(Logistic::Coefficients::Zero(rows, p), Logistic::Intercept::Zero(rows), classes);
    std::vector<TypeParam> probabilities(classes.size());
    std::int64_t label = -1;
    EXPECT_EQ(allocations_of([&] { label = logistic.predict_one(row); }), 0);
    EXPECT_EQ(label, 0);
    EXPECT_EQ(allocations_of([&] { logistic.predict_proba_one(row, probabilities); }), 0);
    EXPECT_EQ(probabilities[0], TypeParam(1) / static_cast<TypeParam>(k));
  }

  // The counter counts: a batch does allocate.
  const Eigen::MatrixX<TypeParam> batch = Eigen::MatrixX<TypeParam>::Ones(3, p);
  EXPECT_GT(allocations_of([&] { prediction = linear.predict(batch)(0); }), 0);
}

}  // namespace
}  // namespace aprender::test
