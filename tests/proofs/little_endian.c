#include "proof.h"

#include "kernel/little_endian.h"

/* Property: load gives back what store has stored, for 16, 32 and 64 bits; the lowest byte comes first, store returns
 *   the address behind the last, and no other byte changes
 * Bound: every value, at every offset of 24 bytes of any content
 * Mutant: little_endian.h: `(value >> 8) & 0xffu` => `(value >> 9) & 0xffu`
 * Mutant: little_endian.h: `(uint32_t)from[1] << 8));` => `(uint32_t)from[1] << 7));`
 * Mutant: little_endian.h: `from[3] << 24` => `from[2] << 24`
 * Mutant: little_endian.h: `aprender_load_u32(from + 4)` => `aprender_load_u32(from + 3)`
 * Mutant: little_endian.h: `return to + 2` => `return to + 1`
 * Mutant: little_endian.h: `(uint16_t)(value >> 16)` => `(uint16_t)(value >> 17)`
 * Mutant: little_endian.h: `(uint32_t)(value >> 32)` => `(uint32_t)(value >> 33)`
 */
PROOF(load_undoes_store) {
  uint8_t bytes[24];
  uint8_t before[24];
  const uint64_t value = nondet_u64();
  const uint64_t at = nondet_u64();
  const uint64_t other = nondet_u64();
  const uint64_t width = nondet_u64();
  ASSUME(width == 2 || width == 4 || width == 8);
  ASSUME(at <= 24 - width && other < 24);
  for (int i = 0; i < 24; ++i) before[i] = bytes[i] = nondet_u8();
  const uint8_t* behind = width == 2   ? aprender_store_u16(bytes + at, (uint16_t)(value & 0xffffu))
                          : width == 4 ? aprender_store_u32(bytes + at, (uint32_t)(value & 0xffffffffu))
                                       : aprender_store_u64(bytes + at, value);
  CLAIM(behind == bytes + at + width);
  CLAIM(IMPLIES(width == 2, aprender_load_u16(bytes + at) == (value & 0xffffu)));
  CLAIM(IMPLIES(width == 4, aprender_load_u32(bytes + at) == (value & 0xffffffffu)));
  CLAIM(IMPLIES(width == 8, aprender_load_u64(bytes + at) == value));
  CLAIM(bytes[other] == (other >= at && other < at + width ? ((value >> (8 * (other - at))) & 0xffu) : before[other]));
  REACHABLE(width == 2 && at == 22);
  REACHABLE(width == 4 && at == 20);
  REACHABLE(width == 8 && at == 16);
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

/* As the library encodes weights (src/archive/weights.cpp). */
static void encode(const uint32_t* values, uint64_t count, uint8_t* to) {
  uint8_t* out = to;
  for (uint64_t i = 0; i < count; ++i) APRENDER_LOOP(encode)
  { out = aprender_store_u32(out, values[i]); }
}

/* Property: numbers stored one behind the other take 4 bytes each, every byte is the one of its number, and nothing else is
 *   written; the loop is the proof's, for the library's is C++
 * Bound: any number of them up to 2^38, by loop contract
 * Loops: contracts
 * Mutant: little_endian.h: `return to + 2` => `return to + 1`
 * Mutant: little_endian.h: `(uint16_t)(value >> 16)` => `(uint16_t)(value >> 15)`
 */
PROOF(any_number_of_values_is_encoded) {
  const uint64_t count = nondet_u64();
  ASSUME(count <= MOST_BYTES / 4);
  const uint32_t* values = (const uint32_t*)__CPROVER_allocate(count * sizeof(uint32_t), 0);
  uint8_t* bytes = any_bytes(count * 4);
  ghost = nondet_u64();
  encode(values, count, bytes);
  CLAIM(ghost >= 4 * count || bytes[ghost] == ((values[ghost / 4] >> (8 * (ghost % 4))) & 0xff));
  REACHABLE(count == MOST_BYTES / 4 && ghost == MOST_BYTES - 1 && bytes[ghost] == 7);
  REACHABLE(count == 0);
}
