/// Writing a file so that a crash leaves the old one or the new one, whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>

#include "aprender/error.hpp"
#include "io/pages.hpp"

namespace aprender::io {

/// Temporary file in the same directory (O_EXCL) -> write -> fsync -> rename -> fsync of the directory. On any error
/// the temporary file is removed and the destination is as it was; only if the last step fails, which the error says,
/// the new file is there, though perhaps not after a power cut. A destination that exists must be a regular file, no
/// symbolic link, and its permissions are kept. Errors: cannot_write.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

/// The same for bytes that lie in several places, in order; and what has been written is handed to `check`, whose error
/// leaves the destination as it was.
using Check = std::function<Result<void>(const Pages& written)>;
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file,
                                        std::span<const std::span<const std::byte>> pieces, const Check& check);

/// The same for a file that must not exist yet, with these permissions. Errors: cannot_write, also if it exists.
[[nodiscard]] Result<void> create_file(const std::filesystem::path& file, std::span<const std::byte> bytes,
                                       unsigned int permissions);

}  // namespace aprender::io
