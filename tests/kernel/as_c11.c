/* The kernel as a C compiler sees it. Exits with the number of the line that does not hold. */
#include "kernel/checked.h"
#include "kernel/compare.h"
#include "kernel/little_endian.h"
#include "kernel/protobuf_field.h"
#include "kernel/safetensors_layout.h"
#include "kernel/text.h"
#include "kernel/ulp.h"
#include "kernel/zip_framing.h"

#define HOLDS(condition) \
  if (!(condition)) return __LINE__

int main(void) {
  uint8_t bytes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  uint64_t value = 0;
  HOLDS(aprender_add(UINT64_MAX - 1, 1, &value) && value == UINT64_MAX);
  HOLDS(!aprender_add(UINT64_MAX, 1, &value) && value == 0);
  HOLDS(aprender_multiply(UINT32_MAX, UINT32_MAX, &value) && value == UINT64_C(18446744065119617025));
  HOLDS(!aprender_multiply(UINT64_C(1) << 32, UINT64_C(1) << 32, &value) && value == 0);
  HOLDS(aprender_is_safe_integer(UINT64_C(9007199254740991)) && !aprender_is_safe_integer(UINT64_C(9007199254740992)));

  HOLDS(aprender_store_u64(bytes, UINT64_C(0x0807060504030201)) == bytes + 8);
  HOLDS(bytes[0] == 1 && bytes[7] == 8 && aprender_load_u64(bytes) == UINT64_C(0x0807060504030201));
  HOLDS(aprender_load_u16(bytes + 1) == 0x0302 && aprender_load_u32(bytes + 3) == 0x07060504);
  HOLDS(aprender_equal(bytes, bytes, 8) && !aprender_equal(bytes, bytes + 1, 7) && aprender_equal(bytes, bytes + 1, 0));

  HOLDS(aprender_ulp_distance_u32(0x80000000u, 0) == 0 && aprender_ulp_distance_u32(0x80000001u, 1) == 2);
  HOLDS(aprender_ulp_distance_u32(0x7fc00000u, 0) == UINT32_MAX);
  HOLDS(aprender_ulp_distance_u64(UINT64_C(0x3ff0000000000000), UINT64_C(0x3ff0000000000003)) == 3);

  HOLDS(aprender_is_utf8((const uint8_t*)"\xe2\x82\xac", 3) && !aprender_is_utf8((const uint8_t*)"\xed\xa0\x80", 3));
  HOLDS(aprender_is_portable_name((const uint8_t*)"a-1.b", 5) && !aprender_is_portable_name((const uint8_t*)"..", 2));
  HOLDS(aprender_varint((const uint8_t*)"\xac\x02", 2, &value) == 2 && value == 300);
  HOLDS(aprender_zip_padding(0, 19) == 15);
  {
    const uint64_t shape[2] = {2, 3};
    const struct aprender_tensor_layout tensor = {shape, 2, 8, 0, 48};
    HOLDS(aprender_safetensors_layout(&tensor, 1, 48).fault == APRENDER_SAFETENSORS_ACCEPTED);
    HOLDS(aprender_safetensors_layout(&tensor, 1, 49).fault == APRENDER_SAFETENSORS_DATA_SIZE);
  }
  {
    const uint8_t empty[APRENDER_ZIP_END_SIZE] = {'P', 'K', 5, 6};
    uint32_t count = 1;
    HOLDS(aprender_zip_walk(empty, sizeof empty, NULL, 0, &count).field == APRENDER_ZIP_ACCEPTED && count == 0);
    HOLDS(aprender_zip_walk(empty, sizeof empty - 1, NULL, 0, &count).field == APRENDER_ZIP_FILE_SIZE);
  }
  return 0;
}
