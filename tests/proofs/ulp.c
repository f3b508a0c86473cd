#include "proof.h"

#include "kernel/ulp.h"

/* The number that the bits stand for. */
static float float_of(uint32_t bits) {
  union {
    uint32_t bits;
    float number;
  } both = {bits};
  return both.number;
}

static double double_of(uint64_t bits) {
  union {
    uint64_t bits;
    double number;
  } both = {bits};
  return both.number;
}

/* Property: a pattern is NaN exactly if its number does not equal itself
 * Bound: every float, every double
 * Mutant: ulp.h: `(bits & 0x7fffffffu) > 0x7f800000u` => `(bits & 0x7fffffffu) >= 0x7f800000u`
 * Mutant: ulp.h: `UINT64_C(0x7ff0000000000000) ? 1` => `UINT64_C(0x7ff0000000000001) ? 1`
 */
PROOF(nan_is_what_does_not_equal_itself) {
  const uint32_t a = nondet_u32();
  const uint64_t b = nondet_u64();
  CLAIM(IFF(aprender_is_nan_u32(a), float_of(a) != float_of(a)));
  CLAIM(IFF(aprender_is_nan_u64(b), double_of(b) != double_of(b)));
  REACHABLE(aprender_is_nan_u32(a) && aprender_is_nan_u64(b));
  REACHABLE(!aprender_is_nan_u32(a) && !aprender_is_nan_u64(b));
}

/* Property: the distance from a to b is the distance from b to a
 * Bound: every two floats, every two doubles, NaN too
 * Mutant: ulp.h: `return key_a > key_b ? key_a - key_b : key_b - key_a;\n}\n\nAPR` => `return key_a - key_b;\n}\n\nAPR`
 * Mutant: ulp.h: `aprender_is_nan_u64(a) || aprender_is_nan_u64(b)` => `aprender_is_nan_u64(a)`
 */
PROOF(distance_is_symmetric) {
  const uint32_t a = nondet_u32();
  const uint32_t b = nondet_u32();
  const uint64_t c = nondet_u64();
  const uint64_t d = nondet_u64();
  CLAIM(aprender_ulp_distance_u32(a, b) == aprender_ulp_distance_u32(b, a));
  CLAIM(aprender_ulp_distance_u64(c, d) == aprender_ulp_distance_u64(d, c));
  REACHABLE(aprender_ulp_distance_u32(a, b) == 7 && aprender_ulp_distance_u64(c, d) == 7);
}

/* Property: the distance is zero exactly if a == b as IEEE 754 compares, so -0 is 0 and NaN is nothing
 * Bound: every two floats, every two doubles
 * Mutant: ulp.h: `0x80000000u - magnitude` => `0x7fffffffu - magnitude`
 * Mutant: ulp.h: `UINT64_C(0x8000000000000000) - magnitude` => `UINT64_C(0x7fffffffffffffff) - magnitude`
 * Mutant: ulp.h: `return UINT32_MAX` => `return 0`
 */
PROOF(distance_is_zero_iff_equal) {
  const uint32_t a = nondet_u32();
  const uint32_t b = nondet_u32();
  const uint64_t c = nondet_u64();
  const uint64_t d = nondet_u64();
  CLAIM(IFF(aprender_ulp_distance_u32(a, b) == 0, float_of(a) == float_of(b)));
  CLAIM(IFF(aprender_ulp_distance_u64(c, d) == 0, double_of(c) == double_of(d)));
  REACHABLE(a != b && aprender_ulp_distance_u32(a, b) == 0);
  REACHABLE(c != d && aprender_ulp_distance_u64(c, d) == 0);
}

/* Property: all ones is the distance exactly if one of the two is NaN
 * Bound: every two floats, every two doubles
 * Mutant: ulp.h: `aprender_is_nan_u32(a) || aprender_is_nan_u32(b)` => `aprender_is_nan_u32(b)`
 * Mutant: ulp.h: `return UINT64_MAX` => `return UINT64_MAX - 1`
 */
PROOF(distance_to_nan_is_all_ones) {
  const uint32_t a = nondet_u32();
  const uint32_t b = nondet_u32();
  const uint64_t c = nondet_u64();
  const uint64_t d = nondet_u64();
  CLAIM(IFF(aprender_ulp_distance_u32(a, b) == UINT32_MAX, float_of(a) != float_of(a) || float_of(b) != float_of(b)));
  CLAIM(
      IFF(aprender_ulp_distance_u64(c, d) == UINT64_MAX, double_of(c) != double_of(c) || double_of(d) != double_of(d)));
  REACHABLE(aprender_ulp_distance_u32(a, b) == UINT32_MAX && aprender_ulp_distance_u64(c, d) == UINT64_MAX);
  REACHABLE(aprender_ulp_distance_u32(a, b) == 0xff000000u); /* from one infinity to the other */
}

/* Property: the keys are in the order of the numbers, equal for equal numbers; so |key(a) - key(b)| is a metric
 * Bound: every two floats, every two doubles that are numbers
 * Mutant: ulp.h: `(bits >> 31) != 0` => `(bits >> 31) == 0`
 * Mutant: ulp.h: `UINT64_C(0x8000000000000000) + magnitude` => `UINT64_C(0x8000000000000000) | (magnitude >> 1)`
 */
PROOF(keys_are_in_the_order_of_the_numbers) {
  const uint32_t a = nondet_u32();
  const uint32_t b = nondet_u32();
  const uint64_t c = nondet_u64();
  const uint64_t d = nondet_u64();
  ASSUME(!aprender_is_nan_u32(a) && !aprender_is_nan_u32(b) && !aprender_is_nan_u64(c) && !aprender_is_nan_u64(d));
  CLAIM(IFF(aprender_ulp_key_u32(a) < aprender_ulp_key_u32(b), float_of(a) < float_of(b)));
  CLAIM(IFF(aprender_ulp_key_u64(c) < aprender_ulp_key_u64(d), double_of(c) < double_of(d)));
  CLAIM(IFF(aprender_ulp_key_u32(a) == aprender_ulp_key_u32(b), float_of(a) == float_of(b)));
  CLAIM(IFF(aprender_ulp_key_u64(c) == aprender_ulp_key_u64(d), double_of(c) == double_of(d)));
  REACHABLE(float_of(a) < 0 && float_of(b) > 0 && double_of(c) < 0 && double_of(d) > 0);
}

/* Property: the distance is one exactly if the numbers differ and no number lies between them
 * Bound: every three floats, every three doubles
 * Mutant: ulp.h: `0x80000000u + magnitude` => `0x80000000u + 2 * magnitude`
 * Mutant: ulp.h: `bits & UINT64_C(0x7fffffffffffffff);` => `bits & UINT64_C(0x7ffffffffffffffe);`
 */
PROOF(distance_is_one_iff_adjacent) {
  const uint32_t a = nondet_u32();
  const uint32_t b = nondet_u32();
  const uint32_t other = nondet_u32();
  const uint64_t c = nondet_u64();
  const uint64_t d = nondet_u64();
  const uint64_t another = nondet_u64();
  ASSUME(float_of(a) < float_of(b) && double_of(c) < double_of(d));
  CLAIM(
      IMPLIES(aprender_ulp_distance_u32(a, b) == 1, !(float_of(a) < float_of(other) && float_of(other) < float_of(b))));
  CLAIM(IMPLIES(aprender_ulp_distance_u64(c, d) == 1,
                !(double_of(c) < double_of(another) && double_of(another) < double_of(d))));
  /* farther than one: the number whose key is one more lies between */
  const uint32_t after = aprender_ulp_key_u32(a) + 1;
  const uint32_t between = after >= 0x80000000u ? after - 0x80000000u : 0x80000000u | (0x80000000u - after);
  const uint64_t later = aprender_ulp_key_u64(c) + 1;
  const uint64_t amid =
      later >= (UINT64_C(1) << 63) ? later - (UINT64_C(1) << 63) : (UINT64_C(1) << 63) | ((UINT64_C(1) << 63) - later);
  CLAIM(
      IMPLIES(aprender_ulp_distance_u32(a, b) > 1, float_of(a) < float_of(between) && float_of(between) < float_of(b)));
  CLAIM(IMPLIES(aprender_ulp_distance_u64(c, d) > 1, double_of(c) < double_of(amid) && double_of(amid) < double_of(d)));
  REACHABLE(aprender_ulp_distance_u32(a, b) == 1 && aprender_ulp_distance_u64(c, d) == 1);
  REACHABLE(float_of(a) < 0 && float_of(b) > 0 && double_of(c) < 0 && double_of(d) > 0);
}
