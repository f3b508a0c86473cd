/* The strict profile of ZIP (docs/format.md, section 1; records as in PKWARE's APPNOTE 6.3.10). */
#ifndef APRENDER_KERNEL_ZIP_FRAMING_H
#define APRENDER_KERNEL_ZIP_FRAMING_H

#include "kernel/compare.h"
#include "kernel/little_endian.h"
#include "kernel/zip64.h"

enum {
  APRENDER_ZIP_LOCAL_SIZE = 30,
  APRENDER_ZIP_CENTRAL_SIZE = 46,
  APRENDER_ZIP_END_SIZE = 22,
  APRENDER_ZIP_EXTRA_SIZE = 4, /* id and length of an extra field */
  APRENDER_ZIP_LOCAL_SIGNATURE = 0x04034b50,
  APRENDER_ZIP_CENTRAL_SIGNATURE = 0x02014b50,
  APRENDER_ZIP_END_SIGNATURE = 0x06054b50,
  APRENDER_ZIP_UNIX = 0x0300, /* high byte of the version made by */
  APRENDER_ZIP_VERSION = 10,
  APRENDER_ZIP_DATE = 0x0021,         /* 1980-01-01 */
  APRENDER_ZIP_ALIGNMENT_ID = 0xd935, /* the extra field that zipalign uses too */
  APRENDER_ZIP_ALIGNMENT = 64
};

/* What a verdict is about; APRENDER_ZIP_ACCEPTED if nothing is wrong. */
enum aprender_zip_field {
  APRENDER_ZIP_ACCEPTED = 0,
  APRENDER_ZIP_ZIP64, /* a field has the marker of ZIP64 that no archive within the limits needs */
  APRENDER_ZIP_TOO_MANY,
  APRENDER_ZIP_FILE_SIZE,
  APRENDER_ZIP_END_SIGNATURE_FIELD,
  APRENDER_ZIP_END_DISK,
  APRENDER_ZIP_END_DIRECTORY_DISK,
  APRENDER_ZIP_END_ENTRIES_ON_DISK,
  APRENDER_ZIP_END_DIRECTORY_END,
  APRENDER_ZIP_END_COMMENT_SIZE,
  APRENDER_ZIP_ZIP64_END,
  APRENDER_ZIP_DIRECTORY_SPACE,
  APRENDER_ZIP_DIRECTORY_REST,
  APRENDER_ZIP_CENTRAL_SIGNATURE_FIELD,
  APRENDER_ZIP_CENTRAL_MADE_BY,
  APRENDER_ZIP_CENTRAL_VERSION,
  APRENDER_ZIP_CENTRAL_FLAGS,
  APRENDER_ZIP_CENTRAL_METHOD,
  APRENDER_ZIP_CENTRAL_TIME,
  APRENDER_ZIP_CENTRAL_DATE,
  APRENDER_ZIP_CENTRAL_COMPRESSED_SIZE,
  APRENDER_ZIP_CENTRAL_NAME_SIZE,
  APRENDER_ZIP_CENTRAL_EXTRA_SIZE,
  APRENDER_ZIP_CENTRAL_EXTRA_FIELD,
  APRENDER_ZIP_CENTRAL_COMMENT_SIZE,
  APRENDER_ZIP_CENTRAL_DISK,
  APRENDER_ZIP_CENTRAL_INTERNAL_ATTRIBUTES,
  APRENDER_ZIP_CENTRAL_OFFSET,
  APRENDER_ZIP_LOCAL_SPACE,
  APRENDER_ZIP_LOCAL_SIGNATURE_FIELD,
  APRENDER_ZIP_LOCAL_SHARED_FIELDS,
  APRENDER_ZIP_LOCAL_NAME,
  APRENDER_ZIP_LOCAL_EXTRA_FIELD,
  APRENDER_ZIP_LOCAL_REST
};

/* `entry` counts from 0; UINT32_MAX if the verdict is about no entry. */
struct aprender_zip_verdict {
  enum aprender_zip_field field;
  uint32_t entry;
  uint64_t found;
  uint64_t expected;
};

struct aprender_zip_entry {
  uint64_t header_offset; /* of the local header */
  uint64_t name_offset;
  uint64_t data_offset;
  uint64_t data_size;
  uint32_t crc32;
  uint32_t external_attributes;
  uint16_t name_size;
  uint16_t padding;            /* size of the alignment field in the local header, 0 if there is none */
  uint16_t central_zip64_size; /* of the ZIP64 field in the central header, 0 if there is none */
  uint16_t local_zip64_size;   /* the same in the local header */
};

struct aprender_zip_rule {
  enum aprender_zip_field field;
  uint32_t offset; /* of two bytes */
  uint32_t expected;
};

APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_refuse(enum aprender_zip_field field, uint32_t entry,
                                                                uint64_t found, uint64_t expected) {
  struct aprender_zip_verdict verdict = {field, entry, found, expected};
  return verdict;
}

/* The first of the rules that `record` breaks. */
APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_check(const uint8_t* record, uint32_t entry,
                                                               const struct aprender_zip_rule* rules,
                                                               uint32_t rule_count) {
  for (uint32_t i = 0; i < rule_count; ++i) {
    const uint32_t found = aprender_load_u16(record + rules[i].offset);
    if (found != rules[i].expected) return aprender_zip_refuse(rules[i].field, entry, found, rules[i].expected);
  }
  return aprender_zip_refuse(APRENDER_ZIP_ACCEPTED, entry, 0, 0);
}

/* Bytes of the alignment field that a local header at `header_offset`, with `before` bytes of name and ZIP64 field,
 * needs for its data to start at a multiple of 64: 0, or at least the 4 that an extra field takes. */
APRENDER_KERNEL uint16_t aprender_zip_padding(uint64_t header_offset, uint32_t before) {
  const uint64_t past =
      (header_offset % APRENDER_ZIP_ALIGNMENT + APRENDER_ZIP_LOCAL_SIZE + before) % APRENDER_ZIP_ALIGNMENT;
  const uint64_t gap = (APRENDER_ZIP_ALIGNMENT - past) % APRENDER_ZIP_ALIGNMENT;
  return (uint16_t)(gap == 0 || gap >= APRENDER_ZIP_EXTRA_SIZE ? gap : gap + APRENDER_ZIP_ALIGNMENT);
}

/* 1 if the extra fields are none, or the one alignment field filled with zeros. */
APRENDER_KERNEL int aprender_zip_extra_valid(const uint8_t* extra, uint16_t size) {
  if (size == 0) return 1;
  if (size < APRENDER_ZIP_EXTRA_SIZE) return 0;
  if (aprender_load_u16(extra) != APRENDER_ZIP_ALIGNMENT_ID) return 0;
  if (aprender_load_u16(extra + 2) != size - APRENDER_ZIP_EXTRA_SIZE) return 0;
  for (uint16_t i = APRENDER_ZIP_EXTRA_SIZE; i < size; ++i) APRENDER_LOOP(zip_extra_valid)
  {
    if (extra[i] != 0) return 0;
  }
  return 1;
}

/* The end-of-central-directory record, the last 22 bytes, and before it the ZIP64 records if the directory begins where
 * 32 bits do not reach. Accepted implies that the directory is [*directory, *directory_end), with *directory_end the
 * start of the first of these records, and that it names *count entries. */
APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_end(const uint8_t* file, uint64_t size, uint64_t* directory,
                                                             uint64_t* directory_end, uint32_t* count) {
  const struct aprender_zip_rule rules[] = {
      {APRENDER_ZIP_END_DISK, 4, 0},
      {APRENDER_ZIP_END_DIRECTORY_DISK, 6, 0},
      {APRENDER_ZIP_END_COMMENT_SIZE, 20, 0},
  };
  const uint8_t* end = file;
  uint64_t directory_size = 0;
  struct aprender_zip_verdict verdict = {APRENDER_ZIP_ACCEPTED, UINT32_MAX, 0, 0};
  *directory = 0;
  *directory_end = 0;
  *count = 0;
  if (size < APRENDER_ZIP_END_SIZE) {
    return aprender_zip_refuse(APRENDER_ZIP_FILE_SIZE, UINT32_MAX, size, APRENDER_ZIP_END_SIZE);
  }
  *directory_end = size - APRENDER_ZIP_END_SIZE;
  end = file + *directory_end;
  if (aprender_load_u32(end) != APRENDER_ZIP_END_SIGNATURE) {
    return aprender_zip_refuse(APRENDER_ZIP_END_SIGNATURE_FIELD, UINT32_MAX, aprender_load_u32(end),
                               APRENDER_ZIP_END_SIGNATURE);
  }
  if (aprender_load_u16(end + 8) == UINT16_MAX || aprender_load_u16(end + 10) == UINT16_MAX ||
      aprender_load_u32(end + 12) == UINT32_MAX) {
    return aprender_zip_refuse(APRENDER_ZIP_ZIP64, UINT32_MAX, 0, 0);
  }
  verdict = aprender_zip_check(end, UINT32_MAX, rules, sizeof rules / sizeof rules[0]);
  if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
  *count = aprender_load_u16(end + 10);
  if (aprender_load_u16(end + 8) != *count) {
    return aprender_zip_refuse(APRENDER_ZIP_END_ENTRIES_ON_DISK, UINT32_MAX, aprender_load_u16(end + 8), *count);
  }
  directory_size = aprender_load_u32(end + 12);
  *directory = aprender_load_u32(end + 16);
  if (*directory == UINT32_MAX) {
    if (*directory_end < APRENDER_ZIP64_END_SIZE) {
      return aprender_zip_refuse(APRENDER_ZIP_ZIP64_END, UINT32_MAX, *directory_end, APRENDER_ZIP64_END_SIZE);
    }
    *directory_end -= APRENDER_ZIP64_END_SIZE;
    if (!aprender_zip64_end_valid(file + *directory_end, *directory_end, *count, directory_size)) {
      return aprender_zip_refuse(APRENDER_ZIP_ZIP64_END, UINT32_MAX, 0, 0);
    }
    *directory = aprender_zip64_directory(file + *directory_end);
  }
  if (*directory > *directory_end || *directory_end - *directory != directory_size) {
    const uint64_t found = *directory > UINT64_MAX - directory_size ? UINT64_MAX : *directory + directory_size;
    return aprender_zip_refuse(APRENDER_ZIP_END_DIRECTORY_END, UINT32_MAX, found, *directory_end);
  }
  return verdict;
}

/* Header number `index` of the central directory, at `at`; the directory ends at directory_end >= at. Fills *entry but
 * for the offsets of name and data. Accepted implies that header, name and extra field end within the directory. */
APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_central(const uint8_t* file, uint64_t at,
                                                                 uint64_t directory_end, uint32_t index,
                                                                 struct aprender_zip_entry* entry) {
  const uint8_t* header = file + at;
  const uint64_t space = directory_end - at;
  int large = 0;
  int far = 0;
  struct aprender_zip_verdict verdict = {APRENDER_ZIP_ACCEPTED, index, 0, 0};
  if (space < APRENDER_ZIP_CENTRAL_SIZE) {
    return aprender_zip_refuse(APRENDER_ZIP_DIRECTORY_SPACE, index, space, APRENDER_ZIP_CENTRAL_SIZE);
  }
  if (aprender_load_u32(header) != APRENDER_ZIP_CENTRAL_SIGNATURE) {
    return aprender_zip_refuse(APRENDER_ZIP_CENTRAL_SIGNATURE_FIELD, index, aprender_load_u32(header),
                               APRENDER_ZIP_CENTRAL_SIGNATURE);
  }
  large = aprender_load_u32(header + 24) == UINT32_MAX;
  far = aprender_load_u32(header + 42) == UINT32_MAX;
  {
    const uint32_t version = large || far ? (uint32_t)APRENDER_ZIP64_VERSION : (uint32_t)APRENDER_ZIP_VERSION;
    const struct aprender_zip_rule rules[] = {
        {APRENDER_ZIP_CENTRAL_MADE_BY, 4, APRENDER_ZIP_UNIX | version},
        {APRENDER_ZIP_CENTRAL_VERSION, 6, version},
        {APRENDER_ZIP_CENTRAL_FLAGS, 8, 0},
        {APRENDER_ZIP_CENTRAL_METHOD, 10, 0},
        {APRENDER_ZIP_CENTRAL_TIME, 12, 0},
        {APRENDER_ZIP_CENTRAL_DATE, 14, APRENDER_ZIP_DATE},
        {APRENDER_ZIP_CENTRAL_EXTRA_SIZE, 30, aprender_zip64_central_size(large, far)},
        {APRENDER_ZIP_CENTRAL_COMMENT_SIZE, 32, 0},
        {APRENDER_ZIP_CENTRAL_DISK, 34, 0},
        {APRENDER_ZIP_CENTRAL_INTERNAL_ATTRIBUTES, 36, 0},
    };
    verdict = aprender_zip_check(header, index, rules, sizeof rules / sizeof rules[0]);
    if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
  }
  entry->crc32 = aprender_load_u32(header + 16);
  entry->data_size = aprender_load_u32(header + 24);
  if (aprender_load_u32(header + 20) != entry->data_size) {
    return aprender_zip_refuse(APRENDER_ZIP_CENTRAL_COMPRESSED_SIZE, index, aprender_load_u32(header + 20),
                               entry->data_size);
  }
  entry->name_size = aprender_load_u16(header + 28);
  if (space - APRENDER_ZIP_CENTRAL_SIZE < (uint64_t)entry->name_size + aprender_zip64_central_size(large, far)) {
    return aprender_zip_refuse(APRENDER_ZIP_CENTRAL_NAME_SIZE, index, entry->name_size,
                               space - APRENDER_ZIP_CENTRAL_SIZE);
  }
  entry->external_attributes = aprender_load_u32(header + 38);
  entry->header_offset = aprender_load_u32(header + 42);
  entry->local_zip64_size = aprender_zip64_local_size(large);
  entry->central_zip64_size = aprender_zip64_central_size(large, far);
  if (!aprender_zip64_central(header + APRENDER_ZIP_CENTRAL_SIZE + entry->name_size, large, far, &entry->data_size,
                              &entry->header_offset)) {
    return aprender_zip_refuse(APRENDER_ZIP_CENTRAL_EXTRA_FIELD, index, 0, 0);
  }
  return verdict;
}

/* The local header of *entry, whose central header is at `central` and was accepted; the data of all entries end at
 * data_end >= entry->header_offset. Accepted implies that header, name, extra field and data end by data_end. */
APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_local(const uint8_t* file, uint64_t central, uint64_t data_end,
                                                               uint32_t index, struct aprender_zip_entry* entry) {
  const uint8_t* header = file + entry->header_offset;
  const uint64_t space = data_end - entry->header_offset;
  uint64_t needed = APRENDER_ZIP_LOCAL_SIZE + (uint64_t)entry->name_size;
  if (space < needed) return aprender_zip_refuse(APRENDER_ZIP_LOCAL_SPACE, index, space, needed);
  if (aprender_load_u32(header) != APRENDER_ZIP_LOCAL_SIGNATURE) {
    return aprender_zip_refuse(APRENDER_ZIP_LOCAL_SIGNATURE_FIELD, index, aprender_load_u32(header),
                               APRENDER_ZIP_LOCAL_SIGNATURE);
  }
  /* version needed, flags, method, time, date, CRC, both sizes, length of the name: the same 24 bytes in both */
  for (uint64_t i = 0; i < 24; ++i) {
    const uint8_t found = header[4 + i];
    const uint8_t expected = file[central + 6 + i];
    if (found != expected) {
      return aprender_zip_refuse(APRENDER_ZIP_LOCAL_SHARED_FIELDS, index, found, expected);
    }
  }
  entry->name_offset = entry->header_offset + APRENDER_ZIP_LOCAL_SIZE;
  if (!aprender_equal(file + entry->name_offset, file + central + APRENDER_ZIP_CENTRAL_SIZE, entry->name_size)) {
    return aprender_zip_refuse(APRENDER_ZIP_LOCAL_NAME, index, 0, 0);
  }
  needed += aprender_load_u16(header + 28);
  if (space < needed || space - needed < entry->data_size) {
    return aprender_zip_refuse(APRENDER_ZIP_LOCAL_SPACE, index, space, needed);
  }
  if (aprender_load_u16(header + 28) < entry->local_zip64_size) {
    return aprender_zip_refuse(APRENDER_ZIP_LOCAL_EXTRA_FIELD, index, aprender_load_u16(header + 28),
                               entry->local_zip64_size);
  }
  entry->padding = (uint16_t)(aprender_load_u16(header + 28) - entry->local_zip64_size);
  const uint8_t* extra = header + APRENDER_ZIP_LOCAL_SIZE + entry->name_size;
  if (!aprender_zip64_local_valid(extra, entry->local_zip64_size, entry->data_size) ||
      !aprender_zip_extra_valid(extra + entry->local_zip64_size, entry->padding)) {
    return aprender_zip_refuse(APRENDER_ZIP_LOCAL_EXTRA_FIELD, index, aprender_load_u16(header + 28), 0);
  }
  entry->data_offset = entry->header_offset + needed;
  return aprender_zip_refuse(APRENDER_ZIP_ACCEPTED, index, 0, 0);
}

/* Walks the whole file. Accepted implies: the first *count <= capacity of `entries` are filled; they lie in [0, size)
 * one directly behind the other in this order, the directory directly behind the last of them, the end records directly
 * behind the directory, and nothing behind those; so no byte of the file is unaccounted for. */
APRENDER_KERNEL struct aprender_zip_verdict aprender_zip_walk(const uint8_t* file, uint64_t size,
                                                              struct aprender_zip_entry* entries, uint32_t capacity,
                                                              uint32_t* count) {
  uint64_t directory = 0;
  uint64_t directory_end = 0;
  uint64_t at = 0;
  uint64_t next = 0;
  struct aprender_zip_verdict verdict = aprender_zip_end(file, size, &directory, &directory_end, count);
  if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
  if (*count > capacity) return aprender_zip_refuse(APRENDER_ZIP_TOO_MANY, UINT32_MAX, *count, capacity);
  at = directory;
  for (uint32_t i = 0; i < *count; ++i) {
    verdict = aprender_zip_central(file, at, directory_end, i, &entries[i]);
    if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
    if (entries[i].header_offset != next) {
      return aprender_zip_refuse(APRENDER_ZIP_CENTRAL_OFFSET, i, entries[i].header_offset, next);
    }
    verdict = aprender_zip_local(file, at, directory, i, &entries[i]);
    if (verdict.field != APRENDER_ZIP_ACCEPTED) return verdict;
    next = entries[i].data_offset + entries[i].data_size;
    at += APRENDER_ZIP_CENTRAL_SIZE + (uint64_t)entries[i].name_size + entries[i].central_zip64_size;
  }
  if (at != directory_end) return aprender_zip_refuse(APRENDER_ZIP_DIRECTORY_REST, UINT32_MAX, directory_end - at, 0);
  if (next != directory) return aprender_zip_refuse(APRENDER_ZIP_LOCAL_REST, UINT32_MAX, directory - next, 0);
  return aprender_zip_refuse(APRENDER_ZIP_ACCEPTED, UINT32_MAX, 0, 0);
}

#endif
