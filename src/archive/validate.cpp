#include "archive/validate.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "archive/linear_map.hpp"
#include "archive/numeric_contract.hpp"
#include "archive/signatures.hpp"
#include "archive/text.hpp"
#include "archive/weights.hpp"

namespace aprender::archive {
namespace {

tl::unexpected<Error> refuse(ErrorCode code, std::string context) {
  return tl::unexpected(Error{code, std::move(context)});
}

/// The members' digests as the manifest gives them are those of the bytes; so are the sizes, and no member is missing.
Result<void> check_members(std::span<const container::Entry> entries, const std::vector<Member>& members) {
  auto listed = entries.subspan(1);  // all but the manifest and the signature
  if (listed.back().name == container::signature_name) listed = listed.first(listed.size() - 1);
  const auto name_of = [](const auto& list, std::size_t k) {
    return k < list.size() ? std::optional(list[k].name) : std::nullopt;
  };
  for (std::size_t k = 0; k < std::max(listed.size(), members.size()); ++k) {
    const auto found = name_of(listed, k), expected = name_of(members, k);
    if (found == expected) continue;
    return refuse(ErrorCode::wrong_entries,
                  "manifest.json: members: " +
                      (expected ? *expected + " is listed where the archive has " + found.value_or("no more entries")
                                : "entry " + *found + " is not listed"));
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (listed[k].bytes.size() != members[k].size) {
      return refuse(ErrorCode::size_mismatch, members[k].name + ": " + std::to_string(listed[k].bytes.size()) +
                                                  " bytes, the manifest says " + std::to_string(members[k].size));
    }
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (!container::same(listed[k].sha256, container::from_hex(members[k].sha256))) {
      return refuse(ErrorCode::checksum_mismatch, members[k].name + ": SHA-256 is " + container::hex(listed[k].sha256) +
                                                      ", the manifest says " + members[k].sha256);
    }
  }
  return {};
}

/// What metadata.pb says against what the other members are.
Result<void> cross_check(const Metadata& metadata, std::uint32_t manifest_version, const Member& weights,
                         const AnyModel& model) {
  if (metadata.schema_version != manifest_version) {
    return refuse(ErrorCode::inconsistent_metadata, "metadata.pb: schema_version: expected the manifest's " +
                                                        std::to_string(manifest_version) + ", found " +
                                                        std::to_string(metadata.schema_version));
  }
  if (!container::same(metadata.weights_sha256, container::from_hex(weights.sha256))) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: weights_sha256: expected that of weights.safetensors, " + weights.sha256 + ", found " +
                      container::hex(metadata.weights_sha256));
  }
  const bool without_intercept = !metadata.report.fit_intercept;
  const bool all_zero = std::visit(
      [](const auto& m) {
        for (Eigen::Index o = 0; o < archive::n_outputs(m); ++o) {
          if (archive::intercept_of(m, o) != 0) return false;
        }
        return true;
      },
      model);
  if (without_intercept && !all_zero) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: fit.fit_intercept: expected a zero intercept where none was fitted");
  }
  const bool positive = std::visit(
      [](const auto& e) {
        if constexpr (requires { e.positive; }) return e.positive;
        return false;
      },
      metadata.estimator);
  const auto is_negative = [](const auto& m) {
    for (Eigen::Index o = 0; o < archive::n_outputs(m); ++o) {
      if ((archive::coefficients_of(m, o).array() < 0).any()) return true;
    }
    return false;
  };
  if (positive && std::visit(is_negative, model)) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: estimator.positive: expected no negative coefficient, found one");
  }
  return {};
}

/// The policy's minimum version. Throws std::invalid_argument if that is not a semantic version, or there are no keys.
Result<void> check_version(const std::string& version, const TrustPolicy& trust) {
  if (!trust.minimum_version) return {};
  if (trust.keys.empty()) throw std::invalid_argument("minimum_version is given without keys, which prove a version");
  if (!archive::is_semantic_version(*trust.minimum_version)) {
    throw std::invalid_argument("minimum_version is " + *trust.minimum_version + ", expected a semantic version");
  }
  if (!archive::precedes(version, *trust.minimum_version)) return {};
  return refuse(ErrorCode::version_too_old,
                "metadata.pb: identity.version is " + version + ", at least " + *trust.minimum_version + " is trusted");
}

}  // namespace

Result<Validated> validate(const Source& source, std::string_view file_name, const LoadOptions& options) {
  const Limits& limits = options.limits;
  auto entries = container::read_zip(source.bytes, limits, source.checksums);
  if (!entries) return tl::unexpected(entries.error());
  if (auto ok = container::confirm_with_libzip(source.bytes, *entries); !ok) return tl::unexpected(ok.error());

  const auto& manifest_bytes = entries->at(0).bytes;
  auto manifest = container::read_manifest(manifest_bytes, limits);
  if (!manifest) return tl::unexpected(manifest.error());
  if (auto ok = check_members(*entries, manifest->members); !ok) return tl::unexpected(ok.error());
  const bool has_signature = entries->back().name == container::signature_name;
  const auto embedded = has_signature ? std::optional(entries->back().bytes) : std::nullopt;
  auto signer = check_signatures({.file_sha256 = source.sha256,
                                  .file_name = file_name,
                                  .manifest_bytes = manifest_bytes,
                                  .manifest = *manifest,
                                  .embedded = embedded},
                                 options);
  if (!signer) return tl::unexpected(signer.error());

  auto metadata = read_metadata(entries->at(1).bytes, limits);
  if (!metadata) return tl::unexpected(metadata.error());
  if (auto ok = check_version(metadata->description.version, options.trust); !ok) return tl::unexpected(ok.error());
  auto tensors = container::read_safetensors(entries->at(2).bytes, limits);
  if (!tensors) return tl::unexpected(tensors.error());
  return Validated{std::move(*entries), std::move(*manifest), std::move(*metadata), std::move(*tensors),
                   std::move(*signer)};
}

Result<void> validate_model(const Validated& validated, const AnyModel& model) {
  const container::Manifest& manifest = validated.manifest;
  if (auto ok = cross_check(validated.metadata, manifest.schema_version, manifest.members[1], model); !ok) return ok;
  return check_contract(validated.metadata.contract, model);
}

bool same_bytes(const container::Pieces& expected, std::span<const std::byte> found,
                const std::function<void(std::span<const std::byte> part)>& done) {
  constexpr std::size_t step = std::size_t{256} << 10;
  if (expected.size() != found.size()) return false;
  for (std::span<const std::byte> piece : expected.spans()) {
    while (!piece.empty()) {
      const auto part = found.first(std::min(piece.size(), step));
      if (std::memcmp(part.data(), piece.data(), part.size()) != 0) return false;
      piece = piece.subspan(part.size());
      found = found.subspan(part.size());
      done(part);
    }
  }
  return true;
}

}  // namespace aprender::archive
