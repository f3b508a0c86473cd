/// What the bytes of a member are vouched for by: the container's CRC-32 and the manifest's SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "container/digest.hpp"

namespace aprender::container {

struct Checksums {
  std::uint32_t crc32 = 0;
  Digest sha256 = {};
};

/// Both in one pass; `done` is told of each part that is not needed any more.
[[nodiscard]] Checksums checksums_of(std::span<const std::byte> bytes,
                                     const std::function<void(std::span<const std::byte> part)>& done = {});

}  // namespace aprender::container
