#include "proof.h"

#include "kernel/zip_framing.h"

/* In place of the functions that read records: they claim the preconditions under which their own proofs (zip_records.c)
 * hold, and that they are called for this file and the entry whose turn it is, and give any answer that those allow. */
static const uint8_t* walked;
static uint64_t file_size;
static uint64_t directory_begin;
static uint64_t directory_end;
static uint32_t named;
static uint64_t walk_at;
static struct aprender_zip_entry entries[4];

struct aprender_zip_verdict any_end(const uint8_t* file, uint64_t size, uint64_t* directory, uint64_t* end,
                                    uint32_t* count) {
  CLAIM(file == walked && size == file_size);
  *directory = walk_at = directory_begin = nondet_u64();
  *end = directory_end = nondet_u64();
  *count = named = nondet_u16();
  const int accepted = size >= 22 && (size >= 98 || directory_begin < UINT32_MAX) && directory_begin <= directory_end &&
                       directory_end == size - (directory_begin >= UINT32_MAX ? 98 : 22) &&
                       directory_end - directory_begin <= UINT32_MAX && named < UINT16_MAX && nondet_int();
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_FILE_SIZE, UINT32_MAX, 0, 0);
}

static uint16_t central_field(const struct aprender_zip_entry* entry) {
  const int large = entry->data_size >= UINT32_MAX;
  const int far = entry->header_offset >= UINT32_MAX;
  return (uint16_t)((large || far ? 4 : 0) + (large ? 16 : 0) + (far ? 8 : 0));
}

struct aprender_zip_verdict any_central(const uint8_t* file, uint64_t at, uint64_t end, uint32_t index,
                                        struct aprender_zip_entry* entry) {
  CLAIM(file == walked && entry == &entries[index]);
  CLAIM(at == walk_at && at <= end && end == directory_end);
  entry->header_offset = nondet_u64();
  entry->data_size = nondet_u64();
  entry->name_size = nondet_u16();
  entry->central_zip64_size = central_field(entry);
  entry->local_zip64_size = entry->data_size >= UINT32_MAX ? 20 : 0;
  const int accepted = at + (46 + (uint64_t)entry->name_size + entry->central_zip64_size) <= end && nondet_int();
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_DIRECTORY_SPACE, index, 0, 0);
}

struct aprender_zip_verdict any_local(const uint8_t* file, uint64_t central, uint64_t data_end, uint32_t index,
                                      struct aprender_zip_entry* entry) {
  CLAIM(file == walked && entry == &entries[index] && central == walk_at);
  CLAIM(entry->header_offset <= data_end && data_end == directory_begin);
  CLAIM(central + (46 + (uint64_t)entry->name_size) <= file_size);
  CLAIM(entry->local_zip64_size == (entry->data_size >= UINT32_MAX ? 20 : 0));
  entry->padding = nondet_u16();
  entry->name_offset = entry->header_offset + 30;
  entry->data_offset = entry->name_offset + entry->name_size + entry->local_zip64_size + entry->padding;
  const int accepted = (uint32_t)entry->local_zip64_size + entry->padding <= UINT16_MAX &&
                       entry->data_offset <= data_end && entry->data_size <= data_end - entry->data_offset &&
                       nondet_int();
  walk_at += 46 + (uint64_t)entry->name_size + entry->central_zip64_size;
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_LOCAL_SPACE, index, 0, 0);
}

/* Property: in a file that is accepted the first *count entries are filled: they lie one directly behind the other from the
 *   first byte on, each with header, name, extra fields and data in this order; behind the last begins the directory, which
 *   their headers fill, and behind that the end records end the file: no byte is in two of them or in none; what is called is
 *   called for this file, in this order, as it has to be
 * Bound: every file of up to 2^40 bytes with up to 4 entries; records are any that the proofs of zip_records.c allow, whose
 *   bounds for headers are smaller
 * Calls: aprender_zip_end:any_end aprender_zip_central:any_central aprender_zip_local:any_local
 * Unwind: 5
 * Mutant: zip_framing.h: `if (entries[i].header_offset != next)` => `if (entries[i].header_offset < next)`
 * Mutant: zip_framing.h: `if (next != directory)` => `if (next > directory)`
 * Mutant: zip_framing.h: `if (*count > capacity)` => `if (*count > capacity + 1)`
 * Mutant: zip_framing.h: `next = entries[i].data_offset + entries[i].data_size` => `next = entries[i].data_offset`
 * Mutant: zip_framing.h: `(file, at, directory, i, &entries[i])` => `(file, at, at, i, &entries[i])`
 * Mutant: zip_framing.h: `(file, at, directory, i, &entries[i])` => `(file, at, directory, i, &entries[0])`
 * Mutant: zip_framing.h: `(file, at, directory_end, i, &entries[i])` => `(file + 1, at, directory_end, i, &entries[i])`
 * Mutant: zip_framing.h: `i < *count; ++i` => `i + 1 < *count; ++i`
 * Mutant: zip_framing.h: `if (at != directory_end)` => `if (at > directory_end)`
 * Mutant: zip_framing.h: `(uint64_t)entries[i].name_size + entries[i].central_zip64_size` => `(uint64_t)entries[i].name_size`
 */
PROOF(walk_accounts_for_every_byte) {
  uint32_t count = 0;
  uint64_t next = 0;
  const uint32_t capacity = nondet_u32();
  file_size = nondet_u64();
  ASSUME(file_size <= MOST_BYTES && capacity <= 4);
  walked = any_bytes(file_size);
  walk_at = 0;
  if (aprender_zip_walk(walked, file_size, entries, capacity, &count).field == APRENDER_ZIP_ACCEPTED) {
    CLAIM(count == named && count <= capacity && walk_at == directory_end);
    CLAIM(directory_end == file_size - (directory_begin >= UINT32_MAX ? 98 : 22));
    for (uint32_t i = 0; i < 4; ++i) {
      if (i >= count) continue;
      CLAIM(entries[i].header_offset == next && entries[i].name_offset == next + 30);
      CLAIM(entries[i].data_offset ==
            next + 30 + entries[i].name_size + entries[i].local_zip64_size + entries[i].padding);
      next = entries[i].data_offset + entries[i].data_size;
    }
    CLAIM(next == directory_begin);
    REACHABLE(count == 0);
    REACHABLE(count == 4 && file_size == MOST_BYTES);
  } else {
    REACHABLE(named > 1000);
    REACHABLE(named == 4 && capacity == 4 && walk_at > directory_begin);
  }
}
