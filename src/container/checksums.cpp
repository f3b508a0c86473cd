#include "container/checksums.hpp"

#include <algorithm>

namespace aprender::container {

Checksums checksums_of(std::span<const std::byte> bytes,
                       const std::function<void(std::span<const std::byte> part)>& done) {
  constexpr std::size_t step = std::size_t{256} << 10;  // which the second finds in the cache
  Crc32 crc32;
  Sha256 sha256;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), step));
    crc32.add(part);
    sha256.add(part);
    bytes = bytes.subspan(part.size());
    if (done) done(part);
  }
  return {crc32.value(), sha256.digest()};
}

}  // namespace aprender::container
