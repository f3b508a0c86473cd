/// JSON as the commands print it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace aprender::cli {

/// Indented, arrays of plain values on one line, numbers in the shortest digits that round-trip, what is not finite
/// null; ends with a line feed.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& json);

}  // namespace aprender::cli
