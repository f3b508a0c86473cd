/// A file before it is one: bytes that lie in several places, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <utility>
#include <vector>

#include "in_memory.hpp"

namespace aprender::container {

class Pieces {
 public:
  Pieces() = default;
  Pieces(Pieces&&) = default;
  Pieces& operator=(Pieces&&) = default;

  /// Bytes that stay where they are and outlive this.
  void view(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    spans_.push_back(bytes);
    size_ += bytes.size();
  }

  void own(std::vector<std::byte> bytes) { view(owned_.emplace_back(std::move(bytes))); }

  /// Keeps alive what has been viewed already.
  void keep(std::vector<std::byte> bytes) { owned_.push_back(std::move(bytes)); }

  [[nodiscard]] const std::vector<std::span<const std::byte>>& spans() const noexcept { return spans_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// All of them in one place.
  [[nodiscard]] std::vector<std::byte> joined() const {
    std::vector<std::byte> bytes;
    bytes.reserve(in_memory(size_));
    for (const auto& span : spans_) bytes.insert(bytes.end(), span.begin(), span.end());
    return bytes;
  }

 private:
  std::list<std::vector<std::byte>> owned_;
  std::vector<std::span<const std::byte>> spans_;
  std::uint64_t size_ = 0;
};

}  // namespace aprender::container
