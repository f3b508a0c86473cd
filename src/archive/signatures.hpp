/// Who has signed an archive, and what a reader's trust demands (docs/format.md, section 7).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/archive.hpp"
#include "container/digest.hpp"
#include "container/manifest.hpp"

namespace aprender::archive {

/// An archive whose members are what its manifest says.
struct SignedParts {
  std::function<container::Digest()> file_sha256;
  std::string_view file_name;  ///< without directories, or empty
  std::span<const std::byte> manifest_bytes;
  const container::Manifest& manifest;
  std::optional<std::span<const std::byte>> embedded;  ///< signature.sigstore.json
};

/// The fingerprint of the trusted key that signed: the detached signature if there is one, else the embedded one. None
/// if no key is trusted; an embedded signature must all the same be over these very members.
/// Errors: wrong_entries (a signature that the manifest does not announce), signature_stripped, unsigned_archive, and
/// those of container/signature.hpp.
[[nodiscard]] Result<std::optional<std::string>> check_signatures(const SignedParts& parts, const LoadOptions& options);

/// What an embedded signature is over: every member with its digest, and the manifest.
[[nodiscard]] std::string embedded_signature(std::string_view manifest_bytes, const std::vector<Member>& members,
                                             std::string_view subject, const PrivateKey& key);

/// A bundle over the bytes of a file with this digest.
[[nodiscard]] std::string detached_signature(const container::Digest& file_sha256, std::string_view subject,
                                             const PrivateKey& key);

}  // namespace aprender::archive
