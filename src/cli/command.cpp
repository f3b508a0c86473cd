#include "cli/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/failure.hpp"

namespace aprender::cli {

const std::string exit_codes = R"(Exit codes:
  0  fine
  2  usage: the command line makes no sense
  3  a file cannot be read or written
  4  malformed or corrupt archive
  5  unsupported version or feature
  6  not trusted
  7  numeric contract broken
  8  data do not fit the model or cannot be used for training
  9  the models differ by more than --at-most allows (diff))";

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description, const std::string& usage,
                      const std::string& examples) {
  CLI::App& command = *app.add_subcommand(name, description);
  command.formatter(std::make_shared<Help>(fmt::format("aprender {} {}", name, usage)));
  command.footer("Examples:\n" + examples + "\n\n" + exit_codes);
  command.group("Commands");
  return command;
}

void require_options(const CLI::App& command, const std::vector<std::string>& names) {
  const CLI::Option* const sparse = command.get_option_no_throw("--sparse");
  const bool target_in_data = sparse != nullptr && sparse->count() > 0;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (target_in_data && name == "--target") continue;
    if (command.get_option(name)->count() == 0) missing.push_back(name);
  }
  if (missing.empty()) return;
  throw Failure(ExitCode::usage, fmt::format("{} needs {}", command.get_name(), fmt::join(missing, ", ")));
}

std::string Help::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string text = make_description(app) + make_usage(app, std::move(name)) + make_positionals(app) +
                     make_subcommands(app, mode) + make_groups(app, mode) + "\n" + make_footer(app);
  for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) text.erase(at, 1);
  return text;
}

std::string Help::make_usage(const CLI::App*, std::string) const { return "\nUsage: " + usage_ + "\n"; }

std::string Help::make_option_opts(const CLI::Option* option) const {
  return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
}

std::string Help::make_subcommand(const CLI::App* command) const {
  return fmt::format("  {:<9} {}\n", command->get_name(), command->get_description());
}

}  // namespace aprender::cli
