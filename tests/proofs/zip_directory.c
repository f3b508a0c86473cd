/* The walk is unrolled here, so that the lengths of its headers can be added up. */
#define LOOP_zip_walk
#include "proof.h"

#include "kernel/zip_framing.h"

/* Property: the headers of the entries fill the directory to its last byte, and there is one for each entry that the end
 *   record counts
 * Bound: every file of up to 2^40 bytes with up to 2 entries; names and fields of any length by loop contract
 * Loops: contracts
 * Unwind: 25
 * Mutant: zip_framing.h: `if (at != directory_end)` => `if (at > directory_end)`
 * Mutant: zip_framing.h: `at += APRENDER_ZIP_CENTRAL_SIZE + (uint64_t)entries[i].name_size + entries[i].central_zip64_size` => `at += APRENDER_ZIP_CENTRAL_SIZE + (uint64_t)entries[i].name_size`
 */
PROOF(headers_fill_the_directory) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* file = any_bytes(size);
  struct aprender_zip_entry entries[2];
  uint32_t count = nondet_u32();
  ghost = nondet_u64();
  if (aprender_zip_walk(file, size, entries, 2, &count).field == APRENDER_ZIP_ACCEPTED) {
    uint64_t at = 0;
    uint64_t end = 0;
    uint32_t named = 0;
    CLAIM(aprender_zip_end(file, size, &at, &end, &named).field == APRENDER_ZIP_ACCEPTED);
    CLAIM(count == named && count <= 2);
    for (uint32_t i = 0; i < 2; ++i) {
      if (i < count) at += 46 + (uint64_t)entries[i].name_size + entries[i].central_zip64_size;
    }
    CLAIM(at == end);
    REACHABLE(count == 0);
    REACHABLE(count == 2 && entries[0].name_size > 1000 && entries[1].central_zip64_size == 28);
  }
}
