/* Comparison in time that depends on the length alone. */
#ifndef APRENDER_KERNEL_COMPARE_H
#define APRENDER_KERNEL_COMPARE_H

#include "kernel/kernel.h"

/* 1 if the first `size` bytes are equal. */
APRENDER_KERNEL int aprender_equal(const uint8_t* a, const uint8_t* b, uint64_t size) {
  uint32_t difference = 0;
  for (uint64_t i = 0; i < size; ++i) APRENDER_LOOP(equal)
  { difference |= (uint32_t)(a[i] ^ b[i]); }
  return difference == 0 ? 1 : 0;
}

#endif
