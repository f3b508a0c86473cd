#include "cli/model_json.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include "cli/estimator_json.hpp"
#include "cli/json_text.hpp"
#include "cli/model_view.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

Json fit(const FitReport& report) {
  Json json{{"solver", report.solver},
            {"n_samples", report.n_samples},
            {"n_features", report.n_features},
            {"iterations", report.iterations},
            {"converged", report.converged},
            {"stopped", report.stopped},
            {"fit_intercept", report.fit_intercept},
            {"objective", report.objective},
            {"tolerance", report.tolerance}};
  if (report.duality_gap) json["duality_gap"] = *report.duality_gap;
  if (report.gradient_norm) json["gradient_norm"] = *report.gradient_norm;
  if (report.backward_error) json["backward_error"] = *report.backward_error;
  if (report.condition_estimate) json["condition_estimate"] = *report.condition_estimate;
  if (report.rank) json["rank"] = *report.rank;
  return json;
}

Json provenance(const Provenance& source) {
  Json json = Json::object();
  if (source.code) {
    json["code"] = {{"git_commit", source.code->git_commit}, {"dirty", source.code->dirty}, {"uri", source.code->uri}};
  }
  if (source.data) {
    json["data"] = {{"uri", source.data->uri},
                    {"sha256", source.data->sha256},
                    {"rows", source.data->rows},
                    {"columns", source.data->columns}};
  }
  if (source.seed) json["seed"] = *source.seed;
  if (!source.generator.empty()) json["generator"] = source.generator;
  json["started_unix_seconds"] = source.started_unix_seconds;
  json["duration_seconds"] = source.duration_seconds;
  json["library"] = source.library;
  json["compiler"] = source.compiler;
  json["compiler_flags"] = source.compiler_flags;
  json["cpu_features"] = source.cpu_features;
  json["blas"] = source.blas;
  json["platform"] = source.platform;
  if (!source.parent_archive_id.empty()) json["parent_archive_id"] = source.parent_archive_id;
  if (!source.builder.empty()) json["builder"] = source.builder;
  if (!source.invocation.empty()) json["invocation"] = source.invocation;
  for (const auto& [name, dependency] : source.dependencies) {
    json["dependencies"][name] = {{"uri", dependency.uri}, {"sha256", dependency.sha256}};
  }
  if (!source.annotations.empty()) json["annotations"] = source.annotations;
  return json;
}

Json members(const std::vector<Member>& list) {
  Json json = Json::array();
  for (const Member& member : list) {
    json.push_back({{"name", member.name}, {"size", member.size}, {"sha256", member.sha256}});
  }
  return json;
}

Json describe(const ModelArchive& archive) {
  const Description& said = archive.description();
  const Schema& schema = archive.schema();
  const Weights model = weights(archive.any_model());

  const std::optional<std::string> compatibility = claimed_compatibility(archive);
  Json names = Json::array(), ranges = Json::array(), units = Json::array();
  for (const Feature& feature : schema.features.list()) {
    names.push_back(feature.name);
    units.push_back(feature.unit);
    ranges.push_back(feature.range ? Json{feature.range->min, feature.range->max} : Json());
  }

  Json json{{"archive_id", archive.id()},
            {"signature",
             {{"embedded", archive.has_signature()},
              {"verified_by", archive.signed_by() ? Json(*archive.signed_by()) : Json()}}},
            {"schema_version", archive.schema_version()},
            {"name", said.name},
            {"version", said.version},
            {"uuid", archive.uuid()},
            {"description", said.description},
            {"licence", said.licence},
            {"intended_use", said.intended_use},
            {"compatibility", compatibility ? Json(*compatibility) : Json()},
            {"estimator", estimator_json(archive.estimator())},
            {"dtype", model.dtype},
            {"n_features", schema.n_features},
            {"features", names},
            {"feature_ranges", ranges},
            {"feature_units", units},
            {"targets", schema.targets}};
  if (schema.classes) std::visit([&json](const auto& labels) { json["classes"] = labels; }, *schema.classes);
  json["coefficients"] = model.coefficients;
  json["intercept"] = model.intercept;
  json["fit"] = fit(archive.report());
  json["numeric_contract"] = {{"n_probes", archive.n_probes()}};
  json["metrics"] = said.metrics.empty() ? Json::object() : Json(said.metrics);
  json["provenance"] = provenance(archive.provenance());
  json["members"] = members(archive.members());
  return json;
}

}  // namespace

std::string to_json(const ModelArchive& archive) { return to_text(describe(archive)); }

}  // namespace aprender::cli
