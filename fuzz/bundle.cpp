/// A signed bundle verifies with libcrypto alone and not with a bit changed; its statement is read back as written.
#include <algorithm>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "container/signature.hpp"
#include "container/text.hpp"
#include "fuzz/known_keys.hpp"
#include "fuzz/mutate_bundle.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace aprender;
using container::Resource;

constexpr std::string_view part = "bundle";

const std::vector<PublicKey>& trusted() {
  static const std::vector<PublicKey> keys = [] {
    std::vector<PublicKey> all;
    for (const PrivateKey& key : fuzz::known_keys()) all.push_back(key.public_key());
    return all;
  }();
  return keys;
}

/// What DSSE says was signed, checked without any of our code.
bool verifies(const PublicKey& key, const container::Bundle& bundle) {
  const std::string type = "application/vnd.in-toto+json";
  const std::string message = "DSSEv1 " + std::to_string(type.size()) + " " + type + " " +
                              std::to_string(bundle.payload.size()) + " " + bundle.payload;
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(key.pem().data(), static_cast<int>(key.pem().size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> decoded(
      PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const EVP_MD* hash = EVP_get_digestbyname(key.curve() == Curve::p256   ? "SHA256"
                                            : key.curve() == Curve::p384 ? "SHA384"
                                                                         : "SHA512");
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, decoded.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(bundle.signature.data()),
                          bundle.signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

void require_signer(const container::Bundle& bundle) {
  const auto signer = container::check_signer(bundle, trusted(), 0, part);
  const auto key = std::ranges::find(trusted(), bundle.key_fingerprint, &PublicKey::fingerprint);
  fuzz::require(signer.has_value() == (key != trusted().end() && verifies(*key, bundle)),
                "what is genuine to us is so to libcrypto, and the other way round");
  if (!signer) {
    fuzz::require_refusal(signer.error(), {ErrorCode::untrusted_key, ErrorCode::wrong_curve, ErrorCode::bad_signature});
    return;
  }
  container::Bundle other = bundle;
  other.payload += ' ';
  fuzz::require(!container::check_signer(other, trusted(), 0, part), "another payload is not genuine");
  other = bundle;
  other.signature.back() ^= std::byte{1};
  fuzz::require(!container::check_signer(other, trusted(), 0, part), "another signature is not genuine");
}

bool same(const std::vector<Resource>& a, const std::vector<Resource>& b) {
  return std::ranges::equal(
      a, b, [](const Resource& x, const Resource& y) { return x.name == y.name && x.sha256 == y.sha256; });
}

void require_resources(const std::vector<Resource>& resources) {
  const std::string written = container::write_bundle(resources, "subject", fuzz::known_keys()[0]);
  const auto bundle = container::read_bundle(std::as_bytes(std::span(written)), part, {});
  fuzz::require(bundle.has_value(), "a bundle of ours is accepted");
  const auto again = container::read_statement(*bundle, part, {});
  fuzz::require(again && same(*again, resources), "the resources are read back");
  fuzz::require(container::check_signer(*bundle, trusted(), 0, part).has_value(), "signed again, it is genuine");
  fuzz::require(container::check_resources(resources, *again, part).has_value(), "the resources are those found");
  std::vector<Resource> edited = *again;
  edited.back().sha256.back() ^= std::byte{1};
  const auto mismatch = container::check_resources(resources, edited, part);
  fuzz::require(!mismatch, "an edited resource is noticed");
  fuzz::require_refusal(mismatch.error(), {ErrorCode::signature_mismatch});
  edited.pop_back();
  fuzz::require(!container::check_resources(resources, edited, part), "a missing resource is noticed");
  fuzz::require(!container::check_resources(edited, resources, part), "an added resource is noticed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto refusals = {ErrorCode::malformed_signature, ErrorCode::unsupported_feature, ErrorCode::limit_exceeded};
  const auto bundle = container::read_bundle(std::as_bytes(std::span(data, size)), part, {});
  if (!bundle) {
    fuzz::require_refusal(bundle.error(), refusals);
    return 0;
  }
  require_signer(*bundle);
  const auto resources = container::read_statement(*bundle, part, {});
  if (resources) {
    require_resources(*resources);
  } else {
    fuzz::require_refusal(resources.error(), refusals);
  }
  return 0;
}

/// Mutates envelope, statement or signature, and mostly signs again.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  fuzz::Random random(seed);
  const std::string mutated = fuzz::mutate_bundle({reinterpret_cast<const char*>(data), size}, random);
  if (mutated.empty() || mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::copy(mutated, data);
  return mutated.size();
}
