/// Where a model that a command trains comes from.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "aprender/provenance.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

struct OriginOptions {
  std::vector<std::string> dependencies;  ///< NAME=FILE
  std::string builder;
};

void add_origin(CLI::App& command, OriginOptions& options);

/// What can be known without asking, the data, and what the options say. Throws Failure.
[[nodiscard]] Provenance make_provenance(const OriginOptions& options, const Samples& samples, int threads);

}  // namespace aprender::cli
