/// Errors of the archive half: what can go wrong with bytes from outside and with the environment.
///
/// A caller's bug throws std::invalid_argument, a numerical outcome is a field of FitReport; everything else is an
/// Error in a Result. The codes follow the order in which a load checks an archive (docs/format.md, section 6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace aprender {

enum class ErrorCode : std::uint8_t {
  // The environment: try another path, free some space, ask for rights.
  cannot_open,       ///< no such file, no permission, a symbolic link
  not_regular_file,  ///< a directory, FIFO, socket or device
  cannot_read,       ///< opened, but reading failed or the file changed while it was read
  cannot_write,      ///< the destination could not be written; what was there before is still there
  out_of_memory,     ///< an allocation failed; nothing has changed

  // The archive is refused. In the order of checks; the first failure wins.
  limit_exceeded,       ///< larger than a limit of Limits allows
  malformed_container,  ///< not the strict profile of ZIP: truncated, corrupt, or not an archive at all
  wrong_entries,        ///< an entry missing, unknown, out of order, or with forbidden attributes
  parsers_disagree,     ///< the second ZIP parser sees something else than the first
  malformed_manifest,   ///< manifest.json is not the canonical JSON of a manifest
  unsupported_version,  ///< of another schema version, newer or older, or for a newer reader
  unsupported_feature,  ///< needs a feature this reader does not have
  size_mismatch,        ///< a member's size is not the one in the manifest
  checksum_mismatch,    ///< a member's SHA-256 is not the one in the manifest
  // The signature and whom the reader trusts.
  unsigned_archive,     ///< a trusted signature is required, and there is none
  signature_stripped,   ///< the manifest says that the archive is signed, and the signature is gone
  malformed_signature,  ///< not a bundle of OpenSSF Model Signing v1 over named files
  signature_mismatch,   ///< what was signed is not what is there
  untrusted_key,        ///< signed by a key that is not among the trusted ones
  expired_key,          ///< signed by a trusted key whose certificate is not valid now
  wrong_curve,          ///< a key on another curve than P-256, P-384, P-521, or a hash that does not follow its curve
  bad_signature,        ///< the signature was not made by the trusted key that it names
  malformed_key,        ///< a key file that is not one key in PEM
  version_too_old,      ///< signed, but of a version before the one that is trusted

  malformed_metadata,       ///< metadata.pb is not the canonical encoding of a Metadata message
  inconsistent_metadata,    ///< metadata.pb contradicts itself, its ranges or the other members
  malformed_safetensors,    ///< weights.safetensors is not strict safetensors
  wrong_tensors,            ///< the tensors are not the ones the architecture needs
  non_finite,               ///< a weight or probe is NaN or infinite
  numeric_contract_broken,  ///< the model does not compute here what it computed where it was written

  // The request does not fit the archive, or the data do not fit the model.
  wrong_model_type,  ///< e.g. a LinearModel asked of an archive that holds a classifier
  lossy_conversion,  ///< a finite weight would become infinite, or a nonzero one zero
  unusable_data,     ///< training or prediction data that cannot be used: says file, line and column
};

/// What went wrong. `context` names part, field, found and expected: "weights.safetensors: 12 of 16 bytes".
struct Error {
  ErrorCode code;
  std::string context;
};

template <class T>
using Result = tl::expected<T, Error>;

/// The code's own spelling, e.g. "checksum_mismatch".
[[nodiscard]] std::string_view name(ErrorCode code) noexcept;

/// One line for people: "checksum_mismatch: <context>".
[[nodiscard]] std::string to_string(const Error& error);

}  // namespace aprender
