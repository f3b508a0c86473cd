#include "archive/signatures.hpp"

#include <chrono>

#include "container/digest.hpp"
#include "container/signature.hpp"
#include "container/text.hpp"
#include "container/zip.hpp"

namespace aprender::archive {
namespace {

using container::Resource;

constexpr std::string_view detached_part = "detached signature";
constexpr std::string_view whole_file = ".";

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

std::vector<Resource> resources(std::span<const std::byte> manifest_bytes, const std::vector<Member>& members) {
  std::vector<Resource> all{{std::string(container::manifest_name), container::sha256(manifest_bytes)}};
  for (const Member& member : members) all.push_back({member.name, container::from_hex(member.sha256)});
  return all;
}

Result<void> check_detached(const container::Bundle& bundle, const SignedParts& parts, const Limits& limits) {
  const auto signed_ones = container::read_statement(bundle, detached_part, limits);
  if (!signed_ones) return tl::unexpected(signed_ones.error());
  const std::string& name = signed_ones->front().name;
  if (signed_ones->size() != 1 || (name != whole_file && name != parts.file_name)) {
    return tl::unexpected(Error{ErrorCode::signature_mismatch,
                                std::string(detached_part) + ": signed was " + container::in_quotes(name) +
                                    (signed_ones->size() == 1 ? "" : " and more") + ", not this file" +
                                    (parts.file_name.empty() ? "" : ", " + container::in_quotes(parts.file_name))});
  }
  return container::check_resources(*signed_ones, {{name, parts.file_sha256()}}, detached_part);
}

}  // namespace

Result<std::optional<std::string>> check_signatures(const SignedParts& parts, const LoadOptions& options) {
  const auto refuse = [](ErrorCode code, const std::string& what) { return tl::unexpected(Error{code, what}); };
  const bool announced = !parts.manifest.required_features.empty();
  if (parts.embedded && !announced) {
    return refuse(ErrorCode::wrong_entries,
                  "manifest.json: required_features: an archive with a signature has to announce it");
  }
  if (announced && !parts.embedded) {
    return refuse(ErrorCode::signature_stripped,
                  "the manifest announces " + std::string(container::signature_name) + ", and there is none");
  }
  const std::vector<PublicKey>& keys = options.trust.keys;
  std::optional<std::string> signer;
  if (options.detached_signature) {
    const auto bytes = std::as_bytes(std::span(*options.detached_signature));
    const auto bundle = container::read_bundle(bytes, detached_part, options.limits);
    if (!bundle) return tl::unexpected(bundle.error());
    const auto ok = container::check_signer(*bundle, keys, now(), detached_part).and_then([&] {
      return check_detached(*bundle, parts, options.limits);
    });
    if (!ok) return tl::unexpected(ok.error());
    signer = bundle->key_fingerprint;
  }
  if (parts.embedded) {
    const auto bundle = container::read_bundle(*parts.embedded, container::signature_name, options.limits);
    if (!bundle) return tl::unexpected(bundle.error());
    if (!keys.empty() && !signer) {
      if (auto ok = container::check_signer(*bundle, keys, now(), container::signature_name); !ok) {
        return tl::unexpected(ok.error());
      }
      signer = bundle->key_fingerprint;
    }
    const auto ok =
        container::read_statement(*bundle, container::signature_name, options.limits)
            .and_then([&](const std::vector<Resource>& signed_ones) {
              return container::check_resources(signed_ones, resources(parts.manifest_bytes, parts.manifest.members),
                                                container::signature_name);
            });
    if (!ok) return tl::unexpected(ok.error());
  }
  if (!keys.empty() && !signer) {
    return refuse(ErrorCode::unsigned_archive, "a signature by a trusted key (" + std::to_string(keys.size()) +
                                                   " given) is required, and there is none, inside the archive or "
                                                   "beside it");
  }
  return signer;
}

std::string embedded_signature(std::string_view manifest_bytes, const std::vector<Member>& members,
                               std::string_view subject, const PrivateKey& key) {
  return container::write_bundle(resources(std::as_bytes(std::span(manifest_bytes)), members), subject, key);
}

std::string detached_signature(const container::Digest& file_sha256, std::string_view subject, const PrivateKey& key) {
  return container::write_bundle({{std::string(whole_file), file_sha256}}, subject, key);
}

}  // namespace aprender::archive
