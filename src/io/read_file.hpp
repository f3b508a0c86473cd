/// Reading a file that is not trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "aprender/error.hpp"
#include "io/pages.hpp"

namespace aprender::io {

/// The whole file in memory of our own: opened once (O_NOFOLLOW | O_CLOEXEC, never blocking), a regular file of at
/// most max_bytes. Errors: cannot_open, not_regular_file, limit_exceeded, cannot_read.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes);

/// Is told of a file of `size` bytes, several times as it is read, what has been read of it so far.
using Watch = std::function<void(std::span<const std::byte> so_far, std::uint64_t size)>;

/// The same into memory that can be given back page by page; it stays where it is for those who watch, whatever
/// happens.
[[nodiscard]] Result<void> read_pages(const std::filesystem::path& file, std::uint64_t max_bytes, const Watch& watch,
                                      Pages& pages);

/// The same without reading it (see Pages for what that does not protect from).
[[nodiscard]] Result<Pages> map_pages(const std::filesystem::path& file, std::uint64_t max_bytes);

}  // namespace aprender::io
