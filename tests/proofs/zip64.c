#include "proof.h"

#include "kernel/zip_framing.h"

/* Property: the ZIP64 field of a local header that is accepted is, byte for byte, the one that the writer writes; and that
 *   one is accepted
 * Bound: every size of the data; every 20 bytes
 * Mutant: zip64.h: `aprender_load_u16(field + 2) == 16` => `aprender_load_u16(field + 2) <= 16`
 * Mutant: zip64.h: `aprender_load_u64(field + 12) == data_size` => `aprender_load_u64(field + 4) == data_size`
 * Mutant: zip64.h: `return large ? 20 : 0` => `return large ? 12 : 0`
 */
PROOF(zip64_local_field_is_the_one_written) {
  const int large = nondet_int() != 0;
  const uint64_t size = nondet_u64();
  const uint64_t i = nondet_u64();
  uint8_t field[20];
  uint8_t written[20];
  for (int k = 0; k < 20; ++k) field[k] = nondet_u8();
  const uint16_t length = aprender_zip64_local_size(large);
  CLAIM(aprender_zip64_store_local(written, large, size) == written + length);
  CLAIM(aprender_zip64_local_valid(written, length, size));
  if (aprender_zip64_local_valid(field, length, size)) {
    CLAIM(i >= length || field[i] == written[i]);
    REACHABLE(large);
    REACHABLE(!large);
  } else {
    REACHABLE(large);
  }
}

/* Property: the ZIP64 field of a central header that is accepted is, byte for byte, the one that the writer writes, has no
 *   number that 32 bits could hold, and leaves alone what it says nothing about; and the one written is read back
 * Bound: every size and offset; every 28 bytes
 * Mutant: zip64.h: `(large ? 16 : 0) + (far ? 8 : 0)` => `(large ? 8 : 0) + (far ? 8 : 0)`
 * Mutant: zip64.h: `!aprender_zip64_needed(*size) || ` => ``
 * Mutant: zip64.h: `if (!aprender_zip64_needed(*offset)) return 0;` => ` `
 * Mutant: zip64.h: `|| aprender_load_u64(field + 12) != *size` => ` `
 * Mutant: zip64.h: `large ? 20 : 4` => `large ? 12 : 4`
 * Mutant: zip64.h: `value >= UINT32_MAX ? 1 : 0` => `value > UINT32_MAX ? 1 : 0`
 * Mutant: zip64.h: `aprender_load_u16(field) != APRENDER_ZIP64_ID) return 0` => `aprender_load_u16(field) < APRENDER_ZIP64_ID) return 0`
 */
PROOF(zip64_central_field_is_the_one_written) {
  const int large = nondet_int() != 0;
  const int far = nondet_int() != 0;
  uint64_t size = nondet_u64();
  uint64_t offset = nondet_u64();
  const uint64_t size_before = size;
  const uint64_t offset_before = offset;
  const uint64_t i = nondet_u64();
  uint8_t field[28];
  uint8_t written[28];
  for (int k = 0; k < 28; ++k) field[k] = nondet_u8();
  const uint16_t length = aprender_zip64_central_size(large, far);
  if (aprender_zip64_central(field, large, far, &size, &offset)) {
    CLAIM(aprender_zip64_store_central(written, large, far, size, offset) == written + length);
    CLAIM(i >= length || field[i] == written[i]);
    CLAIM(large ? size >= UINT32_MAX : size == size_before);
    CLAIM(far ? offset >= UINT32_MAX : offset == offset_before);
    REACHABLE(large && far);
    REACHABLE(!large && !far);
    REACHABLE(size == UINT32_MAX && large);
  }
  const uint64_t some_size = nondet_u64();
  const uint64_t some_offset = nondet_u64();
  ASSUME(some_size >= UINT32_MAX && some_offset >= UINT32_MAX);
  (void)aprender_zip64_store_central(written, large, far, some_size, some_offset);
  CLAIM(aprender_zip64_central(written, large, far, &size, &offset));
  CLAIM(IMPLIES(large, size == some_size) && IMPLIES(far, offset == some_offset));
}

/* Property: ZIP64 end records that are accepted are, byte for byte, those that the writer writes for that directory; and
 *   those are accepted
 * Bound: every 76 bytes, at every position and for every directory
 * Mutant: zip64.h: `aprender_load_u64(record + 4) == 44` => `aprender_load_u64(record + 4) >= 44`
 * Mutant: zip64.h: `aprender_load_u64(record + 16) == 0 &&` => ` `
 * Mutant: zip64.h: `aprender_load_u64(record + 32) == count` => `aprender_load_u64(record + 24) == count`
 * Mutant: zip64.h: `aprender_load_u64(locator + 8) == position` => `aprender_load_u64(locator + 8) <= position`
 * Mutant: zip64.h: `aprender_load_u32(locator + 16) == 1` => `aprender_load_u32(locator + 16) <= 1`
 * Mutant: zip64.h: `&& aprender_zip64_needed(aprender_load_u64(record + 48)) &&` => `&&`
 * Mutant: zip64.h: `return aprender_load_u64(record + 48)` => `return aprender_load_u64(record + 40)`
 */
PROOF(zip64_end_records_are_those_written) {
  const uint32_t count = nondet_u32();
  const uint64_t size = nondet_u64();
  const uint64_t position = nondet_u64();
  const uint64_t i = nondet_u64();
  uint8_t record[76];
  uint8_t written[76];
  for (int k = 0; k < 76; ++k) record[k] = nondet_u8();
  CLAIM(
      IMPLIES(aprender_zip64_end_valid(record, position, count, size), aprender_zip64_directory(record) >= UINT32_MAX));
  ASSUME(size <= position);
  const uint64_t directory = position - size;
  CLAIM(aprender_zip64_store_end(written, count, size, directory) == written + 76);
  CLAIM(IFF(aprender_zip64_end_valid(written, position, count, size), directory >= UINT32_MAX));
  CLAIM(aprender_zip64_directory(written) == directory);
  if (aprender_zip64_end_valid(record, position, count, size) && aprender_zip64_directory(record) == directory) {
    CLAIM(i >= 76 || record[i] == written[i]);
    REACHABLE(count > 1000);
  } else {
    REACHABLE(1);
  }
}

/* Property: behind the alignment field data begin at a multiple of 64; it is none, or 4 bytes or more as an extra field
 *   has to be, and no shorter one aligns
 * Bound: every offset of a header up to 2^63, every length before the field
 * Mutant: zip_framing.h: `gap == 0 || gap >= APRENDER_ZIP_EXTRA_SIZE` => `gap == 0 || gap > APRENDER_ZIP_EXTRA_SIZE`
 * Mutant: zip_framing.h: `gap + APRENDER_ZIP_ALIGNMENT)` => `gap + 2 * APRENDER_ZIP_ALIGNMENT)`
 * Mutant: zip_framing.h: `header_offset % APRENDER_ZIP_ALIGNMENT + APRENDER_ZIP_LOCAL_SIZE` => `header_offset % APRENDER_ZIP_ALIGNMENT`
 */
PROOF(padding_is_the_shortest_that_aligns) {
  const uint64_t offset = nondet_u64();
  const uint32_t before = nondet_u32();
  const uint16_t other = nondet_u16();
  ASSUME(offset <= (UINT64_C(1) << 63));
  const uint16_t padding = aprender_zip_padding(offset, before);
  CLAIM((offset + 30 + before + padding) % 64 == 0);
  CLAIM(padding == 0 || padding >= 4);
  CLAIM(IMPLIES(other < padding && (other == 0 || other >= 4), (offset + 30 + before + other) % 64 != 0));
  REACHABLE(padding == 0);
  REACHABLE(padding == 4);
  REACHABLE(padding == 67);
}

/* Property: an alignment field that is accepted is none, or id, length and zeros to its very end
 * Bound: every length that a field can have, by loop contract
 * Loops: contracts
 * Mutant: zip_framing.h: `if (size < APRENDER_ZIP_EXTRA_SIZE) return 0;` => `if (size < 2) return 0;`
 * Mutant: zip_framing.h: `aprender_load_u16(extra + 2) != size - APRENDER_ZIP_EXTRA_SIZE` => `aprender_load_u16(extra + 2) > size - APRENDER_ZIP_EXTRA_SIZE`
 * Mutant: zip_framing.h: `i < size; ++i` => `i + 1 < size; ++i`
 * Mutant: zip_framing.h: `if (extra[i] != 0) return 0` => `if (extra[i] > 1) return 0`
 */
PROOF(alignment_field_is_zeros) {
  const uint16_t size = nondet_u16();
  const uint8_t* extra = any_bytes(size);
  ghost = nondet_u64();
  if (aprender_zip_extra_valid(extra, size)) {
    CLAIM(size == 0 || size >= 4);
    CLAIM(IMPLIES(size > 0, aprender_load_u16(extra) == APRENDER_ZIP_ALIGNMENT_ID));
    CLAIM(IMPLIES(size > 0, aprender_load_u16(extra + 2) + 4 == size));
    CLAIM(IMPLIES(ghost >= 4 && ghost < size, extra[ghost] == 0));
    REACHABLE(size == UINT16_MAX && ghost == 70);
    REACHABLE(size == 0);
  } else {
    REACHABLE(size > 1000);
  }
}
