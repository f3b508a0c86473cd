/// aprender inspect MODEL.aprender [--json] [--trust KEY.pub.pem ...]

#include <memory>

#include "cli/card.hpp"
#include "cli/command.hpp"
#include "cli/keys.hpp"
#include "cli/model_json.hpp"
#include "cli/model_view.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

struct Options {
  std::string file;
  TrustOptions trust;
  bool json = false;
};

ExitCode run(const Options& options) {
  const ModelArchive archive = load(options.file, load_options(options.trust));
  print(options.json ? to_json(archive) : card(archive, output_style(), terminal_width()));
  return ExitCode::fine;
}

constexpr const char* examples = R"(  aprender inspect houses.aprender
  aprender inspect --json houses.aprender | jq .coefficients)";

}  // namespace

void add_inspect(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(app, "inspect", "Show what an archive holds, once it has been verified",
                                  "MODEL.aprender [--json]", examples);
  command.add_option("MODEL.aprender", options->file, "The archive")->type_name("");
  command.add_flag("--json", options->json, "Print everything as JSON, numbers in full");
  add_trust(command, options->trust);
  run_with(command, run_later, options, {"MODEL.aprender"}, run);
}

}  // namespace aprender::cli
