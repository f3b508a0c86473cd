/// A model archive as JSON for machines.
#pragma once

#include <string>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// One object, indented, arrays of plain values on one line, numbers in the shortest digits that round-trip in the
/// stored type. docs/cli.md lists its keys.
[[nodiscard]] std::string to_json(const ModelArchive& archive);

}  // namespace aprender::cli
