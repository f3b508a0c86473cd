#include "fuzz/mutate_bundle.hpp"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "container/digest.hpp"
#include "container/text.hpp"
#include "fuzz/known_keys.hpp"

namespace aprender::fuzz {
namespace {

using Json = nlohmann::ordered_json;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string written(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// One value, somewhere inside, becomes another, is taken out or comes twice.
void mutate(Json& value, Random& random) {
  if (value.is_structured() && !value.empty() && !random.one_in(8)) {
    const auto child = std::next(value.begin(), static_cast<std::ptrdiff_t>(random.below(value.size())));
    if (random.one_in(12)) {
      value.erase(child);
    } else if (value.is_array() && random.one_in(8)) {
      const Json copy = *child;
      value.push_back(copy);
    } else if (value.is_object() && random.one_in(12)) {
      std::string name = child.key();
      mutate_bytes(name, 4);
      value[name] = *child;
    } else {
      mutate(*child, random);
    }
    return;
  }
  if (value.is_string() && !random.one_in(6)) {
    auto text = value.get<std::string>();
    mutate_bytes(text);
    value = text;
    return;
  }
  switch (random.below(6)) {
    case 0:
      value = nullptr;
      break;
    case 1:
      value = !(value.is_boolean() && value.get<bool>());
      break;
    case 2:
      value = other_integer(random, 1);
      break;
    case 3:
      value = Json::array({value});
      break;
    case 4:
      value = Json::object({{"name", value}});
      break;
    default:
      value = std::string(random.below(300), 'a');
  }
}

/// The statement is about the resources that it lists.
void put_right(Json& statement) {
  std::string digests;
  for (const Json& resource : statement.at("predicate").at("resources")) {
    const auto& digest = resource.at("digest").get_ref<const std::string&>();
    if (digest.size() == 64) digests += container::as_text(container::from_hex(digest));
  }
  statement.at("subject").at(0).at("digest")["sha256"] = container::hex(container::sha256(bytes_of(digests)));
}

void sort_resources(Json& statement) {
  Json& list = statement.at("predicate").at("resources");
  std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) { return a.at("name") < b.at("name"); });
}

void sign(Json& bundle, const std::string& payload, Random& random) {
  const PrivateKey& key = random.of(known_keys());
  const std::string type = "application/vnd.in-toto+json";
  const std::string message = "DSSEv1 28 " + type + " " + std::to_string(payload.size()) + " " + payload;
  Json& envelope = bundle["dsseEnvelope"];
  envelope["payload"] = container::to_base64(bytes_of(payload));
  envelope["signatures"] = Json::array({{{"sig", container::to_base64(key.sign(message))}, {"keyid", ""}}});
  const PublicKey& named = random.one_in(16) ? random.of(known_keys()).public_key() : key.public_key();
  Json& material = bundle["verificationMaterial"]["publicKey"];
  material = random.one_in(3) ? Json::object({{"rawBytes", container::to_base64(bytes_of(named.pem()))}})
                              : Json::object({{"hint", named.fingerprint()}});
}

std::string mutated(Json bundle, Random& random) {
  auto& encoded = bundle.at("dsseEnvelope").at("payload").get_ref<std::string&>();
  const auto decoded = container::from_base64(encoded);
  const std::size_t what = random.below(8);
  if (what == 0 || !decoded) {
    mutate(bundle, random);
    return written(bundle);
  }
  std::string payload(container::as_text(*decoded));
  if (what == 1) {
    auto& text = bundle.at("dsseEnvelope").at("signatures").at(0).at("sig").get_ref<std::string&>();
    auto signature = container::from_base64(text).value_or(std::vector<std::byte>{});
    mutate_bytes(signature, 4);
    text = container::to_base64(signature);
    return written(bundle);
  }
  if (what == 2) {
    mutate_bytes(payload);
  } else if (Json statement = Json::parse(payload, nullptr, false); !statement.is_discarded()) {
    mutate(statement, random);
    try {
      if (!random.one_in(4)) sort_resources(statement);
      if (!random.one_in(8)) put_right(statement);
    } catch (const Json::exception&) {  // it has no list of resources any more
    }
    payload = written(statement);
  }
  if (random.one_in(8)) {
    encoded = container::to_base64(bytes_of(payload));
  } else {
    sign(bundle, payload, random);
  }
  return written(bundle);
}

}  // namespace

std::string mutate_bundle(std::string_view bundle, Random& random) {
  if (random.one_in(8)) return {};
  Json json = Json::parse(bundle, nullptr, false);
  if (!json.is_object()) return {};
  try {
    return mutated(std::move(json), random);
  } catch (const Json::exception&) {  // not a bundle any more
    return {};
  }
}

}  // namespace aprender::fuzz
