#include "container/checksums_ahead.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "in_memory.hpp"

namespace aprender::container {

ChecksumsAhead::~ChecksumsAhead() {
  {
    const std::scoped_lock lock(mutex_);
    parts_.clear();
  }
  join();
}

void ChecksumsAhead::start(const Extent& extent, bool whole_file, int threads, std::function<bool()> meanwhile) {
  extent_ = extent;
  if (whole_file) whole_file_.emplace();
  if (threads < 2) return;
  try {
    hashing_ = std::thread([this, meanwhile = std::move(meanwhile)]() mutable { hash_parts(std::move(meanwhile)); });
  } catch (const std::system_error&) {  // then there is none
  }
}

void ChecksumsAhead::add(std::span<const std::byte> part) {
  if (whole_file_) whole_file_->add(part);
  const std::uint64_t begin = std::clamp(added_, extent_.offset, extent_.offset + extent_.size);
  const std::uint64_t end = std::clamp(added_ + part.size(), extent_.offset, extent_.offset + extent_.size);
  const auto inside = part.subspan(begin == end ? 0 : in_memory(begin - added_), in_memory(end - begin));
  added_ += part.size();
  if (inside.empty()) return;
  if (hashing_.joinable()) {
    const std::scoped_lock lock(mutex_);
    parts_.push_back(inside);
    changed_.notify_one();
  } else {
    sha256_.add(inside);
  }
  crc32_.add(inside);
}

void ChecksumsAhead::hash_parts(std::function<bool()> meanwhile) {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (meanwhile && !ended_ && parts_.empty()) {
      lock.unlock();
      if (!meanwhile()) meanwhile = nullptr;
      lock.lock();
    }
    changed_.wait(lock, [this] { return ended_ || !parts_.empty(); });
    if (parts_.empty()) return;
    const auto part = parts_.front();
    parts_.pop_front();
    lock.unlock();
    sha256_.add(part);
    lock.lock();
  }
}

void ChecksumsAhead::join() {
  if (!hashing_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }
  hashing_.join();
}

const Checksums& ChecksumsAhead::of_extent() {
  if (!of_extent_) {
    join();
    of_extent_ = Checksums{crc32_.value(), sha256_.digest()};
  }
  return *of_extent_;
}

const std::optional<Digest>& ChecksumsAhead::of_file() {
  if (!of_file_ && whole_file_) of_file_ = whole_file_->digest();
  return of_file_;
}

}  // namespace aprender::container
