/* What ZIP64 adds to the strict profile of ZIP (docs/format.md, section 1): used where 32 bits do not reach, and
 * nowhere else. An entry is large if its size is 2^32 - 1 or more, far if its local header begins there or behind. */
#ifndef APRENDER_KERNEL_ZIP64_H
#define APRENDER_KERNEL_ZIP64_H

#include "kernel/little_endian.h"

enum {
  APRENDER_ZIP64_VERSION = 45,
  APRENDER_ZIP64_ID = 1, /* of the extra field */
  APRENDER_ZIP64_END_SIGNATURE = 0x06064b50,
  APRENDER_ZIP64_LOCATOR_SIGNATURE = 0x07064b50,
  APRENDER_ZIP64_RECORD_SIZE = 56, /* the end record, of which 44 bytes follow its own length */
  APRENDER_ZIP64_END_SIZE = 76     /* with the locator behind it */
};

/* Bytes of the ZIP64 field in a local header: size and compressed size, or no field. */
APRENDER_KERNEL uint16_t aprender_zip64_local_size(int large) { return large ? 20 : 0; }

/* Bytes of the ZIP64 field in a central header: both sizes if large, the offset if far; or no field. */
APRENDER_KERNEL uint16_t aprender_zip64_central_size(int large, int far) {
  return (uint16_t)((large || far ? 4 : 0) + (large ? 16 : 0) + (far ? 8 : 0));
}

/* Whether 32 bits reach: 2^32 - 1 is the marker that says they do not. */
APRENDER_KERNEL int aprender_zip64_needed(uint64_t value) { return value >= UINT32_MAX ? 1 : 0; }

/* Writes the field that aprender_zip64_local_size gives room for. */
APRENDER_KERNEL uint8_t* aprender_zip64_store_local(uint8_t* to, int large, uint64_t size) {
  if (!large) return to;
  to = aprender_store_u16(aprender_store_u16(to, APRENDER_ZIP64_ID), 16);
  return aprender_store_u64(aprender_store_u64(to, size), size);
}

/* Writes the field that aprender_zip64_central_size gives room for. */
APRENDER_KERNEL uint8_t* aprender_zip64_store_central(uint8_t* to, int large, int far, uint64_t size, uint64_t offset) {
  if (!large && !far) return to;
  to = aprender_store_u16(to, APRENDER_ZIP64_ID);
  to = aprender_store_u16(to, (uint16_t)(aprender_zip64_central_size(large, far) - 4));
  if (large) to = aprender_store_u64(aprender_store_u64(to, size), size);
  return far ? aprender_store_u64(to, offset) : to;
}

/* 1 if `size` bytes at `field`, as many as aprender_zip64_local_size says, are the field of such an entry. */
APRENDER_KERNEL int aprender_zip64_local_valid(const uint8_t* field, uint16_t size, uint64_t data_size) {
  if (size == 0) return 1;
  return aprender_load_u16(field) == APRENDER_ZIP64_ID && aprender_load_u16(field + 2) == 16 &&
         aprender_load_u64(field + 4) == data_size && aprender_load_u64(field + 12) == data_size;
}

/* Reads the field, of aprender_zip64_central_size bytes, into *size and *offset, which stay as they are where it holds
 * nothing about them. 0 if it is not the field that is needed. */
APRENDER_KERNEL int aprender_zip64_central(const uint8_t* field, int large, int far, uint64_t* size, uint64_t* offset) {
  if (!large && !far) return 1;
  if (aprender_load_u16(field) != APRENDER_ZIP64_ID) return 0;
  if (aprender_load_u16(field + 2) != aprender_zip64_central_size(large, far) - 4) return 0;
  if (large) {
    *size = aprender_load_u64(field + 4);
    if (!aprender_zip64_needed(*size) || aprender_load_u64(field + 12) != *size) return 0;
  }
  if (far) {
    *offset = aprender_load_u64(field + (large ? 20 : 4));
    if (!aprender_zip64_needed(*offset)) return 0;
  }
  return 1;
}

/* 1 if the 76 bytes at `record`, which begin at `position`, are an end record for so many entries and bytes of the
 * directory, and the locator that points to it. */
APRENDER_KERNEL int aprender_zip64_end_valid(const uint8_t* record, uint64_t position, uint32_t count,
                                             uint64_t directory_size) {
  const uint8_t* locator = record + APRENDER_ZIP64_RECORD_SIZE;
  return aprender_load_u32(record) == APRENDER_ZIP64_END_SIGNATURE && aprender_load_u64(record + 4) == 44 &&
         aprender_load_u16(record + 12) == (0x0300 | APRENDER_ZIP64_VERSION) &&
         aprender_load_u16(record + 14) == APRENDER_ZIP64_VERSION && aprender_load_u64(record + 16) == 0 &&
         aprender_load_u64(record + 24) == count && aprender_load_u64(record + 32) == count &&
         aprender_load_u64(record + 40) == directory_size && aprender_zip64_needed(aprender_load_u64(record + 48)) &&
         aprender_load_u32(locator) == APRENDER_ZIP64_LOCATOR_SIGNATURE && aprender_load_u32(locator + 4) == 0 &&
         aprender_load_u64(locator + 8) == position && aprender_load_u32(locator + 16) == 1;
}

/* Where a valid record says that the directory begins. */
APRENDER_KERNEL uint64_t aprender_zip64_directory(const uint8_t* record) { return aprender_load_u64(record + 48); }

/* Writes the 76 bytes for a directory of so many entries and bytes at `directory`; they begin where it ends. */
APRENDER_KERNEL uint8_t* aprender_zip64_store_end(uint8_t* to, uint32_t count, uint64_t directory_size,
                                                  uint64_t directory) {
  to = aprender_store_u64(aprender_store_u32(to, APRENDER_ZIP64_END_SIGNATURE), 44);
  to = aprender_store_u16(aprender_store_u16(to, 0x0300 | APRENDER_ZIP64_VERSION), APRENDER_ZIP64_VERSION);
  to = aprender_store_u64(to, 0); /* disks */
  to = aprender_store_u64(aprender_store_u64(to, count), count);
  to = aprender_store_u64(aprender_store_u64(to, directory_size), directory);
  to = aprender_store_u32(aprender_store_u32(to, APRENDER_ZIP64_LOCATOR_SIGNATURE), 0);
  return aprender_store_u32(aprender_store_u64(to, directory + directory_size), 1);
}

#endif
