#include "container/checksums_ahead.hpp"

#include <algorithm>
#include <system_error>

#include "container/zip.hpp"
#include "in_memory.hpp"

namespace aprender::container {

ChecksumsAhead::~ChecksumsAhead() {
  if (!hashing_.joinable()) return;
  stopped_ = true;
  ++ready_;  // wakes a thread that waits for more
  ready_.notify_one();
  hashing_.join();
}

void ChecksumsAhead::start(std::span<const std::byte> start_of_file, std::uint64_t size) {
  constexpr std::uint64_t least = std::uint64_t{4} << 20;  // below this a thread does not pay
  const Extent extent = guess_weights(start_of_file, size);
  if (extent.size < least) return;
  weights_ = {start_of_file.data() + extent.offset, in_memory(extent.size)};
  try {
    hashing_ = std::thread([this] {
      for (std::size_t done = 0; done < weights_.size();) {
        ready_.wait(done);
        if (stopped_) return;
        const std::size_t until = ready_;
        sha256_.add(weights_.subspan(done, until - done));
        done = until;
      }
    });
  } catch (const std::system_error&) {
    weights_ = {};
  }
}

void ChecksumsAhead::watch(std::span<const std::byte> so_far, std::uint64_t size) {
  if (!started_) start(so_far, size);
  started_ = true;
  if (weights_.empty()) return;
  const auto offset = static_cast<std::size_t>(weights_.data() - so_far.data());
  if (so_far.size() <= offset) return;
  const std::size_t until = std::min(weights_.size(), so_far.size() - offset);
  crc32_.add(weights_.subspan(summed_, until - summed_));
  summed_ = until;
  ready_ = until;
  ready_.notify_one();
}

Checksums ChecksumsAhead::of(std::span<const std::byte> bytes) {
  const bool taken = hashing_.joinable() && summed_ == weights_.size() && bytes.data() == weights_.data() &&
                     bytes.size() == weights_.size();
  if (!taken) return checksums_of(bytes);
  hashing_.join();
  return {crc32_.value(), sha256_.digest()};
}

}  // namespace aprender::container
