/// What the commands share: how they are declared and how their help looks.
#pragma once

#include <charconv>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/exit_code.hpp"

namespace aprender::cli {

/// What main is to do once the whole command line has been understood; throws Failure.
using Run = std::function<ExitCode()>;

void add_train(CLI::App& app, Run& run);
void add_path(CLI::App& app, Run& run);
void add_cv(CLI::App& app, Run& run);
void add_predict(CLI::App& app, Run& run);
void add_summary(CLI::App& app, Run& run);
void add_inspect(CLI::App& app, Run& run);
void add_diff(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_verify(CLI::App& app, Run& run);
void add_sign(CLI::App& app, Run& run);
void add_keygen(CLI::App& app, Run& run);

/// A subcommand; `usage` is the line without "aprender NAME", `examples` end the help before the exit codes.
CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description, const std::string& usage,
                      const std::string& examples);

/// The table of exit codes that ends every help.
extern const std::string exit_codes;

/// Throws Failure(usage) naming every one of the options that was not given.
void require_options(const CLI::App& command, const std::vector<std::string>& names);

/// Ends the declaration of a command: run(options) is what main is to do, unless a required option is missing. --target
/// is not required with --sparse.
template <class Options>
void run_with(CLI::App& command, Run& run_later, const std::shared_ptr<Options>& options,
              const std::vector<std::string>& required, ExitCode (*run)(const Options&)) {
  command.set_help_flag("-h,--help", "Print this help");  // here, so that it is the last of the options
  command.callback([options, &command, &run_later, required, run] {
    run_later = [options, &command, required, run] {
      require_options(command, required);
      return run(*options);
    };
  });
}

/// The help of a command at 80 columns: what it does, usage, archive, commands, options, examples, exit codes.
class Help : public CLI::Formatter {
 public:
  explicit Help(std::string usage) : usage_(std::move(usage)) {
    column_width(26);
    label("Positionals", "Archive");
  }
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;

 private:
  std::string usage_;
};

/// An option whose whole value is a number of type T: no blanks, no NaN, no infinity, no octal or hexadecimal.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& name, std::optional<T>& value,
                        const std::string& description) {
  const auto parse = [&value, name](const std::string& text) {
    T number{};
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    bool finite = true;
    if constexpr (std::is_floating_point_v<T>) finite = std::isfinite(number);
    if (problem != std::errc{} || stop != end || !finite) {
      throw CLI::ValidationError(
          name, "'" + text + "', expected " + (std::is_integral_v<T> ? "an integer" : "a number") + " in range");
    }
    value = number;
  };
  return command.add_option_function<std::string>(name, parse, description)
      ->type_name(std::is_integral_v<T> ? "INTEGER" : "NUMBER");
}

}  // namespace aprender::cli
