/// Key files of the command line.
#pragma once

#include <string>
#include <vector>

#include "aprender/trust.hpp"

namespace aprender::cli {

/// The keys of --trust. Throws Failure(file).
[[nodiscard]] std::vector<PublicKey> read_public_keys(const std::vector<std::string>& files);

/// The first line of a file, which must not be empty; nothing if no file is named. Throws Failure.
[[nodiscard]] std::string read_passphrase(const std::string& file);

}  // namespace aprender::cli
