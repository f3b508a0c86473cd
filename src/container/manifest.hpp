/// manifest.json: what the members are, in canonical JSON (docs/format.md, section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "aprender/member.hpp"

namespace aprender::container {

inline constexpr std::uint32_t schema_version = 2;  ///< written, and the newest one read

/// A required feature: the archive has an embedded signature. Whoever strips it has to change the manifest too.
inline constexpr std::string_view signature_feature = "signature";

struct Manifest {
  std::uint32_t schema_version = container::schema_version;
  std::uint32_t min_reader_version = container::schema_version;
  std::vector<std::string> required_features = {};  ///< ascending, of those known
  std::vector<Member> members = {};                 ///< in the order of the container, without manifest and signature
};

[[nodiscard]] std::string write_manifest(const Manifest& manifest);

/// Errors: limit_exceeded, malformed_manifest, unsupported_version, unsupported_feature (each names what it met).
[[nodiscard]] Result<Manifest> read_manifest(std::span<const std::byte> bytes, const Limits& limits);

}  // namespace aprender::container
