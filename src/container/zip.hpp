/// The strict profile of ZIP that an archive is framed in (docs/format.md, section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"

namespace aprender::container {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view metadata_name = "metadata.pb";
inline constexpr std::string_view weights_name = "weights.safetensors";
inline constexpr std::string_view signature_name = "signature.sigstore.json";
inline constexpr std::string_view extension_prefix = "ext/";

/// ext/ and a name that every file system takes for the same; its length is not looked at.
[[nodiscard]] bool is_extension_name(std::string_view name);

/// One member, where its bytes lie in the file.
struct Entry {
  std::string name;
  std::span<const std::byte> bytes;  ///< view into the file
  std::uint32_t crc32 = 0;
};

/// Checks every byte of the framing with the project's own kernel and the CRC of every member, then that the entries
/// are the expected ones in the expected order: an accepted file is the one that write_zip makes of its entries.
/// Errors: limit_exceeded, malformed_container, wrong_entries, unsupported_feature (ZIP64).
[[nodiscard]] Result<std::vector<Entry>> read_zip(std::span<const std::byte> file, const Limits& limits);

/// Opens the same bytes with libzip and requires the same names, sizes, methods and CRCs: parsers_disagree otherwise.
[[nodiscard]] Result<void> confirm_with_libzip(std::span<const std::byte> file, std::span<const Entry> entries);

/// A member to be written.
struct Part {
  std::string_view name;
  std::span<const std::byte> bytes;
};

/// The file in exactly the form read_zip accepts, if the names are those it expects; the data of weights.safetensors
/// start at a multiple of 64. Throws std::invalid_argument where ZIP64 would be needed: 4 GiB - 1 or more.
[[nodiscard]] std::vector<std::byte> write_zip(std::span<const Part> parts);

}  // namespace aprender::container
