/// The command line `aprender`.

#include <new>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "aprender/version.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

constexpr const char* examples = R"(Examples:
  aprender train --estimator ridge --alpha 0.1 --data houses.csv \
      --target price --out houses.aprender
  aprender cv --estimator lasso --data houses.csv --target price \
      --svg cv.svg --out houses.aprender
  aprender inspect houses.aprender
  aprender predict houses.aprender --data new.csv --out prices.csv
  aprender verify *.aprender

'aprender COMMAND --help' says more.)";

/// The command that was asked for, or the application if none was.
const CLI::App& asked(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

/// What was not understood, and what may have been meant.
std::string unknown_argument(const CLI::App& app) {
  const CLI::App& command = asked(app);
  std::vector<std::string> known;
  if (&command == &app) {
    for (const CLI::App* each : app.get_subcommands({})) known.push_back(each->get_name());
  }
  for (const CLI::Option* each : command.get_options()) known.push_back(each->get_name());
  const auto rest = app.remaining(true);
  const std::string word = rest.empty() ? "" : rest.front();
  const std::string meant = nearest(word, known);
  return fmt::format("unexpected '{}'{}", word, meant.empty() ? "" : fmt::format(", did you mean '{}'?", meant));
}

/// A value too many or too few, in our own words.
std::string wrong_count(const CLI::App& app, const CLI::ArgumentMismatch& error) {
  for (const CLI::Option* each : asked(app).get_options()) {
    const std::string name = each->get_name();
    if (!std::string_view(error.what()).starts_with(name + ":")) continue;
    return each->results().size() > 1 ? fmt::format("{} is given more than once", name)
                                      : fmt::format("{} needs a value, {}", name, each->get_type_name());
  }
  return error.what();
}

ExitCode execute(int argc, const char* const* argv) {
  Run run;
  CLI::App app("Linear models, and archives that can be trusted with them.", "aprender");
  app.formatter(std::make_shared<Help>("aprender COMMAND [options]"));
  app.footer(std::string(examples) + "\n\n" + exit_codes);
  add_train(app, run);
  add_path(app, run);
  add_cv(app, run);
  add_predict(app, run);
  add_summary(app, run);
  add_inspect(app, run);
  add_diff(app, run);
  add_export(app, run);
  add_verify(app, run);
  add_sign(app, run);
  add_keygen(app, run);
  app.require_subcommand(0, 1);  // what follows the first is a file, even if it is called "inspect"
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "aprender " APRENDER_VERSION, "Print the version");

  const auto usage = [&app](const std::string& message) {
    const CLI::App& command = asked(app);
    return Failure(ExitCode::usage, message,
                   fmt::format("Try 'aprender {}--help'.", &command == &app ? "" : command.get_name() + " "));
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    std::ostringstream out, ignored;
    app.exit(request, out, ignored);
    print(out.str());
    return ExitCode::fine;
  } catch (const CLI::ExtrasError&) {
    throw usage(unknown_argument(app));
  } catch (const CLI::ArgumentMismatch& error) {
    throw usage(wrong_count(app, error));
  } catch (const CLI::ParseError& error) {
    throw usage(error.what());
  }
  if (!run)
    throw usage(
        "a command is needed: train, path, cv, predict, summary, inspect, diff, export, verify, sign or keygen");
  try {
    return run();
  } catch (const Failure& failed) {
    if (failed.code != ExitCode::usage || !failed.advice.empty()) throw;
    throw usage(failed.what());
  }
}

}  // namespace
}  // namespace aprender::cli

int main(int argc, char** argv) {
  using namespace aprender::cli;
  prepare_streams();
  ExitCode code = ExitCode::internal;
  try {
    code = execute(argc, argv);
  } catch (const Failure& failed) {
    code = failed.code;
    print_error(failed.what());
    print_advice(failed.advice);
  } catch (const std::bad_alloc&) {
    code = ExitCode::file;
    print_error("out of memory");
  } catch (const std::exception& unexpected) {
    print_error(fmt::format("unexpected: {}", unexpected.what()));
    print_advice("This is a bug of aprender; please report it.");
  } catch (...) {
    print_error("unexpected: an exception of an unknown type");
  }
  return static_cast<int>(code);
}
