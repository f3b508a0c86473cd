/// What another program prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace aprender::io {

/// Runs a program found on PATH, without a shell, with no input, and returns its standard output; its standard error
/// is discarded. Nothing if it cannot be run or does not exit with 0.
[[nodiscard]] std::optional<std::string> capture_output(const std::vector<std::string>& arguments);

}  // namespace aprender::io
