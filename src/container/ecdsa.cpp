#include "container/ecdsa.hpp"

#include <array>
#include <ctime>
#include <limits>
#include <new>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "container/digest.hpp"
#include "container/text.hpp"
#include "within_memory.hpp"

namespace aprender {
namespace {

/// Leaves libcrypto's record of errors empty, in which it keeps memory: some allocations fail, and it does without.
class CleanRecord {
 public:
  CleanRecord() { ERR_clear_error(); }
  ~CleanRecord() { ERR_clear_error(); }
  CleanRecord(const CleanRecord&) = delete;
  CleanRecord& operator=(const CleanRecord&) = delete;
};

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Checking = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Digesting = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using Encrypted = std::unique_ptr<X509_SIG, Freed<X509_SIG_free>>;

/// Of PBKDF2 with HMAC-SHA-256, as OWASP's Password Storage Cheat Sheet recommends.
constexpr int passphrase_iterations = 600'000;

/// Bytes of an ECDSA signature on P-521: a SEQUENCE of two INTEGERs of up to 66 bytes (RFC 3279, 2.2.3).
constexpr std::size_t largest_signature = 3 + 2 * (2 + 66);

struct CurveNames {
  Curve curve;
  const char* ours;
  const char* openssl;
  const EVP_MD* (*hash)();
};
constexpr std::array<CurveNames, 3> curves{{{Curve::p256, "P-256", "prime256v1", EVP_sha256},
                                            {Curve::p384, "P-384", "secp384r1", EVP_sha384},
                                            {Curve::p521, "P-521", "secp521r1", EVP_sha512}}};

const CurveNames& names_of(Curve curve) { return curves.at(static_cast<std::size_t>(curve)); }

tl::unexpected<Error> refuse(ErrorCode code, std::string context) {
  return tl::unexpected(Error{code, std::move(context)});
}

/// What libcrypto cannot refuse, but for lack of memory.
template <class T>
T allocated(T object) {
  if (!object) throw std::bad_alloc();
  return object;
}

/// Whether libcrypto says yes. Where it cannot allocate it may say no, and complain of nothing: it has to say so twice,
/// and memory has to be there in between.
bool says_yes(const auto& ask) {
  if (ask()) return true;
  OPENSSL_free(allocated(OPENSSL_malloc(1)));
  return ask();
}

Memory reader(std::string_view text) {
  if (text.size() > std::numeric_limits<int>::max()) throw std::length_error("PEM of more than 2 GiB");
  return Memory(allocated(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
}

/// The key that `decode` makes of a text in PEM; none if libcrypto cannot decode it.
Key decoded(std::string_view pem, const auto& decode) {
  Key key;
  static_cast<void>(says_yes([&] {
    key.reset(decode(reader(pem).get()));
    return key != nullptr;
  }));
  return key;
}

std::string written(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// The curve of a key, if it is one of ours.
Result<Curve> curve_of(const Key& key) {
  std::array<char, 64> group{};
  const bool named = says_yes([&] {
    return EVP_PKEY_is_a(key.get(), "EC") == 1 &&
           EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), nullptr) == 1;
  });
  const std::string found = named ? group.data() : EVP_PKEY_get0_type_name(key.get());
  for (const CurveNames& each : curves) {
    if (named && found == each.openssl) return each.curve;
  }
  return refuse(ErrorCode::wrong_curve, "a key of the kind " + found + ", expected ECDSA on P-256, P-384 or P-521");
}

/// Whether the private number is one of the group and the public point is its own; a file may say any two.
bool is_pair(const Key& key) {
  return says_yes([&] {
    const Checking context(allocated(EVP_PKEY_CTX_new(key.get(), nullptr)));
    return EVP_PKEY_check(context.get()) == 1;
  });
}

/// SubjectPublicKeyInfo in PEM, the point uncompressed: one spelling for one key.
std::string public_pem(const Key& key) {
  if (EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") != 1) {
    throw std::bad_alloc();
  }
  const Memory memory(allocated(BIO_new(BIO_s_mem())));
  if (PEM_write_bio_PUBKEY(memory.get(), key.get()) != 1) throw std::bad_alloc();
  return written(memory);
}

/// The label of the one PEM block in the text.
Result<std::string_view> only_label(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  const std::size_t from = pem.find(begin);
  if (from == std::string_view::npos) return refuse(ErrorCode::malformed_key, "not PEM: no -----BEGIN");
  const std::size_t end = pem.find(dashes, from + begin.size());
  if (end == std::string_view::npos) return refuse(ErrorCode::malformed_key, "not PEM: -----BEGIN without an end");
  if (pem.find(begin, end) != std::string_view::npos) {
    return refuse(ErrorCode::malformed_key, "several PEM blocks, expected one key a file");
  }
  return pem.substr(from + begin.size(), end - from - begin.size());
}

std::int64_t unix_time(const ASN1_TIME* time, std::int64_t if_unreadable) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return if_unreadable;
  return static_cast<std::int64_t>(::timegm(&broken_down));
}

/// Answers it where there is none to be had: without an answer of ours libcrypto would ask whoever sits at the
/// terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*from*/) { return -1; }

/// Answers libcrypto's question for a passphrase from a string_view.
int passphrase_of(char* buffer, int size, int /*writing*/, void* from) {
  const auto& passphrase = *static_cast<const std::string_view*>(from);
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) return -1;
  passphrase.copy(buffer, passphrase.size());
  return static_cast<int>(passphrase.size());
}

}  // namespace

std::string_view name(Curve curve) noexcept { return names_of(curve).ours; }

PublicKey::PublicKey(Curve curve, std::string pem)
    : curve_(curve),
      pem_(std::move(pem)),
      fingerprint_(container::hex(container::sha256(std::as_bytes(std::span(pem_))))) {}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const CleanRecord clean;
  return within_memory([&]() -> Result<PublicKey> {
    const auto label = only_label(pem);
    if (!label) return tl::unexpected(label.error());
    Key key;
    std::optional<std::int64_t> from, until;
    if (*label == "PUBLIC KEY") {
      key = decoded(pem, [](BIO* text) { return PEM_read_bio_PUBKEY(text, nullptr, no_passphrase, nullptr); });
    } else if (*label == "CERTIFICATE") {
      Certificate certificate;  // read again with its key, which it does not decode twice
      key = decoded(pem, [&](BIO* text) {
        certificate.reset(PEM_read_bio_X509(text, nullptr, no_passphrase, nullptr));
        return certificate ? X509_get_pubkey(certificate.get()) : nullptr;
      });
      if (key) {
        using Time = std::numeric_limits<std::int64_t>;  // what cannot be read is not yet, or no longer, valid
        from = unix_time(X509_get0_notBefore(certificate.get()), Time::max());
        until = unix_time(X509_get0_notAfter(certificate.get()), Time::min());
      }
    } else {
      const bool secret = label->find("PRIVATE KEY") != std::string_view::npos;
      return refuse(ErrorCode::malformed_key, "a " + container::in_quotes(*label) +
                                                  ", expected a \"PUBLIC KEY\" or a \"CERTIFICATE\"" +
                                                  (secret ? "; a private key stays with whoever signs" : ""));
    }
    if (!key) return refuse(ErrorCode::malformed_key, "the " + std::string(*label) + " cannot be decoded");
    const auto curve = curve_of(key);
    if (!curve) return tl::unexpected(curve.error());
    PublicKey result(*curve, public_pem(key));
    result.valid_from_ = from;
    result.valid_until_ = until;
    return result;
  });
}

struct PrivateKey::Secret {
  Key key;
};

PrivateKey PrivateKey::generate(Curve curve) {
  const CleanRecord clean;
  Key key(allocated(EVP_EC_gen(names_of(curve).openssl)));
  PublicKey public_key(curve, public_pem(key));
  return {std::make_shared<const Secret>(Secret{std::move(key)}), std::move(public_key)};
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view passphrase) {
  const CleanRecord clean;
  return within_memory([&]() -> Result<PrivateKey> {
    const auto label = only_label(pem);
    if (!label) return tl::unexpected(label.error());
    if (label->find("PRIVATE KEY") == std::string_view::npos) {
      return refuse(ErrorCode::malformed_key, "a " + container::in_quotes(*label) + ", expected a private key");
    }
    Key key =
        decoded(pem, [&](BIO* text) { return PEM_read_bio_PrivateKey(text, nullptr, passphrase_of, &passphrase); });
    if (!key) {
      const bool encrypted = pem.find("ENCRYPTED") != std::string_view::npos;
      return refuse(ErrorCode::malformed_key, !encrypted ? "the private key cannot be decoded"
                                              : passphrase.empty()
                                                  ? "the private key is encrypted: a passphrase is needed"
                                                  : "the private key cannot be decrypted with this passphrase");
    }
    const auto curve = curve_of(key);
    if (!curve) return tl::unexpected(curve.error());
    if (!is_pair(key)) {
      return refuse(
          ErrorCode::malformed_key,
          "the private number and the public point are not those of one key: what it signs nobody can verify");
    }
    PublicKey public_key(*curve, public_pem(key));
    return PrivateKey(std::make_shared<const Secret>(Secret{std::move(key)}), std::move(public_key));
  });
}

std::string PrivateKey::to_pem(std::string_view passphrase) const {
  const CleanRecord clean;
  if (passphrase.size() > PEM_BUFSIZE) {
    throw std::invalid_argument("passphrase has " + std::to_string(passphrase.size()) + " bytes, expected at most " +
                                std::to_string(PEM_BUFSIZE));
  }
  const Memory memory(allocated(BIO_new(BIO_s_secmem())));
  const Pkcs8 key(allocated(EVP_PKEY2PKCS8(secret_->key.get())));
  if (passphrase.empty()) {
    if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(memory.get(), key.get()) != 1) throw std::bad_alloc();
    return written(memory);
  }
  const Encrypted encrypted(
      allocated(PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase.data(), static_cast<int>(passphrase.size()), nullptr, 0,
                              passphrase_iterations, key.get())));
  if (PEM_write_bio_PKCS8(memory.get(), encrypted.get()) != 1) throw std::bad_alloc();
  return written(memory);
}

std::vector<std::byte> PrivateKey::sign(std::string_view message) const {
  const CleanRecord clean;
  const Digesting context(allocated(EVP_MD_CTX_new()));
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  const EVP_MD* const hash = names_of(public_key_.curve()).hash();
  // Short of memory, libcrypto has wrong answers to how large a signature will be; so it is not asked.
  std::vector<std::byte> signature(largest_signature);
  std::size_t size = signature.size();
  const bool made = EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, secret_->key.get()) == 1 &&
                    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                                   message.size()) == 1;
  if (!made || size == 0 || size > signature.size()) throw std::bad_alloc();
  signature.resize(size);
  return signature;
}

namespace container {

Verdict verify(const PublicKey& key, std::string_view message, std::span<const std::byte> signature) {
  const CleanRecord clean;
  const Memory memory = reader(key.pem());
  const Key decoded(allocated(PEM_read_bio_PUBKEY(memory.get(), nullptr, no_passphrase, nullptr)));
  const auto made_with = [&](const EVP_MD* hash) {
    return says_yes([&] {
      const Digesting context(allocated(EVP_MD_CTX_new()));
      if (EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, decoded.get()) != 1) throw std::bad_alloc();
      return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                              reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    });
  };
  if (made_with(names_of(key.curve()).hash())) return Verdict::genuine;
  for (const CurveNames& other : curves) {
    if (other.curve != key.curve() && made_with(other.hash())) return Verdict::other_hash;
  }
  return Verdict::forged;
}

}  // namespace container
}  // namespace aprender
