/// Checksums of large weights, taken while their file is still being read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>

#include "container/checksums.hpp"

namespace aprender::container {

/// SHA-256 is taken in a thread of its own, as it takes longer than reading. Where the weights are is guessed from the
/// first bytes of the file; a wrong guess costs time and nothing else, since the checksums are only ever given out for
/// the very bytes that they were taken of.
class ChecksumsAhead {
 public:
  ChecksumsAhead() = default;
  ChecksumsAhead(const ChecksumsAhead&) = delete;
  ChecksumsAhead& operator=(const ChecksumsAhead&) = delete;
  ~ChecksumsAhead();

  /// `so_far` are the first bytes of a file of `size` bytes, at the same address in every call, and more each time.
  void watch(std::span<const std::byte> so_far, std::uint64_t size);

  /// Of these bytes of the file, which has been read to its end.
  [[nodiscard]] Checksums of(std::span<const std::byte> bytes);

 private:
  void start(std::span<const std::byte> start_of_file, std::uint64_t size);

  bool started_ = false;
  std::span<const std::byte> weights_;  ///< empty if they are small, or no thread can be had
  std::atomic<std::size_t> ready_ = 0;  ///< bytes of weights_ that have been read
  std::atomic<bool> stopped_ = false;
  std::size_t summed_ = 0;  ///< bytes of weights_ that crc32_ has seen
  Crc32 crc32_;
  Sha256 sha256_;
  std::thread hashing_;
};

}  // namespace aprender::container
