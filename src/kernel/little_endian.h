/* Little-endian integers at any address, on every platform. A store returns the address behind what it wrote. */
#ifndef APRENDER_KERNEL_LITTLE_ENDIAN_H
#define APRENDER_KERNEL_LITTLE_ENDIAN_H

#include "kernel/kernel.h"

APRENDER_KERNEL uint16_t aprender_load_u16(const uint8_t* from) {
  return (uint16_t)((uint32_t)from[0] | ((uint32_t)from[1] << 8));
}

APRENDER_KERNEL uint32_t aprender_load_u32(const uint8_t* from) {
  return (uint32_t)from[0] | ((uint32_t)from[1] << 8) | ((uint32_t)from[2] << 16) | ((uint32_t)from[3] << 24);
}

APRENDER_KERNEL uint64_t aprender_load_u64(const uint8_t* from) {
  return (uint64_t)aprender_load_u32(from) | ((uint64_t)aprender_load_u32(from + 4) << 32);
}

APRENDER_KERNEL uint8_t* aprender_store_u16(uint8_t* to, uint16_t value) {
  to[0] = (uint8_t)(value & 0xffu);
  to[1] = (uint8_t)((value >> 8) & 0xffu);
  return to + 2;
}

APRENDER_KERNEL uint8_t* aprender_store_u32(uint8_t* to, uint32_t value) {
  return aprender_store_u16(aprender_store_u16(to, (uint16_t)(value & 0xffffu)), (uint16_t)(value >> 16));
}

APRENDER_KERNEL uint8_t* aprender_store_u64(uint8_t* to, uint64_t value) {
  return aprender_store_u32(aprender_store_u32(to, (uint32_t)(value & 0xffffffffu)), (uint32_t)(value >> 32));
}

/* Writes `count` integers, one directly behind the other; count <= 2^60. */
APRENDER_KERNEL uint8_t* aprender_store_all_u32(uint8_t* to, const uint32_t* values, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) APRENDER_LOOP(store_all_u32)
  { (void)aprender_store_u32(to + 4 * i, values[i]); }
  return to + 4 * count;
}

APRENDER_KERNEL uint8_t* aprender_store_all_u64(uint8_t* to, const uint64_t* values, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) APRENDER_LOOP(store_all_u64)
  { (void)aprender_store_u64(to + 8 * i, values[i]); }
  return to + 8 * count;
}

#endif
