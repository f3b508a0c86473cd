/// aprender sign MODEL.aprender --key KEY.pem [--embed] [--passphrase-file FILE]

#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/keys.hpp"
#include "cli/model_view.hpp"
#include "cli/terminal.hpp"
#include "cli/trained.hpp"

namespace aprender::cli {
namespace {

struct SignArguments {
  std::string file;
  std::string key;
  std::string passphrase_file;
  bool embed = false;
};

ExitCode run_sign(const SignArguments& options) {
  const PrivateKey key = value_or_fail(PrivateKey::load(options.key, read_passphrase(options.passphrase_file)));
  std::string written = options.file;
  if (options.embed) {
    save(load(options.file).sign(key), options.file);
  } else {
    written = value_or_fail(sign_file(options.file, key), options.file).string();
  }
  print(fmt::format("{}  signed by {}\n", printable(written), key.public_key().fingerprint()));
  return ExitCode::fine;
}

constexpr const char* sign_examples = R"(  aprender sign houses.aprender --key release.pem
  aprender verify houses.aprender --trust release.pub.pem)";

}  // namespace

void add_sign(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<SignArguments>();
  CLI::App& command = add_command(app, "sign", "Sign an archive, once it has been verified",
                                  "MODEL.aprender --key KEY.pem [--embed]", sign_examples);
  command.add_option("MODEL.aprender", options->file, "The archive")->type_name("");
  command.add_option("--key", options->key, "The private key")->type_name("KEY.pem");
  command.add_flag("--embed", options->embed,
                   "Put the signature into the archive, which changes\nits id, not beside it (MODEL.aprender.sig)");
  command.add_option("--passphrase-file", options->passphrase_file, "Its first line decrypts the private key")
      ->type_name("FILE");
  run_with(command, run_later, options, {"MODEL.aprender", "--key"}, run_sign);
}

}  // namespace aprender::cli
