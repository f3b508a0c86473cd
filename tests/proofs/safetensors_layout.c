#include "proof.h"

#include "kernel/safetensors_layout.h"

/* Property: a header that is accepted ends within the file, at a multiple of 64, and its length is what the first 8 bytes
 *   say; of one that is refused there is no length
 * Bound: every file of up to 2^40 bytes
 * Mutant: safetensors_layout.h: `length > size - APRENDER` => `length > size + APRENDER`
 * Mutant: safetensors_layout.h: `if (size < APRENDER_SAFETENSORS_LENGTH_BYTES)` => `if (size + 1 < APRENDER_SAFETENSORS_LENGTH_BYTES)`
 * Mutant: safetensors_layout.h: `(length + APRENDER_SAFETENSORS_LENGTH_BYTES) % ` => `(length) % `
 * Mutant: safetensors_layout.h: `*header_size = length` => `*header_size = length + 1`
 * Mutant: safetensors_layout.h: `*header_size = 0` => `*header_size = 1`
 */
PROOF(header_ends_within_the_file) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* bytes = any_bytes(size);
  uint64_t header = nondet_u64();
  const struct aprender_safetensors_verdict verdict = aprender_safetensors_header(bytes, size, &header);
  if (verdict.fault == APRENDER_SAFETENSORS_ACCEPTED) {
    CLAIM(size >= 8 && header <= size - 8);
    CLAIM((header + 8) % 64 == 0);
    CLAIM(header == aprender_load_u64(bytes));
  } else {
    CLAIM(header == 0);
  }
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && header == MOST_BYTES - 8);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_NO_LENGTH);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_HEADER_TOO_LONG);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_HEADER_UNALIGNED);
}

/* In place of aprender_multiply, whose own proof (product_is_exact_or_refused) says what it returns: anything, if the
 * factors are what came of the call before and the next dimension. */
static const uint64_t* dimensions;
static uint64_t factors_taken, product_so_far;
static int fits_so_far;
int next_factor(uint64_t a, uint64_t b, uint64_t* product) {
  CLAIM(fits_so_far && a == product_so_far && b == dimensions[factors_taken]);
  ++factors_taken;
  fits_so_far = nondet_u64() % 2 == 0;
  product_so_far = fits_so_far ? nondet_u64() : 0;
  *product = product_so_far;
  return fits_so_far;
}

/* Property: the bytes of a tensor are the product of item size and dimensions, taken in the order of the shape by checked
 *   multiplications, all of them; refused and 0 exactly if one of those does not fit, after which none follows
 * Bound: rank up to 8, any dimensions and item size of 64 bits
 * Unwind: 9
 * Calls: aprender_multiply:next_factor
 * Mutant: safetensors_layout.h: `uint64_t product = item_size` => `uint64_t product = 1`
 * Mutant: safetensors_layout.h: `i < rank; ++i` => `i + 1 < rank; ++i`
 * Mutant: safetensors_layout.h: `shape[i], &product)) return 0` => `shape[i], &product)) return 1`
 * Mutant: safetensors_layout.h: `aprender_multiply(product, shape[i], &product)` => `aprender_multiply(item_size, shape[i], &product)`
 * Mutant: safetensors_layout.h: `*bytes = product;` => `*bytes = item_size;`
 */
PROOF(tensor_bytes_are_the_product) {
  uint64_t shape[8];
  for (int k = 0; k < 8; ++k) shape[k] = nondet_u64();
  const uint64_t rank = nondet_u64();
  const uint64_t item = nondet_u64();
  uint64_t bytes = nondet_u64();
  ASSUME(rank <= 8);
  dimensions = shape;
  factors_taken = 0;
  product_so_far = item;
  fits_so_far = 1;
  const int fits = aprender_tensor_bytes(shape, rank, item, &bytes);
  CLAIM(IFF(fits, fits_so_far));
  CLAIM(IMPLIES(fits, factors_taken == rank));
  CLAIM(bytes == product_so_far);
  REACHABLE(fits && rank == 8);
  REACHABLE(fits && rank == 0);
  REACHABLE(!fits && factors_taken == 3);
}

/* Property: no undefined behaviour, whatever shape and rank
 * Bound: any rank up to 2^37, by loop contract
 * Loops: contracts
 * Mutant: safetensors_layout.h: `i < rank; ++i` => `i <= rank; ++i`
 */
PROOF(tensor_bytes_stay_within_the_shape) {
  const uint64_t rank = nondet_u64();
  ASSUME(rank <= MOST_BYTES / 8);
  const uint64_t* shape = (const uint64_t*)__CPROVER_allocate(rank * 8, 0);
  uint64_t bytes = nondet_u64();
  const int fits = aprender_tensor_bytes(shape, rank, nondet_u64(), &bytes);
  CLAIM(fits || bytes == 0);
  REACHABLE(fits && rank == MOST_BYTES / 8);
  REACHABLE(!fits);
}

/* In place of aprender_tensor_bytes: any size, and whether it fits, for each tensor. */
int any_tensor_bytes(const uint64_t* shape, uint64_t rank, uint64_t item_size, uint64_t* bytes) {
  (void)shape;
  *bytes = item_size == 0 ? 0 : rank;
  return item_size != 0;
}

/* Property: tensors that are accepted begin at 0, each where the one before it ends, the last ends where the data do; each is
 *   as long as its shape asks for; no sum overflows
 * Bound: up to 8 tensors of any offsets; what a shape asks for is any integer of 64 bits, or does not fit
 * Unwind: 9
 * Calls: aprender_tensor_bytes:any_tensor_bytes
 * Mutant: safetensors_layout.h: `if (tensors[i].begin != next)` => `if (tensors[i].begin < next)`
 * Mutant: safetensors_layout.h: `if (tensors[i].end != end)` => `if (tensors[i].end > end)`
 * Mutant: safetensors_layout.h: `if (data_size != next)` => `if (data_size < next)`
 * Mutant: safetensors_layout.h: `next = end;` => `next = bytes;`
 * Mutant: safetensors_layout.h: `if (!aprender_add(next, bytes, &end)) {` => `end = next + bytes;\n    if (0) {`
 */
PROOF(layout_fills_the_data) {
  struct aprender_tensor_layout tensors[8];
  const uint64_t count = nondet_u64();
  const uint64_t size = nondet_u64();
  const uint64_t i = nondet_u64();
  ASSUME(count <= 8);
  for (int k = 0; k < 8; ++k) {
    tensors[k] = (struct aprender_tensor_layout){0, nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64()};
  }
  const struct aprender_safetensors_verdict verdict = aprender_safetensors_layout(tensors, count, size);
  if (verdict.fault == APRENDER_SAFETENSORS_ACCEPTED) {
    CLAIM(IMPLIES(count == 0, size == 0));
    CLAIM(IMPLIES(count > 0, tensors[count - 1].end == size));
    if (i < count) {
      CLAIM(tensors[i].begin == (i == 0 ? 0 : tensors[i - 1].end));
      CLAIM(tensors[i].begin <= tensors[i].end && tensors[i].end <= size);
      CLAIM(tensors[i].item_size != 0 && tensors[i].end - tensors[i].begin == tensors[i].rank);
    }
  } else {
    CLAIM(verdict.fault == APRENDER_SAFETENSORS_DATA_SIZE || verdict.tensor < count);
  }
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && count == 8 && size == UINT64_MAX && i == 7);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && count == 0);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_SHAPE_OVERFLOW);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_BEGIN);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_END);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_OUT_OF_BOUNDS);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_DATA_SIZE);
}

/* Property: the same of the whole code, shapes and products included; no undefined behaviour for any input
 * Bound: up to 2 tensors of rank up to 2, all numbers of 64 bits
 * Unwind: 3
 * Mutant: safetensors_layout.h: `if (!aprender_add(next, bytes, &end)) {` => `end = next + bytes;\n    if (0) {`
 * Mutant: safetensors_layout.h: `i < rank; ++i` => `i <= rank; ++i`
 */
PROOF(layout_of_whole_shapes) {
  uint64_t shapes[2][2];
  struct aprender_tensor_layout tensors[2];
  const uint64_t count = nondet_u64();
  const uint64_t size = nondet_u64();
  const uint64_t i = nondet_u64();
  ASSUME(count <= 2 && i < 2);
  for (int k = 0; k < 2; ++k) {
    shapes[k][0] = nondet_u64();
    shapes[k][1] = nondet_u64();
    tensors[k] = (struct aprender_tensor_layout){shapes[k], nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64()};
    ASSUME(tensors[k].rank <= 2);
  }
  const struct aprender_safetensors_verdict verdict = aprender_safetensors_layout(tensors, count, size);
  if (verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && i < count) {
    CLAIM(tensors[i].begin == (i == 0 ? 0 : tensors[i - 1].end));
    CLAIM(tensors[i].begin <= tensors[i].end && tensors[i].end <= size);
    CLAIM(i + 1 < count || tensors[i].end == size);
  }
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && count == 2 && size > 1000);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_SHAPE_OVERFLOW);
}
