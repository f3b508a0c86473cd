#include "proof.h"

#include "kernel/text.h"

/* Unicode's definition by arithmetic, of which the kernel's ranges are the outcome: the bytes of a code point. */
static uint64_t encode(uint32_t point, uint8_t* to) {
  if (point < 0x80) {
    to[0] = (uint8_t)point;
    return 1;
  }
  if (point < 0x800) {
    to[0] = (uint8_t)(0xc0 | (point >> 6));
    to[1] = (uint8_t)(0x80 | (point & 0x3f));
    return 2;
  }
  if (point < 0x10000) {
    to[0] = (uint8_t)(0xe0 | (point >> 12));
    to[1] = (uint8_t)(0x80 | ((point >> 6) & 0x3f));
    to[2] = (uint8_t)(0x80 | (point & 0x3f));
    return 3;
  }
  to[0] = (uint8_t)(0xf0 | (point >> 18));
  to[1] = (uint8_t)(0x80 | ((point >> 12) & 0x3f));
  to[2] = (uint8_t)(0x80 | ((point >> 6) & 0x3f));
  to[3] = (uint8_t)(0x80 | (point & 0x3f));
  return 4;
}

static uint32_t decode(const uint8_t* text, uint64_t length) {
  if (length == 1) return text[0];
  if (length == 2) return ((text[0] & 0x1fu) << 6) | (text[1] & 0x3fu);
  if (length == 3) return ((text[0] & 0x0fu) << 12) | ((text[1] & 0x3fu) << 6) | (text[2] & 0x3fu);
  return ((text[0] & 0x07u) << 18) | ((text[1] & 0x3fu) << 12) | ((text[2] & 0x3fu) << 6) | (text[3] & 0x3fu);
}

static int is_scalar_value(uint32_t point) { return point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff); }

/* Property: a sequence that is accepted encodes a code point that is no surrogate, in the shortest way, within the text
 * Bound: every text of 1 to 2^40 bytes
 * Unwind: 5
 * Mutant: text.h: `first >= 0xc2` => `first >= 0xc1`
 * Mutant: text.h: `first <= 0xf4` => `first <= 0xf5`
 * Mutant: text.h: `low = 0xa0` => `low = 0x9f`
 * Mutant: text.h: `high = 0x9f` => `high = 0xa0`
 * Mutant: text.h: `low = 0x90` => `low = 0x8f`
 * Mutant: text.h: `high = 0x8f` => `high = 0x90`
 * Mutant: text.h: `size < length` => `size + 1 < length`
 * Mutant: text.h: `length > 2 &&` => `length > 3 &&`
 */
PROOF(utf8_accepted_is_a_code_point) {
  const uint64_t size = nondet_u64();
  ASSUME(size >= 1 && size <= MOST_BYTES);
  const uint8_t* text = any_bytes(size);
  const uint64_t length = aprender_utf8_sequence(text, size);
  CLAIM(length <= size && length <= 4);
  if (length > 0) {
    uint8_t again[4];
    const uint32_t point = decode(text, length);
    CLAIM(is_scalar_value(point));
    CLAIM(encode(point, again) == length);
    CLAIM(again[0] == text[0]);
    CLAIM(length < 2 || again[1] == text[1]);
    CLAIM(length < 3 || again[2] == text[2]);
    CLAIM(length < 4 || again[3] == text[3]);
  }
  REACHABLE(length == 0);
  REACHABLE(length == 1);
  REACHABLE(length == 2);
  REACHABLE(length == 3);
  REACHABLE(length == 4);
}

/* Property: the encoding of every code point that is no surrogate is accepted, and not if it is cut off
 * Bound: every code point, before any other bytes, in texts of 1 to 2^40 bytes
 * Unwind: 5
 * Mutant: text.h: `first <= 0x7f` => `first < 0x7f`
 * Mutant: text.h: `low = 0xa0` => `low = 0xa1`
 * Mutant: text.h: `high = 0x9f` => `high = 0x9e`
 * Mutant: text.h: `first >= 0xf0 && first <= 0xf4` => `first >= 0xf0 && first <= 0xf3`
 * Mutant: text.h: `text[3] > 0xbf` => `text[3] >= 0xbf`
 */
PROOF(utf8_every_code_point_is_accepted) {
  const uint64_t size = nondet_u64();
  const uint32_t point = nondet_u32();
  uint8_t encoded[4];
  ASSUME(size >= 1 && size <= MOST_BYTES && is_scalar_value(point));
  const uint64_t length = encode(point, encoded);
  const uint8_t* text = any_bytes(size);
  for (uint64_t i = 0; i < 4; ++i) ASSUME(i >= length || i >= size || text[i] == encoded[i]);
  CLAIM(aprender_utf8_sequence(text, size) == (size < length ? 0 : length));
  REACHABLE(size < length);
  REACHABLE(length == 4 && size == MOST_BYTES);
}

/* In place of aprender_utf8_sequence: any length that the text has left. It is asked where the sequence before ended, and
 * no more once it has said that nothing is accepted. */
static const uint8_t* whole;
static uint64_t whole_size;

uint64_t any_sequence(const uint8_t* text, uint64_t size) {
  const uint64_t length = nondet_u64();
  const uint64_t at = (uint64_t)__CPROVER_POINTER_OFFSET(text);
  ASSUME(length <= 4 && length <= size);
  CLAIM(__CPROVER_same_object(text, whole) && size >= 1 && at + size == whole_size);
  CLAIM(at == reached && !refused);
  refused = length == 0;
  reached += length;
  return length;
}

/* Property: the text before the offset that is returned is sequences that are accepted, one directly behind the other; if
 *   the text does not end there, what begins there is not accepted
 * Bound: any length up to 2^40, by loop contract; what a sequence is say the proofs above
 * Loops: contracts
 * Calls: aprender_utf8_sequence:any_sequence
 * Mutant: text.h: `if (length == 0) return at;` => `if (length == 0) return at + 1;`
 * Mutant: text.h: `if (length == 0) return at;` => `if (length == 0) return 0;`
 * Mutant: text.h: `at += length;\n  }\n  return at;` => `at += length;\n  }\n  return 0;`
 * Mutant: text.h: `uint64_t at = 0;\n` => `uint64_t at = 0;\n  return 0;\n`
 * Mutant: text.h: `at += length;` => `at += 4;`
 * Mutant: text.h: `at += length;` => `at += 1;`
 * Mutant: text.h: `aprender_utf8_sequence(text + at, size - at)` => `aprender_utf8_sequence(text + at, size)`
 * Mutant: text.h: `aprender_utf8_sequence(text + at, size - at)` => `aprender_utf8_sequence(text, size - at)`
 */
PROOF(utf8_prefix_is_sequences) {
  whole_size = nondet_u64();
  ASSUME(whole_size <= MOST_BYTES);
  whole = any_bytes(whole_size);
  reached = 0;
  refused = 0;
  const uint64_t end = aprender_utf8_prefix(whole, whole_size);
  CLAIM(end <= whole_size && end == reached);
  CLAIM(IFF(end < whole_size, refused));
  REACHABLE(end == 0);
  REACHABLE(end == MOST_BYTES);
  REACHABLE(end > 1000 && end < whole_size);
}

/* Property: a text is UTF-8 exactly if no offset before its end is returned
 * Bound: up to 4 bytes
 * Unwind: 5
 * Mutant: text.h: `aprender_utf8_prefix(text, size) == size ? 1 : 0` => `aprender_utf8_prefix(text, size) <= size ? 1 : 0`
 */
PROOF(utf8_is_what_has_a_prefix_of_all) {
  uint8_t text[4];
  const uint64_t size = nondet_u64();
  ASSUME(size <= 4);
  for (int i = 0; i < 4; ++i) text[i] = nondet_u8();
  CLAIM(aprender_is_utf8(text, size) == (aprender_utf8_prefix(text, size) == size));
  REACHABLE(aprender_is_utf8(text, size) && size == 4 && text[0] == 0xc3 && text[3] >= 0x80);
  REACHABLE(!aprender_is_utf8(text, size) && size == 1);
}

/* Property: before the offset that is returned all is printable ASCII, and at it something else or the end
 * Bound: any length up to 2^40, by loop contract
 * Loops: contracts
 * Mutant: text.h: `text[i] < 0x20 ||` => `text[i] < 0x1f ||`
 * Mutant: text.h: `text[i] > 0x7e` => `text[i] > 0x7f`
 * Mutant: text.h: `text[i] > 0x7e) return i` => `text[i] > 0x7d) return i`
 */
PROOF(printable_ascii_prefix_is_printable) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* text = any_bytes(size);
  ghost = nondet_u64();
  const uint64_t end = aprender_printable_ascii_prefix(text, size);
  CLAIM(end <= size);
  CLAIM(end == size || text[end] < 0x20 || text[end] >= 0x7f);
  CLAIM(ghost >= end || (text[ghost] >= 0x20 && text[ghost] < 0x7f));
  REACHABLE(size == 0);
  REACHABLE(end == MOST_BYTES);
  REACHABLE(end > 1000 && end < size);
}

/* Property: a portable name and the name of a tensor have the characters that they may have, and those that may not begin
 *   a name do not
 * Bound: any length up to 2^40, by loop contract
 * Loops: contracts
 * Mutant: text.h: `(text[i] == '.' || text[i] == '-')` => `(text[i] == '/' || text[i] == '-')`
 * Mutant: text.h: `first || (i > 0 && (text` => `first || (i + 1 > 0 && (text`
 * Mutant: text.h: `c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? 1 : 0` => `c >= 'a' && c <= '{') || (c >= '0' && c <= '9') ? 1 : 0`
 * Mutant: text.h: `(c >= '0' && c <= '9') || c == '.'` => `(c >= '/' && c <= '9') || c == '.'`
 * Mutant: text.h: `letter || (i > 0 &&` => `letter || (i > 1 ||`
 */
PROOF(names_have_only_their_characters) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* text = any_bytes(size);
  ghost = nondet_u64();
  const int portable = aprender_is_portable_name(text, size);
  const int tensor = aprender_is_tensor_name(text, size);
  CLAIM(IMPLIES(portable || tensor, size > 0));
  CLAIM(IMPLIES(portable && ghost < size, IN_PORTABLE_NAME(text[ghost], ghost)));
  CLAIM(IMPLIES(tensor && ghost < size, IN_TENSOR_NAME(text[ghost], ghost)));
  REACHABLE(portable && tensor && size == MOST_BYTES);
  REACHABLE(portable && !tensor);
  REACHABLE(!portable && tensor);
}

/* Property: exactly the texts of those characters are names
 * Bound: up to 8 bytes
 * Unwind: 9
 * Mutant: text.h: `text[i] == '_'` => `text[i] == '^'`
 * Mutant: text.h: `c <= 'z') || (c >= 'A' && c <= 'Z')` => `c <= 'z') || (c >= 'B' && c <= 'Z')`
 */
PROOF(names_are_all_texts_of_those_characters) {
  uint8_t text[8];
  const uint64_t size = nondet_u64();
  ASSUME(size <= 8);
  int portable = size > 0;
  int tensor = size > 0;
  for (uint64_t i = 0; i < 8; ++i) {
    text[i] = nondet_u8();
    portable = portable && (i >= size || IN_PORTABLE_NAME(text[i], i));
    tensor = tensor && (i >= size || IN_TENSOR_NAME(text[i], i));
  }
  CLAIM(aprender_is_portable_name(text, size) == portable);
  CLAIM(aprender_is_tensor_name(text, size) == tensor);
  REACHABLE(portable && size == 8);
  REACHABLE(tensor && size == 8);
  REACHABLE(!portable && !tensor);
}

/* Property: the digests that are accepted are exactly the texts of 64 of 0-9 and a-f
 * Bound: every text of up to 2^40 bytes
 * Unwind: 65
 * Mutant: text.h: `if (size != 64) return 0;` => `if (size > 64) return 0;`
 * Mutant: text.h: `c <= 'f'` => `c <= 'g'`
 * Mutant: text.h: `c <= '9') || (c >= 'a' && c <= 'f'` => `c <= '9') || (c >= 'A' && c <= 'f'`
 */
PROOF(digests_are_64_hexadecimal_digits) {
  const uint64_t size = nondet_u64();
  ASSUME(size <= MOST_BYTES);
  const uint8_t* text = any_bytes(size);
  int expected = size == 64;
  for (uint64_t i = 0; i < 64; ++i) {
    expected = expected && (WITHIN(text[i], '0', '9') || WITHIN(text[i], 'a', 'f'));
  }
  CLAIM(aprender_is_sha256_hex(text, size) == expected);
  REACHABLE(expected);
  REACHABLE(!expected && size == 64);
  REACHABLE(size == 63);
}
