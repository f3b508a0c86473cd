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

/* In place of aprender_tensor_bytes: any size, and whether it fits, for each tensor. Its shape says what it has to be asked
 * with, and what it answers. */
enum { RANK, ITEM_SIZE, BYTES, FITS, N_WANTED };

int any_tensor_bytes(const uint64_t* shape, uint64_t rank, uint64_t item_size, uint64_t* bytes) {
  CLAIM(rank == shape[RANK] && item_size == shape[ITEM_SIZE]);
  *bytes = shape[FITS] ? shape[BYTES] : 0;
  return shape[FITS] != 0;
}

/* Property: tensors that are accepted begin at 0, each where the one before it ends, the last ends where the data do; each is
 *   as long as its own shape asks for; no sum overflows
 * Bound: up to 8 tensors of any offsets; what a shape asks for is any integer of 64 bits, or does not fit
 * Unwind: 9
 * Calls: aprender_tensor_bytes:any_tensor_bytes
 * Mutant: safetensors_layout.h: `if (tensors[i].begin != next)` => `if (tensors[i].begin < next)`
 * Mutant: safetensors_layout.h: `if (tensors[i].end != end)` => `if (tensors[i].end > end)`
 * Mutant: safetensors_layout.h: `if (data_size != next)` => `if (data_size < next)`
 * Mutant: safetensors_layout.h: `next = end;` => `next = bytes;`
 * Mutant: safetensors_layout.h: `if (!aprender_add(next, bytes, &end)) {` => `end = next + bytes;\n    if (0) {`
 * Mutant: safetensors_layout.h: `(tensors[i].shape, tensors[i].rank,` => `(tensors[0].shape, tensors[i].rank,`
 * Mutant: safetensors_layout.h: `tensors[i].item_size, &bytes` => `tensors[0].item_size, &bytes`
 */
PROOF(layout_fills_the_data) {
  uint64_t wanted[8][N_WANTED];
  struct aprender_tensor_layout tensors[8];
  const uint64_t count = nondet_u64();
  const uint64_t size = nondet_u64();
  const uint64_t i = nondet_u64();
  ASSUME(count <= 8);
  for (int k = 0; k < 8; ++k) {
    for (int field = 0; field < N_WANTED; ++field) wanted[k][field] = nondet_u64();
    tensors[k] =
        (struct aprender_tensor_layout){wanted[k], wanted[k][RANK], wanted[k][ITEM_SIZE], nondet_u64(), nondet_u64()};
  }
  const struct aprender_safetensors_verdict verdict = aprender_safetensors_layout(tensors, count, size);
  if (verdict.fault == APRENDER_SAFETENSORS_ACCEPTED) {
    CLAIM(IMPLIES(count == 0, size == 0));
    CLAIM(IMPLIES(count > 0, tensors[count - 1].end == size));
    if (i < count) {
      CLAIM(tensors[i].begin == (i == 0 ? 0 : tensors[i - 1].end));
      CLAIM(tensors[i].begin <= tensors[i].end && tensors[i].end <= size);
      CLAIM(wanted[i][FITS] && tensors[i].end - tensors[i].begin == wanted[i][BYTES]);
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

/* In place of aprender_multiply, which is exact or refuses (product_is_exact_or_refused): some function of its factors, the
 * same here and in the proof below. */
uint64_t __CPROVER_uninterpreted_product(uint64_t a, uint64_t b);
int __CPROVER_uninterpreted_fits(uint64_t a, uint64_t b);

int some_product(uint64_t a, uint64_t b, uint64_t* product) {
  const int fits = __CPROVER_uninterpreted_fits(a, b) != 0;
  *product = fits ? __CPROVER_uninterpreted_product(a, b) : 0;
  return fits;
}

/* Property: the same of the whole code, shapes included: each tensor that is accepted is as long as the product of its item
 *   size and the dimensions of its own shape; no undefined behaviour for any input
 * Bound: up to 4 tensors of rank up to 4, all numbers of 64 bits; the product of two is that of checked.h
 * Unwind: 5
 * Calls: aprender_multiply:some_product
 * Mutant: safetensors_layout.h: `if (!aprender_add(next, bytes, &end)) {` => `end = next + bytes;\n    if (0) {`
 * Mutant: safetensors_layout.h: `i < rank; ++i` => `i <= rank; ++i`
 * Mutant: safetensors_layout.h: `(tensors[i].shape, tensors[i].rank,` => `(tensors[0].shape, tensors[i].rank,`
 * Mutant: safetensors_layout.h: `(tensors[i].shape, tensors[i].rank,` => `(tensors[i].shape, tensors[0].rank,`
 * Mutant: safetensors_layout.h: `aprender_multiply(product, shape[i], &product)` => `aprender_multiply(product, shape[0], &product)`
 */
PROOF(layout_of_whole_shapes) {
  uint64_t shapes[4][4];
  struct aprender_tensor_layout tensors[4];
  const uint64_t count = nondet_u64();
  const uint64_t size = nondet_u64();
  uint64_t next = 0;
  ASSUME(count <= 4);
  for (int k = 0; k < 4; ++k) {
    for (int d = 0; d < 4; ++d) shapes[k][d] = nondet_u64();
    tensors[k] = (struct aprender_tensor_layout){shapes[k], nondet_u64(), nondet_u64(), nondet_u64(), nondet_u64()};
    ASSUME(tensors[k].rank <= 4);
  }
  const struct aprender_safetensors_verdict verdict = aprender_safetensors_layout(tensors, count, size);
  if (verdict.fault == APRENDER_SAFETENSORS_ACCEPTED) {
    for (uint64_t k = 0; k < 4; ++k) {
      uint64_t bytes = tensors[k].item_size;
      if (k >= count) continue;
      for (uint64_t d = 0; d < 4; ++d) {
        if (d < tensors[k].rank) CLAIM(some_product(bytes, shapes[k][d], &bytes));
      }
      CLAIM(tensors[k].begin == next && tensors[k].end >= next && tensors[k].end - next == bytes);
      next = tensors[k].end;
    }
    CLAIM(next == size);
  }
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_ACCEPTED && count == 4 && size > 1000);
  REACHABLE(verdict.fault == APRENDER_SAFETENSORS_SHAPE_OVERFLOW);
}
