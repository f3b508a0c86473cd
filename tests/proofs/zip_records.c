#include "proof.h"

#include "kernel/zip_framing.h"

/* 2^32 - 1 stands for what the ZIP64 field says. */
static uint32_t in_32_bits(uint64_t value) { return value >= UINT32_MAX ? UINT32_MAX : (uint32_t)value; }

/* Property: end records that are accepted leave [directory, directory_end) within the file and take all that is behind it:
 *   22 bytes, or 98 with those of ZIP64, which are there exactly if 32 bits do not reach the directory; each of these
 *   bytes is determined by directory, directory_end and the number of entries
 * Bound: every file of up to 2^40 bytes
 * Unwind: 4
 * Mutant: zip_framing.h: `if (size < APRENDER_ZIP_END_SIZE)` => `if (size + 1 < APRENDER_ZIP_END_SIZE)`
 * Mutant: zip_framing.h: `*directory > *directory_end || ` => ``
 * Mutant: zip_framing.h: `*directory_end - *directory != directory_size` => `*directory_end - *directory < directory_size`
 * Mutant: zip_framing.h: `if (*directory_end < APRENDER_ZIP64_END_SIZE)` => `if (*directory_end + 1 < APRENDER_ZIP64_END_SIZE)`
 * Mutant: zip_framing.h: `aprender_load_u16(end + 8) == UINT16_MAX || aprender_load_u16(end + 10) == UINT16_MAX ||` => ` `
 * Mutant: zip64.h: `&& aprender_zip64_needed(aprender_load_u64(record + 48)) &&` => `&&`
 * Mutant: zip_framing.h: `{APRENDER_ZIP_END_DISK, 4, 2, 0},` => ` `
 * Mutant: zip_framing.h: `{APRENDER_ZIP_END_COMMENT_SIZE, 20, 2, 0},` => ` `
 * Mutant: zip_framing.h: `aprender_load_u16(end + 8) != *count` => `aprender_load_u16(end + 8) > *count`
 */
PROOF(end_leaves_the_directory_within_the_file) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* file = any_bytes(size);
  uint64_t directory = nondet_u64();
  uint64_t end = nondet_u64();
  uint32_t count = nondet_u32();
  const uint64_t i = nondet_u64();
  const struct aprender_zip_verdict verdict = aprender_zip_end(file, size, &directory, &end, &count);
  if (verdict.field == APRENDER_ZIP_ACCEPTED) {
    CLAIM(directory <= end && end <= size);
    CLAIM(size - end == (directory >= UINT32_MAX ? 98 : 22));
    CLAIM(end - directory < UINT32_MAX && count < UINT16_MAX);
    if (directory <= end && count < UINT16_MAX && end - directory < UINT32_MAX) {
      uint8_t expected[98];
      uint8_t* to = expected;
      if (directory >= UINT32_MAX) to = aprender_zip64_store_end(to, count, end - directory, directory);
      to = aprender_store_u32(aprender_store_u32(to, APRENDER_ZIP_END_SIGNATURE), 0);
      to = aprender_store_u16(aprender_store_u16(to, (uint16_t)count), (uint16_t)count);
      to = aprender_store_u32(aprender_store_u32(to, (uint32_t)(end - directory)), in_32_bits(directory));
      (void)aprender_store_u16(to, 0);
      CLAIM(i >= size - end || file[end + i] == expected[i]);
    }
    REACHABLE(directory > UINT32_MAX && count > 1000);
    REACHABLE(directory == UINT32_MAX && i == 97);
    REACHABLE(directory == UINT32_MAX - 1 && i == 21);
    REACHABLE(size == 22);
  } else {
    REACHABLE(verdict.field == APRENDER_ZIP_FILE_SIZE);
    REACHABLE(verdict.field == APRENDER_ZIP_ZIP64);
    REACHABLE(verdict.field == APRENDER_ZIP_ZIP64_END);
    REACHABLE(verdict.field == APRENDER_ZIP_END_DIRECTORY_END);
    REACHABLE(verdict.field == APRENDER_ZIP_END_COMMENT_SIZE);
  }
}

/* Property: a central header that is accepted ends, with its name and extra field, within the directory; each byte but
 *   those of the name is determined by the entry; its ZIP64 field is there exactly if size or offset need it
 * Bound: every directory of which up to 100 bytes are left, so names of up to 54
 * Unwind: 101
 * Mutant: zip_framing.h: `if (space < APRENDER_ZIP_CENTRAL_SIZE)` => `if (space + 1 < APRENDER_ZIP_CENTRAL_SIZE)`
 * Mutant: zip_framing.h: `< (uint64_t)entry->name_size + aprender_zip64_central_size(large, far)` => `< (uint64_t)entry->name_size`
 * Mutant: zip_framing.h: `entry->central_zip64_size = aprender_zip64_central_size(large, far)` => `entry->central_zip64_size = aprender_zip64_central_size(large, 0)`
 * Mutant: zip_framing.h: `entry->local_zip64_size = aprender_zip64_local_size(large)` => `entry->local_zip64_size = aprender_zip64_local_size(far)`
 * Mutant: zip_framing.h: `{APRENDER_ZIP_CENTRAL_FLAGS, 8, 2, 0},` => ` `
 * Mutant: zip_framing.h: `{APRENDER_ZIP_CENTRAL_INTERNAL_ATTRIBUTES, 36, 2, 0},` => ` `
 * Mutant: zip_framing.h: `aprender_load_u32(header + 20) != entry->data_size` => `aprender_load_u32(header + 20) > entry->data_size`
 * Mutant: zip_framing.h: `entry->crc32 = aprender_load_u32(header + 16)` => `entry->crc32 = aprender_load_u16(header + 16)`
 */
PROOF(central_header_ends_within_the_directory) {
  uint8_t file[100];
  const uint64_t at = nondet_u64();
  const uint64_t i = nondet_u64();
  struct aprender_zip_entry entry = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  ASSUME(at <= 100);
  for (int k = 0; k < 100; ++k) file[k] = nondet_u8();
  const struct aprender_zip_verdict verdict = aprender_zip_central(file, at, 100, 0, &entry);
  if (verdict.field == APRENDER_ZIP_ACCEPTED) {
    const int large = entry.data_size >= UINT32_MAX;
    const int far = entry.header_offset >= UINT32_MAX;
    const uint16_t version = large || far ? 45 : 10;
    uint8_t expected[46];
    uint8_t zip64[28];
    CLAIM(at + 46 + entry.name_size + entry.central_zip64_size <= 100);
    CLAIM(entry.local_zip64_size == (large ? 20 : 0));
    CLAIM(entry.central_zip64_size == (large || far ? 4 : 0) + (large ? 16 : 0) + (far ? 8 : 0));
    uint8_t* to = aprender_store_u32(expected, APRENDER_ZIP_CENTRAL_SIGNATURE);
    to = aprender_store_u16(aprender_store_u16(to, APRENDER_ZIP_UNIX | version), version);
    to = aprender_store_u16(aprender_store_u32(to, 0), 0);
    to = aprender_store_u32(aprender_store_u16(to, APRENDER_ZIP_DATE), entry.crc32);
    to = aprender_store_u32(aprender_store_u32(to, in_32_bits(entry.data_size)), in_32_bits(entry.data_size));
    to = aprender_store_u16(aprender_store_u16(to, entry.name_size), entry.central_zip64_size);
    to = aprender_store_u32(aprender_store_u16(to, 0), 0);
    (void)aprender_store_u32(aprender_store_u32(to, entry.external_attributes), in_32_bits(entry.header_offset));
    (void)aprender_zip64_store_central(zip64, large, far, entry.data_size, entry.header_offset);
    CLAIM(i >= 46 || file[at + i] == expected[i]);
    CLAIM(i >= entry.central_zip64_size || file[at + 46 + entry.name_size + i] == zip64[i]);
    REACHABLE(entry.name_size == 54 && i == 45);
    REACHABLE(entry.central_zip64_size == 12);
    REACHABLE(entry.central_zip64_size == 20);
    REACHABLE(entry.central_zip64_size == 28 && i == 27 && entry.name_size == 26);
  } else {
    REACHABLE(verdict.field == APRENDER_ZIP_CENTRAL_NAME_SIZE);
    REACHABLE(verdict.field == APRENDER_ZIP_CENTRAL_EXTRA_FIELD);
    REACHABLE(verdict.field == APRENDER_ZIP_DIRECTORY_SPACE);
  }
}

/* What byte i of an accepted local header is: there is no other choice. */
static uint8_t local_byte(const uint8_t* file, uint64_t central, const struct aprender_zip_entry* entry, uint64_t i) {
  uint8_t start[30];
  uint8_t zip64[20];
  uint8_t padding[4];
  (void)aprender_store_u32(start, APRENDER_ZIP_LOCAL_SIGNATURE);
  (void)aprender_store_u16(start + 28, (uint16_t)(entry->local_zip64_size + entry->padding));
  (void)aprender_zip64_store_local(zip64, entry->local_zip64_size != 0, entry->data_size);
  if (i >= 4 && i < 28) return file[central + 2 + i];
  if (i < 30) return start[i];
  i -= 30;
  if (i < entry->name_size) return file[central + 46 + i];
  i -= entry->name_size;
  if (i < entry->local_zip64_size) return zip64[i];
  i -= entry->local_zip64_size;
  if (i >= 4) return 0;
  (void)aprender_store_u16(padding, APRENDER_ZIP_ALIGNMENT_ID);
  (void)aprender_store_u16(padding + 2, (uint16_t)(entry->padding - 4));
  return padding[i];
}

/* In place of the two loops over bytes: what their own proofs say of 1 as an answer, for the byte `ghost`. */
int equal_at_ghost(const uint8_t* a, const uint8_t* b, uint64_t size) {
  CLAIM(size == 0 || (__CPROVER_r_ok(a, size) && __CPROVER_r_ok(b, size)));
  return ghost < size ? a[ghost] == b[ghost] : nondet_int() != 0;
}

int zeros_at_ghost(const uint8_t* extra, uint16_t size) {
  CLAIM(size == 0 || __CPROVER_r_ok(extra, size));
  if (size == 0) return 1;
  if (size < 4 || aprender_load_u16(extra) != APRENDER_ZIP_ALIGNMENT_ID) return 0;
  if (aprender_load_u16(extra + 2) + 4 != size) return 0;
  return ghost >= 4 && ghost < size ? extra[ghost] == 0 : nondet_int() != 0;
}

/* Property: a local header that is accepted is followed by name, extra fields and data, all before data_end; each byte of
 *   header, name and extra fields is the one that the central header asks for; nothing overflows
 * Bound: names of up to 80 bytes, extra fields of up to 130 less the name, data of any size that 64 bits hold
 * Calls: aprender_equal:equal_at_ghost aprender_zip_extra_valid:zeros_at_ghost
 * Unwind: 289
 * Mutant: zip_framing.h: `if (space < needed) return aprender` => `if (space + 1 < needed) return aprender`
 * Mutant: zip_framing.h: `space - needed < entry->data_size` => `space - needed + 1 < entry->data_size`
 * Mutant: zip_framing.h: `i < 24; ++i` => `i < 23; ++i`
 * Mutant: zip_framing.h: `file + central + APRENDER_ZIP_CENTRAL_SIZE, entry->name_size))` => `file + central + APRENDER_ZIP_CENTRAL_SIZE, entry->name_size / 2))`
 * Mutant: zip_framing.h: `if (aprender_load_u16(header + 28) < entry->local_zip64_size)` => `if (0)`
 * Mutant: zip_framing.h: `!aprender_zip64_local_valid(extra, entry->local_zip64_size, entry->data_size) ||` => ` `
 * Mutant: zip_framing.h: `entry->data_offset = entry->header_offset + needed` => `entry->data_offset = entry->header_offset + needed - 1`
 */
PROOF(local_header_is_what_the_central_one_asks_for) {
  /* The central header is in front, at 0: the code asks for no order. Behind byte 288 there are only data. */
  uint8_t file[288];
  const uint64_t start = 128;
  const uint64_t data_end = nondet_u64();
  const uint64_t i = nondet_u64();
  struct aprender_zip_entry entry = {start, 0, 0, nondet_u64(), 0, 0, nondet_u16(), 0, 0, 0};
  entry.local_zip64_size = entry.data_size >= UINT32_MAX ? 20 : 0;
  ghost = nondet_u64();
  for (int k = 0; k < 288; ++k) file[k] = nondet_u8();
  ASSUME(entry.name_size <= 80 && data_end >= start);
  ASSUME(data_end <= 288 || 30u + entry.name_size + aprender_load_u16(file + start + 28) <= 288 - start);
  const struct aprender_zip_verdict verdict = aprender_zip_local(file, 0, data_end, 0, &entry);
  if (verdict.field == APRENDER_ZIP_ACCEPTED) {
    const uint64_t extra = (uint64_t)entry.local_zip64_size + entry.padding;
    const uint64_t fixed = 30 + (uint64_t)entry.name_size + entry.local_zip64_size;
    CLAIM(entry.name_offset == start + 30);
    CLAIM(entry.data_offset == entry.name_offset + entry.name_size + extra);
    CLAIM(entry.data_offset <= data_end && entry.data_size <= data_end - entry.data_offset);
    if (i < 30 || (i < fixed && (i - 30 >= entry.name_size || ghost == i - 30)) ||
        (i >= fixed && i < 30 + entry.name_size + extra && (i < fixed + 4 || ghost == i - fixed))) {
      CLAIM(file[start + i] == local_byte(file, 0, &entry, i));
      REACHABLE(i == 29);
      REACHABLE(i == 30 + 79);
      REACHABLE(entry.local_zip64_size == 20 && i == 30 + (uint64_t)entry.name_size + 19);
      REACHABLE(entry.padding == 67 && i == fixed + 66 && entry.data_size > 1000);
    }
  } else {
    REACHABLE(verdict.field == APRENDER_ZIP_LOCAL_SPACE);
    REACHABLE(verdict.field == APRENDER_ZIP_LOCAL_SHARED_FIELDS);
    REACHABLE(verdict.field == APRENDER_ZIP_LOCAL_NAME);
    REACHABLE(verdict.field == APRENDER_ZIP_LOCAL_EXTRA_FIELD);
  }
}
