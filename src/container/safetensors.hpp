/// Strict safetensors (docs/format.md, section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "container/pieces.hpp"

namespace aprender::container {

enum class Dtype : std::uint8_t { f32, f64 };

/// A tensor and its bytes: row-major, little-endian on every platform.
struct Tensor {
  std::string name;
  Dtype dtype = Dtype::f64;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
};

[[nodiscard]] constexpr std::uint64_t item_size(Dtype dtype) noexcept { return dtype == Dtype::f32 ? 4 : 8; }

/// Tensors sorted by name, viewing `bytes`. Errors: limit_exceeded, malformed_safetensors.
[[nodiscard]] Result<std::vector<Tensor>> read_safetensors(std::span<const std::byte> bytes, const Limits& limits);

/// The canonical encoding, which read_safetensors accepts alone; its pieces are those of the tensors and a header.
/// Throws std::invalid_argument unless names are [A-Za-z_][A-Za-z0-9_.]* in ascending order and the bytes of each
/// tensor as many as its shape asks for.
[[nodiscard]] Pieces write_safetensors(std::span<const Tensor> tensors);

}  // namespace aprender::container
