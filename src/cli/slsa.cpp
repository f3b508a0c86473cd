// Field names are those of in-toto's Statement v1 and of the provenance predicate of SLSA v1
// (https://slsa.dev/provenance/v1).

#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "cli/estimator.hpp"
#include "cli/export.hpp"
#include "cli/model_view.hpp"
#include "cli/uri.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What a user chose.
Json external_parameters(const ModelArchive& archive) {
  const Schema& schema = archive.schema();
  Json json{{"name", archive.description().name}, {"version", archive.description().version}};
  json["estimator"]["type"] = type_name(archive.estimator());
  for (const auto& [name, any] : hyperparameters(archive.estimator())) {
    std::visit([&, key = std::string(name)](const auto& value) { json["estimator"][key] = value; }, any);
  }
  json["dtype"] = weights(archive.any_model()).dtype;
  json["features"] = Json::array();
  for (const Feature& feature : schema.features.list()) json["features"].push_back(feature.name);
  json["targets"] = schema.targets;
  if (const auto level = claimed_compatibility(archive)) json["compatibility"] = *level;
  if (archive.provenance().seed) json["seed"] = *archive.provenance().seed;
  if (!archive.provenance().annotations.empty()) json["annotations"] = archive.provenance().annotations;
  return json;
}

/// What the program and the machine were.
Json internal_parameters(const Provenance& source) {
  Json json = Json::object();
  for (const auto& [name, text] : {std::pair{"library", &source.library},
                                   {"compiler", &source.compiler},
                                   {"compilerFlags", &source.compiler_flags},
                                   {"cpuFeatures", &source.cpu_features},
                                   {"linearAlgebra", &source.blas},
                                   {"platform", &source.platform},
                                   {"randomGenerator", &source.generator}}) {
    if (!text->empty()) json[name] = *text;
  }
  return json;
}

/// A resource descriptor of in-toto.
Json resource(const std::string& name, const char* algorithm, const std::string& digest) {
  return {{"name", name}, {"digest", {{algorithm, digest}}}};
}

/// Says where a resource is from: by a URI, or if what was recorded is none, as it is in an annotation.
void add_origin(Json& resource, const std::string& recorded, const std::optional<std::string>& uri) {
  if (uri) {
    resource["uri"] = *uri;
  } else if (!recorded.empty()) {
    resource["annotations"]["recordedAs"] = recorded;
  }
}

std::optional<std::string> uri_of(const std::string& recorded) {
  return is_uri(recorded) ? std::optional(recorded) : std::nullopt;
}

/// A builder has to be a URI.
std::string builder_id(const std::string& recorded) {
  if (recorded.empty()) return "urn:aprender:builder:unknown";
  return is_uri(recorded) ? recorded : "urn:aprender:builder:" + percent_encoded(recorded);
}

Json resolved_dependencies(const Provenance& source) {
  Json list = Json::array();
  if (source.code) {
    Json code = resource("training code", "gitCommit", source.code->git_commit);
    code["annotations"] = {{"uncommittedChanges", source.code->dirty}};
    const auto remote = uri_of_remote(source.code->uri);
    add_origin(code, source.code->uri, remote ? std::optional("git+" + *remote) : std::nullopt);
    list.push_back(std::move(code));
  }
  if (source.data) {
    Json data = resource("training data", "sha256", source.data->sha256);
    data["annotations"] = {{"rows", source.data->rows}, {"columns", source.data->columns}};
    add_origin(data, source.data->uri, uri_of(source.data->uri));
    list.push_back(std::move(data));
  }
  for (const auto& [name, dependency] : source.dependencies) {
    add_origin(list.emplace_back(resource(name, "sha256", dependency.sha256)), dependency.uri, uri_of(dependency.uri));
  }
  if (!source.parent_archive_id.empty()) {
    list.push_back(resource("manifest.json of the parent archive", "sha256", source.parent_archive_id));
  }
  return list;
}

Json run_details(const ModelArchive& archive) {
  const Provenance& source = archive.provenance();
  Json json;
  json["builder"]["id"] = builder_id(source.builder);
  Json& metadata = json["metadata"] = Json::object();
  if (!source.invocation.empty()) metadata["invocationId"] = source.invocation;
  if (const auto started = timestamp(source.started_unix_seconds)) metadata["startedOn"] = *started;
  const auto seconds = static_cast<std::int64_t>(std::min(std::round(source.duration_seconds), 1e15));
  if (const auto finished = timestamp(source.started_unix_seconds + seconds)) metadata["finishedOn"] = *finished;
  for (const Member& member : archive.members()) {
    json["byproducts"].push_back(resource(member.name, "sha256", member.sha256));
  }
  return json;
}

}  // namespace

Json to_slsa(const ArchiveFile& file) {
  const ModelArchive& archive = file.archive;
  return {{"_type", "https://in-toto.io/Statement/v1"},
          {"subject", Json::array({{{"name", file.name}, {"digest", {{"sha256", file.sha256}}}}})},
          {"predicateType", "https://slsa.dev/provenance/v1"},
          {"predicate",
           {{"buildDefinition",
             {{"buildType", "urn:aprender:training:v1"},
              {"externalParameters", external_parameters(archive)},
              {"internalParameters", internal_parameters(archive.provenance())},
              {"resolvedDependencies", resolved_dependencies(archive.provenance())}}},
            {"runDetails", run_details(archive)}}}};
}

}  // namespace aprender::cli
