#include "container/manifest.hpp"

#include <algorithm>
#include <iterator>

#include "container/json.hpp"
#include "container/text.hpp"
#include "kernel/text.h"

namespace aprender::container {
namespace {

tl::unexpected<Error> refuse(ErrorCode code, std::string context) {
  return tl::unexpected(Error{code, "manifest.json: " + std::move(context)});
}

tl::unexpected<Error> malformed(std::string context) {
  return refuse(ErrorCode::malformed_manifest, std::move(context));
}

const std::uint8_t* data(const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

/// Portable names separated by single slashes.
bool is_member_name(const std::string& name) {
  for (std::size_t from = 0;;) {
    const std::size_t slash = name.find('/', from);
    if (aprender_is_portable_name(data(name) + from, std::min(slash, name.size()) - from) == 0) return false;
    if (slash == std::string::npos) return true;
    from = slash + 1;
  }
}

/// The value of `key` if it is of a kind.
Result<std::uint64_t> integer(const Json::Object& object, const char* key) {
  const Json* found = find(object, key);
  const auto value = found == nullptr ? std::nullopt : found->integer();
  if (!value) return malformed(std::string(key) + " is not an integer from 0 to 2^53 - 1");
  return *value;
}

Result<std::string> text(const Json::Object& object, const char* key) {
  const auto* found = find<std::string>(object, key);
  if (found == nullptr) return malformed(std::string(key) + " is not a string");
  return *found;
}

Result<void> require(const Json::Object& object, const char* key, std::string_view expected) {
  return text(object, key).and_then([&](const std::string& found) -> Result<void> {
    if (found != expected)
      return malformed(std::string(key) + " is " + in_quotes(found) + ", expected " + in_quotes(expected));
    return {};
  });
}

/// Versions and features come first, so that the manifest of a later schema is refused as what it is.
Result<void> check_support(const Json::Object& root) {
  const auto version = integer(root, "schema_version");
  if (!version) return tl::unexpected(version.error());
  if (*version != schema_version) {
    return refuse(ErrorCode::unsupported_version, "schema_version is " + std::to_string(*version) +
                                                      ", this reader reads " + std::to_string(schema_version));
  }
  const auto reader = integer(root, "min_reader_version");
  if (!reader) return tl::unexpected(reader.error());
  if (*reader > schema_version) {
    return refuse(ErrorCode::unsupported_version, "min_reader_version is " + std::to_string(*reader) +
                                                      ", this reader is " + std::to_string(schema_version));
  }
  if (*reader != schema_version) {
    return malformed("min_reader_version is " + std::to_string(*reader) + ", expected " +
                     std::to_string(schema_version));
  }
  const auto* features = find<Json::List>(root, "required_features");
  if (features == nullptr) return malformed("required_features is not a list");
  for (const Json& element : *features) {
    const auto* feature = element.as<std::string>();
    if (feature == nullptr) return malformed("required_features: an element is not a string");
    if (*feature == signature_feature) continue;
    return refuse(ErrorCode::unsupported_feature,
                  "required feature " + in_quotes(*feature) + " is not known to this reader");
  }
  if (features->size() > 1) return malformed("required_features: " + in_quotes(signature_feature) + " twice");
  return {};
}

Result<Member> read_member(const Json& element, const Limits& limits) {
  const auto* value = element.as<Json::Object>();
  if (value == nullptr) return malformed("members: an element is not an object");
  const auto name = text(*value, "name");
  if (!name) return tl::unexpected(name.error());
  const auto size = integer(*value, "size");
  if (!size) return tl::unexpected(size.error());
  const auto sha256 = text(*value, "sha256");
  if (!sha256) return tl::unexpected(sha256.error());
  if (name->size() > limits.name_bytes) {
    return refuse(ErrorCode::limit_exceeded, "members: name of " + std::to_string(name->size()) + " bytes, at most " +
                                                 std::to_string(limits.name_bytes));
  }
  if (!is_member_name(*name)) return malformed("members: " + in_quotes(*name) + " is not the name of a member");
  if (aprender_is_sha256_hex(data(*sha256), sha256->size()) == 0) {
    return malformed("members: " + *name + ": sha256 is " + in_quotes(*sha256) + ", expected 64 lower-case hex digits");
  }
  return Member{*name, *size, *sha256};
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  std::string out = R"({"format":"aprender","hash":"sha256","members":[)";
  std::string_view separator;
  for (const Member& member : manifest.members) {
    out.append(separator).append(R"({"name":")").append(member.name);
    out.append(R"(","sha256":")").append(member.sha256);
    out.append(R"(","size":)").append(std::to_string(member.size)).append("}");
    separator = ",";
  }
  out.append(R"(],"min_reader_version":)").append(std::to_string(manifest.min_reader_version));
  out.append(R"(,"required_features":[)");
  separator = {};
  for (const std::string& feature : manifest.required_features) {
    out.append(separator).append("\"").append(feature).append("\"");
    separator = ",";
  }
  return out.append(R"(],"schema_version":)").append(std::to_string(manifest.schema_version)).append("}");
}

Result<Manifest> read_manifest(std::span<const std::byte> bytes, const Limits& limits) {
  if (bytes.size() > limits.manifest_bytes) {
    return refuse(ErrorCode::limit_exceeded,
                  std::to_string(bytes.size()) + " bytes, at most " + std::to_string(limits.manifest_bytes));
  }
  const JsonPart part{"manifest.json", ErrorCode::malformed_manifest, limits.json_depth};
  const auto json = parse_json(bytes, part);
  if (!json) return tl::unexpected(json.error());
  const auto* root = json->as<Json::Object>();
  if (root == nullptr) return malformed("not a JSON object");
  const auto supported = require(*root, "format", "aprender").and_then([&] { return check_support(*root); });
  if (!supported) return tl::unexpected(supported.error());
  if (const auto hash = require(*root, "hash", "sha256"); !hash) return tl::unexpected(hash.error());

  const auto* members = find<Json::List>(*root, "members");
  if (members == nullptr) return malformed("members is not a list");
  if (members->size() > limits.entries) {
    return refuse(ErrorCode::limit_exceeded,
                  std::to_string(members->size()) + " members, at most " + std::to_string(limits.entries));
  }
  Manifest manifest;
  for (const Json& feature : *find<Json::List>(*root, "required_features")) {
    manifest.required_features.push_back(*feature.as<std::string>());
  }
  for (const Json& element : *members) {
    auto read = read_member(element, limits);
    if (!read) return tl::unexpected(std::move(read.error()));
    manifest.members.push_back(std::move(*read));
  }
  const auto canonical = require_canonical(bytes, write_manifest(manifest), part);
  if (!canonical) return tl::unexpected(canonical.error());
  return manifest;
}

}  // namespace aprender::container
