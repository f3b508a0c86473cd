/// aprender inspect MODEL.aprender [--json] [--html FILE.html] [--trust KEY.pub.pem ...]

#include <memory>

#include <fmt/format.h>

#include "cli/card.hpp"
#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/html_card.hpp"
#include "cli/keys.hpp"
#include "cli/model_json.hpp"
#include "cli/model_view.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

struct InspectArguments {
  std::string file;
  std::string html;
  TrustOptions trust;
  bool json = false;
};

ExitCode run_inspect(const InspectArguments& options) {
  if (!options.html.empty()) check_destination(options.html, options.file, "--html");
  const ModelArchive archive = load(options.file, load_options(options.trust));
  if (!options.html.empty()) write_file(options.html, html_card(archive));
  if (options.json) {
    print(to_json(archive));
  } else if (!options.html.empty()) {
    const Description& said = archive.description();
    print(fmt::format("{}  model card of {} {}\n", printable(options.html), printable(said.name), said.version));
  } else {
    print(card(archive, output_style(), terminal_width()));
  }
  return ExitCode::fine;
}

constexpr const char* inspect_examples = R"(  aprender inspect houses.aprender
  aprender inspect houses.aprender --html houses.html
  aprender inspect --json houses.aprender | jq .coefficients)";

}  // namespace

void add_inspect(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<InspectArguments>();
  CLI::App& command = add_command(app, "inspect", "Show what an archive holds, once it has been verified",
                                  "MODEL.aprender [--html FILE.html] [--json]", inspect_examples);
  command.add_option("MODEL.aprender", options->file, "The archive")->type_name("");
  command.add_flag("--json", options->json, "Print everything as JSON, numbers in full");
  command.add_option("--html", options->html, "Write a model card, a page of HTML that needs\nnothing beside itself")
      ->type_name("FILE.html");
  add_trust(command, options->trust);
  run_with(command, run_later, options, {"MODEL.aprender"}, run_inspect);
}

}  // namespace aprender::cli
