/// Writing a file so that a crash leaves the old one or the new one, whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "aprender/error.hpp"

namespace aprender::io {

/// Temporary file in the same directory (O_EXCL) -> write -> fsync -> rename -> fsync of the directory. On any error
/// the temporary file is removed and the destination is as it was. Errors: cannot_write.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

}  // namespace aprender::io
