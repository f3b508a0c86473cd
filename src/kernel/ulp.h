/* IEEE 754 binary32 and binary64 as bit patterns: an integer key in the order of the numbers, and the distance. */
#ifndef APRENDER_KERNEL_ULP_H
#define APRENDER_KERNEL_ULP_H

#include "kernel/kernel.h"

APRENDER_KERNEL int aprender_is_nan_u32(uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u ? 1 : 0; }

APRENDER_KERNEL int aprender_is_nan_u64(uint64_t bits) {
  return (bits & UINT64_C(0x7fffffffffffffff)) > UINT64_C(0x7ff0000000000000) ? 1 : 0;
}

/* For numbers a, b: key(a) < key(b) iff a < b, key(a) == key(b) iff a == b, and neighbours differ by one. */
APRENDER_KERNEL uint32_t aprender_ulp_key_u32(uint32_t bits) {
  const uint32_t magnitude = bits & 0x7fffffffu;
  return (bits >> 31) != 0 ? 0x80000000u - magnitude : 0x80000000u + magnitude;
}

APRENDER_KERNEL uint64_t aprender_ulp_key_u64(uint64_t bits) {
  const uint64_t magnitude = bits & UINT64_C(0x7fffffffffffffff);
  return (bits >> 63) != 0 ? UINT64_C(0x8000000000000000) - magnitude : UINT64_C(0x8000000000000000) + magnitude;
}

/* The difference of the keys; all ones, which no two numbers reach, if either is NaN. */
APRENDER_KERNEL uint32_t aprender_ulp_distance_u32(uint32_t a, uint32_t b) {
  const uint32_t key_a = aprender_ulp_key_u32(a);
  const uint32_t key_b = aprender_ulp_key_u32(b);
  if (aprender_is_nan_u32(a) || aprender_is_nan_u32(b)) return UINT32_MAX;
  return key_a > key_b ? key_a - key_b : key_b - key_a;
}

APRENDER_KERNEL uint64_t aprender_ulp_distance_u64(uint64_t a, uint64_t b) {
  const uint64_t key_a = aprender_ulp_key_u64(a);
  const uint64_t key_b = aprender_ulp_key_u64(b);
  if (aprender_is_nan_u64(a) || aprender_is_nan_u64(b)) return UINT64_MAX;
  return key_a > key_b ? key_a - key_b : key_b - key_a;
}

#endif
