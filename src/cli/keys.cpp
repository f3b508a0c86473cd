#include "cli/keys.hpp"

#include <fstream>

#include <fmt/format.h>

#include "cli/failure.hpp"

namespace aprender::cli {

std::vector<PublicKey> read_public_keys(const std::vector<std::string>& files) {
  std::vector<PublicKey> keys;
  for (const std::string& file : files) keys.push_back(value_or_fail(PublicKey::load(file)));
  return keys;
}

std::string read_passphrase(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line) || line.empty()) {
    throw Failure(ExitCode::file, fmt::format("{}: no passphrase in its first line", file));
  }
  if (line.size() > 1024) throw Failure(ExitCode::file, fmt::format("{}: a passphrase of more than 1024 bytes", file));
  return line;
}

}  // namespace aprender::cli
