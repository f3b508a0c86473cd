/// Random choices of a mutator, and numbers that readers have been wrong about.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace aprender::fuzz {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  /// Takes what the bytes say instead, and zeros behind their end.
  explicit Random(std::span<const std::byte> script) : script_(script) {}

  /// In [0, n), n >= 1.
  [[nodiscard]] std::size_t below(std::size_t n) { return next() % n; }
  [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }

  /// An element of a container that has one.
  template <class Container>
  [[nodiscard]] auto& of(Container& container) {
    return *std::next(std::begin(container), static_cast<std::ptrdiff_t>(below(std::size(container))));
  }

  [[nodiscard]] std::uint64_t bits() {
    const std::uint64_t high = next();
    return high << 32 | next();
  }

 private:
  std::uint32_t next() {
    if (!script_) return static_cast<std::uint32_t>(engine_());
    std::uint32_t value = 0;
    const std::size_t taken = std::min(script_->size(), sizeof value);
    for (std::size_t i = 0; i < taken; ++i) value |= std::to_integer<std::uint32_t>((*script_)[i]) << (8 * i);
    script_ = script_->subspan(taken);
    return value;
  }

  std::mt19937 engine_;
  std::optional<std::span<const std::byte>> script_;
};

/// Another integer: a neighbour, a power of two or next to one, or any.
[[nodiscard]] inline std::uint64_t other_integer(Random& random, std::uint64_t value) {
  switch (random.below(5)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return (std::uint64_t{1} << random.below(64)) + random.below(3) - 1;
    case 3:
      return random.below(8);
    default:
      return random.bits() >> random.below(64);
  }
}

/// Another floating-point number: a neighbour, a multiple, the same with a bit flipped, or a special one.
template <class Scalar>
[[nodiscard]] Scalar other_number(Random& random, Scalar value) {
  using Limits = std::numeric_limits<Scalar>;
  const std::array<Scalar, 12> special = {0,
                                          Scalar(-0.0),
                                          1,
                                          -1,
                                          Limits::infinity(),
                                          Limits::max(),
                                          Limits::lowest(),
                                          Limits::min(),
                                          Limits::denorm_min(),
                                          Limits::quiet_NaN(),
                                          Scalar(0.5),
                                          Limits::epsilon()};
  switch (random.below(6)) {
    case 0:
      return std::nextafter(value, Limits::infinity());
    case 1:
      return std::nextafter(value, -Limits::infinity());
    case 2:
      return -value;
    case 3:
      return value * (random.one_in(2) ? Scalar(2) : Scalar(0.5));
    case 4: {
      if constexpr (sizeof(Scalar) == 4) {
        return std::bit_cast<Scalar>(std::bit_cast<std::uint32_t>(value) ^ (std::uint32_t{1} << random.below(32)));
      } else {
        return std::bit_cast<Scalar>(std::bit_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << random.below(64)));
      }
    }
    default:
      return random.of(special);
  }
}

/// The bytes as libFuzzer mutates them, at most `more` longer. `Bytes` is a string or a vector of bytes.
template <class Bytes>
void mutate_bytes(Bytes& bytes, std::size_t more = 16) {
  const std::size_t size = bytes.size();
  bytes.resize(size + more);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
}

}  // namespace aprender::fuzz
