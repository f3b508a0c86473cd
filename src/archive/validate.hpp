/// Everything that is checked before there is a model, in the order of docs/format.md, section 6.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/archive.hpp"
#include "archive/metadata.hpp"
#include "container/manifest.hpp"
#include "container/pieces.hpp"
#include "container/safetensors.hpp"
#include "container/zip.hpp"

namespace aprender::archive {

/// What a file holds whose parts are sound; entries and tensors view it.
struct Validated {
  std::vector<container::Entry> entries;
  container::Manifest manifest;
  Metadata metadata;
  std::vector<container::Tensor> tensors;  ///< those that the model needs
  std::optional<std::string> signer;       ///< fingerprint of the trusted key
};

/// A file in memory, and how digests of it are taken.
struct Source {
  std::span<const std::byte> bytes;
  container::ChecksumsOf checksums;           ///< of an entry's data
  std::function<container::Digest()> sha256;  ///< of all bytes
};

/// All checks but those that need a model. `file_name` is without directories, or empty. Throws std::invalid_argument
/// if the policy's minimum version is not a semantic version.
[[nodiscard]] Result<Validated> validate(const Source& source, std::string_view file_name, const LoadOptions& options);

/// The checks that need the model of these tensors: metadata against weights, and the numeric contract.
[[nodiscard]] Result<void> validate_model(const Validated& validated, const AnyModel& model);

/// Whether `found` is these pieces; `done` is told of each part of it that is not needed any more.
[[nodiscard]] bool same_bytes(const container::Pieces& expected, std::span<const std::byte> found,
                              const std::function<void(std::span<const std::byte> part)>& done);

}  // namespace aprender::archive
