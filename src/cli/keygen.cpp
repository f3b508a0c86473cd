/// aprender keygen NAME [--curve p256|p384|p521] [--passphrase-file FILE]

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/terminal.hpp"
#include "io/replace_file.hpp"

namespace aprender::cli {
namespace {

struct KeygenArguments {
  std::string name;
  std::string curve = "p256";
  std::string passphrase_file;
};

const std::map<std::string, aprender::Curve> curves{
    {"p256", aprender::Curve::p256}, {"p384", aprender::Curve::p384}, {"p521", aprender::Curve::p521}};

ExitCode run_keygen(const KeygenArguments& options) {
  const std::string private_file = options.name + ".pem", public_file = options.name + ".pub.pem";
  check_destination(public_file, private_file, "NAME");
  if (std::filesystem::exists(public_file)) {
    throw Failure(ExitCode::file, public_file + ": there is a file of that name already", "Choose another name.");
  }
  const PrivateKey key = PrivateKey::generate(curves.at(options.curve));
  value_or_fail(key.save(private_file, read_passphrase(options.passphrase_file)));
  const std::string& pem = key.public_key().pem();
  auto created = io::create_file(public_file, std::as_bytes(std::span(pem)), 0644);
  if (!created) std::filesystem::remove(private_file);  // half a pair is of no use to anybody
  value_or_fail(std::move(created), public_file);
  print(fmt::format("{}  signs: keep it secret\n{}  verifies: give it to whoever loads your models\nfingerprint  {}\n",
                    printable(private_file), printable(public_file), key.public_key().fingerprint()));
  return ExitCode::fine;
}

constexpr const char* keygen_examples = R"(  aprender keygen release
  aprender keygen release --curve p384 --passphrase-file phrase.txt)";

}  // namespace

void add_keygen(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<KeygenArguments>();
  CLI::App& command = add_command(app, "keygen", "Make a key that signs archives, and the one that verifies them",
                                  "NAME [--curve p256] [--passphrase-file FILE]", keygen_examples);
  command
      .add_option("NAME", options->name, "Writes NAME.pem, the private key, readable by you\nalone, and NAME.pub.pem")
      ->type_name("");
  command.add_option("--curve", options->curve, "p256 (the default), p384 or p521")
      ->type_name("CURVE")
      ->check(CLI::IsMember(curves));
  command
      .add_option("--passphrase-file", options->passphrase_file,
                  "Encrypt the private key under the first line of\nthis file")
      ->type_name("FILE");
  run_with(command, run_later, options, {"NAME"}, run_keygen);
}

}  // namespace aprender::cli
