#include "proof.h"

#include "kernel/zip_framing.h"

/* 2^32 - 1 stands for what the ZIP64 field says. */
static uint32_t in_32_bits(uint64_t value) { return value >= UINT32_MAX ? UINT32_MAX : (uint32_t)value; }

/* In place of what reads the ZIP64 records: any answer that the proofs of zip64.c allow; what was asked is remembered. */
static uint32_t asked_count;
static uint64_t asked_size;

int any_end_valid(const uint8_t* record, uint64_t position, uint32_t count, uint64_t directory_size) {
  CLAIM(__CPROVER_r_ok(record, 76) && (uint64_t)__CPROVER_POINTER_OFFSET(record) == position);
  asked_count = count;
  asked_size = directory_size;
  return nondet_int() != 0;
}

uint64_t any_far_directory(const uint8_t* record) {
  const uint64_t directory = nondet_u64();
  (void)record;
  ASSUME(directory >= UINT32_MAX);
  return directory;
}

/* Property: end records that are accepted leave [directory, directory_end) within the file and take all that is behind it:
 *   22 bytes, or 98 with those of ZIP64, which are there exactly if 32 bits do not reach the directory, so in no file of
 *   less than 4 GiB, and are held against the count and the size that the 22 bytes say
 * Bound: every file of up to 2^40 bytes
 * Calls: aprender_zip64_end_valid:any_end_valid aprender_zip64_directory:any_far_directory
 * Unwind: 4
 * Mutant: zip_framing.h: `if (size < APRENDER_ZIP_END_SIZE)` => `if (size + 1 < APRENDER_ZIP_END_SIZE)`
 * Mutant: zip_framing.h: `*directory > *directory_end || ` => ``
 * Mutant: zip_framing.h: `*directory_end - *directory != directory_size` => `*directory_end - *directory < directory_size`
 * Mutant: zip_framing.h: `if (*directory_end < APRENDER_ZIP64_END_SIZE)` => `if (*directory_end + 1 < APRENDER_ZIP64_END_SIZE)`
 * Mutant: zip_framing.h: `*directory_end, *count, directory_size))` => `*directory_end, 0, directory_size))`
 * Mutant: zip_framing.h: `*directory_end, *count, directory_size))` => `*directory_end, *count, 0))`
 */
PROOF(end_leaves_the_directory_within_the_file) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* file = any_bytes(size);
  uint64_t directory = nondet_u64();
  uint64_t end = nondet_u64();
  uint32_t count = nondet_u32();
  const struct aprender_zip_verdict verdict = aprender_zip_end(file, size, &directory, &end, &count);
  if (verdict.field == APRENDER_ZIP_ACCEPTED) {
    const int far = directory >= UINT32_MAX;
    CLAIM(directory <= end && end <= size);
    CLAIM(end == (far ? size - 22 - 76 : size - 22));
    CLAIM(end - directory == aprender_load_u32(file + size - 22 + 12));
    CLAIM(count == aprender_load_u16(file + size - 22 + 10));
    CLAIM(IMPLIES(far, size > UINT32_MAX && asked_count == count && asked_size == end - directory));
    REACHABLE(directory > UINT32_MAX && count > 1000);
    REACHABLE(directory == UINT32_MAX - 1);
    REACHABLE(size == 22);
  } else {
    REACHABLE(verdict.field == APRENDER_ZIP_ZIP64_END);
    REACHABLE(verdict.field == APRENDER_ZIP_END_DIRECTORY_END);
  }
}

/* Property: each of the 22 bytes of an end record that is accepted is determined by directory, directory_end and number of
 *   entries; those of ZIP64 are (zip64.c) by the count and the size that they are held against
 * Bound: every file of up to 2^40 bytes
 * Calls: aprender_zip64_end_valid:any_end_valid aprender_zip64_directory:any_far_directory
 * Unwind: 4
 * Mutant: zip_framing.h: `aprender_load_u16(end + 8) == UINT16_MAX || aprender_load_u16(end + 10) == UINT16_MAX ||` => ` `
 * Mutant: zip_framing.h: `{APRENDER_ZIP_END_DISK, 4, 0},` => ` `
 * Mutant: zip_framing.h: `{APRENDER_ZIP_END_COMMENT_SIZE, 20, 0},` => ` `
 * Mutant: zip_framing.h: `aprender_load_u16(end + 8) != *count` => `aprender_load_u16(end + 8) > *count`
 */
PROOF(end_record_has_no_free_byte) {
  const uint64_t size = nondet_u64();
  const uint64_t k = nondet_u64();
  uint8_t expected[22];
  uint64_t directory = 0;
  uint64_t end = 0;
  uint32_t count = 0;
  ASSUME(size <= MOST_BYTES);
  const uint8_t* file = any_bytes(size);
  ASSUME(aprender_zip_end(file, size, &directory, &end, &count).field == APRENDER_ZIP_ACCEPTED);
  CLAIM(count < UINT16_MAX && directory <= end && end <= size - 22);
  uint8_t* to = aprender_store_u32(aprender_store_u32(expected, APRENDER_ZIP_END_SIGNATURE), 0);
  to = aprender_store_u16(aprender_store_u16(to, (uint16_t)(count & 0xffff)), (uint16_t)(count & 0xffff));
  to = aprender_store_u32(aprender_store_u32(to, (uint32_t)((end - directory) & 0xffffffff)), in_32_bits(directory));
  (void)aprender_store_u16(to, 0);
  CLAIM(k >= 22 || file[size - 22 + k] == expected[k]);
  REACHABLE(count > 1000 && directory > 0 && size == 1000);
  REACHABLE(count > 1000 && directory == UINT32_MAX);
}

/* Bytes of a directory: a header with the longest name that may be, and 46 before it. */
enum { DIRECTORY = 376 };

/* Property: a central header that is accepted ends, with its name and extra field, within the directory; its ZIP64 field is
 *   there exactly if size or offset need it
 * Bound: at every offset of a directory of 376 bytes, so every name of up to 256, as long as one may be, and more
 * Unwind: 11
 * Mutant: zip_framing.h: `if (space < APRENDER_ZIP_CENTRAL_SIZE)` => `if (space + 1 < APRENDER_ZIP_CENTRAL_SIZE)`
 * Mutant: zip_framing.h: `< (uint64_t)entry->name_size + aprender_zip64_central_size(large, far)` => `< (uint64_t)entry->name_size`
 * Mutant: zip_framing.h: `entry->central_zip64_size = aprender_zip64_central_size(large, far)` => `entry->central_zip64_size = aprender_zip64_central_size(large, 0)`
 * Mutant: zip_framing.h: `entry->local_zip64_size = aprender_zip64_local_size(large)` => `entry->local_zip64_size = aprender_zip64_local_size(far)`
 */
PROOF(central_header_ends_within_the_directory) {
  uint8_t file[DIRECTORY];
  const uint64_t at = nondet_u64();
  struct aprender_zip_entry entry = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  ASSUME(at <= DIRECTORY);
  const struct aprender_zip_verdict verdict = aprender_zip_central(file, at, DIRECTORY, 0, &entry);
  if (verdict.field == APRENDER_ZIP_ACCEPTED) {
    const int large = entry.data_size >= UINT32_MAX;
    const int far = entry.header_offset >= UINT32_MAX;
    CLAIM(at + 46 + entry.name_size + entry.central_zip64_size <= DIRECTORY);
    CLAIM(entry.local_zip64_size == (large ? 20 : 0));
    CLAIM(entry.central_zip64_size == (large || far ? 4 : 0) + (large ? 16 : 0) + (far ? 8 : 0));
    REACHABLE(entry.name_size == DIRECTORY - 46);
    REACHABLE(entry.central_zip64_size == 12);
    REACHABLE(entry.central_zip64_size == 20);
    REACHABLE(entry.central_zip64_size == 28 && entry.name_size == 256 && at == 46);
  } else {
    REACHABLE(verdict.field == APRENDER_ZIP_CENTRAL_NAME_SIZE);
    REACHABLE(verdict.field == APRENDER_ZIP_CENTRAL_EXTRA_FIELD);
    REACHABLE(verdict.field == APRENDER_ZIP_DIRECTORY_SPACE);
  }
}

/* Property: each byte of a central header that is accepted, but those of the name, is determined by the entry
 * Bound: every header with a name of up to 256 bytes, as long as one may be
 * Unwind: 11
 * Mutant: zip_framing.h: `{APRENDER_ZIP_CENTRAL_FLAGS, 8, 0},` => ` `
 * Mutant: zip_framing.h: `{APRENDER_ZIP_CENTRAL_INTERNAL_ATTRIBUTES, 36, 0},` => ` `
 * Mutant: zip_framing.h: `aprender_load_u32(header + 20) != entry->data_size` => `aprender_load_u32(header + 20) > entry->data_size`
 * Mutant: zip_framing.h: `entry->crc32 = aprender_load_u32(header + 16)` => `entry->crc32 = aprender_load_u16(header + 16)`
 */
PROOF(central_header_has_no_free_byte) {
  uint8_t file[46 + 256 + 28];
  const uint64_t k = nondet_u64();
  uint8_t expected[46];
  uint8_t zip64[28];
  struct aprender_zip_entry entry = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  ASSUME(aprender_zip_central(file, 0, sizeof file, 0, &entry).field == APRENDER_ZIP_ACCEPTED);
  ASSUME(entry.name_size <= 256);
  const int large = entry.data_size >= UINT32_MAX;
  const int far = entry.header_offset >= UINT32_MAX;
  const uint16_t version = large || far ? 45 : 10;
  uint8_t* to = aprender_store_u32(expected, APRENDER_ZIP_CENTRAL_SIGNATURE);
  to = aprender_store_u16(aprender_store_u16(to, APRENDER_ZIP_UNIX | version), version);
  to = aprender_store_u16(aprender_store_u32(to, 0), 0);
  to = aprender_store_u32(aprender_store_u16(to, APRENDER_ZIP_DATE), entry.crc32);
  to = aprender_store_u32(aprender_store_u32(to, in_32_bits(entry.data_size)), in_32_bits(entry.data_size));
  to = aprender_store_u16(aprender_store_u16(to, entry.name_size), entry.central_zip64_size);
  to = aprender_store_u32(aprender_store_u16(to, 0), 0);
  (void)aprender_store_u32(aprender_store_u32(to, entry.external_attributes), in_32_bits(entry.header_offset));
  (void)aprender_zip64_store_central(zip64, large, far, entry.data_size, entry.header_offset);
  CLAIM(k >= 46 || file[k] == expected[k]);
  CLAIM(k >= entry.central_zip64_size || file[46 + entry.name_size + k] == zip64[k]);
  REACHABLE(entry.central_zip64_size == 0 && entry.name_size == 256);
  REACHABLE(entry.central_zip64_size == 28);
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

/* A local header at `start` of `file`, of which `size` bytes are known and what follows is only data, behind a central header
 * at 0; and what is claimed of it. */
static struct aprender_zip_verdict local_header(const uint8_t* file, uint64_t size, uint64_t start, uint64_t most_name,
                                                struct aprender_zip_entry* entry) {
  const uint64_t data_end = nondet_u64();
  const uint8_t* header = file + start;
  uint8_t zip64[20];
  *entry = (struct aprender_zip_entry){start, 0, 0, nondet_u64(), 0, 0, nondet_u16(), 0, 0, 0};
  entry->local_zip64_size = entry->data_size >= UINT32_MAX ? 20 : 0;
  ghost = nondet_u64();
  ASSUME(entry->name_size <= most_name && data_end >= start);
  ASSUME(data_end <= size || 30u + entry->name_size + aprender_load_u16(header + 28) <= size - start);
  const struct aprender_zip_verdict verdict = aprender_zip_local(file, 0, data_end, 0, entry);
  if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
  const uint8_t* name = header + 30;
  const uint8_t* padding = name + entry->name_size + entry->local_zip64_size;
  const uint16_t extra = (uint16_t)(entry->local_zip64_size + entry->padding);
  CLAIM(entry->name_offset == start + 30);
  CLAIM(entry->data_offset == entry->name_offset + entry->name_size + extra);
  CLAIM(entry->data_offset <= data_end && entry->data_size <= data_end - entry->data_offset);
  CLAIM(aprender_load_u32(header) == APRENDER_ZIP_LOCAL_SIGNATURE);
  for (int k = 4; k < 28; ++k) CLAIM(header[k] == file[k + 2]);
  CLAIM(aprender_load_u16(header + 28) == extra);
  CLAIM(ghost >= entry->name_size || name[ghost] == file[46 + ghost]);
  (void)aprender_zip64_store_local(zip64, 1, entry->data_size);
  CLAIM(ghost >= entry->local_zip64_size || name[entry->name_size + ghost] == zip64[ghost]);
  if (entry->padding > 0) {
    CLAIM(aprender_load_u16(padding) == APRENDER_ZIP_ALIGNMENT_ID);
    CLAIM(aprender_load_u16(padding + 2) + 4 == entry->padding);
    CLAIM(ghost < 4 || ghost >= entry->padding || padding[ghost] == 0);
  }
  return verdict;
}

/* Property: a local header that is accepted is followed by name, extra fields and data, all before data_end; each byte of
 *   header, name and extra fields is the one that the central header asks for; nothing overflows
 * Bound: name of up to 64 bytes, at offset 110; extra fields of up to 160 with the name; data of any size that 64 bits hold
 * Calls: aprender_equal:equal_at_ghost aprender_zip_extra_valid:zeros_at_ghost
 * Unwind: 25
 * Mutant: zip_framing.h: `space - needed < entry->data_size` => `space - needed + 1 < entry->data_size`
 * Mutant: zip_framing.h: `i < 24; ++i` => `i < 23; ++i`
 * Mutant: zip_framing.h: `file + central + APRENDER_ZIP_CENTRAL_SIZE, entry->name_size))` => `file + central + APRENDER_ZIP_CENTRAL_SIZE, entry->name_size / 2))`
 * Mutant: zip_framing.h: `if (aprender_load_u16(header + 28) < entry->local_zip64_size)` => `if (0)`
 * Mutant: zip_framing.h: `!aprender_zip64_local_valid(extra, entry->local_zip64_size, entry->data_size) ||` => ` `
 * Mutant: zip_framing.h: `entry->data_offset = entry->header_offset + needed` => `entry->data_offset = entry->header_offset + needed - 1`
 */
PROOF(local_header_is_what_the_central_one_asks_for) {
  uint8_t file[300];
  struct aprender_zip_entry entry;
  const enum aprender_zip_field field = local_header(file, 300, 110, 64, &entry).field;
  REACHABLE(field == APRENDER_ZIP_ACCEPTED && entry.local_zip64_size == 20 && entry.padding == 67 &&
            entry.name_size == 64);
  REACHABLE(field == APRENDER_ZIP_ACCEPTED && entry.local_zip64_size == 0 && entry.padding == 0 &&
            entry.data_size > 1000);
  REACHABLE(field == APRENDER_ZIP_LOCAL_SPACE);
  REACHABLE(field == APRENDER_ZIP_LOCAL_SHARED_FIELDS);
  REACHABLE(field == APRENDER_ZIP_LOCAL_NAME);
  REACHABLE(field == APRENDER_ZIP_LOCAL_EXTRA_FIELD);
}
