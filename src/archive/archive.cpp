#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "aprender/archive.hpp"
#include "archive/contents.hpp"
#include "archive/convert.hpp"
#include "archive/intake.hpp"
#include "archive/linear_map.hpp"
#include "archive/numeric_contract.hpp"
#include "archive/signatures.hpp"
#include "archive/validate.hpp"
#include "archive/weights.hpp"
#include "container/digest.hpp"
#include "container/manifest.hpp"
#include "container/zip.hpp"
#include "io/read_file.hpp"
#include "io/replace_file.hpp"
#include "within_memory.hpp"

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

}  // namespace

ModelArchive::ModelArchive(AnyModel model, Estimator estimator, FitReport report, const Description& description) {
  require_finite(model);
  Metadata metadata{.schema_version = container::schema_version,
                    .description = description,
                    .estimator = std::move(estimator),
                    .tensors = archive::tensors_of(model),
                    .dtype = archive::dtype_of(model),
                    .schema = std::visit([&](const auto& m) { return make_schema(m, description); }, model),
                    .report = std::move(report),
                    .contract = archive::make_contract(model, description.features),
                    .uuid = {}};
  metadata.description.targets = metadata.schema.targets;
  if (auto ok = archive::check_metadata(metadata, Limits{}); !ok) throw std::invalid_argument(ok.error().context);

  const container::Pieces weights = archive::write_weights(model);
  container::Sha256 digest;
  for (const auto& bytes : weights.spans()) digest.add(bytes);
  metadata.weights_sha256 = digest.digest();
  std::string metadata_bytes = archive::write_metadata(metadata);
  std::vector<Member> members = {
      describe(container::metadata_name, bytes_of(metadata_bytes)),
      {std::string(container::weights_name), weights.size(), container::hex(metadata.weights_sha256)}};
  std::string manifest = container::write_manifest({.required_features = {}, .members = members});
  std::string id = container::hex(container::sha256(bytes_of(manifest)));
  contents_ = std::make_shared<const Contents>(Contents{std::move(metadata),
                                                        std::make_shared<const AnyModel>(std::move(model)),
                                                        std::move(metadata_bytes),
                                                        std::move(manifest),
                                                        {},
                                                        std::move(members),
                                                        std::move(id),
                                                        {},
                                                        {}});
}

Result<ModelArchive> ModelArchive::load(const std::filesystem::path& file, const LoadOptions& options) {
  return within_memory([&]() -> Result<ModelArchive> {
    std::filesystem::path beside = file;
    beside += signature_suffix;
    std::error_code ignored;
    const bool look_beside =
        !options.trust.keys.empty() && !options.detached_signature &&
        std::filesystem::symlink_status(beside, ignored).type() != std::filesystem::file_type::not_found;
    archive::Intake intake(options.threads);
    const bool whole_file = look_beside || options.detached_signature;
    const auto read =
        options.map_file ? intake.map(file, options.limits) : intake.read(file, options.limits, whole_file);
    if (!read) return tl::unexpected(read.error());
    if (!look_beside) return build(intake, file.filename().string(), options);
    const auto signature = io::read_file(beside, options.limits.signature_bytes);
    if (!signature) return tl::unexpected(signature.error());
    LoadOptions with_signature = options;
    with_signature.detached_signature = text_of(*signature);
    return build(intake, file.filename().string(), with_signature);
  });
}

Result<ModelArchive> ModelArchive::from_bytes(std::span<const std::byte> bytes, const LoadOptions& options) {
  return within_memory([&] {
    archive::Intake intake(options.threads);
    intake.view(bytes);
    return build(intake, {}, options);
  });
}

Result<ModelArchive> ModelArchive::build(archive::Intake& intake, std::string_view file_name,
                                         const LoadOptions& options) {
  auto validated = archive::validate(intake.source(), file_name, options);
  if (!validated) return tl::unexpected(validated.error());
  auto model = archive::read_weights(validated->tensors, validated->metadata, intake);
  if (!model) return tl::unexpected(model.error());
  if (auto ok = archive::validate_model(*validated, *model); !ok) return tl::unexpected(ok.error());
  const auto& entries = validated->entries;
  Contents contents{.metadata = std::move(validated->metadata),
                    .model = std::make_shared<const AnyModel>(std::move(*model)),
                    .metadata_bytes = text_of(entries[1].bytes),
                    .manifest = text_of(entries[0].bytes),
                    .extensions = {},
                    .members = std::move(validated->manifest.members),
                    .id = container::hex(entries[0].sha256),
                    .signed_by = std::move(validated->signer)};
  for (const auto& entry : std::span(entries).subspan(3)) {
    if (entry.name == container::signature_name) {
      contents.signature = text_of(entry.bytes);
    } else {
      contents.extensions.push_back({entry.name, {entry.bytes.begin(), entry.bytes.end()}});
    }
  }
  return ModelArchive(std::make_shared<const Contents>(std::move(contents)));
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

container::Pieces ModelArchive::pieces(const container::Pieces& weights) const {
  std::vector<container::Part> parts = {{container::manifest_name, bytes_of(contents_->manifest)},
                                        {container::metadata_name, bytes_of(contents_->metadata_bytes)},
                                        {container::weights_name, weights}};
  for (const auto& extension : contents_->extensions) parts.emplace_back(extension.name, extension.bytes);
  if (contents_->signature) parts.emplace_back(container::signature_name, bytes_of(*contents_->signature));
  return container::write_zip(parts);
}

std::vector<std::byte> ModelArchive::to_bytes() const { return pieces(archive::write_weights(any_model())).joined(); }

Result<std::string> ModelArchive::save(const std::filesystem::path& file) const {
  return within_memory([&]() -> Result<std::string> {
    const container::Pieces weights = archive::write_weights(any_model());
    const container::Pieces whole = pieces(weights);
    const auto can_be_loaded = [&](const io::Pages& written) -> Result<void> {
      const auto release = [&](std::span<const std::byte> part) { written.release(part); };
      const archive::Source source = {.bytes = written.bytes(),
                                      .checksums = [&](auto data) { return container::checksums_of(data, release); },
                                      .sha256 = [&] { return container::sha256(written.bytes()); }};
      const auto validated = archive::validate(source, {}, {});
      if (!validated) return tl::unexpected(validated.error());
      if (!archive::same_bytes(weights, validated->entries[2].bytes, release)) {
        return refuse(ErrorCode::cannot_write, "the weights that are read are not those that were written");
      }
      return archive::validate_model(*validated, any_model());
    };
    const auto explained = [&](const io::Pages& written) {
      return can_be_loaded(written).map_error([](const Error& error) {
        return Error{error.code, "what would be written cannot be loaded back: " + error.context};
      });
    };
    std::string written = id();  // before anything is: afterwards nothing may fail
    return io::replace_file(file, whole.spans(), explained).map([&] { return std::move(written); });
  });
}

template <class M>
Result<M> ModelArchive::model() const {
  return within_memory(
      [&] { return std::visit([](const auto& stored) { return archive::convert<M>(stored); }, any_model()); });
}
template Result<LinearModel<double>> ModelArchive::model() const;
template Result<LinearModel<float>> ModelArchive::model() const;
template Result<LinearModel<double, Eigen::Dynamic>> ModelArchive::model() const;
template Result<LinearModel<float, Eigen::Dynamic>> ModelArchive::model() const;
template Result<LogisticModel<double>> ModelArchive::model() const;
template Result<LogisticModel<float>> ModelArchive::model() const;

Result<std::filesystem::path> sign_file(const std::filesystem::path& file, const PrivateKey& key,
                                        const LoadOptions& options) {
  return within_memory([&]() -> Result<std::filesystem::path> {
    archive::Intake intake(options.threads);
    if (auto ok = intake.read(file, options.limits, true); !ok) return tl::unexpected(ok.error());
    const std::string signature = archive::detached_signature(intake.sha256(), file.filename().string(), key);
    const auto validated = archive::validate(intake.source(), {}, options);
    if (!validated) return tl::unexpected(validated.error());
    const auto ok =
        archive::read_weights(validated->tensors, validated->metadata, intake).and_then([&](const AnyModel& model) {
          return archive::validate_model(*validated, model);
        });
    if (!ok) return tl::unexpected(ok.error());
    std::filesystem::path beside = file;
    beside += signature_suffix;
    return io::replace_file(beside, bytes_of(signature)).map([&] { return std::move(beside); });
  });
}

const std::optional<std::string>& ModelArchive::signed_by() const noexcept { return contents_->signed_by; }
bool ModelArchive::has_signature() const noexcept { return contents_->signature.has_value(); }
const AnyModel& ModelArchive::any_model() const noexcept { return *contents_->model; }
const std::string& ModelArchive::id() const noexcept { return contents_->id; }
const std::string& ModelArchive::uuid() const noexcept { return contents_->metadata.uuid; }
std::uint32_t ModelArchive::schema_version() const noexcept { return contents_->metadata.schema_version; }
const Estimator& ModelArchive::estimator() const noexcept { return contents_->metadata.estimator; }
const FitReport& ModelArchive::report() const noexcept { return contents_->metadata.report; }
const Schema& ModelArchive::schema() const noexcept { return contents_->metadata.schema; }
const Description& ModelArchive::description() const noexcept { return contents_->metadata.description; }
std::size_t ModelArchive::n_probes() const noexcept { return contents_->metadata.contract.probes.size(); }
const std::vector<Member>& ModelArchive::members() const noexcept { return contents_->members; }

}  // namespace aprender
