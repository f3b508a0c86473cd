#include "container/signature.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "container/base64.hpp"
#include "container/ecdsa.hpp"
#include "container/json.hpp"
#include "container/text.hpp"
#include "kernel/text.h"

namespace aprender::container {
namespace {

constexpr std::string_view media_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view payload_type = "application/vnd.in-toto+json";
constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
constexpr std::string_view predicate_type = "https://model_signing/signature/v1.0";

/// Refuses with the name of the part before every context.
class Reader {
 public:
  explicit Reader(std::string_view part) : part_(part) {}

  [[nodiscard]] tl::unexpected<Error> refuse(ErrorCode code, const std::string& what) const {
    return tl::unexpected(Error{code, std::string(part_) + ": " + what});
  }
  [[nodiscard]] tl::unexpected<Error> malformed(const std::string& what) const {
    return refuse(ErrorCode::malformed_signature, what);
  }

  /// The value at `key` if it is of that kind; where names it in errors.
  template <class T>
  [[nodiscard]] Result<const T*> member(const Json::Object& object, const char* key, const std::string& where) const {
    const Json* found = find(object, key);
    if (found == nullptr) return malformed(where + key + " is missing");
    const auto* value = found->as<T>();
    if (value == nullptr) return malformed(where + key + " is not " + kind(value));
    return value;
  }

  [[nodiscard]] Result<std::string> text(const Json::Object& object, const char* key, const std::string& where) const {
    return member<std::string>(object, key, where).map([](const std::string* value) { return *value; });
  }

  [[nodiscard]] Result<void> require(const Json::Object& object, const char* key, std::string_view expected,
                                     const std::string& where, ErrorCode code) const {
    const auto found = text(object, key, where);
    if (!found) return tl::unexpected(found.error());
    if (*found == expected) return {};
    return refuse(code, where + key + " is " + in_quotes(*found) + ", expected " + in_quotes(expected));
  }

  /// JSON without two members of one name, an object outermost.
  [[nodiscard]] Result<Json::Object> object(std::span<const std::byte> bytes, const Limits& limits) const {
    auto root = parse_json(bytes, {part_, ErrorCode::malformed_signature, limits.json_depth, true});
    if (!root) return tl::unexpected(std::move(root.error()));
    auto* members = root->as<Json::Object>();
    if (members == nullptr) return malformed("not a JSON object");
    return std::move(*members);
  }

 private:
  static const char* kind(const Json::Object* /*none*/) { return "an object"; }
  static const char* kind(const Json::List* /*none*/) { return "a list"; }
  static const char* kind(const std::string* /*none*/) { return "a string"; }
  static const char* kind(const bool* /*none*/) { return "true or false"; }

  std::string_view part_;
};

/// A relative path that stays below where it starts, in UTF-8; "." is the whole.
bool is_resource_name(const std::string& name) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(name.data());
  if (name == ".") return true;
  if (aprender_is_utf8(bytes, name.size()) == 0 || name.find('\0') != std::string::npos) return false;
  for (std::size_t from = 0;;) {
    const std::size_t slash = std::min(name.find('/', from), name.size());
    const std::string_view component = std::string_view(name).substr(from, slash - from);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == name.size()) return true;
    from = slash + 1;
  }
}

std::optional<Digest> digest_of(const std::string& text) {
  if (aprender_is_sha256_hex(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) == 0) return std::nullopt;
  return from_hex(text);
}

/// SHA-256 of all digests one after the other: what the statement is about.
Digest root_digest(const std::vector<Resource>& resources) {
  std::vector<std::byte> all;
  for (const Resource& each : resources) all.insert(all.end(), each.sha256.begin(), each.sha256.end());
  return sha256(all);
}

/// DSSE's pre-authentication encoding: what the signature is made over.
std::string authenticated(std::string_view payload) {
  std::string text = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  text.append(payload_type).append(" ").append(std::to_string(payload.size())).append(" ");
  return text.append(payload);
}

/// Null, or a list of nothing.
bool is_empty(const Json& value) {
  const auto* list = value.as<Json::List>();
  return list != nullptr ? list->empty() : value.as<std::nullptr_t>() != nullptr;
}

Result<std::string> fingerprint(const Json::Object& public_key, const Reader& reader) {
  const std::string where = "verificationMaterial.publicKey.";
  if (find(public_key, "hint") != nullptr) {
    auto hint = reader.text(public_key, "hint", where);
    if (!hint || !hint->empty()) return hint;
  }
  // Bundles from before v1.1 hold the key itself, which only says which of the trusted keys is meant.
  const auto raw = reader.text(public_key, "rawBytes", where);
  if (!raw) return tl::unexpected(raw.error());
  const auto pem = from_base64(*raw);
  if (!pem) return reader.malformed(where + "rawBytes is not base64");
  return PublicKey::from_pem(as_text(*pem))
      .map([](const PublicKey& key) { return key.fingerprint(); })
      .map_error([&](const Error& error) { return reader.malformed(where + "rawBytes: " + error.context).value(); });
}

Result<std::vector<std::byte>> base64(const Json::Object& object, const char* key, const std::string& where,
                                      const Reader& reader) {
  const auto text = reader.text(object, key, where);
  if (!text) return tl::unexpected(text.error());
  auto bytes = from_base64(*text);
  if (!bytes) return reader.malformed(where + key + " is not base64");
  return std::move(*bytes);
}

Result<Resource> read_resource(const Json& element, const std::string& place, const Limits& limits,
                               const Reader& reader) {
  const auto* value = element.as<Json::Object>();
  if (value == nullptr) return reader.malformed(place + " is not an object");
  const std::string where = place + ".";
  const auto name = reader.text(*value, "name", where);
  if (!name) return tl::unexpected(name.error());
  if (name->size() > limits.name_bytes) {
    return reader.refuse(ErrorCode::limit_exceeded, where + "name of " + std::to_string(name->size()) +
                                                        " bytes, at most " + std::to_string(limits.name_bytes));
  }
  if (!is_resource_name(*name)) {
    return reader.malformed(where + "name is " + in_quotes(*name) + ", expected a relative path without . and ..");
  }
  if (auto ok = reader.require(*value, "algorithm", "sha256", where, ErrorCode::unsupported_feature); !ok) {
    return tl::unexpected(ok.error());
  }
  const auto hex_digest = reader.text(*value, "digest", where);
  if (!hex_digest) return tl::unexpected(hex_digest.error());
  const auto digest = digest_of(*hex_digest);
  if (!digest) return reader.malformed(where + "digest is not 64 lower-case hex digits");
  return Resource{*name, *digest};
}

}  // namespace

Result<Bundle> read_bundle(std::span<const std::byte> bytes, std::string_view part, const Limits& limits) {
  const Reader reader(part);
  if (bytes.size() > limits.signature_bytes) {
    return reader.refuse(ErrorCode::limit_exceeded,
                         std::to_string(bytes.size()) + " bytes, at most " + std::to_string(limits.signature_bytes));
  }
  const auto root = reader.object(bytes, limits);
  if (!root) return tl::unexpected(root.error());
  if (auto ok = reader.require(*root, "mediaType", media_type, "", ErrorCode::malformed_signature); !ok) {
    return tl::unexpected(ok.error());
  }
  const auto material = reader.member<Json::Object>(*root, "verificationMaterial", "");
  if (!material) return tl::unexpected(material.error());
  for (const char* other : {"x509CertificateChain", "certificate"}) {
    if (find(**material, other) != nullptr) {
      return reader.refuse(ErrorCode::unsupported_feature,
                           std::string("verificationMaterial.") + other + ": only signatures by a key are supported");
    }
  }
  if (const Json* log = find(**material, "tlogEntries"); log != nullptr && !is_empty(*log)) {
    return reader.refuse(ErrorCode::unsupported_feature,
                         "verificationMaterial.tlogEntries: a transparency log cannot be checked offline");
  }
  const auto public_key = reader.member<Json::Object>(**material, "publicKey", "verificationMaterial.");
  if (!public_key) return tl::unexpected(public_key.error());
  auto key = fingerprint(**public_key, reader);
  if (!key) return tl::unexpected(key.error());

  const std::string where = "dsseEnvelope.";
  const auto envelope = reader.member<Json::Object>(*root, "dsseEnvelope", "");
  if (!envelope) return tl::unexpected(envelope.error());
  if (auto ok = reader.require(**envelope, "payloadType", payload_type, where, ErrorCode::malformed_signature); !ok) {
    return tl::unexpected(ok.error());
  }
  const auto payload = base64(**envelope, "payload", where, reader);
  if (!payload) return tl::unexpected(payload.error());
  const auto signatures = reader.member<Json::List>(**envelope, "signatures", where);
  if (!signatures) return tl::unexpected(signatures.error());
  if ((*signatures)->size() != 1) {
    return reader.malformed("dsseEnvelope.signatures has " + std::to_string((*signatures)->size()) +
                            " elements, expected 1");
  }
  const auto* only = (*signatures)->front().as<Json::Object>();
  if (only == nullptr) return reader.malformed("dsseEnvelope.signatures[0] is not an object");
  auto signature = base64(*only, "sig", "dsseEnvelope.signatures[0].", reader);
  if (!signature) return tl::unexpected(signature.error());
  return Bundle{std::move(*key), std::string(as_text(*payload)), std::move(*signature)};
}

Result<std::vector<Resource>> read_statement(const Bundle& bundle, std::string_view part, const Limits& limits) {
  const Reader reader(part);
  const auto root = reader.object(std::as_bytes(std::span(bundle.payload)), limits);
  if (!root) return tl::unexpected(root.error());
  for (const auto& [key, expected] : {std::pair("_type", statement_type), std::pair("predicateType", predicate_type)}) {
    if (auto ok = reader.require(*root, key, expected, "statement.", ErrorCode::malformed_signature); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  const auto predicate = reader.member<Json::Object>(*root, "predicate", "statement.");
  if (!predicate) return tl::unexpected(predicate.error());
  const auto serialization = reader.member<Json::Object>(**predicate, "serialization", "predicate.");
  if (!serialization) return tl::unexpected(serialization.error());
  for (const auto& [key, expected] : {std::pair("method", "files"), std::pair("hash_type", "sha256")}) {
    if (auto ok =
            reader.require(**serialization, key, expected, "predicate.serialization.", ErrorCode::unsupported_feature);
        !ok) {
      return tl::unexpected(ok.error());
    }
  }
  const auto links = reader.member<bool>(**serialization, "allow_symlinks", "predicate.serialization.");
  if (!links) return tl::unexpected(links.error());
  if (**links) {
    return reader.refuse(ErrorCode::unsupported_feature, "predicate.serialization.allow_symlinks is true");
  }

  const auto list = reader.member<Json::List>(**predicate, "resources", "predicate.");
  if (!list) return tl::unexpected(list.error());
  if ((*list)->empty()) return reader.malformed("predicate.resources is empty: nothing is signed");
  std::vector<Resource> resources;
  for (const Json& value : **list) {
    const std::string place = "predicate.resources[" + std::to_string(resources.size()) + "]";
    auto resource = read_resource(value, place, limits, reader);
    if (!resource) return tl::unexpected(resource.error());
    if (!resources.empty() && resource->name <= resources.back().name) {
      return reader.malformed(place + ".name is " + in_quotes(resource->name) + ", expected one behind " +
                              in_quotes(resources.back().name));
    }
    resources.push_back(std::move(*resource));
  }

  const auto subjects = reader.member<Json::List>(*root, "subject", "statement.");
  if (!subjects) return tl::unexpected(subjects.error());
  const auto* subject = (*subjects)->size() != 1 ? nullptr : (*subjects)->front().as<Json::Object>();
  if (subject == nullptr) {
    return reader.malformed("statement.subject is not a list of one object");
  }
  const auto digests = reader.member<Json::Object>(*subject, "digest", "statement.subject[0].");
  if (!digests) return tl::unexpected(digests.error());
  if (auto ok = reader.require(**digests, "sha256", hex(root_digest(resources)), "statement.subject[0].digest.",
                               ErrorCode::malformed_signature);
      !ok) {
    return tl::unexpected(ok.error());
  }
  return resources;
}

Result<void> check_signer(const Bundle& bundle, std::span<const PublicKey> keys, std::int64_t now,
                          std::string_view part) {
  const Reader reader(part);
  const auto key = std::ranges::find(keys, bundle.key_fingerprint, &PublicKey::fingerprint);
  if (key == keys.end()) {
    return reader.refuse(ErrorCode::untrusted_key, "signed by the key " + in_quotes(bundle.key_fingerprint) +
                                                       ", which is none of the " + std::to_string(keys.size()) +
                                                       " trusted");
  }
  if (now < key->valid_from().value_or(now) || now > key->valid_until().value_or(now)) {
    return reader.refuse(ErrorCode::expired_key, "the certificate of the key " + key->fingerprint() +
                                                     " is valid from " + std::to_string(*key->valid_from()) + " to " +
                                                     std::to_string(*key->valid_until()) + ", it is " +
                                                     std::to_string(now) + " (Unix time)");
  }
  switch (verify(*key, authenticated(bundle.payload), bundle.signature)) {
    case Verdict::genuine:
      return {};
    case Verdict::other_hash:
      return reader.refuse(ErrorCode::wrong_curve, "signed with a hash that does not follow the key's curve, " +
                                                       std::string(name(key->curve())));
    case Verdict::forged:
      break;
  }
  return reader.refuse(ErrorCode::bad_signature, "not what the key " + key->fingerprint() + " has signed");
}

Result<void> check_resources(const std::vector<Resource>& signed_ones, std::vector<Resource> found,
                             std::string_view part) {
  const Reader reader(part);
  const auto refuse = [&](const std::string& what) { return reader.refuse(ErrorCode::signature_mismatch, what); };
  std::ranges::sort(found, {}, &Resource::name);
  for (std::size_t k = 0; k < std::max(signed_ones.size(), found.size()); ++k) {
    if (k == found.size() || (k < signed_ones.size() && signed_ones[k].name < found[k].name)) {
      return refuse(in_quotes(signed_ones[k].name) + " is signed, but not there");
    }
    if (k == signed_ones.size() || found[k].name < signed_ones[k].name) {
      return refuse(in_quotes(found[k].name) + " is there, but not signed");
    }
    if (!same(signed_ones[k].sha256, found[k].sha256)) {
      return refuse(in_quotes(found[k].name) + ": SHA-256 is " + hex(found[k].sha256) + ", signed was " +
                    hex(signed_ones[k].sha256));
    }
  }
  return {};
}

std::string write_bundle(std::vector<Resource> resources, std::string_view subject, const PrivateKey& key) {
  if (resources.empty()) throw std::invalid_argument("nothing to sign");
  std::ranges::sort(resources, {}, &Resource::name);
  // A file may be called anything; in the subject, what is not UTF-8 is replaced.
  std::string payload = R"({"_type":)" + json_string(statement_type) + R"(,"subject":[{"name":)" + json_string(subject);
  payload += R"(,"digest":{"sha256":)" + json_string(hex(root_digest(resources))) + R"(}}],"predicateType":)";
  payload += json_string(predicate_type) + R"(,"predicate":{"serialization":{"method":"files","hash_type":"sha256",)";
  payload += R"("allow_symlinks":false},"resources":[)";
  std::string_view separator;
  for (const Resource& each : resources) {
    payload.append(separator).append(R"({"name":)").append(json_string(each.name));
    payload.append(R"(,"digest":)").append(json_string(hex(each.sha256))).append(R"(,"algorithm":"sha256"})");
    separator = ",";
  }
  payload += "]}}";
  std::string bundle = R"({"mediaType":)" + json_string(media_type);
  bundle += R"(,"verificationMaterial":{"publicKey":{"hint":)" + json_string(key.public_key().fingerprint());
  bundle += R"(},"tlogEntries":[]},"dsseEnvelope":{"payload":)";
  bundle +=
      json_string(to_base64(std::as_bytes(std::span(payload)))) + R"(,"payloadType":)" + json_string(payload_type);
  bundle += R"(,"signatures":[{"sig":)" + json_string(to_base64(key.sign(authenticated(payload))));
  return bundle + R"(,"keyid":""}]}})" + "\n";
}

}  // namespace aprender::container
