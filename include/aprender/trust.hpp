/// Keys that sign models, and which of them a reader trusts.
///
/// ECDSA (FIPS 186-5) on the curves P-256, P-384 and P-521. The hash follows the curve, never a file: SHA-256, SHA-384
/// and SHA-512. Signatures are OpenSSF Model Signing v1 bundles (docs/format.md, section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"

namespace aprender {

enum class Curve : std::uint8_t { p256, p384, p521 };

/// "P-256", "P-384" or "P-521".
[[nodiscard]] std::string_view name(Curve curve) noexcept;

/// A key that signatures are checked with. An immutable value.
class PublicKey {
 public:
  /// PEM of one SubjectPublicKeyInfo ("PUBLIC KEY") or one X.509 certificate, of which the key and the period of
  /// validity count and nothing else. Errors: malformed_key; wrong_curve for any other kind of key.
  [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem);

  /// The same from a file of at most 64 KiB. Errors also: those of opening and reading it.
  [[nodiscard]] static Result<PublicKey> load(const std::filesystem::path& file);

  [[nodiscard]] Curve curve() const noexcept { return curve_; }
  [[nodiscard]] const std::string& pem() const noexcept { return pem_; }  ///< SubjectPublicKeyInfo

  /// SHA-256 of pem(), 64 lower-case hex digits: by this a signature names its key.
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }

  /// The last second in which the certificate is valid, Unix time; none for a bare key.
  [[nodiscard]] std::optional<std::int64_t> valid_until() const noexcept { return valid_until_; }
  [[nodiscard]] std::optional<std::int64_t> valid_from() const noexcept { return valid_from_; }

 private:
  friend class PrivateKey;
  PublicKey(Curve curve, std::string pem);

  Curve curve_;
  std::string pem_;
  std::string fingerprint_;
  std::optional<std::int64_t> valid_from_, valid_until_;
};

/// A key that signs. Copies share it; it is wiped when the last one goes.
class PrivateKey {
 public:
  /// A new one from the system's random numbers.
  [[nodiscard]] static PrivateKey generate(Curve curve);

  /// PEM (PKCS #8 or SEC 1), encrypted if a passphrase is given. Errors: malformed_key (a wrong passphrase too),
  /// wrong_curve.
  [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view pem, std::string_view passphrase = {});

  /// The same from a file of at most 64 KiB. Errors also: those of opening and reading it.
  [[nodiscard]] static Result<PrivateKey> load(const std::filesystem::path& file, std::string_view passphrase = {});

  /// Writes PKCS #8, encrypted by AES-256 under the passphrase unless that is empty, to a new file of mode 0600.
  /// Errors: cannot_write, also if the file exists. Throws as to_pem does.
  [[nodiscard]] Result<void> save(const std::filesystem::path& file, std::string_view passphrase = {}) const;

  /// PKCS #8 in PEM, encrypted as `save` does it. Throws std::invalid_argument if the passphrase has more than 1024
  /// bytes.
  [[nodiscard]] std::string to_pem(std::string_view passphrase = {}) const;

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

  /// The ECDSA signature of a message, DER.
  [[nodiscard]] std::vector<std::byte> sign(std::string_view message) const;

 private:
  struct Secret;
  PrivateKey(std::shared_ptr<const Secret> secret, PublicKey public_key)
      : secret_(std::move(secret)), public_key_(std::move(public_key)) {}

  std::shared_ptr<const Secret> secret_;
  PublicKey public_key_;
};

/// What a reader demands before it looks at a model. Without keys nothing is demanded.
struct TrustPolicy {
  std::vector<PublicKey> keys = {};  ///< pinned: one of them must have signed

  /// Semantic version: an older model is refused, though signed. Needs keys: who may change an archive may change the
  /// version that it claims.
  std::optional<std::string> minimum_version = {};
};

}  // namespace aprender
