/// aprender verify MODEL.aprender... [--trust KEY.pub.pem ...] [--minimum-version VERSION] [--json]

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aprender/archive.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "cli/keys.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

struct VerifyArguments {
  std::vector<std::string> files;
  TrustOptions trust;
  bool json = false;
};

struct Verdict {
  std::string file;
  Result<std::string> archive_id;
  std::optional<std::string> signed_by = {};
};

Verdict verify(const std::string& file, const LoadOptions& options) {
  const Progress progress("verifying " + file);
  auto loaded = ModelArchive::load(file, options);
  if (!loaded) return {file, tl::unexpected(std::move(loaded.error()))};
  return {file, loaded->id(), loaded->signed_by()};
}

nlohmann::ordered_json verdict_json(const Verdict& verdict) {
  const auto& id = verdict.archive_id;
  const bool ok = id.has_value();
  return {{"file", verdict.file},
          {"ok", ok},
          {"code", ok ? nlohmann::ordered_json() : nlohmann::ordered_json(name(id.error().code))},
          {"context", ok ? nlohmann::ordered_json() : nlohmann::ordered_json(id.error().context)},
          {"archive_id", ok ? nlohmann::ordered_json(*id) : nlohmann::ordered_json()},
          {"signed_by", verdict.signed_by ? nlohmann::ordered_json(*verdict.signed_by) : nlohmann::ordered_json()}};
}

std::string to_line(const Verdict& verdict) {
  const Style style = output_style();
  const std::string file = printable(verdict.file);
  if (verdict.archive_id) {
    return fmt::format("{}ok{}  {}  {}{}\n", style.good, style.reset, file, *verdict.archive_id,
                       verdict.signed_by ? "  signed by " + *verdict.signed_by : "");
  }
  const Error& error = verdict.archive_id.error();
  return fmt::format("{}REFUSED{}  {}  {}\n", style.bad, style.reset, file,
                     printable(aprender::to_string(Error{error.code, context_without(error, verdict.file)})));
}

ExitCode run_verify(const VerifyArguments& options) {
  const LoadOptions loading = load_options(options.trust);
  ExitCode worst = ExitCode::fine;
  auto list = nlohmann::ordered_json::array();
  for (const std::string& file : options.files) {
    const Verdict verdict = verify(file, loading);
    if (!verdict.archive_id) worst = std::max(worst, exit_code(verdict.archive_id.error().code));
    if (options.json) {
      list.push_back(verdict_json(verdict));
    } else {
      print(to_line(verdict));
    }
  }
  // A file name or a context may hold any bytes; JSON must be UTF-8.
  if (options.json)
    print(printable_json(list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n");
  return worst;
}

constexpr const char* verify_examples = R"(  aprender verify houses.aprender
  aprender verify --json models/*.aprender
  aprender verify houses.aprender --trust release.pub.pem)";

}  // namespace

void add_verify(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<VerifyArguments>();
  CLI::App& command = add_command(app, "verify", "Check archives: every byte, every number, every claim",
                                  "MODEL.aprender... [--trust KEY.pub.pem] [--json]", verify_examples);
  command.add_option("MODEL.aprender", options->files, "Archives, each checked as if it were to be used")
      ->type_name("")
      ->expected(-1);
  add_trust(command, options->trust);
  command.add_flag("--json", options->json, "Print an array of {file, ok, code, context,\narchive_id, signed_by}");
  run_with(command, run_later, options, {"MODEL.aprender"}, run_verify);
}

}  // namespace aprender::cli
