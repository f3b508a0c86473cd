/// Checksums of large weights, taken while their file is still being read.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "container/checksums.hpp"
#include "container/zip.hpp"

namespace aprender::container {

/// SHA-256 of the weights is taken in a thread of its own if one may be had, as it takes longer than reading.
class ChecksumsAhead {
 public:
  ChecksumsAhead() = default;
  ChecksumsAhead(const ChecksumsAhead&) = delete;
  ChecksumsAhead& operator=(const ChecksumsAhead&) = delete;
  ~ChecksumsAhead();

  /// Of which part of a file, and whether of the whole file too. While the thread has nothing to hash, it calls
  /// `meanwhile`, as long as that says there is more to do: something short, for parts wait then.
  void start(const Extent& extent, bool whole_file, int threads, std::function<bool()> meanwhile = {});

  /// All bytes of the file, in order, in memory where they stay.
  void add(std::span<const std::byte> part);

  [[nodiscard]] const Extent& extent() const noexcept { return extent_; }

  /// Of the extent, once all bytes were added.
  [[nodiscard]] const Checksums& of_extent();

  /// Of the file, once all bytes were added; nothing if it was not asked for.
  [[nodiscard]] const std::optional<Digest>& of_file();

 private:
  void hash_parts(std::function<bool()> meanwhile);
  void join();

  Extent extent_;
  std::uint64_t added_ = 0;
  Crc32 crc32_;
  Sha256 sha256_;
  std::optional<Sha256> whole_file_;
  std::optional<Checksums> of_extent_;
  std::optional<Digest> of_file_;

  std::thread hashing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::span<const std::byte>> parts_;  ///< to be hashed
  bool ended_ = false;                            ///< no more of them follow
};

}  // namespace aprender::container
