#include "proof.h"

#include "kernel/little_endian.h"

/* Property: load gives back what store has stored, for 16, 32 and 64 bits; the lowest byte comes first, store returns
 *   the address behind the last, and no other byte changes; so any number of them can be stored one after the other
 * Bound: every value, at every offset of up to 2^40 bytes of any content
 * Mutant: little_endian.h: `(value >> 8) & 0xffu` => `(value >> 9) & 0xffu`
 * Mutant: little_endian.h: `(uint32_t)from[1] << 8));` => `(uint32_t)from[1] << 7));`
 * Mutant: little_endian.h: `from[3] << 24` => `from[2] << 24`
 * Mutant: little_endian.h: `aprender_load_u32(from + 4)` => `aprender_load_u32(from + 3)`
 * Mutant: little_endian.h: `return to + 2` => `return to + 1`
 * Mutant: little_endian.h: `(uint16_t)(value >> 16)` => `(uint16_t)(value >> 17)`
 * Mutant: little_endian.h: `(uint32_t)(value >> 32)` => `(uint32_t)(value >> 33)`
 */
PROOF(load_undoes_store) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  uint8_t* bytes = any_bytes(size);
  const uint64_t value = nondet_u64();
  const uint64_t at = nondet_u64();
  const uint64_t other = nondet_u64();
  const uint64_t width = nondet_u64();
  ASSUME(width == 2 || width == 4 || width == 8);
  ASSUME(size >= width && at <= size - width && other < size);
  const uint8_t before = bytes[other];
  const uint8_t* behind = width == 2   ? aprender_store_u16(bytes + at, (uint16_t)(value & 0xffffu))
                          : width == 4 ? aprender_store_u32(bytes + at, (uint32_t)(value & 0xffffffffu))
                                       : aprender_store_u64(bytes + at, value);
  CLAIM(behind == bytes + at + width);
  CLAIM(IMPLIES(width == 2, aprender_load_u16(bytes + at) == (value & 0xffffu)));
  CLAIM(IMPLIES(width == 4, aprender_load_u32(bytes + at) == (value & 0xffffffffu)));
  CLAIM(IMPLIES(width == 8, aprender_load_u64(bytes + at) == value));
  CLAIM(bytes[other] == (other >= at && other < at + width ? ((value >> (8 * (other - at))) & 0xffu) : before));
  REACHABLE(width == 2 && at == MOST_BYTES - 2);
  REACHABLE(width == 4 && at == 1);
  REACHABLE(width == 8 && at == 0 && other == 8);
}

/* Property: store gives back what load has loaded: no two sequences of bytes are the same number
 * Bound: every 8 bytes
 * Mutant: little_endian.h: `from[2] << 16` => `from[2] << 15`
 */
PROOF(store_undoes_load) {
  uint8_t bytes[8];
  uint8_t again[8];
  const uint64_t i = nondet_u64();
  ASSUME(i < 8);
  for (int k = 0; k < 8; ++k) bytes[k] = nondet_u8();
  (void)aprender_store_u64(again, aprender_load_u64(bytes));
  CLAIM(again[i] == bytes[i]);
  (void)aprender_store_u32(again, aprender_load_u32(bytes));
  CLAIM(IMPLIES(i < 4, again[i] == bytes[i]));
  (void)aprender_store_u16(again, aprender_load_u16(bytes));
  CLAIM(IMPLIES(i < 2, again[i] == bytes[i]));
  REACHABLE(aprender_load_u64(bytes) == UINT64_C(0x0807060504030201));
}

/* Property: of any number of integers, of 32 and of 64 bits, each byte is the one of its place in its integer, the lowest
 *   first, directly behind one another; the address behind the last is returned, and nothing else is touched
 * Bound: up to 2^30 integers, by loop contract
 * Loops: contracts
 * Mutant: little_endian.h: `(to + 4 * i, values[i])` => `(to + 4 * i, values[0])`
 * Mutant: little_endian.h: `(to + 8 * i, values[i])` => `(to + 4 * i, values[i])`
 * Mutant: little_endian.h: `i < count; ++i) APRENDER_LOOP(store_all_u32)` => `i + 1 < count; ++i) APRENDER_LOOP(store_all_u32)`
 * Mutant: little_endian.h: `i < count; ++i) APRENDER_LOOP(store_all_u64)` => `i <= count; ++i) APRENDER_LOOP(store_all_u64)`
 * Mutant: little_endian.h: `return to + 8 * count` => `return to + 4 * count`
 */
PROOF(any_number_of_integers_is_stored) {
  const uint64_t count = nondet_u64();
  const int wide = nondet_int() != 0;
  ghost = nondet_u64();
  ASSUME(count <= (UINT64_C(1) << 30));
  const uint64_t bytes = count * (wide ? 8 : 4);
  uint8_t* to = any_bytes(bytes);
  const void* values = __CPROVER_allocate(bytes, 0);
  const uint8_t* behind = wide ? aprender_store_all_u64(to, (const uint64_t*)values, count)
                               : aprender_store_all_u32(to, (const uint32_t*)values, count);
  CLAIM(behind == to + bytes);
  CLAIM(IMPLIES(wide && ghost < bytes, STORED(to, (const uint64_t*)values, 8, ghost)));
  CLAIM(IMPLIES(!wide && ghost < bytes, STORED(to, (const uint32_t*)values, 4, ghost)));
  REACHABLE(wide && count == 0);
  REACHABLE(!wide && count == (UINT64_C(1) << 30) && ghost == 1001);
}
