/// What the process answers to the shell.
#pragma once

#include <cstdint>

#include "aprender/error.hpp"

namespace aprender::cli {

/// In the order of badness: `verify` of several files answers with the highest.
enum class ExitCode : std::uint8_t {
  fine = 0,
  internal = 1,           ///< a bug of this program
  usage = 2,              ///< the command line makes no sense
  file = 3,               ///< a file cannot be read or written
  malformed_archive = 4,  ///< malformed, corrupt, or beyond a limit
  unsupported = 5,        ///< written in a version or with a feature this program does not know
  not_trusted = 6,        ///< the signature policy is not met
  numeric_contract = 7,   ///< the model does not compute here what it computed where it was written
  unusable_data = 8,      ///< data do not fit the model, or cannot be used for training
  not_compatible = 9,     ///< models differ by more than was allowed
};

[[nodiscard]] constexpr ExitCode exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::cannot_open:
    case ErrorCode::not_regular_file:
    case ErrorCode::cannot_read:
    case ErrorCode::cannot_write:
    case ErrorCode::out_of_memory:
    case ErrorCode::malformed_key:
      return ExitCode::file;
    case ErrorCode::limit_exceeded:
    case ErrorCode::malformed_container:
    case ErrorCode::wrong_entries:
    case ErrorCode::parsers_disagree:
    case ErrorCode::malformed_manifest:
    case ErrorCode::size_mismatch:
    case ErrorCode::checksum_mismatch:
    case ErrorCode::malformed_metadata:
    case ErrorCode::inconsistent_metadata:
    case ErrorCode::malformed_safetensors:
    case ErrorCode::wrong_tensors:
    case ErrorCode::non_finite:
      return ExitCode::malformed_archive;
    case ErrorCode::unsupported_version:
    case ErrorCode::unsupported_feature:
      return ExitCode::unsupported;
    case ErrorCode::unsigned_archive:
    case ErrorCode::signature_stripped:
    case ErrorCode::malformed_signature:
    case ErrorCode::signature_mismatch:
    case ErrorCode::untrusted_key:
    case ErrorCode::expired_key:
    case ErrorCode::wrong_curve:
    case ErrorCode::bad_signature:
    case ErrorCode::version_too_old:
      return ExitCode::not_trusted;
    case ErrorCode::numeric_contract_broken:
      return ExitCode::numeric_contract;
    case ErrorCode::wrong_model_type:
    case ErrorCode::lossy_conversion:
    case ErrorCode::unusable_data:
      return ExitCode::unusable_data;
  }
  return ExitCode::internal;
}

}  // namespace aprender::cli
