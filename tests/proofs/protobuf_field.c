#include "proof.h"

#include "kernel/protobuf_field.h"

/* The shortest encoding, the only one that the kernel takes; returns its length, at most 10. */
static uint64_t encode(uint64_t value, uint8_t* to) {
  uint64_t length = 0;
  for (; value > 0x7f; value >>= 7) to[length++] = (uint8_t)(0x80u | (value & 0x7fu));
  to[length++] = (uint8_t)value;
  return length;
}

/* Property: a varint that is accepted lies within its bytes and is the shortest encoding of the value
 * Bound: every sequence of up to 2^40 bytes
 * Unwind: 11
 * Mutant: protobuf_field.h: `bytes[i] > 1` => `bytes[i] > 2`
 * Mutant: protobuf_field.h: `i > 0 && digit == 0` => `i > 1 && digit == 0`
 * Mutant: protobuf_field.h: `i < 10 && i < size` => `i < 10 && i <= size`
 * Mutant: protobuf_field.h: `digit << (7 * i)` => `digit << (6 * i)`
 * Mutant: protobuf_field.h: `return i + 1` => `return i + 2`
 */
PROOF(varint_accepted_is_shortest) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* bytes = any_bytes(size);
  uint64_t value = nondet_u64();
  uint8_t again[10];
  const uint64_t length = aprender_varint(bytes, size, &value);
  const uint64_t i = nondet_u64();
  CLAIM(length <= 10 && length <= size);
  CLAIM(IMPLIES(length == 0, value == 0));
  if (length > 0) CLAIM(encode(value, again) == length && IMPLIES(i < length, again[i] == bytes[i]));
  REACHABLE(length == 0 && size > 10);
  REACHABLE(length == 1);
  REACHABLE(length == 10 && value == UINT64_MAX);
}

/* Property: the shortest encoding of every value is accepted, and not if it is cut off
 * Bound: every integer of 64 bits, before any other bytes, in up to 2^40 bytes
 * Unwind: 11
 * Mutant: protobuf_field.h: `i < 10 && i < size` => `i < 9 && i < size`
 * Mutant: protobuf_field.h: `bytes[i] > 1) return 0` => `bytes[i] > 0) return 0`
 * Mutant: protobuf_field.h: `*value = result` => `*value = result + 1`
 */
PROOF(varint_of_every_value_is_accepted) {
  const uint64_t size = nondet_u64();
  const uint64_t value = nondet_u64();
  uint64_t found = 0;
  uint8_t encoded[10];
  ASSUME(size <= MOST_BYTES);
  const uint64_t length = encode(value, encoded);
  const uint8_t* bytes = any_bytes(size);
  for (uint64_t i = 0; i < 10; ++i) ASSUME(i >= length || i >= size || bytes[i] == encoded[i]);
  CLAIM(aprender_varint(bytes, size, &found) == (size < length ? 0 : length));
  CLAIM(found == (size < length ? 0 : value));
  REACHABLE(size < length);
  REACHABLE(value == UINT64_MAX);
}

/* Property: a field that is accepted has a number that protobuf allows and a wire type that it knows; it is tag, prefix
 *   if any, and payload, directly behind each other and within its bytes, and takes two bytes or more, so that a walk over fields
 *   ends; if it is refused nothing is written
 * Bound: every sequence of up to 2^40 bytes
 * Unwind: 11
 * Mutant: protobuf_field.h: `if (length > size - at) return 0;` => `if (length > size) return 0;`
 * Mutant: protobuf_field.h: `(tag >> 3) == 0` => `(tag >> 3) == 1`
 * Mutant: protobuf_field.h: `at == 0 || tag > UINT32_MAX` => `at == 0`
 * Mutant: protobuf_field.h: `if (prefix == 0) return 0;` => ` `
 * Mutant: protobuf_field.h: `at += prefix;` => ` `
 * Mutant: protobuf_field.h: `length == 0) return 0;` => `length == 11) return 0;`
 * Mutant: protobuf_field.h: `length = 8` => `length = 7`
 * Mutant: protobuf_field.h: `default:\n      return 0` => `default:\n      break`
 * Mutant: protobuf_field.h: `field->size = at + length` => `field->size = length`
 */
PROOF(field_lies_within_its_bytes) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* bytes = any_bytes(size);
  struct aprender_protobuf_field field = {77, 77, 77, 77, 77};
  uint64_t tag = 0;
  uint64_t value = 0;
  if (aprender_protobuf_next(bytes, size, &field)) {
    const uint64_t tag_size = aprender_varint(bytes, size, &tag);
    const uint64_t prefix = field.wire_type != 2 ? 0 : aprender_varint(bytes + tag_size, size - tag_size, &value);
    CLAIM(field.number >= 1 && field.number < (1u << 29));
    CLAIM(tag == ((uint64_t)field.number << 3 | field.wire_type));
    CLAIM(field.wire_type == 0 || field.wire_type == 1 || field.wire_type == 2 || field.wire_type == 5);
    CLAIM(tag_size >= 1 && IFF(field.wire_type == 2, prefix >= 1));
    CLAIM(field.payload_offset == tag_size + prefix);
    CLAIM(field.payload_offset + field.payload_size == field.size);
    CLAIM(field.size >= 2 && field.size <= size);
    CLAIM(IMPLIES(field.wire_type == 0,
                  field.payload_size == aprender_varint(bytes + tag_size, size - tag_size, &value)));
    CLAIM(IMPLIES(field.wire_type == 1, field.payload_size == 8));
    CLAIM(IMPLIES(field.wire_type == 2, field.payload_size == value));
    CLAIM(IMPLIES(field.wire_type == 5, field.payload_size == 4));
    REACHABLE(field.wire_type == 0);
    REACHABLE(field.wire_type == 1);
    REACHABLE(field.wire_type == 2 && field.payload_size > 1000);
    REACHABLE(field.wire_type == 5 && field.number == (1u << 29) - 1);
  } else {
    CLAIM(field.number == 77 && field.wire_type == 77 && field.size == 77);
    CLAIM(field.payload_offset == 77 && field.payload_size == 77);
    REACHABLE(size > 1000);
  }
}
