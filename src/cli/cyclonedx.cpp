// Field names are those of the JSON schema bom-1.6 of CycloneDX. Properties of our own begin with "aprender:".

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "aprender/version.hpp"
#include "archive/text.hpp"
#include "cli/estimator.hpp"
#include "cli/export.hpp"
#include "cli/model_view.hpp"
#include "cli/uri.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The form of an SPDX licence expression (SPDX 2.3, annex D); whether its identifiers are listed is not looked up.
bool is_spdx_expression(std::string_view text) {
  const auto in_identifier = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-.+:").find(c) != std::string_view::npos;
  };
  int depth = 0;
  bool expects_licence = true;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
    } else if (text[i] == '(' || text[i] == ')') {
      const bool opens = text[i++] == '(';
      depth += opens ? 1 : -1;
      if (opens != expects_licence || depth < 0) return false;
    } else {
      const std::size_t begin = i;
      while (i < text.size() && in_identifier(text[i])) ++i;
      const std::string_view word = text.substr(begin, i - begin);
      if (word.empty()) return false;
      const bool is_operator = word == "AND" || word == "OR" || word == "WITH";
      if (is_operator == expects_licence) return false;
      expects_licence = is_operator;
    }
  }
  return depth == 0 && !expects_licence;
}

Json property(const std::string& name, const std::string& value) {
  return {{"name", "aprender:" + name}, {"value", value}};
}

void add_property(Json& list, const std::string& name, const std::string& value) {
  if (!value.empty()) list.push_back(property(name, value));
}

Json sha256(const std::string& digest) { return Json::array({{{"alg", "SHA-256"}, {"content", digest}}}); }

/// "Eigen 3.4.0" as a library of that name and version.
Json library(const std::string& reference, const std::string& text) {
  Json json{{"type", "library"}, {"bom-ref", reference}};
  const std::size_t space = text.rfind(' ');
  const bool versioned = space != std::string::npos && space > 0 && space + 1 < text.size() &&
                         std::isdigit(static_cast<unsigned char>(text[space + 1])) != 0;
  json["name"] = versioned ? text.substr(0, space) : text;
  if (versioned) json["version"] = text.substr(space + 1);
  return json;
}

Json training_data(const TrainingData& data) {
  Json content{{"type", "dataset"}};
  if (!data.uri.empty()) content["name"] = data.uri;
  if (is_address(data.uri)) content["contents"] = {{"url", data.uri}};
  content["description"] = fmt::format("training data of {} rows and {} columns", data.rows, data.columns);
  return {{"type", "data"},
          {"bom-ref", "training-data"},
          {"name", data.uri.empty() ? std::string("training data") : data.uri},
          {"hashes", sha256(data.sha256)},
          {"data", Json::array({content})}};
}

Json outputs(const Schema& schema, std::string_view dtype) {
  Json list = Json::array();
  if (!schema.classes) {
    for (const std::string& target : schema.targets) list.push_back({{"format", fmt::format("{}: {}", target, dtype)}});
    return list;
  }
  const bool text = std::holds_alternative<std::vector<std::string>>(*schema.classes);
  list.push_back({{"format", fmt::format("{}: {}, one of {}", schema.targets.front(), text ? "text" : "integer",
                                         fmt::join(class_names(schema), ", "))}});
  list.push_back({{"format", fmt::format("probability of each class: {}", dtype)}});
  return list;
}

Json model_parameters(const ModelArchive& archive) {
  const Schema& schema = archive.schema();
  const std::string_view dtype = weights(archive.any_model()).dtype;
  Json json{{"approach", {{"type", "supervised"}}},
            {"task", schema.classes ? "classification" : "regression"},
            {"architectureFamily", "linear model"},
            {"modelArchitecture", type_name(archive.estimator())}};
  if (archive.provenance().data) json["datasets"] = Json::array({{{"ref", "training-data"}}});
  json["inputs"] = Json::array();
  for (const Feature& feature : schema.features.list()) {
    json["inputs"].push_back(
        {{"format", fmt::format("{}: {}{}{}", feature.name, dtype, feature.unit.empty() ? "" : ", ", feature.unit)}});
  }
  if (!schema.features.named()) {
    json["inputs"].push_back({{"format", fmt::format("{} unnamed columns: {}", schema.n_features, dtype)}});
  }
  json["outputs"] = outputs(schema, dtype);
  return json;
}

Json model_card(const ModelArchive& archive) {
  const Description& said = archive.description();
  const FitReport& report = archive.report();
  Json json{{"bom-ref", "model-card"}, {"modelParameters", model_parameters(archive)}};
  for (const auto& [name, value] : said.metrics) {
    json["quantitativeAnalysis"]["performanceMetrics"].push_back({{"type", name}, {"value", fmt::format("{}", value)}});
  }
  if (!said.intended_use.empty()) json["considerations"]["useCases"] = Json::array({said.intended_use});
  if (!report.converged) {
    json["considerations"]["technicalLimitations"] = Json::array({"The fit did not reach its tolerance."});
  }
  Json list = Json::array();
  for (const auto& [name, any] : hyperparameters(archive.estimator())) {
    list.push_back(property(fmt::format("hyperparameter:{}", name),
                            std::visit([](const auto& value) { return fmt::format("{}", value); }, any)));
  }
  add_property(list, "fit:solver", report.solver);
  add_property(list, "fit:converged", report.converged ? "true" : "false");
  add_property(list, "fit:certificate", certificate(report));
  add_property(list, "fit:n_samples", std::to_string(report.n_samples));
  json["properties"] = std::move(list);
  return json;
}

Json properties(const ModelArchive& archive) {
  const Provenance& source = archive.provenance();
  Json list = Json::array();
  add_property(list, "archive:id", archive.id());
  add_property(list, "archive:uuid", archive.uuid());
  add_property(list, "archive:schema_version", std::to_string(archive.schema_version()));
  add_property(list, "archive:parent_id", source.parent_archive_id);
  add_property(list, "compatibility", claimed_compatibility(archive).value_or(""));
  add_property(list, "signature:embedded", archive.has_signature() ? "true" : "false");
  add_property(list, "signature:verified_by", archive.signed_by().value_or(""));
  if (source.code) {
    add_property(list, "training:git_commit", source.code->git_commit);
    add_property(list, "training:git_dirty", source.code->dirty ? "true" : "false");
    add_property(list, "training:repository", source.code->uri);
  }
  if (source.seed) add_property(list, "training:seed", std::to_string(*source.seed));
  add_property(list, "training:generator", source.generator);
  add_property(list, "training:builder", source.builder);
  add_property(list, "training:invocation", source.invocation);
  add_property(list, "training:duration_seconds", fmt::format("{}", source.duration_seconds));
  add_property(list, "training:compiler", source.compiler);
  add_property(list, "training:compiler_flags", source.compiler_flags);
  add_property(list, "training:cpu_features", source.cpu_features);
  add_property(list, "training:platform", source.platform);
  for (const auto& [key, value] : source.annotations) list.push_back(property("annotation:" + key, value));
  return list;
}

Json model(const ArchiveFile& file) {
  const ModelArchive& archive = file.archive;
  const Description& said = archive.description();
  Json json{{"type", "machine-learning-model"}, {"bom-ref", "model"}, {"name", said.name}, {"version", said.version}};
  if (!said.description.empty()) json["description"] = said.description;
  json["hashes"] = sha256(file.sha256);
  if (is_spdx_expression(said.licence)) {
    json["licenses"] = Json::array({{{"expression", said.licence}}});
  } else if (!said.licence.empty()) {
    json["licenses"] = Json::array({{{"license", {{"name", said.licence}}}}});
  }
  if (const auto& code = archive.provenance().code; code && is_address(code->uri)) {
    json["externalReferences"] =
        Json::array({{{"type", "vcs"},
                      {"url", code->uri},
                      {"comment", fmt::format("training code, commit {}{}", code->git_commit,
                                              code->dirty ? " with changes that are not committed" : "")}}});
  }
  for (const Member& member : archive.members()) {
    json["components"].push_back({{"type", "file"}, {"name", member.name}, {"hashes", sha256(member.sha256)}});
  }
  json["modelCard"] = model_card(archive);
  json["properties"] = properties(archive);
  return json;
}

}  // namespace

Json to_cyclonedx(const ArchiveFile& file) {
  const Provenance& source = file.archive.provenance();
  Json json{{"bomFormat", "CycloneDX"},
            {"specVersion", "1.6"},
            {"serialNumber", "urn:uuid:" + archive::uuid_of(file.archive.id())},
            {"version", 1}};
  Json& metadata = json["metadata"];
  if (const auto started = timestamp(source.started_unix_seconds)) metadata["timestamp"] = *started;
  metadata["tools"]["components"] =
      Json::array({{{"type", "application"}, {"name", "aprender"}, {"version", APRENDER_VERSION}}});
  metadata["component"] = model(file);

  Json components = Json::array(), needs = Json::array(), graph = Json::array();
  const auto add = [&](Json component) {
    needs.push_back(component["bom-ref"]);
    components.push_back(std::move(component));
  };
  if (source.data) add(training_data(*source.data));
  for (const auto& [name, dependency] : source.dependencies) {
    add({{"type", "data"},
         {"bom-ref", "dependency:" + name},
         {"name", name},
         {"hashes", sha256(dependency.sha256)},
         {"data", Json::array({{{"type", "other"}, {"name", dependency.uri.empty() ? name : dependency.uri}}})}});
  }
  if (!source.library.empty()) add(library("library", source.library));
  if (!source.blas.empty()) add(library("linear-algebra", source.blas));
  graph.push_back({{"ref", "model"}, {"dependsOn", needs}});
  json["components"] = std::move(components);
  json["dependencies"] = std::move(graph);
  return json;
}

}  // namespace aprender::cli
