#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "aprender/archive.hpp"
#include "archive/contents.hpp"
#include "archive/convert.hpp"
#include "archive/linear_map.hpp"
#include "archive/numeric_contract.hpp"
#include "archive/signatures.hpp"
#include "archive/text.hpp"
#include "archive/weights.hpp"
#include "container/digest.hpp"
#include "container/manifest.hpp"
#include "container/safetensors.hpp"
#include "container/zip.hpp"
#include "io/read_file.hpp"
#include "io/replace_file.hpp"

namespace aprender {
namespace {

using archive::Metadata;

constexpr const char* signature_suffix = ".sig";

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Member describe(std::string_view name, std::span<const std::byte> bytes) {
  return {std::string(name), bytes.size(), container::hex(container::sha256(bytes))};
}

tl::unexpected<Error> refuse(ErrorCode code, std::string context) {
  return tl::unexpected(Error{code, std::move(context)});
}

void require_finite(const AnyModel& model) {
  std::visit(
      [](const auto& m) {
        for (Eigen::Index o = 0; o < archive::n_outputs(m); ++o) {
          if (!archive::coefficients_of(m, o).allFinite() || !std::isfinite(archive::intercept_of(m, o))) {
            throw std::invalid_argument("the model's weights must be finite, output " + std::to_string(o) +
                                        " has one that is not");
          }
        }
      },
      model);
}

std::vector<std::string> default_targets(std::size_t n) {
  if (n == 1) return {"y"};
  std::vector<std::string> names;
  for (std::size_t k = 0; k < n; ++k) names.push_back("y" + std::to_string(k));
  return names;
}

void require_count(std::string_view what, std::size_t found, std::size_t expected) {
  if (found != expected) {
    throw std::invalid_argument("the description has " + std::to_string(found) + " " + std::string(what) +
                                ", the model " + std::to_string(expected));
  }
}

/// What the columns and outputs of the model are called.
template <class Scalar, int Targets>
Schema make_schema(const LinearModel<Scalar, Targets>& model, const Description& description) {
  const auto n_targets = static_cast<std::size_t>(model.n_targets());
  if (!description.targets.empty()) require_count("targets", description.targets.size(), n_targets);
  require_count("classes", description.classes.size(), 0);
  return {.n_features = model.n_features(),
          .features = description.features,
          .targets = description.targets.empty() ? default_targets(n_targets) : description.targets,
          .classes = {},
          .input_sha256 = {}};
}

template <class Scalar>
Schema make_schema(const LogisticModel<Scalar>& model, const Description& description) {
  if (!description.targets.empty()) require_count("targets", description.targets.size(), 1);
  ClassLabels labels = model.classes();
  if (!description.classes.empty()) {
    require_count("classes", description.classes.size(), model.classes().size());
    for (std::size_t k = 0; k < model.classes().size(); ++k) {
      if (model.classes()[k] != static_cast<std::int64_t>(k)) {
        throw std::invalid_argument("text classes name the labels 0 to n - 1, but the model's label " +
                                    std::to_string(k) + " is " + std::to_string(model.classes()[k]));
      }
    }
    labels = description.classes;
  }
  return {.n_features = model.n_features(),
          .features = description.features,
          .targets = description.targets.empty() ? default_targets(1) : description.targets,
          .classes = labels,
          .input_sha256 = {}};
}

/// The members' digests as the manifest gives them are those of the bytes; so are the sizes, and no member is missing.
Result<void> check_members(std::span<const container::Entry> entries, const std::vector<Member>& members) {
  auto listed = entries.subspan(1);  // all but the manifest and the signature
  if (listed.back().name == container::signature_name) listed = listed.first(listed.size() - 1);
  for (std::size_t k = 0; k < std::max(listed.size(), members.size()); ++k) {
    if (k >= members.size()) {
      return refuse(ErrorCode::wrong_entries, "manifest.json: members: entry " + listed[k].name + " is not listed");
    }
    if (k >= listed.size() || listed[k].name != members[k].name) {
      return refuse(ErrorCode::wrong_entries,
                    "manifest.json: members: " + members[k].name + " is listed where the archive has " +
                        (k < listed.size() ? listed[k].name : std::string("no more entries")));
    }
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (listed[k].bytes.size() != members[k].size) {
      return refuse(ErrorCode::size_mismatch, members[k].name + ": " + std::to_string(listed[k].bytes.size()) +
                                                  " bytes, the manifest says " + std::to_string(members[k].size));
    }
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (const auto digest = container::hex(container::sha256(listed[k].bytes)); digest != members[k].sha256) {
      return refuse(ErrorCode::checksum_mismatch,
                    members[k].name + ": SHA-256 is " + digest + ", the manifest says " + members[k].sha256);
    }
  }
  return {};
}

/// What metadata.pb says against what the other members are.
Result<void> cross_check(const Metadata& metadata, std::uint32_t manifest_version, const Member& weights,
                         const AnyModel& model) {
  if (metadata.schema_version != manifest_version) {
    return refuse(ErrorCode::inconsistent_metadata, "metadata.pb: schema_version: expected the manifest's " +
                                                        std::to_string(manifest_version) + ", found " +
                                                        std::to_string(metadata.schema_version));
  }
  if (container::hex(metadata.weights_sha256) != weights.sha256) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: weights_sha256: expected that of weights.safetensors, " + weights.sha256 + ", found " +
                      container::hex(metadata.weights_sha256));
  }
  const bool without_intercept = !metadata.report.fit_intercept;
  const bool all_zero = std::visit(
      [](const auto& m) {
        for (Eigen::Index o = 0; o < archive::n_outputs(m); ++o) {
          if (archive::intercept_of(m, o) != 0) return false;
        }
        return true;
      },
      model);
  if (without_intercept && !all_zero) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: fit.fit_intercept: expected a zero intercept where none was fitted");
  }
  const bool positive = std::visit(
      [](const auto& e) {
        if constexpr (requires { e.positive; }) return e.positive;
        return false;
      },
      metadata.estimator);
  const auto is_negative = [](const auto& m) {
    for (Eigen::Index o = 0; o < archive::n_outputs(m); ++o) {
      if ((archive::coefficients_of(m, o).array() < 0).any()) return true;
    }
    return false;
  };
  if (positive && std::visit(is_negative, model)) {
    return refuse(ErrorCode::inconsistent_metadata,
                  "metadata.pb: estimator.positive: expected no negative coefficient, found one");
  }
  return {};
}

/// The policy's minimum version. Throws std::invalid_argument if that is not a semantic version.
Result<void> check_version(const std::string& version, const TrustPolicy& trust) {
  if (!trust.minimum_version) return {};
  if (!archive::is_semantic_version(*trust.minimum_version)) {
    throw std::invalid_argument("minimum_version is " + *trust.minimum_version + ", expected a semantic version");
  }
  if (!archive::precedes(version, *trust.minimum_version)) return {};
  return refuse(ErrorCode::version_too_old,
                "metadata.pb: identity.version is " + version + ", at least " + *trust.minimum_version + " is trusted");
}

}  // namespace

ModelArchive::ModelArchive(AnyModel model, Estimator estimator, FitReport report, const Description& description) {
  require_finite(model);
  Metadata metadata{.schema_version = container::schema_version,
                    .description = description,
                    .estimator = estimator,
                    .tensors = archive::tensors_of(model),
                    .dtype = archive::dtype_of(model),
                    .schema = std::visit([&](const auto& m) { return make_schema(m, description); }, model),
                    .report = std::move(report),
                    .contract = archive::make_contract(model, description.features),
                    .uuid = {}};
  metadata.description.targets = metadata.schema.targets;
  if (auto ok = archive::check_metadata(metadata, Limits{}); !ok) throw std::invalid_argument(ok.error().context);

  const std::vector<std::byte> weights = archive::write_weights(model);
  metadata.weights_sha256 = container::sha256(weights);
  std::string metadata_bytes = archive::write_metadata(metadata);
  std::vector<Member> members = {
      describe(container::metadata_name, bytes_of(metadata_bytes)),
      {std::string(container::weights_name), weights.size(), container::hex(metadata.weights_sha256)}};
  std::string manifest = container::write_manifest({.required_features = {}, .members = members});
  std::string id = container::hex(container::sha256(bytes_of(manifest)));
  contents_ = std::make_shared<const Contents>(Contents{std::move(metadata),
                                                        std::move(model),
                                                        std::move(metadata_bytes),
                                                        std::move(manifest),
                                                        {},
                                                        std::move(members),
                                                        std::move(id),
                                                        {},
                                                        {}});
}

Result<ModelArchive> ModelArchive::load(const std::filesystem::path& file, const LoadOptions& options) {
  const auto bytes = io::read_file(file, options.limits.archive_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (options.trust.keys.empty() || options.detached_signature) return validate(*bytes, file.filename(), options);
  std::filesystem::path beside = file;
  beside += signature_suffix;
  std::error_code ignored;
  if (std::filesystem::symlink_status(beside, ignored).type() == std::filesystem::file_type::not_found) {
    return validate(*bytes, file.filename(), options);
  }
  const auto signature = io::read_file(beside, options.limits.signature_bytes);
  if (!signature) return tl::unexpected(signature.error());
  LoadOptions with_signature = options;
  with_signature.detached_signature = text_of(*signature);
  return validate(*bytes, file.filename(), with_signature);
}

Result<ModelArchive> ModelArchive::from_bytes(std::span<const std::byte> bytes, const LoadOptions& options) {
  return validate(bytes, {}, options);
}

Result<ModelArchive> ModelArchive::validate(std::span<const std::byte> bytes, const std::filesystem::path& name,
                                            const LoadOptions& options) {
  const Limits& limits = options.limits;
  const auto entries = container::read_zip(bytes, limits);
  if (!entries) return tl::unexpected(entries.error());
  if (auto ok = container::confirm_with_libzip(bytes, *entries); !ok) return tl::unexpected(ok.error());

  const auto& manifest_bytes = entries->at(0).bytes;
  auto manifest = container::read_manifest(manifest_bytes, limits);
  if (!manifest) return tl::unexpected(manifest.error());
  if (auto ok = check_members(*entries, manifest->members); !ok) return tl::unexpected(ok.error());
  const bool has_signature = entries->back().name == container::signature_name;
  const auto embedded = has_signature ? std::optional(entries->back().bytes) : std::nullopt;
  const std::string file_name = name.string();
  auto signer = archive::check_signatures({.file = bytes,
                                           .file_name = file_name,
                                           .manifest_bytes = manifest_bytes,
                                           .manifest = *manifest,
                                           .embedded = embedded},
                                          options);
  if (!signer) return tl::unexpected(signer.error());

  const auto& metadata_bytes = entries->at(1).bytes;
  auto metadata = archive::read_metadata(metadata_bytes, limits);
  if (!metadata) return tl::unexpected(metadata.error());
  if (auto ok = check_version(metadata->description.version, options.trust); !ok) return tl::unexpected(ok.error());
  const auto tensors = container::read_safetensors(entries->at(2).bytes, limits);
  if (!tensors) return tl::unexpected(tensors.error());
  auto model = archive::read_weights(*tensors, *metadata);
  if (!model) return tl::unexpected(model.error());
  if (auto ok = cross_check(*metadata, manifest->schema_version, manifest->members[1], *model); !ok) {
    return tl::unexpected(ok.error());
  }
  if (auto ok = archive::check_contract(metadata->contract, *model); !ok) return tl::unexpected(ok.error());

  std::vector<Contents::Extension> extensions;
  for (const auto& entry : std::span(*entries).subspan(3)) {
    if (entry.name == container::signature_name) break;
    extensions.push_back({entry.name, {entry.bytes.begin(), entry.bytes.end()}});
  }
  return ModelArchive(std::make_shared<const Contents>(
      Contents{std::move(*metadata), std::move(*model), text_of(metadata_bytes), text_of(manifest_bytes),
               std::move(extensions), std::move(manifest->members), container::hex(container::sha256(manifest_bytes)),
               embedded ? std::optional(text_of(*embedded)) : std::nullopt, std::move(*signer)}));
}

ModelArchive ModelArchive::attach(std::string_view name, std::span<const std::byte> bytes) const {
  Contents contents = *contents_;
  const std::string whole = std::string(container::extension_prefix) + std::string(name);
  if (!container::is_extension_name(whole) || whole.size() > Limits{}.name_bytes) {
    throw std::invalid_argument("an attachment cannot be called \"" + std::string(name) +
                                "\": expected a-z 0-9 _ . - and first neither . nor -, at most " +
                                std::to_string(Limits{}.name_bytes - container::extension_prefix.size()) + " bytes");
  }
  const auto place = [&](auto& list, auto first, auto entry) {
    const auto at = std::ranges::lower_bound(first, list.end(), whole, {},
                                             [](const auto& e) -> const std::string& { return e.name; });
    if (at != list.end() && at->name == whole) {
      *at = std::move(entry);
    } else {
      list.insert(at, std::move(entry));
    }
  };
  place(contents.members, contents.members.begin() + 2, describe(whole, bytes));
  place(contents.extensions, contents.extensions.begin(), Contents::Extension{whole, {bytes.begin(), bytes.end()}});
  if (contents.members.size() + 2 > Limits{}.entries) {  // with the manifest and a signature
    throw std::invalid_argument("more than " + std::to_string(Limits{}.entries - 4) + " attachments");
  }
  contents.signature.reset();
  list_members(contents);
  return ModelArchive(std::make_shared<const Contents>(std::move(contents)));
}

std::optional<std::span<const std::byte>> ModelArchive::attachment(std::string_view name) const {
  for (const auto& extension : contents_->extensions) {
    if (std::string_view(extension.name).substr(container::extension_prefix.size()) == name) return extension.bytes;
  }
  return {};
}

void ModelArchive::list_members(Contents& contents) {
  std::vector<std::string> features;
  if (contents.signature) features.emplace_back(container::signature_feature);
  contents.manifest =
      container::write_manifest({.required_features = std::move(features), .members = contents.members});
  contents.id = container::hex(container::sha256(bytes_of(contents.manifest)));
  contents.signed_by.reset();
}

ModelArchive ModelArchive::sign(const PrivateKey& key) const {
  Contents contents = *contents_;
  contents.signature.emplace();  // which the manifest announces
  list_members(contents);
  contents.signature =
      archive::embedded_signature(contents.manifest, contents.members, contents.metadata.description.name, key);
  return ModelArchive(std::make_shared<const Contents>(std::move(contents)));
}

std::vector<std::byte> ModelArchive::to_bytes() const {
  const auto weights = archive::write_weights(contents_->model);
  std::vector<container::Part> parts = {{container::manifest_name, bytes_of(contents_->manifest)},
                                        {container::metadata_name, bytes_of(contents_->metadata_bytes)},
                                        {container::weights_name, weights}};
  for (const auto& extension : contents_->extensions) parts.push_back({extension.name, extension.bytes});
  if (contents_->signature) parts.push_back({container::signature_name, bytes_of(*contents_->signature)});
  return container::write_zip(parts);
}

Result<std::string> ModelArchive::save(const std::filesystem::path& file) const {
  const auto bytes = to_bytes();
  if (auto loaded = from_bytes(bytes); !loaded) {
    return refuse(loaded.error().code, "what would be written cannot be loaded back: " + loaded.error().context);
  }
  if (auto ok = io::replace_file(file, bytes); !ok) return tl::unexpected(ok.error());
  return id();
}

template <class M>
Result<M> ModelArchive::model() const {
  return std::visit([](const auto& stored) { return archive::convert<M>(stored); }, contents_->model);
}
template Result<LinearModel<double>> ModelArchive::model() const;
template Result<LinearModel<float>> ModelArchive::model() const;
template Result<LinearModel<double, Eigen::Dynamic>> ModelArchive::model() const;
template Result<LinearModel<float, Eigen::Dynamic>> ModelArchive::model() const;
template Result<LogisticModel<double>> ModelArchive::model() const;
template Result<LogisticModel<float>> ModelArchive::model() const;

Result<std::filesystem::path> sign_file(const std::filesystem::path& file, const PrivateKey& key,
                                        const LoadOptions& options) {
  const auto bytes = io::read_file(file, options.limits.archive_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto archive = ModelArchive::from_bytes(*bytes, options);
  if (!archive) return tl::unexpected(archive.error());
  const std::string signature = archive::detached_signature(*bytes, file.filename().string(), key);
  std::filesystem::path beside = file;
  beside += signature_suffix;
  return io::replace_file(beside, bytes_of(signature)).map([&] { return beside; });
}

const std::optional<std::string>& ModelArchive::signed_by() const noexcept { return contents_->signed_by; }
bool ModelArchive::has_signature() const noexcept { return contents_->signature.has_value(); }
const AnyModel& ModelArchive::any_model() const noexcept { return contents_->model; }
const std::string& ModelArchive::id() const noexcept { return contents_->id; }
const std::string& ModelArchive::uuid() const noexcept { return contents_->metadata.uuid; }
std::uint32_t ModelArchive::schema_version() const noexcept { return contents_->metadata.schema_version; }
const Estimator& ModelArchive::estimator() const noexcept { return contents_->metadata.estimator; }
const FitReport& ModelArchive::report() const noexcept { return contents_->metadata.report; }
const Schema& ModelArchive::schema() const noexcept { return contents_->metadata.schema; }
const Description& ModelArchive::description() const noexcept { return contents_->metadata.description; }
const std::vector<Member>& ModelArchive::members() const noexcept { return contents_->members; }

}  // namespace aprender
