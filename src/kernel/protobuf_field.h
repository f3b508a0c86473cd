/* One field of the protobuf wire format (protobuf.dev/programming-guides/encoding). */
#ifndef APRENDER_KERNEL_PROTOBUF_FIELD_H
#define APRENDER_KERNEL_PROTOBUF_FIELD_H

#include "kernel/kernel.h"

enum { APRENDER_WIRE_VARINT = 0, APRENDER_WIRE_FIXED64 = 1, APRENDER_WIRE_LENGTH = 2, APRENDER_WIRE_FIXED32 = 5 };

/* The field takes `size` bytes, of which the last payload_size, from payload_offset on, are its value. */
struct aprender_protobuf_field {
  uint32_t number;
  uint32_t wire_type;
  uint64_t payload_offset;
  uint64_t payload_size;
  uint64_t size;
};

/* Bytes of the varint at the start of `bytes`, or 0 if it is cut off, overlong or more than 64 bits. */
APRENDER_KERNEL uint64_t aprender_varint(const uint8_t* bytes, uint64_t size, uint64_t* value) {
  uint64_t result = 0;
  *value = 0;
  for (uint64_t i = 0; i < 10 && i < size; ++i) {
    const uint64_t digit = (uint64_t)bytes[i] & 0x7fu;
    if (i == 9 && bytes[i] > 1) return 0;
    result |= digit << (7 * i);
    if ((bytes[i] & 0x80u) == 0) {
      if (i > 0 && digit == 0) return 0;
      *value = result;
      return i + 1;
    }
  }
  return 0;
}

/* 1 and the first field, which lies within `size` bytes, or 0 if there is none: cut off, overlong varints, a group, or
 * a field number outside [1, 2^29). */
APRENDER_KERNEL int aprender_protobuf_next(const uint8_t* bytes, uint64_t size, struct aprender_protobuf_field* field) {
  uint64_t tag = 0;
  uint64_t value = 0;
  uint64_t at = aprender_varint(bytes, size, &tag);
  uint64_t length = 0;
  if (at == 0 || tag > UINT32_MAX || (tag >> 3) == 0) return 0;
  switch (tag & 7u) {
    case APRENDER_WIRE_VARINT:
      length = aprender_varint(bytes + at, size - at, &value);
      break;
    case APRENDER_WIRE_FIXED64:
      length = 8;
      break;
    case APRENDER_WIRE_FIXED32:
      length = 4;
      break;
    case APRENDER_WIRE_LENGTH: {
      const uint64_t prefix = aprender_varint(bytes + at, size - at, &length);
      if (prefix == 0) return 0;
      at += prefix;
      break;
    }
    default:
      return 0;
  }
  if ((tag & 7u) == APRENDER_WIRE_VARINT && length == 0) return 0;
  if (length > size - at) return 0;
  field->number = (uint32_t)(tag >> 3);
  field->wire_type = (uint32_t)(tag & 7u);
  field->payload_offset = at;
  field->payload_size = length;
  field->size = at + length;
  return 1;
}

#endif
