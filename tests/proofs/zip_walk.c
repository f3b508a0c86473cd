#include "proof.h"

#include "kernel/zip_framing.h"

/* Property: in a file that is accepted the entries lie one directly behind the other from the first byte on, each with
 *   header, name, extra fields and data in this order; behind the last lies the directory, and behind that the end records
 *   end the file: no byte is in two of them or in none; the preconditions of all that is called are kept
 * Bound: every file of up to 2^40 bytes, any number of entries, by loop contract
 * Loops: contracts
 * Unwind: 25
 * Mutant: zip_framing.h: `if (entries[i].header_offset != next)` => `if (entries[i].header_offset < next)`
 * Mutant: zip_framing.h: `if (next != directory)` => `if (next > directory)`
 * Mutant: zip_framing.h: `if (*count > capacity)` => `if (*count > capacity + 1)`
 * Mutant: zip_framing.h: `next = entries[i].data_offset + entries[i].data_size` => `next = entries[i].data_offset`
 * Mutant: zip_framing.h: `(file, at, directory, i, &entries[i])` => `(file, at, at, i, &entries[i])`
 */
PROOF(walk_accounts_for_every_byte) {
  const uint64_t size = nondet_u64();
  const uint32_t capacity = nondet_u32();
  ASSUME(size <= MOST_BYTES && capacity <= UINT16_MAX);
  const uint8_t* file = any_bytes(size);
  struct aprender_zip_entry* entries =
      (struct aprender_zip_entry*)__CPROVER_allocate(capacity * sizeof(struct aprender_zip_entry), 0);
  uint32_t count = nondet_u32();
  ghost = nondet_u64();
  if (aprender_zip_walk(file, size, entries, capacity, &count).field == APRENDER_ZIP_ACCEPTED) {
    uint64_t directory = 0;
    uint64_t end = 0;
    uint32_t named = 0;
    CLAIM(aprender_zip_end(file, size, &directory, &end, &named).field == APRENDER_ZIP_ACCEPTED);
    CLAIM(count <= capacity && count == named && directory <= end && end <= size);
    CLAIM(count > 0 ? END_OF(entries[count - 1]) == directory : directory == 0);
    if (ghost < count) {
      const struct aprender_zip_entry* entry = &entries[ghost];
      CLAIM(entry->header_offset == (ghost == 0 ? 0 : END_OF(entries[ghost - 1])));
      CLAIM(entry->name_offset == entry->header_offset + 30);
      CLAIM(entry->data_offset == entry->name_offset + entry->name_size + entry->local_zip64_size + entry->padding);
      CLAIM(entry->data_offset <= directory && entry->data_size <= directory - entry->data_offset);
    }
    REACHABLE(count == 0);
    REACHABLE(count > 1000 && ghost == 7);
  } else {
    REACHABLE(count > 1000);
  }
}
