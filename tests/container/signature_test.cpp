// Bundles of OpenSSF Model Signing: the published vectors, our own, the openssl command's, and what is refused.
#include "container/signature.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "container/base64.hpp"
#include "container/outcome.hpp"
#include "support/temporary_directory.hpp"

namespace aprender::container {
namespace {

using nlohmann::json;

constexpr std::int64_t today = 1'795'392'000;  // 2026-11-23

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("no file " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path published(const std::string& name) {
  return std::filesystem::path(APRENDER_SOURCE_DIR) / "tests/container/openssf" / name;
}

PublicKey published_key(const std::string& name) { return PublicKey::from_pem(contents(published(name))).value(); }

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Resource file(const std::string& name, const std::string& content) { return {name, sha256(bytes_of(content))}; }

/// Everything that a reader of one bundle does.
Result<void> verify(const std::string& bundle, const std::vector<PublicKey>& keys, const std::vector<Resource>& found,
                    std::int64_t now = today) {
  const auto read = read_bundle(bytes_of(bundle), "bundle", Limits{});
  if (!read) return tl::unexpected(read.error());
  if (auto ok = check_signer(*read, keys, now, "bundle"); !ok) return ok;
  const auto resources = read_statement(*read, "bundle", Limits{});
  if (!resources) return tl::unexpected(resources.error());
  return check_resources(*resources, found, "bundle");
}

const std::vector<Resource>& simple() {
  static const std::vector<Resource> files{file("signme-1", "signme-1\n"), file("signme-2", "signme-2")};
  return files;
}

TEST(PublishedVectors, ValidBundlesVerify) {
  const std::vector<PublicKey> keys{published_key("p256.pem"), published_key("signing-key.pem")};
  const std::vector<Resource> several{file("config.json", R"({"model": "test", "version": "1.0"})"),
                                      file("weights.bin", std::string(1024, '\xab')),
                                      file("subdir/adapter.bin", std::string(512, '\xcd'))};
  const std::vector<Resource> single{file("model.bin", std::string(256, '\xef'))};
  const std::vector<Resource> whole{file(".", "signme-1\n")};
  const std::vector<std::pair<std::string, std::vector<Resource>>> bundles{
      {"key-simple", simple()},
      {"key-simple-go", simple()},
      {"key-multi-file", several},
      {"key-single-file", single},
      {"historical-v0.3.1-elliptic-key", whole},
      {"historical-v1.0.0-elliptic-key", whole},
      {"historical-v1.0.1-elliptic-key", simple()},
      {"historical-v1.1.0-elliptic-key", simple()}};
  for (const auto& [name, files] : bundles) {
    EXPECT_EQ(outcome(verify(contents(published(name + ".sig")), keys, files)), "accepted") << name;
  }
}

TEST(PublishedVectors, InvalidBundlesAreRefusedForWhatIsWrong) {
  const std::vector<PublicKey> keys{published_key("signing-key.pem")};
  struct Case {
    const char* name;
    ErrorCode code;
    const char* context;
  };
  for (const Case& each : {Case{"key-simple-no-signature", ErrorCode::malformed_signature, "signatures has 0 elements"},
                           Case{"key-simple-wrong-payload-type", ErrorCode::malformed_signature, "payloadType"},
                           Case{"key-simple-wrong-statement-type", ErrorCode::malformed_signature, "statement._type"},
                           Case{"key-simple-empty-resources", ErrorCode::malformed_signature, "nothing is signed"},
                           Case{"key-simple-missing-serialization", ErrorCode::malformed_signature, "serialization"},
                           Case{"malformed-wrong-predicate", ErrorCode::bad_signature, "not what the key"}}) {
    EXPECT_TRUE(
        refused(verify(contents(published(std::string(each.name) + ".sig")), keys, simple()), each.code, each.context))
        << each.name;
  }
  const std::string good = contents(published("key-simple.sig"));
  EXPECT_TRUE(refused(verify(R"({"not": "valid json)", keys, simple()), ErrorCode::malformed_signature, "no JSON"));
  EXPECT_TRUE(refused(verify("", keys, simple()), ErrorCode::malformed_signature, "no JSON"));
  EXPECT_TRUE(refused(verify(good.substr(0, good.size() / 2), keys, simple()), ErrorCode::malformed_signature, ""));
  EXPECT_TRUE(refused(verify(good, {published_key("wrong.pem")}, simple()), ErrorCode::untrusted_key, "none of the 1"));
  EXPECT_TRUE(refused(verify(good, keys, {simple()[0]}), ErrorCode::signature_mismatch, "signed, but not there"));
  EXPECT_TRUE(refused(verify(good, keys, {simple()[0], file("signme-2", "tampered")}), ErrorCode::signature_mismatch,
                      "\"signme-2\": SHA-256 is"));
  EXPECT_TRUE(refused(verify(good, keys, {simple()[0], simple()[1], file("extra", "")}), ErrorCode::signature_mismatch,
                      "\"extra\" is there, but not signed"));
}

// Even with the key that has made it: who signed is then said by a certificate, which nothing here could judge.
TEST(PublishedVectors, ABundleWithACertificateIsNotSupported) {
  const std::vector<PublicKey> keys{published_key("signing-key.pem")};
  EXPECT_TRUE(refused(verify(contents(published("historical-v1.1.0-certificate.sig")), keys, simple()),
                      ErrorCode::unsupported_feature, "x509CertificateChain"));
}

TEST(PublishedVectors, AKeyInsideABundleIsNotTrusted) {
  const std::string bundle = contents(published("historical-v1.0.1-elliptic-key.sig"));
  ASSERT_NE(bundle.find("rawBytes"), std::string::npos);
  EXPECT_TRUE(refused(verify(bundle, {published_key("p256.pem")}, simple()), ErrorCode::untrusted_key,
                      published_key("signing-key.pem").fingerprint()));
}

TEST(PublishedVectors, AnExpiredCertificateIsAnErrorOfItsOwn) {
  const auto key = PublicKey::from_pem(contents(published("expired-certificate.pem"))).value();
  EXPECT_EQ(key.valid_from(), 1'577'836'800);  // 2020-01-01
  EXPECT_EQ(key.valid_until(), 1'577'923'200);
  json bundle = json::parse(contents(published("key-simple.sig")));
  bundle["verificationMaterial"]["publicKey"]["hint"] = key.fingerprint();
  EXPECT_TRUE(refused(verify(bundle.dump(), {key}, simple()), ErrorCode::expired_key, "1577923200"));
  EXPECT_TRUE(refused(verify(bundle.dump(), {key}, simple(), 1'577'836'799), ErrorCode::expired_key, "valid from"));
  EXPECT_TRUE(refused(verify(bundle.dump(), {key}, simple(), 1'577'836'800), ErrorCode::bad_signature, ""));
}

class EveryCurve : public testing::TestWithParam<Curve> {};

TEST_P(EveryCurve, WhatIsWrittenVerifies) {
  const PrivateKey key = PrivateKey::generate(GetParam());
  const std::string bundle = write_bundle({simple()[1], simple()[0]}, "simple", key);
  EXPECT_EQ(outcome(verify(bundle, {key.public_key()}, simple())), "accepted");
  EXPECT_TRUE(refused(verify(bundle, {PrivateKey::generate(GetParam()).public_key()}, simple()),
                      ErrorCode::untrusted_key, key.public_key().fingerprint()));

  json claimed = json::parse(bundle);
  const PublicKey other = PrivateKey::generate(GetParam()).public_key();
  claimed["verificationMaterial"]["publicKey"]["hint"] = other.fingerprint();
  EXPECT_TRUE(refused(verify(claimed.dump(), {other}, simple()), ErrorCode::bad_signature, other.fingerprint()));
}

// Every bit of the signature, and one of every byte of the payload.
TEST_P(EveryCurve, ChangesOfSignatureAndPayloadAreFound) {
  const PrivateKey key = PrivateKey::generate(GetParam());
  const json bundle = json::parse(write_bundle(simple(), "simple", key));
  const auto& envelope = bundle.at("dsseEnvelope");
  for (const json::json_pointer& where :
       {json::json_pointer("/dsseEnvelope/payload"), json::json_pointer("/dsseEnvelope/signatures/0/sig")}) {
    const auto bytes = from_base64(bundle.at(where).get<std::string>()).value();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += where.to_string().ends_with("sig") ? 1 : 9) {
      auto edited = bytes;
      edited[bit / 8] ^= std::byte{1} << bit % 8;
      json changed = bundle;
      changed[where] = to_base64(edited);
      EXPECT_TRUE(refused(verify(changed.dump(), {key.public_key()}, simple()), ErrorCode::bad_signature, "")) << bit;
    }
  }
  EXPECT_EQ(envelope.at("payloadType"), "application/vnd.in-toto+json");
}

// r = s = 0, r = s = 1, DER that is cut off, goes on, or is none.
TEST_P(EveryCurve, SignaturesThatNobodyMadeAreRefused) {
  const PrivateKey key = PrivateKey::generate(GetParam());
  for (const std::string_view signature :
       {std::string_view("\x30\x06\x02\x01\x00\x02\x01\x00", 8),
        std::string_view("\x30\x06\x02\x01\x01\x02\x01\x01", 8), std::string_view("\x30\x06\x02\x01\x01\x02\x01", 7),
        std::string_view("\x30\x00", 2), std::string_view()}) {
    json bundle = json::parse(write_bundle(simple(), "simple", key));
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = to_base64(std::as_bytes(std::span(signature)));
    EXPECT_TRUE(refused(verify(bundle.dump(), {key.public_key()}, simple()), ErrorCode::bad_signature, ""));
  }
  json bundle = json::parse(write_bundle(simple(), "simple", key));
  auto& only = bundle["dsseEnvelope"]["signatures"][0]["sig"];
  auto longer = from_base64(only.get<std::string>()).value();
  longer.push_back(std::byte{0});
  only = to_base64(longer);
  EXPECT_TRUE(refused(verify(bundle.dump(), {key.public_key()}, simple()), ErrorCode::bad_signature, ""));
}

// The curve as the openssl command calls it, and its hash.
TEST_P(EveryCurve, TheOpensslCommandAgrees) {
  const std::map<Curve, std::pair<std::string, std::string>> names{{Curve::p256, {"prime256v1", "sha256"}},
                                                                   {Curve::p384, {"secp384r1", "sha384"}},
                                                                   {Curve::p521, {"secp521r1", "sha512"}}};
  const auto& [curve, hash] = names.at(GetParam());
  const support::TemporaryDirectory directory;
  const auto path = [&](const char* name) { return (directory.path() / name).string(); };
  const auto run = [&](const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()); };
  const auto write = [&](const char* name, std::string_view text) {
    std::ofstream(path(name), std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
  };
  const auto signed_bytes = [](const json& bundle) {
    const auto payload = from_base64(bundle.at("dsseEnvelope").at("payload").get<std::string>()).value();
    return "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload.size()) + " " +
           std::string(reinterpret_cast<const char*>(payload.data()), payload.size());
  };

  // Theirs, by us.
  ASSERT_EQ(run("openssl ecparam -name " + curve + " -genkey -noout -out " + path("key.pem")), 0);
  ASSERT_EQ(run("openssl ec -in " + path("key.pem") + " -pubout -out " + path("public.pem")), 0);
  const PublicKey key = PublicKey::from_pem(contents(path("public.pem"))).value();
  EXPECT_EQ(key.pem(), contents(path("public.pem")));
  json bundle = json::parse(write_bundle(simple(), "simple", PrivateKey::generate(GetParam())));
  write("message", signed_bytes(bundle));
  bundle["verificationMaterial"]["publicKey"]["hint"] = key.fingerprint();
  const auto signed_with = [&](const std::string& digest) {
    EXPECT_EQ(run("openssl dgst -" + digest + " -sign " + path("key.pem") + " -out " + path("signature") + " " +
                  path("message")),
              0);
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = to_base64(bytes_of(contents(path("signature"))));
    return verify(bundle.dump(), {key}, simple());
  };
  EXPECT_EQ(outcome(signed_with(hash)), "accepted");
  EXPECT_TRUE(refused(signed_with(hash == "sha256" ? "sha512" : "sha256"), ErrorCode::wrong_curve, "hash"));

  // Ours, by them.
  const PrivateKey ours = PrivateKey::from_pem(contents(path("key.pem"))).value();
  const json by_us = json::parse(write_bundle(simple(), "simple", ours));
  const auto signature = from_base64(by_us.at("dsseEnvelope").at("signatures")[0].at("sig").get<std::string>()).value();
  write("ours", {reinterpret_cast<const char*>(signature.data()), signature.size()});
  write("message", signed_bytes(by_us));
  EXPECT_EQ(run("openssl dgst -" + hash + " -verify " + path("public.pem") + " -signature " + path("ours") + " " +
                path("message")),
            0);
}

INSTANTIATE_TEST_SUITE_P(Signature, EveryCurve, testing::Values(Curve::p256, Curve::p384, Curve::p521),
                         [](const auto& each) { return "P" + std::string(name(each.param)).substr(2); });

/// A bundle of a key of our own whose statement or envelope was edited, the statement signed anew.
class EditedBundle : public testing::Test {
 protected:
  using Edit = std::function<void(json&)>;

  [[nodiscard]] Result<void> with_statement(const Edit& edit) const {
    json bundle = json::parse(write_bundle(simple(), "simple", key_));
    const auto payload = from_base64(bundle.at("dsseEnvelope").at("payload").get<std::string>()).value();
    json statement = json::parse(std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
    edit(statement);
    return signed_anew(std::move(bundle), statement.dump());
  }

  [[nodiscard]] Result<void> with_payload(const std::string& payload) const {
    return signed_anew(json::parse(write_bundle(simple(), "simple", key_)), payload);
  }

  [[nodiscard]] Result<void> with_bundle(const Edit& edit) const {
    json bundle = json::parse(write_bundle(simple(), "simple", key_));
    edit(bundle);
    return verify(bundle.dump(), {key_.public_key()}, simple());
  }

  const PrivateKey key_ = PrivateKey::generate(Curve::p256);

 private:
  [[nodiscard]] Result<void> signed_anew(json bundle, const std::string& payload) const {
    const std::string message =
        "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload.size()) + " " + payload;
    bundle["dsseEnvelope"]["payload"] = to_base64(bytes_of(payload));
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = to_base64(key_.sign(message));
    return verify(bundle.dump(), {key_.public_key()}, simple());
  }
};

constexpr auto malformed = ErrorCode::malformed_signature;
constexpr auto unsupported = ErrorCode::unsupported_feature;

TEST_F(EditedBundle, KeyIdsMayBeAnything) {
  for (const json& keyid : {json(), json(""), json("any")}) {
    EXPECT_EQ(outcome(with_bundle([&](json& b) { b["dsseEnvelope"]["signatures"][0]["keyid"] = keyid; })), "accepted");
  }
  EXPECT_EQ(outcome(with_bundle([](json& b) { b["dsseEnvelope"]["signatures"][0].erase("keyid"); })), "accepted");
  EXPECT_EQ(outcome(with_bundle([](json& b) { b["verificationMaterial"].erase("tlogEntries"); })), "accepted");
}

TEST_F(EditedBundle, KeysAndPayloadsAreInBase64) {
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["dsseEnvelope"]["payload"] = "????"; }), malformed, "base64"));
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["dsseEnvelope"]["signatures"][0] = "x"; }), malformed, "object"));
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["verificationMaterial"]["publicKey"] = json::object(); }), malformed,
                      "rawBytes is missing"));
  const auto with_raw_bytes = [&](const char* raw_bytes) {
    return with_bundle([=](json& b) { b["verificationMaterial"]["publicKey"] = {{"rawBytes", raw_bytes}}; });
  };
  EXPECT_TRUE(refused(with_raw_bytes("AAAA"), malformed, "rawBytes: not PEM"));
  EXPECT_TRUE(refused(with_raw_bytes("AAA"), malformed, "rawBytes is not base64"));
}

// A hint says whose signature it is; the key itself, of before version 1.1, counts where there is none. An empty one is
// none, as everywhere in protobuf's JSON.
TEST_F(EditedBundle, AHintCountsBeforeAKey) {
  const PublicKey other = PrivateKey::generate(Curve::p256).public_key();
  const auto with_key = [&](const json& hint, const PublicKey& key) {
    return with_bundle([&](json& b) {
      auto& claimed = b["verificationMaterial"]["publicKey"];
      if (!hint.is_null()) claimed["hint"] = hint;
      claimed["rawBytes"] = to_base64(bytes_of(key.pem()));
    });
  };
  EXPECT_EQ(outcome(with_key({}, other)), "accepted") << "the hint that was there";
  EXPECT_EQ(outcome(with_key("", key_.public_key())), "accepted");
  EXPECT_TRUE(refused(with_key("", other), ErrorCode::untrusted_key, other.fingerprint()));
  EXPECT_TRUE(refused(with_key(other.fingerprint(), key_.public_key()), ErrorCode::untrusted_key, other.fingerprint()));
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["verificationMaterial"]["publicKey"]["hint"] = ""; }), malformed,
                      "rawBytes is missing"));
}

TEST_F(EditedBundle, HintsOfAnotherFormAreOfNoTrustedKey) {
  std::string upper_case = key_.public_key().fingerprint();
  std::ranges::transform(upper_case, upper_case.begin(), [](unsigned char c) { return std::toupper(c); });
  // As model-transparency's bundles of ML-DSA say it.
  for (const std::string& hint : {upper_case, "ML_DSA_65:" + key_.public_key().fingerprint()}) {
    EXPECT_TRUE(refused(with_bundle([&](json& b) { b["verificationMaterial"]["publicKey"]["hint"] = hint; }),
                        ErrorCode::untrusted_key, hint.substr(0, 64)));
  }
}

TEST_F(EditedBundle, TwoSignaturesAreRefused) {
  EXPECT_TRUE(refused(with_bundle([](json& b) {
                        auto& signatures = b["dsseEnvelope"]["signatures"];
                        signatures.push_back(signatures[0]);
                      }),
                      malformed, "2 elements"));
}

TEST_F(EditedBundle, IsNoLongerThanTheLimit) {
  std::string bundle = write_bundle(simple(), "simple", key_);
  bundle.resize(Limits{}.signature_bytes, ' ');
  EXPECT_EQ(outcome(verify(bundle, {key_.public_key()}, simple())), "accepted");
  EXPECT_TRUE(refused(verify(bundle + ' ', {key_.public_key()}, simple()), ErrorCode::limit_exceeded, "65537 bytes"));
}

TEST_F(EditedBundle, AnotherMediaTypeIsRefused) {
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.2+json"; }),
                      malformed, "mediaType"));
}

TEST_F(EditedBundle, CertificatesAndLogsAreNotSupported) {
  EXPECT_TRUE(refused(with_bundle([](json& b) { b["verificationMaterial"]["x509CertificateChain"] = json::object(); }),
                      unsupported, "x509CertificateChain"));
  // As Sigstore's keyless bundles have it.
  EXPECT_TRUE(refused(with_bundle([](json& b) {
                        b["verificationMaterial"]["certificate"] = {{"rawBytes", "AAAA"}};
                      }),
                      unsupported, "certificate"));
  const auto with_log = [&](const json& log) {
    return with_bundle([&](json& b) { b["verificationMaterial"]["tlogEntries"] = log; });
  };
  for (const json& log : {json::array({1}), json::object(), json("none"), json(0)}) {
    EXPECT_TRUE(refused(with_log(log), unsupported, "tlogEntries")) << log;
  }
  for (const json& log : {json(), json::array()}) EXPECT_EQ(outcome(with_log(log)), "accepted") << log;
}

TEST_F(EditedBundle, NamesStayBelowTheModel) {
  const std::string with_zero("a\0b", 3);
  for (const std::string& bad :
       {std::string(), std::string("/etc/passwd"), std::string("../signme-1"), std::string("a/../../b"),
        std::string("a//b"), std::string("a/"), std::string("./a"), std::string("a/."), std::string(".."), with_zero}) {
    EXPECT_TRUE(
        refused(with_statement([&](json& s) { s["predicate"]["resources"][0]["name"] = bad; }), malformed, "name is"))
        << bad;
  }
  EXPECT_TRUE(refused(with_statement([](json& s) { s["predicate"]["resources"][1]["name"] = "signme-1"; }), malformed,
                      "expected one behind"));
  const auto named_by = [&](std::size_t bytes) {
    return with_statement([&](json& s) { s["predicate"]["resources"][0]["name"] = std::string(bytes, 'a'); });
  };
  EXPECT_TRUE(refused(named_by(Limits{}.name_bytes), ErrorCode::signature_mismatch, ""));
  EXPECT_TRUE(refused(named_by(Limits{}.name_bytes + 1), ErrorCode::limit_exceeded, "257 bytes, at most 256"));
}

TEST_F(EditedBundle, EveryClaimOfTheStatementIsChecked) {
  const auto predicate = [](const char* key, const json& value) {
    return [key, value](json& s) { s["predicate"]["serialization"][key] = value; };
  };
  EXPECT_TRUE(refused(with_statement(predicate("method", "shards")), unsupported, "shards"));
  EXPECT_TRUE(refused(with_statement(predicate("hash_type", "blake3")), unsupported, "blake3"));
  EXPECT_TRUE(refused(with_statement(predicate("allow_symlinks", true)), unsupported, "allow_symlinks"));
  EXPECT_TRUE(refused(with_statement([](json& s) { s["predicateType"] = "https://model_signing/Digests/v0.1"; }),
                      malformed, "predicateType"));
  EXPECT_TRUE(refused(with_statement([](json& s) { s["subject"].push_back(s["subject"][0]); }), malformed, "subject"));
  EXPECT_TRUE(refused(with_statement([](json& s) { s["subject"][0]["digest"]["sha256"] = std::string(64, '0'); }),
                      malformed, "subject[0].digest.sha256"));
  EXPECT_TRUE(refused(with_statement([](json& s) { s["predicate"]["resources"][0]["digest"] = std::string(64, 'A'); }),
                      malformed, "hex digits"));
  EXPECT_TRUE(refused(with_statement([](json& s) { s["predicate"]["resources"][0]["algorithm"] = "md5"; }), unsupported,
                      "md5"));
  EXPECT_EQ(outcome(with_statement([](json& s) {
              s["predicate"]["resources"][0]["annotations"] = {{"a", 1}};
            })),
            "accepted");
}

/// Every place in a document but the outermost.
std::vector<json::json_pointer> places(const json& document, const json::json_pointer& above = json::json_pointer()) {
  std::vector<json::json_pointer> found;
  for (const auto& [key, value] : document.items()) {
    found.push_back(document.is_array() ? above / std::stoul(key) : above / key);
    const auto below = value.is_structured() ? places(value, found.back()) : std::vector<json::json_pointer>();
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

TEST_F(EditedBundle, NothingIsMissingOrOfAnotherKind) {
  const std::set<std::string> optional = {"/verificationMaterial/tlogEntries", "/dsseEnvelope/signatures/0/keyid",
                                          "/subject/0/name"};  // which is for people
  json bundle, statement;
  ASSERT_EQ(outcome(with_bundle([&](json& b) { bundle = b; })), "accepted");
  ASSERT_EQ(outcome(with_statement([&](json& s) { statement = s; })), "accepted");
  const auto refuses = [&](const json& document, const auto& with) {
    for (const json::json_pointer& place : places(document)) {
      if (optional.contains(place.to_string())) continue;
      EXPECT_TRUE(refused(with([&](json& d) { d[place] = 1; }), malformed, " is not ")) << place << " is a number";
      if (document.at(place.parent_pointer()).is_array()) continue;
      EXPECT_TRUE(
          refused(with([&](json& d) { d[place.parent_pointer()].erase(place.back()); }), malformed, " is missing"))
          << place << " is missing";
    }
  };
  refuses(bundle, [&](const auto& edit) { return with_bundle(edit); });
  refuses(statement, [&](const auto& edit) { return with_statement(edit); });
}

TEST_F(EditedBundle, AKeyTwiceInOneObjectIsRefused) {
  EXPECT_TRUE(refused(with_payload(R"({"_type":"a","_type":"https://in-toto.io/Statement/v1"})"), malformed,
                      "\"_type\" twice"));
  EXPECT_TRUE(refused(verify(R"({"mediaType":"x","mediaType":"y"})", {}, {}), malformed, "\"mediaType\" twice"));
  EXPECT_TRUE(refused(with_payload("[]"), malformed, "not a JSON object"));
}

TEST_F(EditedBundle, NothingFollowsAZeroByte) {
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const std::string good = write_bundle(simple(), "simple", key);
  ASSERT_EQ(outcome(verify(good, {key.public_key()}, simple())), "accepted");
  for (const std::string& more : {std::string(1, '\0'), std::string("\0{}", 3)}) {
    EXPECT_TRUE(refused(verify(good + more, {key.public_key()}, simple()), malformed, "a zero byte"));
  }
}

TEST_F(EditedBundle, IsRefusedBeforeItIsParsedIfTooLargeOrDeep) {
  EXPECT_TRUE(refused(verify(std::string(1 << 17, ' '), {}, {}), ErrorCode::limit_exceeded, "131072 bytes"));
  EXPECT_TRUE(refused(verify(std::string(1000, '['), {}, {}), ErrorCode::limit_exceeded, "nested"));
}

TEST(Resources, AreAllThereAndAllSigned) {
  const Resource a = file("a", "1"), b = file("b", "2"), c = file("c", "3");
  const auto complaint = [](const std::vector<Resource>& signed_ones, const std::vector<Resource>& found) {
    const auto ok = check_resources(signed_ones, found, "bundle");
    return ok ? "" : ok.error().context;
  };
  EXPECT_EQ(complaint({a, b}, {b, a}), "");
  EXPECT_NE(complaint({a, b}, {b}).find("\"a\" is signed, but not there"), std::string::npos);
  EXPECT_NE(complaint({a, b}, {a}).find("\"b\" is signed, but not there"), std::string::npos);
  EXPECT_NE(complaint({b}, {a, b}).find("\"a\" is there, but not signed"), std::string::npos);
  EXPECT_NE(complaint({a, b}, {a, b, c}).find("\"c\" is there, but not signed"), std::string::npos);
}

}  // namespace
}  // namespace aprender::container
