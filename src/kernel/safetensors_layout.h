/* Where the tensors of a safetensors file lie: the length of its header, and offsets against shapes. */
#ifndef APRENDER_KERNEL_SAFETENSORS_LAYOUT_H
#define APRENDER_KERNEL_SAFETENSORS_LAYOUT_H

#include "kernel/checked.h"
#include "kernel/little_endian.h"

enum { APRENDER_SAFETENSORS_ALIGNMENT = 64, APRENDER_SAFETENSORS_LENGTH_BYTES = 8 };

enum aprender_safetensors_fault {
  APRENDER_SAFETENSORS_ACCEPTED = 0,
  APRENDER_SAFETENSORS_NO_LENGTH,        /* fewer bytes than the header's length takes */
  APRENDER_SAFETENSORS_HEADER_TOO_LONG,  /* ends behind the file */
  APRENDER_SAFETENSORS_HEADER_UNALIGNED, /* its end is no multiple of 64 */
  APRENDER_SAFETENSORS_SHAPE_OVERFLOW,   /* the shape asks for 2^64 bytes or more */
  APRENDER_SAFETENSORS_BEGIN,            /* a hole before the tensor, or an overlap */
  APRENDER_SAFETENSORS_END,              /* end - begin is not what the shape asks for */
  APRENDER_SAFETENSORS_OUT_OF_BOUNDS,    /* ends behind the data */
  APRENDER_SAFETENSORS_DATA_SIZE         /* bytes behind the last tensor */
};

/* `tensor` counts from 0 and is only there for faults of a tensor. */
struct aprender_safetensors_verdict {
  enum aprender_safetensors_fault fault;
  uint64_t tensor;
  uint64_t found;
  uint64_t expected;
};

struct aprender_tensor_layout {
  const uint64_t* shape;
  uint64_t rank;
  uint64_t item_size;
  uint64_t begin;
  uint64_t end;
};

/* Accepted implies *header_size + 8 <= size and is a multiple of 64. */
APRENDER_KERNEL struct aprender_safetensors_verdict aprender_safetensors_header(const uint8_t* bytes, uint64_t size,
                                                                                uint64_t* header_size) {
  struct aprender_safetensors_verdict verdict = {APRENDER_SAFETENSORS_ACCEPTED, 0, 0, 0};
  uint64_t length = 0;
  *header_size = 0;
  if (size < APRENDER_SAFETENSORS_LENGTH_BYTES) {
    verdict.fault = APRENDER_SAFETENSORS_NO_LENGTH;
    verdict.found = size;
    verdict.expected = APRENDER_SAFETENSORS_LENGTH_BYTES;
    return verdict;
  }
  length = aprender_load_u64(bytes);
  verdict.found = length;
  if (length > size - APRENDER_SAFETENSORS_LENGTH_BYTES) {
    verdict.fault = APRENDER_SAFETENSORS_HEADER_TOO_LONG;
    verdict.expected = size - APRENDER_SAFETENSORS_LENGTH_BYTES;
    return verdict;
  }
  if ((length + APRENDER_SAFETENSORS_LENGTH_BYTES) % APRENDER_SAFETENSORS_ALIGNMENT != 0) {
    verdict.fault = APRENDER_SAFETENSORS_HEADER_UNALIGNED;
    verdict.expected = APRENDER_SAFETENSORS_ALIGNMENT;
    return verdict;
  }
  *header_size = length;
  return verdict;
}

/* 1 and *bytes = product of the dimensions and the item size, or 0 if it does not fit 64 bits. */
APRENDER_KERNEL int aprender_tensor_bytes(const uint64_t* shape, uint64_t rank, uint64_t item_size, uint64_t* bytes) {
  uint64_t product = item_size;
  *bytes = 0;
  for (uint64_t i = 0; i < rank; ++i) APRENDER_LOOP(tensor_bytes)
  {
    if (!aprender_multiply(product, shape[i], &product)) return 0;
  }
  *bytes = product;
  return 1;
}

/* Accepted implies that the tensors, in this order, fill [0, data_size) without hole or overlap and that each is as
 * long as its shape asks for. */
APRENDER_KERNEL struct aprender_safetensors_verdict aprender_safetensors_layout(
    const struct aprender_tensor_layout* tensors, uint64_t count, uint64_t data_size) {
  struct aprender_safetensors_verdict verdict = {APRENDER_SAFETENSORS_ACCEPTED, 0, 0, 0};
  uint64_t next = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t bytes = 0;
    uint64_t end = 0;
    verdict.tensor = i;
    if (!aprender_tensor_bytes(tensors[i].shape, tensors[i].rank, tensors[i].item_size, &bytes)) {
      verdict.fault = APRENDER_SAFETENSORS_SHAPE_OVERFLOW;
      return verdict;
    }
    if (tensors[i].begin != next) {
      verdict.fault = APRENDER_SAFETENSORS_BEGIN;
      verdict.found = tensors[i].begin;
      verdict.expected = next;
      return verdict;
    }
    verdict.found = tensors[i].end;
    if (!aprender_add(next, bytes, &end)) {
      verdict.fault = APRENDER_SAFETENSORS_SHAPE_OVERFLOW;
      return verdict;
    }
    verdict.expected = end;
    if (tensors[i].end != end) {
      verdict.fault = APRENDER_SAFETENSORS_END;
      return verdict;
    }
    if (end > data_size) {
      verdict.fault = APRENDER_SAFETENSORS_OUT_OF_BOUNDS;
      verdict.expected = data_size;
      return verdict;
    }
    next = end;
  }
  verdict.found = data_size;
  verdict.expected = next;
  if (data_size != next) verdict.fault = APRENDER_SAFETENSORS_DATA_SIZE;
  return verdict;
}

#endif
