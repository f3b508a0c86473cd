/// aprender export MODEL.aprender --as cyclonedx|slsa [--out FILE] [--trust KEY.pub.pem ...]

#include "cli/export.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/json_text.hpp"
#include "cli/keys.hpp"
#include "cli/model_view.hpp"
#include "cli/terminal.hpp"
#include "container/digest.hpp"

namespace aprender::cli {
namespace {

struct Format {
  std::string_view name;
  nlohmann::ordered_json (*write)(const ArchiveFile& file);
};

constexpr std::array formats{Format{"cyclonedx", to_cyclonedx}, Format{"slsa", to_slsa}};

struct ExportArguments {
  std::string file;
  std::string format;
  std::string out;
  TrustOptions trust;
};

const Format& find_format(const std::string& name) {
  std::vector<std::string> known;
  for (const Format& each : formats) {
    if (each.name == name) return each;
    known.emplace_back(each.name);
  }
  const std::string meant = nearest(name, known);
  throw Failure(ExitCode::usage, fmt::format("--as '{}' is none of {}", name, fmt::join(known, ", ")),
                meant.empty() ? "" : fmt::format("Did you mean '{}'?", meant));
}

/// There is one sequence of bytes for what an archive holds, so that those of the archive are those of its file.
ArchiveFile load_file(const std::string& file, const LoadOptions& loading) {
  ModelArchive archive = load(file, loading);
  std::string digest = container::hex(container::sha256(archive.to_bytes()));
  return {std::move(archive), std::filesystem::path(file).filename().string(), std::move(digest)};
}

ExitCode run_export(const ExportArguments& options) {
  const Format& format = find_format(options.format);
  if (!options.out.empty()) check_destination(options.out, options.file);
  const std::string text = to_text(format.write(load_file(options.file, load_options(options.trust))));
  if (options.out.empty()) {
    print(text);
  } else {
    write_file(options.out, text);
    print(fmt::format("{}  {} of {}\n", printable(options.out), format.name, printable(options.file)));
  }
  return ExitCode::fine;
}

constexpr const char* export_examples = R"(  aprender export houses.aprender --as cyclonedx
  aprender export houses.aprender --as cyclonedx --out houses.cdx.json
  aprender export houses.aprender --as slsa --trust release.pub.pem)";

}  // namespace

void add_export(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<ExportArguments>();
  CLI::App& command = add_command(app, "export", "Tell other tools what an archive holds, once it has been verified",
                                  "MODEL.aprender --as cyclonedx|slsa [--out FILE]", export_examples);
  command.add_option("MODEL.aprender", options->file, "The archive")->type_name("");
  command
      .add_option("--as", options->format,
                  "cyclonedx: a bill of materials with a model card,\nCycloneDX 1.6 in JSON; slsa: provenance, SLSA "
                  "v1\nin an in-toto statement")
      ->type_name("FORMAT");
  command.add_option("--out", options->out, "Write to this file, not to standard output")->type_name("FILE");
  add_trust(command, options->trust);
  run_with(command, run_later, options, {"MODEL.aprender", "--as"}, run_export);
}

}  // namespace aprender::cli
