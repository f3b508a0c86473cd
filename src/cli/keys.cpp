#include "cli/keys.hpp"

#include <fstream>

#include <fmt/format.h>

#include "archive/text.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {

void add_trust(CLI::App& command, TrustOptions& options) {
  command
      .add_option(
          "--trust", options.keys,
          "A public key or certificate, one or more: refuse\nwhat none of them has signed, inside the archive or\n"
          "beside it (MODEL.aprender.sig)")
      ->type_name("KEY.pub.pem")
      ->allow_extra_args(false);
  command
      .add_option("--minimum-version", options.minimum_version, "Refuse models of an earlier version, though signed")
      ->type_name("VERSION")
      ->check([](const std::string& text) {
        return archive::is_semantic_version(text) ? std::string()
                                                  : "'" + text + "', expected a semantic version like 1.2.0";
      });
}

LoadOptions load_options(const TrustOptions& options) {
  if (options.minimum_version && options.keys.empty()) {
    throw Failure(ExitCode::usage, "--minimum-version needs --trust",
                  "Without a signature anybody could have written the version into the archive.");
  }
  LoadOptions loading;
  for (const std::string& file : options.keys) loading.trust.keys.push_back(value_or_fail(PublicKey::load(file)));
  loading.trust.minimum_version = options.minimum_version;
  return loading;
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
