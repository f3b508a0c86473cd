/// ModelArchive: a model in one file that is either vouched for or refused (docs/format.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aprender/eigen_alignment.hpp"
#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "aprender/member.hpp"
#include "aprender/models.hpp"
#include "aprender/provenance.hpp"
#include "aprender/schema.hpp"
#include "aprender/trust.hpp"

namespace aprender::archive {
class Intake;
}
namespace aprender::container {
class Pieces;
}

namespace aprender {

/// What an author says of a new version beside the one before it.
enum class Compatibility : std::uint8_t { unspecified, identical, drop_in, output_changed, breaking };

/// What the author says about a model; everything else is taken from the fit.
struct Description {
  std::string name;                              ///< non-empty, e.g. "prices"
  std::string version = "0.1.0";                 ///< semantic version (semver.org 2.0.0)
  Features features = {};                        ///< one a column of X, or none: unnamed
  std::vector<std::string> targets = {};         ///< one a target, or none: "y" ("y0", "y1" ... for several)
  std::vector<std::string> classes = {};         ///< text labels in the order of the model's classes, or none: integers
  std::string description = {};                  ///< free text
  std::string licence = {};                      ///< SPDX expression
  std::string intended_use = {};                 ///< free text
  std::map<std::string, double> metrics = {};    ///< measured, finite, e.g. {"r2_test", 0.48}
  Compatibility compatibility = {};              ///< claimed against the previous version
  Provenance provenance = capture_provenance();  ///< where the model comes from
};

using Estimator = std::variant<LinearRegression, Ridge, Lasso, ElasticNet, LogisticRegression>;

using AnyModel = std::variant<LinearModel<double>, LinearModel<float>, LinearModel<double, Eigen::Dynamic>,
                              LinearModel<float, Eigen::Dynamic>, LogisticModel<double>, LogisticModel<float>>;

struct LoadOptions {
  Limits limits = {};
  TrustPolicy trust = {};  ///< of keys: whose signature is demanded
  /// Of a detached signature its bundle, which has to be by a trusted key: if none is trusted, it is refused
  /// (untrusted_key). `load` looks for FILE.sig if there is none here and keys are trusted.
  std::optional<std::string> detached_signature = {};
  /// At most so many threads for weights of 256 KiB and more: hashing goes on beside reading.
  int threads = 2;
  /// Maps the file instead of reading it into memory of our own. Then whoever may write to the file can change weights
  /// between their check and their use, and if somebody truncates it meanwhile, the process is killed by SIGBUS: only
  /// for files that nobody else writes to. `load` alone looks at this.
  bool map_file = false;
};

/// Model + estimator + schema + provenance + numeric contract: what a file holds.
///
/// An immutable value: copies are cheap and share their contents, every member function may be called from several
/// threads at once. A digest in the manifest protects against corruption, not against somebody who rewrites it too.
class ModelArchive {
 public:
  /// Throws std::invalid_argument if the description does not fit the model (numbers of features, targets, classes),
  /// a name is empty, duplicate or not UTF-8, the version is not a semantic version, or a weight is not finite.
  template <class E, class M>
  ModelArchive(const Fit<E, M>& fit, const Description& description)
      : ModelArchive(AnyModel(fit.model), Estimator(fit.estimator), fit.report, description) {}
  template <class E, class M>
  ModelArchive(Fit<E, M>&& fit, const Description& description)
      : ModelArchive(AnyModel(std::move(fit.model)), Estimator(fit.estimator), std::move(fit.report), description) {}
  ModelArchive(AnyModel model, Estimator estimator, FitReport report, const Description& description);

  /// Reads and validates everything before a model exists, in the order of docs/format.md, section 6; the first
  /// failure is the error. The file is opened once, must be a regular file, and is read into memory of our own.
  [[nodiscard]] static Result<ModelArchive> load(const std::filesystem::path& file, const LoadOptions& options = {});

  /// The same for bytes already in memory, which nobody else may change meanwhile.
  [[nodiscard]] static Result<ModelArchive> from_bytes(std::span<const std::byte> bytes,
                                                       const LoadOptions& options = {});

  /// This archive with a member ext/NAME of these bytes, in place of any it has, and without an embedded signature:
  /// hashed and listed like every member, and nothing to those who do not know it. Throws std::invalid_argument if the
  /// name is not one or more of a-z 0-9 _ . - that begins with neither . nor -, or if there are too many members for a
  /// default reader.
  [[nodiscard]] ModelArchive attach(std::string_view name, std::span<const std::byte> bytes) const;

  /// The bytes of ext/NAME, which live as long as this archive or a copy of it; nothing if there is no such member.
  [[nodiscard]] std::optional<std::span<const std::byte>> attachment(std::string_view name) const;

  /// This archive with an embedded signature over its members, in place of any it has. The manifest says that there is
  /// one, so that a reader notices where it was stripped; the archive id is therefore another.
  [[nodiscard]] ModelArchive sign(const PrivateKey& key) const;

  /// Fingerprint of the trusted key whose signature was checked when this was loaded; none if no key was trusted then.
  [[nodiscard]] const std::optional<std::string>& signed_by() const noexcept;

  /// Whether it carries an embedded signature.
  [[nodiscard]] bool has_signature() const noexcept;

  /// Writes the archive and returns its id. What is written is first loaded back with full validation; the
  /// destination is replaced atomically, so that a crash leaves the old file or the new one, whole. A detached
  /// signature beside it, FILE.sig, stays, though it is of what was there before: remove it, or `sign_file` anew.
  /// Errors: cannot_write; limit_exceeded if a default reader would refuse it as too large.
  [[nodiscard]] Result<std::string> save(const std::filesystem::path& file) const;

  /// The bytes of the file. The same model, description and SOURCE_DATE_EPOCH give the same bytes.
  [[nodiscard]] std::vector<std::byte> to_bytes() const;

  /// The stored model as M, one of AnyModel's: the very same bits if the scalar is the stored one, else each weight
  /// rounded once. Errors: wrong_model_type; lossy_conversion if a finite weight became infinite or a nonzero one zero.
  template <class M>
  [[nodiscard]] Result<M> model() const;

  /// The stored model as it is stored.
  [[nodiscard]] const AnyModel& any_model() const noexcept;

  [[nodiscard]] const std::string& id() const noexcept;    ///< SHA-256 of manifest.json, 64 lower-case hex digits
  [[nodiscard]] const std::string& uuid() const noexcept;  ///< RFC 9562 version 8, derived from the content
  [[nodiscard]] std::uint32_t schema_version() const noexcept;
  [[nodiscard]] const Estimator& estimator() const noexcept;
  [[nodiscard]] const FitReport& report() const noexcept;
  [[nodiscard]] const Schema& schema() const noexcept;
  [[nodiscard]] const Description& description() const noexcept;  ///< with defaulted names filled in
  [[nodiscard]] const Provenance& provenance() const noexcept { return description().provenance; }
  [[nodiscard]] std::size_t n_probes() const noexcept;  ///< rows of the numeric contract, which the model keeps
  [[nodiscard]] const std::vector<Member>& members() const noexcept;  ///< every entry but manifest and signature

 private:
  struct Contents;
  /// The manifest and id of the members that the contents have.
  static void list_members(Contents& contents);
  friend struct CompatibilityReport compatibility(const ModelArchive& before, const ModelArchive& after);
  [[nodiscard]] static Result<ModelArchive> build(archive::Intake& intake, std::string_view file_name,
                                                  const LoadOptions& options);
  [[nodiscard]] container::Pieces pieces(const container::Pieces& weights) const;
  explicit ModelArchive(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

  std::shared_ptr<const Contents> contents_;
};

/// Signs the bytes of an archive, its framing too, once they have been loaded with full validation: writes FILE.sig and
/// returns its name. This is the primary form of a signature; `load` checks it before an embedded one.
/// Errors: those of load and save.
[[nodiscard]] Result<std::filesystem::path> sign_file(const std::filesystem::path& file, const PrivateKey& key,
                                                      const LoadOptions& options = {});

}  // namespace aprender
