/// Reading a file that is not trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "aprender/error.hpp"
#include "io/pages.hpp"

namespace aprender::io {

/// The whole file in memory of our own: opened once (O_NOFOLLOW | O_CLOEXEC, never blocking), a regular file of at
/// most max_bytes. Errors: cannot_open, not_regular_file, limit_exceeded, cannot_read.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes);

/// Bytes of a file, from `offset` on, that are read to other memory than its pages.
struct Diversion {
  std::size_t offset = 0;
  std::span<std::byte> memory;  ///< empty: none are
};

/// Follows a file while it is read.
struct Watch {
  /// Asked after each step until it answers: of the file's pages the first `read` bytes are there, the rest is zeros.
  std::function<std::optional<Diversion>(std::span<const std::byte> pages, std::size_t read)> divert;

  /// Told of all bytes of the file, in order, where they stay.
  std::function<void(std::span<const std::byte> part)> next;
};

/// The same into memory that can be given back page by page; it stays where it is for those who watch, whatever
/// happens. What the pages hold of bytes that were diverted is unspecified, and most of it takes no memory.
[[nodiscard]] Result<void> read_pages(const std::filesystem::path& file, std::uint64_t max_bytes, const Watch* watch,
                                      Pages& pages);

/// The same without reading it (see Pages for what that does not protect from).
[[nodiscard]] Result<Pages> map_pages(const std::filesystem::path& file, std::uint64_t max_bytes);

}  // namespace aprender::io
