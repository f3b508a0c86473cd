/// Key files of the command line, and what a reader trusts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// What the commands that load archives ask of their signatures.
struct TrustOptions {
  std::vector<std::string> keys;  ///< files
  std::optional<std::string> minimum_version;
};

/// Declares --trust and --minimum-version.
void add_trust(CLI::App& command, TrustOptions& options);

/// Reads the keys. Throws Failure: file; usage for a version without a key, which would prove nothing.
[[nodiscard]] LoadOptions load_options(const TrustOptions& options);

/// The first line of a file, which must not be empty; nothing if no file is named. Throws Failure.
[[nodiscard]] std::string read_passphrase(const std::string& file);

}  // namespace aprender::cli
