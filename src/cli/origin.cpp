#include "cli/origin.hpp"

#include <fmt/format.h>

#include "archive/text.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

void add_dependency(Provenance& provenance, const std::string& option) {
  const auto equals = option.find('=');
  const std::string name = option.substr(0, equals);
  if (equals == std::string::npos || !archive::is_name(name, Limits{}.name_bytes) || equals + 1 == option.size()) {
    throw Failure(ExitCode::usage, fmt::format("--dependency {}: expected NAME=FILE", option));
  }
  if (provenance.dependencies.contains(name)) {
    throw Failure(ExitCode::usage, fmt::format("--dependency {}: the name is taken already", option));
  }
  provenance.dependencies[name] = value_or_fail(describe_dependency(option.substr(equals + 1)));
}

}  // namespace

void add_origin(CLI::App& command, OriginOptions& options) {
  command
      .add_option("--dependency", options.dependencies,
                  "A file that went into the training otherwise, one or\nmore: its digest is recorded with the model")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false)
      ->group("Archive");
  command
      .add_option("--builder", options.builder,
                  "A URI of what runs the training (default: what GitHub\nActions and GitLab CI say of themselves)")
      ->type_name("URI")
      ->group("Archive");
}

Provenance make_provenance(const OriginOptions& options, const Samples& samples, int threads) {
  Provenance provenance = capture_provenance();
  provenance.data = samples.source();
  for (const std::string& dependency : options.dependencies) add_dependency(provenance, dependency);
  if (!options.builder.empty()) {
    if (!archive::is_text(options.builder)) throw Failure(ExitCode::usage, "--builder: expected UTF-8 text");
    provenance.builder = options.builder;
  }
  if (!samples.sample_weight().empty()) provenance.annotations["sample_weight"] = samples.sample_weight();
  if (threads > 1) provenance.annotations["threads"] = std::to_string(threads);
  return provenance;
}

}  // namespace aprender::cli
