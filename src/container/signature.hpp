/// Signatures as OpenSSF Model Signing v1 bundles: an in-toto statement of names and digests in a DSSE envelope in a
/// Sigstore bundle (docs/format.md, section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "aprender/trust.hpp"
#include "container/digest.hpp"

namespace aprender::container {

/// What is signed: a file, or a member of an archive.
struct Resource {
  std::string name;  ///< relative path with slashes; "." for a single file whatever it is called
  Digest sha256;
};

/// A bundle that is well-formed, its signature not yet checked.
struct Bundle {
  std::string key_fingerprint;  ///< PublicKey::fingerprint of the key that is said to have signed
  std::string payload;          ///< the statement, what was signed
  std::vector<std::byte> signature;
};

/// `part` names the bundle in errors. Errors: limit_exceeded (size, depth), malformed_signature, unsupported_feature
/// (certificate chains and transparency logs).
[[nodiscard]] Result<Bundle> read_bundle(std::span<const std::byte> bytes, std::string_view part, const Limits& limits);

/// The resources of a statement, ascending by name. Errors: malformed_signature, unsupported_feature (shards, other
/// hashes, symbolic links).
[[nodiscard]] Result<std::vector<Resource>> read_statement(const Bundle& bundle, std::string_view part,
                                                           const Limits& limits);

/// One of the keys has signed the bundle, and is valid at `now` (Unix time). Errors: untrusted_key, expired_key,
/// wrong_curve (signed with the hash of another curve), bad_signature.
[[nodiscard]] Result<void> check_signer(const Bundle& bundle, std::span<const PublicKey> keys, std::int64_t now,
                                        std::string_view part);

/// The signed resources, as read_statement returns them, are exactly those found. Errors: signature_mismatch, naming
/// the first that differs.
[[nodiscard]] Result<void> check_resources(const std::vector<Resource>& signed_ones, std::vector<Resource> found,
                                           std::string_view part);

/// A bundle over the resources, of which there is at least one and no two have the same name. `subject` names the
/// whole, for people.
[[nodiscard]] std::string write_bundle(std::vector<Resource> resources, std::string_view subject,
                                       const PrivateKey& key);

}  // namespace aprender::container
