/// The strict profile of ZIP that an archive is framed in (docs/format.md, section 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "container/checksums.hpp"
#include "container/pieces.hpp"

namespace aprender::container {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view metadata_name = "metadata.pb";
inline constexpr std::string_view weights_name = "weights.safetensors";
inline constexpr std::string_view signature_name = "signature.sigstore.json";
inline constexpr std::string_view extension_prefix = "ext/";

/// External attributes of every member: a regular file, 0644.
inline constexpr std::uint32_t regular_file = 0100644U << 16U;

/// ext/ and a name that every file system takes for the same; its length is not looked at.
[[nodiscard]] bool is_extension_name(std::string_view name);

/// One member, where its bytes lie in the file.
struct Entry {
  std::string name;
  std::span<const std::byte> bytes;  ///< view into the file
  std::uint32_t crc32 = 0;           ///< computed, and what the headers say
  Digest sha256 = {};                ///< computed
};

/// How the checksums of a member are taken.
using ChecksumsOf = std::function<Checksums(std::span<const std::byte> bytes)>;

/// Checks every byte of the framing with the project's own kernel and the CRC of every member, then that the entries
/// are the expected ones in the expected order: an accepted file is the one that write_zip makes of its entries.
/// Errors: limit_exceeded, malformed_container, wrong_entries, unsupported_feature (ZIP64 for what the limits do not
/// allow anyway).
[[nodiscard]] Result<std::vector<Entry>> read_zip(
    std::span<const std::byte> file, const Limits& limits,
    const ChecksumsOf& checksums = [](std::span<const std::byte> bytes) { return checksums_of(bytes); });

/// A member's place in the file.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Extent&, const Extent&) = default;
};

/// Where metadata and weights are if `start`, the first bytes of a file of `size` bytes, begin an archive; whatever
/// they begin, the metadata lie in `start` and the weights in the file. None if nothing can be said, or not yet.
struct Guess {
  Extent metadata;
  Extent weights;
};
[[nodiscard]] std::optional<Guess> guess_members(std::span<const std::byte> start, std::uint64_t size);

/// Where the data of the entry with the index of the weights are, if the framing of the file is sound; no byte of them
/// has been looked at. Nothing otherwise.
[[nodiscard]] std::optional<Extent> framed_weights(std::span<const std::byte> file, const Limits& limits);

/// Opens the same bytes with libzip and requires the same names, sizes, methods and CRCs: parsers_disagree otherwise.
[[nodiscard]] Result<void> confirm_with_libzip(std::span<const std::byte> file, std::span<const Entry> entries);

/// A member to be written; its bytes outlive what is made of them.
struct Part {
  Part(std::string_view called, std::span<const std::byte> bytes) : name(called), data{bytes} {}
  Part(std::string_view called, const Pieces& pieces) : name(called), data(pieces.spans()) {}

  std::string_view name;
  std::vector<std::span<const std::byte>> data;
};

/// The file in exactly the form read_zip accepts, if the names are those it expects; the data of weights.safetensors
/// start at a multiple of 64. The pieces of the file are those of the parts and the framing between them. Throws
/// std::invalid_argument for 2^16 - 1 parts or more and for names of 2^16 bytes or more.
[[nodiscard]] Pieces write_zip(std::span<const Part> parts);

}  // namespace aprender::container
