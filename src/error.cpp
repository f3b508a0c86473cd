#include "aprender/error.hpp"

namespace aprender {

std::string_view name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::cannot_open:
      return "cannot_open";
    case ErrorCode::not_regular_file:
      return "not_regular_file";
    case ErrorCode::cannot_read:
      return "cannot_read";
    case ErrorCode::cannot_write:
      return "cannot_write";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::limit_exceeded:
      return "limit_exceeded";
    case ErrorCode::malformed_container:
      return "malformed_container";
    case ErrorCode::wrong_entries:
      return "wrong_entries";
    case ErrorCode::parsers_disagree:
      return "parsers_disagree";
    case ErrorCode::malformed_manifest:
      return "malformed_manifest";
    case ErrorCode::unsupported_version:
      return "unsupported_version";
    case ErrorCode::unsupported_feature:
      return "unsupported_feature";
    case ErrorCode::size_mismatch:
      return "size_mismatch";
    case ErrorCode::checksum_mismatch:
      return "checksum_mismatch";
    case ErrorCode::unsigned_archive:
      return "unsigned_archive";
    case ErrorCode::signature_stripped:
      return "signature_stripped";
    case ErrorCode::malformed_signature:
      return "malformed_signature";
    case ErrorCode::signature_mismatch:
      return "signature_mismatch";
    case ErrorCode::untrusted_key:
      return "untrusted_key";
    case ErrorCode::expired_key:
      return "expired_key";
    case ErrorCode::wrong_curve:
      return "wrong_curve";
    case ErrorCode::bad_signature:
      return "bad_signature";
    case ErrorCode::malformed_key:
      return "malformed_key";
    case ErrorCode::version_too_old:
      return "version_too_old";
    case ErrorCode::malformed_metadata:
      return "malformed_metadata";
    case ErrorCode::inconsistent_metadata:
      return "inconsistent_metadata";
    case ErrorCode::malformed_safetensors:
      return "malformed_safetensors";
    case ErrorCode::wrong_tensors:
      return "wrong_tensors";
    case ErrorCode::non_finite:
      return "non_finite";
    case ErrorCode::numeric_contract_broken:
      return "numeric_contract_broken";
    case ErrorCode::wrong_model_type:
      return "wrong_model_type";
    case ErrorCode::lossy_conversion:
      return "lossy_conversion";
    case ErrorCode::unusable_data:
      return "unusable_data";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string text(name(error.code));
  return error.context.empty() ? text : text.append(": ").append(error.context);
}

}  // namespace aprender
