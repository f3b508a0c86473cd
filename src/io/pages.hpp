/// Memory that holds a whole file and is given back page by page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "aprender/error.hpp"

namespace aprender::io {

class Pages {
 public:
  /// None.
  Pages() = default;

  /// Zeros of our own. Throws std::bad_alloc.
  explicit Pages(std::uint64_t size);

  /// The first `size` bytes of an open file, where it lies in the page cache: others may still change what is read, and
  /// if they truncate the file, reading is SIGBUS. Throws std::bad_alloc if it cannot be mapped.
  Pages(int descriptor, std::uint64_t size);

  Pages(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  Pages& operator=(Pages&& other) noexcept;
  ~Pages();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// To be filled; not of a mapped file.
  [[nodiscard]] std::span<std::byte> writable() noexcept { return bytes_; }

  /// Gives the memory of all pages that lie wholly within `part` of bytes() back to the system. They read as zeros
  /// afterwards, those of a mapped file as the file. Memory of less than 128 KiB
  /// stays as it is.
  void release(std::span<const std::byte> part) const noexcept;

 private:
  void* start_ = nullptr;
  std::size_t length_ = 0;  ///< of the mapping at start_, 0 if that is malloc's
  std::span<std::byte> bytes_;
};

/// Asks for large pages, and with them fewer page faults, where memory that is about to be written is large.
void prefer_large_pages(std::span<std::byte> memory) noexcept;

/// The pages of memory that is about to be written from its beginning. Whoever has time meanwhile may have the system
/// find and clear them, from the end on until both meet: on a virtual machine whose host has to find them too, that
/// takes longer than to read a file into them. Before Linux 5.14 all are found when they are written, as ever.
class PagesAhead {
 public:
  /// Of memory that outlives this object's use.
  explicit PagesAhead(std::span<std::byte> memory) noexcept;

  /// Finds one large page, which is there afterwards whoever was first. Whether there are more to be found.
  [[nodiscard]] bool find_next() noexcept;

 private:
  std::span<std::byte> missing_;
};

}  // namespace aprender::io
