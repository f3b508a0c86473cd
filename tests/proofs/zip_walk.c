#include "proof.h"

#include "kernel/zip_framing.h"

/* In place of the functions that read records: they claim the preconditions under which their own proofs (zip_records.c)
 * hold, and give any answer that those allow. */
static uint64_t file_size;
static uint64_t directory_begin;
static uint64_t directory_end;
static uint32_t named;

struct aprender_zip_verdict any_end(const uint8_t* file, uint64_t size, uint64_t* directory, uint64_t* end,
                                    uint32_t* count) {
  (void)file;
  CLAIM(size == file_size);
  walk_next = 0;
  *directory = walk_at = directory_begin = nondet_u64();
  *end = directory_end = nondet_u64();
  *count = named = nondet_u16();
  const int accepted = size >= 22 && (size >= 98 || directory_begin < UINT32_MAX) && directory_begin <= directory_end &&
                       directory_end <= size && directory_end == size - (directory_begin >= UINT32_MAX ? 98 : 22) &&
                       nondet_int();
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_FILE_SIZE, UINT32_MAX, 0, 0);
}

struct aprender_zip_verdict any_central(const uint8_t* file, uint64_t at, uint64_t end, uint32_t index,
                                        struct aprender_zip_entry* entry) {
  (void)file;
  CLAIM(at == walk_at && at <= end && end <= file_size);
  entry->header_offset = nondet_u64();
  entry->data_size = nondet_u64();
  entry->name_size = nondet_u16();
  entry->central_zip64_size = nondet_u16();
  entry->local_zip64_size = entry->data_size >= UINT32_MAX ? 20 : 0;
  const int accepted = entry->central_zip64_size <= 28 &&
                       at + (46 + (uint64_t)entry->name_size + entry->central_zip64_size) <= end && nondet_int();
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_DIRECTORY_SPACE, index, 0, 0);
}

struct aprender_zip_verdict any_local(const uint8_t* file, uint64_t central, uint64_t data_end, uint32_t index,
                                      struct aprender_zip_entry* entry) {
  (void)file;
  CLAIM(central == walk_at && entry->header_offset == walk_next);
  CLAIM(entry->header_offset <= data_end && data_end == directory_begin);
  CLAIM(central + (46 + (uint64_t)entry->name_size + entry->central_zip64_size) <= file_size);
  CLAIM(entry->local_zip64_size == (entry->data_size >= UINT32_MAX ? 20 : 0));
  entry->padding = nondet_u16();
  entry->name_offset = entry->header_offset + 30;
  entry->data_offset = entry->name_offset + entry->name_size + entry->local_zip64_size + entry->padding;
  const int accepted =
      entry->data_size <= MOST_BYTES && entry->data_offset + entry->data_size <= data_end && nondet_int();
  walk_at += 46 + (uint64_t)entry->name_size + entry->central_zip64_size;
  walk_next = accepted ? entry->data_offset + entry->data_size : walk_next;
  return aprender_zip_refuse(accepted ? APRENDER_ZIP_ACCEPTED : APRENDER_ZIP_LOCAL_SPACE, index, 0, 0);
}

/* Property: in a file that is accepted the entries lie one directly behind the other from the first byte on, each with
 *   header, name, extra fields and data in this order; behind the last begins the directory, which their headers fill, and
 *   behind that the end records end the file: no byte is in two of them or in none; what is called is called as it has to be
 * Bound: every file of up to 2^40 bytes with up to 4 entries; records are any that the proofs of
 *   zip_records.c allow
 * Calls: aprender_zip_end:any_end aprender_zip_central:any_central aprender_zip_local:any_local
 * Unwind: 5
 * Mutant: zip_framing.h: `if (entries[i].header_offset != next)` => `if (entries[i].header_offset < next)`
 * Mutant: zip_framing.h: `if (next != directory)` => `if (next > directory)`
 * Mutant: zip_framing.h: `if (*count > capacity)` => `if (*count > capacity + 1)`
 * Mutant: zip_framing.h: `next = entries[i].data_offset + entries[i].data_size` => `next = entries[i].data_offset`
 * Mutant: zip_framing.h: `(file, at, directory, i, &entries[i])` => `(file, at, at, i, &entries[i])`
 * Mutant: zip_framing.h: `if (at != directory_end)` => `if (at > directory_end)`
 * Mutant: zip_framing.h: `(uint64_t)entries[i].name_size + entries[i].central_zip64_size` => `(uint64_t)entries[i].name_size`
 */
PROOF(walk_accounts_for_every_byte) {
  uint32_t count = 0;
  const uint32_t capacity = nondet_u32();
  file_size = nondet_u64();
  ASSUME(file_size <= MOST_BYTES && capacity <= 4);
  struct aprender_zip_entry entries[4];
  if (aprender_zip_walk(0, file_size, entries, capacity, &count).field == APRENDER_ZIP_ACCEPTED) {
    CLAIM(count == named && count <= capacity);
    CLAIM(walk_next == directory_begin && walk_at == directory_end && directory_end <= file_size);
    REACHABLE(count == 0);
    REACHABLE(count == 4 && file_size == MOST_BYTES);
  } else {
    REACHABLE(named > 1000);
    REACHABLE(named == 4 && capacity == 4 && walk_at > directory_begin);
  }
}
