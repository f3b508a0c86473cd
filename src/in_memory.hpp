/// Sizes and offsets of 64 bits, where addresses may have 32.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace aprender {

/// A number of bytes that was held against those in memory before.
[[nodiscard]] constexpr std::size_t in_memory(std::uint64_t bytes) noexcept {
  assert(std::in_range<std::size_t>(bytes));
  return static_cast<std::size_t>(bytes);
}

}  // namespace aprender
