/// ModelArchive: a model in one file that is either vouched for or refused (docs/format.md).
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "aprender/error.hpp"
#include "aprender/limits.hpp"
#include "aprender/member.hpp"
#include "aprender/models.hpp"
#include "aprender/provenance.hpp"
#include "aprender/schema.hpp"

namespace aprender {

/// What the author says about a model; everything else is taken from the fit.
struct Description {
  std::string name;                         ///< non-empty, e.g. "prices"
  std::string version = "0.1.0";            ///< semantic version (semver.org 2.0.0)
  Features features = {};                   ///< one a column of X, or none: unnamed
  std::vector<std::string> targets = {};    ///< one a target, or none: "y" ("y0", "y1" ... for several)
  std::vector<std::string> classes = {};    ///< text labels in the order of the model's classes, or none: integers
  std::string description = {};
  std::string licence = {};                 ///< SPDX expression
  std::string intended_use = {};
  std::map<std::string, double> metrics = {};  ///< measured, e.g. {"r2_test", 0.48}; finite
  Provenance provenance = capture_provenance();
};

using Estimator = std::variant<LinearRegression, Ridge, Lasso, ElasticNet, LogisticRegression>;

using AnyModel = std::variant<LinearModel<double>, LinearModel<float>, LinearModel<double, Eigen::Dynamic>,
                              LinearModel<float, Eigen::Dynamic>, LogisticModel<double>, LogisticModel<float>>;


struct LoadOptions {
  Limits limits = {};
};

/// Model + estimator + schema + provenance + numeric contract: what a file holds. Immutable.
///
/// A digest in the manifest protects against corruption, not against somebody who rewrites the manifest too.
class ModelArchive {
 public:
  /// Throws std::invalid_argument if the description does not fit the model (numbers of features, targets, classes;
  /// empty, duplicate or ill-formed names; no semantic version) or the model has a non-finite weight.
  template <class E, class M>
  ModelArchive(const Fit<E, M>& fit, const Description& description)
      : ModelArchive(AnyModel(fit.model), Estimator(fit.estimator), fit.report, description) {}
  ModelArchive(AnyModel model, Estimator estimator, FitReport report, const Description& description);

  /// Reads and validates everything before a model exists. The file is opened once and must be a regular file.
  [[nodiscard]] static Result<ModelArchive> load(const std::filesystem::path& file, const LoadOptions& options = {});

  /// The same for bytes already in memory, which nobody else may change meanwhile.
  [[nodiscard]] static Result<ModelArchive> from_bytes(std::span<const std::byte> bytes,
                                                       const LoadOptions& options = {});

  /// Writes the archive and returns its id. What is written is first loaded back with full validation; the
  /// destination is replaced atomically, so that a crash leaves the old file or the new one, whole.
  [[nodiscard]] Result<std::string> save(const std::filesystem::path& file) const;

  /// The bytes of the file. The same model, description and SOURCE_DATE_EPOCH give the same bytes.
  [[nodiscard]] std::vector<std::byte> to_bytes() const;

  /// The stored model as M: the very same bits if the scalar is the stored one, else each weight rounded once.
  /// Errors: wrong_model_type; lossy_conversion if a finite weight became infinite or a nonzero one zero.
  template <class M>
  [[nodiscard]] Result<M> model() const;
  [[nodiscard]] const AnyModel& any_model() const noexcept { return model_; }

  [[nodiscard]] const std::string& id() const noexcept { return id_; }  ///< SHA-256 of manifest.json, hex
  [[nodiscard]] const std::string& uuid() const noexcept { return uuid_; }
  [[nodiscard]] std::uint32_t schema_version() const noexcept;
  [[nodiscard]] const Description& description() const noexcept { return description_; }
  [[nodiscard]] const Estimator& estimator() const noexcept { return estimator_; }
  [[nodiscard]] const Schema& schema() const noexcept { return schema_; }
  [[nodiscard]] const FitReport& report() const noexcept { return report_; }
  [[nodiscard]] const Provenance& provenance() const noexcept { return description_.provenance; }
  [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }  ///< but the manifest
 private:
  AnyModel model_;
  Estimator estimator_;
  FitReport report_;
  Description description_;
  Schema schema_;
  std::string id_;
  std::string uuid_;
  std::vector<Member> members_;
};

}  // namespace aprender
