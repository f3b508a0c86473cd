#include "proof.h"

#include "kernel/compare.h"

/* Property: bytes that differ anywhere, be it in one bit, are told apart
 * Bound: any length up to 2^40, by loop contract
 * Loops: contracts
 * Mutant: compare.h: `difference |= ` => `difference = `
 * Mutant: compare.h: `i < size; ++i` => `i + 1 < size; ++i`
 * Mutant: compare.h: `a[i] ^ b[i]` => `a[i] & b[i]`
 * Mutant: compare.h: `a[i] ^ b[i]` => `(a[i] ^ b[i]) & 0xfe`
 */
PROOF(any_difference_is_seen) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* a = any_bytes(size);
  const uint8_t* b = any_bytes(size);
  ghost = nondet_u64();
  ASSUME(ghost < size && a[ghost] != b[ghost]);
  CLAIM(aprender_equal(a, b, size) == 0);
  REACHABLE(size == MOST_BYTES && ghost == MOST_BYTES - 1);
  REACHABLE((a[ghost] ^ b[ghost]) == 1);
}

/* Property: the answer is 1 exactly if all bytes are equal
 * Bound: up to 16 bytes
 * Unwind: 17
 * Mutant: compare.h: `difference == 0 ? 1 : 0` => `difference == 0 ? 1 : 1`
 * Mutant: compare.h: `uint32_t difference = 0` => `uint32_t difference = 1`
 */
PROOF(equal_iff_no_byte_differs) {
  uint8_t a[16];
  uint8_t b[16];
  const uint64_t size = nondet_u64();
  ASSUME(size <= 16);
  int same = 1;
  for (uint64_t i = 0; i < 16; ++i) {
    a[i] = nondet_u8();
    b[i] = nondet_u8();
    same = same && (i >= size || a[i] == b[i]);
  }
  CLAIM(aprender_equal(a, b, size) == same);
  REACHABLE(same && size == 16);
  REACHABLE(!same);
}
