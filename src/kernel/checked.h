/* Sums and products that say when they do not fit, and the integers that canonical JSON may hold. */
#ifndef APRENDER_KERNEL_CHECKED_H
#define APRENDER_KERNEL_CHECKED_H

#include "kernel/kernel.h"

/* 1 and *sum = a + b, or 0 and *sum = 0 if the sum is 2^64 or more. */
APRENDER_KERNEL int aprender_add(uint64_t a, uint64_t b, uint64_t* sum) {
  *sum = 0;
  if (__builtin_add_overflow(a, b, sum)) {
    *sum = 0;
    return 0;
  }
  return 1;
}

/* 1 and *product = a * b, or 0 and *product = 0 if the product is 2^64 or more. */
APRENDER_KERNEL int aprender_multiply(uint64_t a, uint64_t b, uint64_t* product) {
  *product = 0;
  if (__builtin_mul_overflow(a, b, product)) {
    *product = 0;
    return 0;
  }
  return 1;
}

/* 1 if a double holds the integer and all its neighbours exactly: at most 2^53 - 1. */
APRENDER_KERNEL int aprender_is_safe_integer(uint64_t value) { return value <= UINT64_C(9007199254740991) ? 1 : 0; }

#endif
