/// Reading a file that is not trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "aprender/error.hpp"

namespace aprender::io {

/// The whole file in memory of our own: opened once (O_NOFOLLOW | O_CLOEXEC, never blocking), a regular file of at
/// most max_bytes. Errors: cannot_open, not_regular_file, limit_exceeded, cannot_read.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes);

}  // namespace aprender::io
