// Who has signed an archive, and what a reader's trust makes of it.
#include <fstream>

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"
#include "archive/text.hpp"
#include "container/base64.hpp"
#include "container/outcome.hpp"
#include "container/signature.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

using rebuild::Bytes;

ModelArchive unsigned_model(const std::string& version = "1.2.0") {
  Description description = samples::description();
  description.version = version;
  return {samples::ridge<double>(), description};
}

const PrivateKey& key() {
  static const PrivateKey key = PrivateKey::generate(Curve::p256);
  return key;
}

LoadOptions trusting(std::vector<PublicKey> keys) { return {.trust = {.keys = std::move(keys)}}; }
LoadOptions trusting_key() { return trusting({key().public_key()}); }

class Signed : public testing::Test {
 protected:
  /// A file in a directory of the test's own.
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_ / name; }

  void write(const std::string& name, const Bytes& bytes) const {
    std::ofstream out(path(name), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  support::TemporaryDirectory directory_;
};

TEST_F(Signed, AnEmbeddedSignatureIsCheckedAndKept) {
  const ModelArchive archive = unsigned_model().sign(key());
  EXPECT_TRUE(archive.has_signature());
  EXPECT_FALSE(archive.signed_by().has_value());  // nobody has checked it
  const auto loaded = ModelArchive::from_bytes(archive.to_bytes(), trusting_key());
  ASSERT_EQ(outcome(loaded), "accepted");
  EXPECT_EQ(loaded->signed_by(), key().public_key().fingerprint());
  EXPECT_EQ(loaded->to_bytes(), archive.to_bytes());
  EXPECT_EQ(loaded->id(), archive.id());
  EXPECT_NE(archive.id(), unsigned_model().id());
  EXPECT_EQ(archive.uuid(), unsigned_model().uuid());

  // Of an archive that is made from it nobody has checked anything.
  EXPECT_FALSE(loaded->attach("notes", {}).signed_by().has_value());
  EXPECT_FALSE(loaded->sign(PrivateKey::generate(Curve::p256)).signed_by().has_value());

  const auto trusting_nobody = ModelArchive::from_bytes(archive.to_bytes());
  ASSERT_EQ(outcome(trusting_nobody), "accepted");
  EXPECT_FALSE(trusting_nobody->signed_by().has_value());
}

TEST_F(Signed, ADetachedSignatureLiesBesideTheFile) {
  ASSERT_EQ(outcome(unsigned_model().save(path("a.aprender"))), "accepted");
  EXPECT_TRUE(
      refused(ModelArchive::load(path("a.aprender"), trusting_key()), ErrorCode::unsigned_archive, "(1 given)"));
  EXPECT_EQ(sign_file(path("a.aprender"), key()).value(), path("a.aprender.sig"));
  const auto loaded = ModelArchive::load(path("a.aprender"), trusting_key());
  ASSERT_EQ(outcome(loaded), "accepted");
  EXPECT_EQ(loaded->signed_by(), key().public_key().fingerprint());

  // The public tools name the file; then it has to keep its name.
  const auto digest = container::sha256(unsigned_model().to_bytes());
  LoadOptions options = trusting_key();
  options.detached_signature = container::write_bundle({{"a.aprender", digest}}, "a.aprender", key());
  EXPECT_EQ(outcome(ModelArchive::load(path("a.aprender"), options)), "accepted");
  std::filesystem::copy_file(path("a.aprender"), path("b.aprender"));
  EXPECT_TRUE(refused(ModelArchive::load(path("b.aprender"), options), ErrorCode::signature_mismatch,
                      "signed was \"a.aprender\", not this file, \"b.aprender\""));
  EXPECT_TRUE(refused(ModelArchive::from_bytes(unsigned_model().to_bytes(), options), ErrorCode::signature_mismatch,
                      "signed was \"a.aprender\", not this file"));
  options.detached_signature = container::write_bundle({{"a.aprender", digest}, {"b", digest}}, "both", key());
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), options), ErrorCode::signature_mismatch,
                      "signed was \"a.aprender\" and more, not this file"));
}

// Whoever hands one over expects it to be checked, which takes a key.
TEST_F(Signed, ADetachedSignatureIsNeverIgnored) {
  const Bytes bytes = unsigned_model().to_bytes();
  write("a.aprender", bytes);
  LoadOptions options;
  options.detached_signature = container::write_bundle({{".", container::sha256(bytes)}}, "a", key());
  EXPECT_TRUE(refused(ModelArchive::from_bytes(bytes, options), ErrorCode::untrusted_key, ""));
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), options), ErrorCode::untrusted_key, ""));
  options.trust.keys = {key().public_key()};
  EXPECT_EQ(outcome(ModelArchive::load(path("a.aprender"), options)), "accepted");
  options.trust.keys = {};
  options.detached_signature = "no bundle";
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), options), ErrorCode::malformed_signature, ""));
}

TEST_F(Signed, EachWayToFailHasAnErrorOfItsOwn) {
  const PublicKey stranger = PrivateKey::generate(Curve::p256).public_key();
  const Bytes embedded = unsigned_model().sign(key()).to_bytes();
  EXPECT_TRUE(
      refused(ModelArchive::from_bytes(unsigned_model().to_bytes(), trusting_key()), ErrorCode::unsigned_archive, ""));
  EXPECT_TRUE(refused(ModelArchive::from_bytes(embedded, trusting({stranger})), ErrorCode::untrusted_key, ""));

  auto members = rebuild::members_of(embedded);
  const Bytes signature = members.back().second;
  ASSERT_EQ(members.back().first, container::signature_name);
  members.pop_back();
  const auto announce = [](container::Manifest& m) { m.required_features = {"signature"}; };
  EXPECT_TRUE(refused(ModelArchive::from_bytes(rebuild::archive_of(members, announce)), ErrorCode::signature_stripped,
                      "signature.sigstore.json"));
  // Whoever strips it and rewrites the manifest has an unsigned archive.
  EXPECT_TRUE(
      refused(ModelArchive::from_bytes(rebuild::archive_of(members), trusting_key()), ErrorCode::unsigned_archive, ""));

  // A genuine signature over another archive.
  const auto drop_signature = [](container::Manifest& m) {
    m.members.pop_back();
    m.required_features = {"signature"};
  };
  auto other = rebuild::members_of(unsigned_model("1.3.0").to_bytes());
  other.emplace_back(container::signature_name, signature);
  EXPECT_TRUE(refused(ModelArchive::from_bytes(rebuild::archive_of(other, drop_signature), trusting_key()),
                      ErrorCode::signature_mismatch, "manifest.json"));

  // Not announced, or not a signature.
  auto quiet = members;
  quiet.emplace_back(container::signature_name, signature);
  EXPECT_TRUE(refused(
      ModelArchive::from_bytes(rebuild::archive_of(quiet, [](container::Manifest& m) { m.members.pop_back(); })),
      ErrorCode::wrong_entries, "announce"));
  quiet.back().second = rebuild::to_bytes("{}");
  EXPECT_TRUE(refused(ModelArchive::from_bytes(rebuild::archive_of(quiet, drop_signature)),
                      ErrorCode::malformed_signature, "mediaType is missing"));
  quiet.back().second = Bytes(100'000, std::byte{' '});
  EXPECT_TRUE(refused(ModelArchive::from_bytes(rebuild::archive_of(quiet, drop_signature)), ErrorCode::limit_exceeded,
                      "100000"));
}

// The same through the door that users take: container/signature_test.cpp has every other way.
TEST_F(Signed, BundlesThatLieAreRefusedByName) {
  const Bytes bytes = unsigned_model().to_bytes();
  const auto load = [&](const PublicKey& trusted, const std::function<void(nlohmann::json&)>& edit) {
    auto bundle =
        nlohmann::json::parse(container::write_bundle({{".", container::sha256(bytes)}}, "a.aprender", key()));
    edit(bundle);
    LoadOptions options = trusting({trusted});
    options.detached_signature = bundle.dump();
    return ModelArchive::from_bytes(bytes, options);
  };
  const auto by = [](const PublicKey& other) {
    return [&](nlohmann::json& b) { b["verificationMaterial"]["publicKey"]["hint"] = other.fingerprint(); };
  };
  const PublicKey mine = key().public_key();
  EXPECT_EQ(outcome(load(mine, [](auto&) {})), "accepted");
  const PublicKey stranger = PrivateKey::generate(Curve::p256).public_key();
  EXPECT_TRUE(refused(load(stranger, by(stranger)), ErrorCode::bad_signature, stranger.fingerprint()));
  EXPECT_TRUE(refused(load(mine, by(stranger)), ErrorCode::untrusted_key, stranger.fingerprint()));
  const auto expired =
      PublicKey::load(std::filesystem::path(APRENDER_SOURCE_DIR) / "tests/container/openssf/expired-certificate.pem");
  EXPECT_TRUE(refused(load(expired.value(), by(expired.value())), ErrorCode::expired_key, "1577923200"));
  const auto twice = [](nlohmann::json& b) {
    auto& signatures = b["dsseEnvelope"]["signatures"];
    signatures.push_back(nlohmann::json(signatures[0]));
  };
  EXPECT_TRUE(refused(load(mine, twice), ErrorCode::malformed_signature, "2 elements"));
}

TEST_F(Signed, WhatIsNoStatementIsRefusedThoughSigned) {
  const Bytes bytes = unsigned_model().to_bytes();
  auto bundle = nlohmann::json::parse(container::write_bundle({{".", container::sha256(bytes)}}, "a.aprender", key()));
  const std::string payload = "{}";
  const std::string authenticated = "DSSEv1 28 application/vnd.in-toto+json 2 " + payload;
  auto& envelope = bundle["dsseEnvelope"];
  envelope["payload"] = container::to_base64(rebuild::to_bytes(payload));
  envelope["signatures"][0]["sig"] = container::to_base64(key().sign(authenticated));
  LoadOptions options = trusting_key();
  options.detached_signature = bundle.dump();
  EXPECT_TRUE(refused(ModelArchive::from_bytes(bytes, options), ErrorCode::malformed_signature, "_type"));
}

TEST_F(Signed, AnEntryMoreIsNoticed) {
  auto members = rebuild::members_of(unsigned_model().sign(key()).to_bytes());
  const auto signature = members.back();
  members.back() = {"ext/extra", rebuild::to_bytes("more")};
  members.push_back(signature);
  const auto archive = rebuild::archive_of(members, [](container::Manifest& m) {
    m.members.pop_back();
    m.required_features = {"signature"};
  });
  EXPECT_TRUE(refused(ModelArchive::from_bytes(archive), ErrorCode::signature_mismatch, "\"ext/extra\" is there"));
}

TEST_F(Signed, NoByteOfADetachedArchiveMayChange) {
  const Bytes good = unsigned_model().to_bytes();
  write("a.aprender", good);
  LoadOptions options = trusting_key();
  options.detached_signature = container::write_bundle({{".", container::sha256(good)}}, "a", key());
  EXPECT_EQ(outcome(ModelArchive::from_bytes(good, options)), "accepted");
  // Another archive, whole and sound, under the signature of the first.
  EXPECT_TRUE(refused(ModelArchive::from_bytes(unsigned_model("1.2.1").to_bytes(), options),
                      ErrorCode::signature_mismatch, "\".\": SHA-256 is"));
  write("a.aprender.sig", rebuild::to_bytes("{"));
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), trusting_key()), ErrorCode::malformed_signature, ""));
  EXPECT_EQ(outcome(ModelArchive::load(path("a.aprender"))), "accepted");  // who trusts nobody does not look
  std::filesystem::remove(path("a.aprender.sig"));
  std::filesystem::create_symlink(path("a.aprender"), path("a.aprender.sig"));
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), trusting_key()), ErrorCode::cannot_open, "symbolic link"));
}

TEST_F(Signed, TheDetachedSignatureCountsBeforeTheEmbeddedOne) {
  const PrivateKey release = PrivateKey::generate(Curve::p384);
  const ModelArchive archive = unsigned_model().sign(key());
  ASSERT_EQ(outcome(archive.save(path("a.aprender"))), "accepted");
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), trusting({release.public_key()})),
                      ErrorCode::untrusted_key, "signature.sigstore.json"));
  ASSERT_EQ(outcome(sign_file(path("a.aprender"), release)), "accepted");
  const auto loaded = ModelArchive::load(path("a.aprender"), trusting({release.public_key()}));
  ASSERT_EQ(outcome(loaded), "accepted");
  EXPECT_EQ(loaded->signed_by(), release.public_key().fingerprint());
  EXPECT_TRUE(refused(ModelArchive::load(path("a.aprender"), trusting_key()), ErrorCode::untrusted_key, "detached"));
}

TEST_F(Signed, OlderVersionsCanBeRefused) {
  const Bytes bytes = unsigned_model("1.2.0").sign(key()).to_bytes();
  LoadOptions options = trusting_key();
  options.trust.minimum_version = "1.2.0";
  EXPECT_EQ(outcome(ModelArchive::from_bytes(bytes, options)), "accepted");
  options.trust.minimum_version = "1.10.0";
  EXPECT_TRUE(refused(ModelArchive::from_bytes(bytes, options), ErrorCode::version_too_old, "1.2.0, at least 1.10.0"));
  options.trust.minimum_version = "latest";
  EXPECT_THROW((void)ModelArchive::from_bytes(bytes, options), std::invalid_argument);
  options.trust = {.keys = {}, .minimum_version = "1.0.0"};
  EXPECT_THROW((void)ModelArchive::from_bytes(bytes, options), std::invalid_argument);
}

TEST_F(Signed, SigningAgainReplacesTheSignature) {
  const PrivateKey other = PrivateKey::generate(Curve::p521);
  const auto twice =
      ModelArchive::from_bytes(unsigned_model().sign(key()).sign(other).to_bytes(), trusting({other.public_key()}));
  ASSERT_EQ(outcome(twice), "accepted");
  EXPECT_EQ(twice->signed_by(), other.public_key().fingerprint());
}

// A file may have any name; the one in the bundle is for people.
TEST_F(Signed, AFileWhoseNameIsNotUtf8CanBeSigned) {
  const std::filesystem::path file = path("a\xff.aprender");
  ASSERT_EQ(outcome(unsigned_model().save(file)), "accepted");
  ASSERT_EQ(outcome(sign_file(file, key())), "accepted");
  EXPECT_EQ(outcome(ModelArchive::load(file, trusting_key())), "accepted");
}

TEST_F(Signed, OnlyWhatLoadsIsSigned) {
  Bytes broken = unsigned_model().to_bytes();
  broken[100] ^= std::byte{1};
  write("broken.aprender", broken);
  EXPECT_TRUE(refused(sign_file(path("broken.aprender"), key()), ErrorCode::malformed_container, ""));
  EXPECT_FALSE(std::filesystem::exists(path("broken.aprender.sig")));
  EXPECT_TRUE(refused(sign_file(path("missing.aprender"), key()), ErrorCode::cannot_open, ""));
  EXPECT_FALSE(std::filesystem::exists(path("missing.aprender.sig")));

  // Whose members are what the manifest says, and whose model is not.
  const Bytes intact = unsigned_model().to_bytes();
  auto members = rebuild::members_of(intact);
  Bytes& weights = rebuild::member(members, container::weights_name);
  weights.back() ^= std::byte{0x80};  // the sign of the last weight
  write("another.aprender", rebuild::with_weights(intact, weights));
  EXPECT_TRUE(refused(sign_file(path("another.aprender"), key()), ErrorCode::numeric_contract_broken, ""));
  EXPECT_FALSE(std::filesystem::exists(path("another.aprender.sig")));
}

// semver.org 2.0.0, section 11.
TEST(Versions, ComeInTheOrderOfTheirPrecedence) {
  const std::vector<std::string> ascending{"0.9.9",         "1.0.0-1",          "1.0.0--",    "1.0.0-alpha",
                                           "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                                           "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",      "1.0.1",
                                           "1.2.0",         "1.10.0",           "2.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(archive::precedes(ascending[i], ascending[j]), i < j) << ascending[i] << " " << ascending[j];
    }
  }
  EXPECT_FALSE(archive::precedes("1.0.0+a", "1.0.0+b"));
  EXPECT_FALSE(archive::precedes("1.0.0+b", "1.0.0+a"));
}

}  // namespace
}  // namespace aprender
