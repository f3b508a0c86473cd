/* Which bytes are text, and which text is a name. */
#ifndef APRENDER_KERNEL_TEXT_H
#define APRENDER_KERNEL_TEXT_H

#include "kernel/kernel.h"

/* Bytes of the well-formed UTF-8 sequence (Unicode 15, table 3-7: no surrogates, nothing overlong, at most U+10FFFF)
 * at the start of `text`, 0 if there is none. size >= 1. */
APRENDER_KERNEL uint64_t aprender_utf8_sequence(const uint8_t* text, uint64_t size) {
  const uint8_t first = text[0];
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  uint64_t length = 0;
  if (first <= 0x7f) return 1;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (length == 0 || size < length) return 0;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (text[1] < low || text[1] > high) return 0;
  if (length > 2 && (text[2] < 0x80 || text[2] > 0xbf)) return 0;
  if (length > 3 && (text[3] < 0x80 || text[3] > 0xbf)) return 0;
  return length;
}

/* Offset of the first byte that is not well-formed UTF-8; `size` if all is. */
APRENDER_KERNEL uint64_t aprender_utf8_prefix(const uint8_t* text, uint64_t size) {
  uint64_t at = 0;
  while (at < size) APRENDER_LOOP(utf8_prefix)
  {
    const uint64_t length = aprender_utf8_sequence(text + at, size - at);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

APRENDER_KERNEL int aprender_is_utf8(const uint8_t* text, uint64_t size) {
  return aprender_utf8_prefix(text, size) == size ? 1 : 0;
}

/* Offset of the first byte outside printable ASCII, 0x20 to 0x7e; `size` if there is none. */
APRENDER_KERNEL uint64_t aprender_printable_ascii_prefix(const uint8_t* text, uint64_t size) {
  for (uint64_t i = 0; i < size; ++i) APRENDER_LOOP(printable_ascii_prefix)
  {
    if (text[i] < 0x20 || text[i] > 0x7e) return i;
  }
  return size;
}

APRENDER_KERNEL int aprender_is_lower_or_digit(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? 1 : 0;
}

/* [a-z0-9_][a-z0-9._-]*: a file name on every system, told apart by every file system. */
APRENDER_KERNEL int aprender_is_portable_name(const uint8_t* text, uint64_t size) {
  if (size == 0) return 0;
  for (uint64_t i = 0; i < size; ++i) APRENDER_LOOP(is_portable_name)
  {
    const int first = aprender_is_lower_or_digit(text[i]) || text[i] == '_';
    if (!(first || (i > 0 && (text[i] == '.' || text[i] == '-')))) return 0;
  }
  return 1;
}

/* [A-Za-z_][A-Za-z0-9_.]*: needs no escape in JSON. */
APRENDER_KERNEL int aprender_is_tensor_name(const uint8_t* text, uint64_t size) {
  if (size == 0) return 0;
  for (uint64_t i = 0; i < size; ++i) APRENDER_LOOP(is_tensor_name)
  {
    const uint8_t c = text[i];
    const int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!(letter || (i > 0 && ((c >= '0' && c <= '9') || c == '.')))) return 0;
  }
  return 1;
}

/* SHA-256 in lower-case hexadecimal: exactly 64 of [0-9a-f]. */
APRENDER_KERNEL int aprender_is_sha256_hex(const uint8_t* text, uint64_t size) {
  if (size != 64) return 0;
  for (uint64_t i = 0; i < size; ++i) {
    const uint8_t c = text[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return 0;
  }
  return 1;
}

#endif
