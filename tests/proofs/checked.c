#include "proof.h"

#include "kernel/checked.h"

/* Property: the sum is the mathematical one and said to fit, or 2^64 or more, said not to fit and 0
 * Bound: every two integers of 64 bits
 * Mutant: checked.h: `if (__builtin_add_overflow(a, b, sum))` => `if (__builtin_sub_overflow(a, b, sum))`
 * Mutant: checked.h: `(__builtin_add_overflow(a, b, sum)) {\n    *sum = 0;` => `(__builtin_add_overflow(a, b, sum)) {`
 */
PROOF(sum_is_exact_or_refused) {
  const uint64_t a = nondet_u64();
  const uint64_t b = nondet_u64();
  uint64_t sum = nondet_u64();
  const int fits = aprender_add(a, b, &sum);
  const unsigned __int128 exact = (unsigned __int128)a + b;
  CLAIM(IFF(fits, exact <= UINT64_MAX));
  CLAIM(sum == (fits ? exact : 0));
  REACHABLE(fits && sum == UINT64_MAX);
  REACHABLE(!fits);
}

/* Property: the product is the mathematical one and said to fit, or 2^64 or more, said not to fit and 0
 * Bound: every two integers of 64 bits
 * Solver: z3
 * Mutant: checked.h: `if (__builtin_mul_overflow(a, b, product))` => `if (__builtin_add_overflow(a, b, product))`
 * Mutant: checked.h: `(__builtin_mul_overflow(a, b, product)) {\n    *product = 0;\n    return 0` => `(__builtin_mul_overflow(a, b, product)) {\n    return 0`
 * Mutant: checked.h: `(__builtin_mul_overflow(a, b, product)) {\n    *product = 0;\n    return 0` => `(__builtin_mul_overflow(a, b, product)) {\n    *product = 0;\n    return 1`
 */
PROOF(product_is_exact_or_refused) {
  const uint64_t a = nondet_u64();
  const uint64_t b = nondet_u64();
  uint64_t product = nondet_u64();
  const int fits = aprender_multiply(a, b, &product);
  const unsigned __int128 exact = (unsigned __int128)a * b;
  CLAIM(IFF(fits, exact <= UINT64_MAX));
  CLAIM(product == (fits ? exact : 0));
  REACHABLE(fits && a > 1 && b > 1);
  REACHABLE(!fits);
}

/* Property: an integer of the manifest is allowed exactly if a double holds it and its two neighbours apart: at most
 *   2^53 - 1
 * Bound: every integer of 64 bits
 * Mutant: checked.h: `UINT64_C(9007199254740991)` => `UINT64_C(9007199254740992)`
 * Mutant: checked.h: `UINT64_C(9007199254740991)` => `UINT64_C(9007199254740990)`
 */
PROOF(safe_integers_are_those_a_double_tells_apart) {
  const uint64_t value = nondet_u64();
  ASSUME(value < UINT64_MAX);
  const int safe = aprender_is_safe_integer(value);
  CLAIM(IFF(safe, value < (UINT64_C(1) << 53)));
  CLAIM(IMPLIES(safe, (double)value < (double)(value + 1) && (uint64_t)(double)value == value));
  CLAIM(IMPLIES(safe && value > 0, (double)(value - 1) < (double)value));
  CLAIM(IMPLIES(value == (UINT64_C(1) << 53), !safe && (double)value == (double)(value + 1)));
  CLAIM(!aprender_is_safe_integer(UINT64_MAX));
  REACHABLE(safe && value > 1000);
  REACHABLE(!safe);
}
