/// aprender diff OLD.aprender NEW.aprender [--data FILE.csv] [--at-most LEVEL] [--json]

#include <iterator>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aprender/compatibility.hpp"
#include "cli/command.hpp"
#include "cli/differences.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/json_text.hpp"
#include "cli/keys.hpp"
#include "cli/model_view.hpp"
#include "cli/page.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr Compatibility levels[] = {Compatibility::identical, Compatibility::drop_in, Compatibility::output_changed,
                                    Compatibility::breaking};

struct DiffArguments {
  std::vector<std::string> files;
  std::string data;
  TrustOptions trust;
  std::optional<Compatibility> at_most;
  bool sparse = false, json = false;
};

/// Distances in ULP soon have more digits than anybody reads.
std::string short_ulp(std::uint64_t distance) {
  return distance < 1'000'000 ? std::to_string(distance) : fmt::format("{:.1e}", static_cast<double>(distance));
}

/// "output-changed", as options and JSON spell it.
std::string word(Compatibility level) {
  std::string text(name(level));
  for (char& c : text) c = c == ' ' ? '-' : c;
  return text;
}

constexpr std::string_view ulp_heads[] = {"0", "1", "2-4", "5-16", "17-1024", "more"};

Json differences_json(const OutputDifferences& output) {
  Json histogram = Json::object();
  for (std::size_t k = 0; k < output.by_ulp.size(); ++k) histogram[std::string(ulp_heads[k])] = output.by_ulp[k];
  return {{"name", output.name},
          {"difference", {{"median", output.median}, {"p99", output.p99}, {"largest", output.largest}}},
          {"ulp",
           {{"median", output.median_ulp},
            {"p99", output.p99_ulp},
            {"largest", output.largest_ulp},
            {"rows_by_distance", histogram}}},
          {"largest_at", output.largest_at}};
}

std::string differences_json(const DiffArguments& options, const ModelArchive (&archives)[2],
                             const CompatibilityReport& report, const std::optional<Differences>& answers) {
  Json json = Json::object();
  for (std::size_t k = 0; k < 2; ++k) {
    const Description& said = archives[k].description();
    json[k == 0 ? "old" : "new"] = {
        {"file", options.files[k]}, {"name", said.name}, {"version", said.version}, {"archive_id", archives[k].id()}};
  }
  json["level"] = word(report.level);
  json["changes"] = Json::array();
  for (const Change& change : report.changes) {
    json["changes"].push_back({{"level", word(change.level)}, {"reason", change.reason}});
  }
  json["answers"] = nullptr;
  if (answers) {
    Json outputs = Json::array();
    for (const OutputDifferences& output : answers->outputs) outputs.push_back(differences_json(output));
    json["answers"] = {{"data", options.data}, {"rows", answers->rows}};
    if (archives[1].schema().classes) json["answers"]["labels_changed"] = answers->labels_changed;
    json["answers"]["outputs"] = std::move(outputs);
  }
  return to_text(json);
}

void answers_page(Page& page, const DiffArguments& options, const ModelArchive& after, const Differences& answers) {
  const bool classifier = after.schema().classes.has_value();
  page.section(fmt::format("Answers to {} rows of {}", answers.rows, printable(options.data)));
  if (classifier) page.row("labels", fmt::format("{} of {} change", answers.labels_changed, answers.rows));
  std::size_t width = columns_of("probability of");
  for (const OutputDifferences& output : answers.outputs) width = std::max(width, columns_of(printable(output.name)));
  width = std::min<std::size_t>(width, 24);
  page.remark(fmt::format("{:<{}}{:>12}{:>12}{:>12}  largest at", classifier ? "probability of" : "|new - old|", width,
                          "median", "99 %", "largest"));
  for (const OutputDifferences& output : answers.outputs) {
    page.line(fmt::format("{:<{}}{:>12}{:>12}{:>12}  {}", shortened(output.name, width), width,
                          short_number(output.median), short_number(output.p99), short_number(output.largest),
                          printable(output.largest_at)));
  }
  std::string head =
      fmt::format("{:<{}}{:>12}{:>12}{:>12}  rows by distance:", "in ULP", width, "median", "99 %", "largest");
  for (const std::string_view bound : ulp_heads) head += fmt::format("  {}", bound);
  page.remark(head);
  for (const OutputDifferences& output : answers.outputs) {
    std::string rows;
    for (std::size_t k = 0; k < output.by_ulp.size(); ++k) {
      rows += fmt::format("  {:>{}}", output.by_ulp[k], ulp_heads[k].size());
    }
    page.line(fmt::format("{:<{}}{:>12}{:>12}{:>12}                   {}", shortened(output.name, width), width,
                          short_ulp(output.median_ulp), short_ulp(output.p99_ulp), short_ulp(output.largest_ulp),
                          rows));
  }
}

std::string to_page(const DiffArguments& options, const ModelArchive (&archives)[2], const CompatibilityReport& report,
                    const std::optional<Differences>& answers) {
  const Style style = output_style();
  Page page(style, terminal_width());
  page.section(std::string(name(report.level)));
  for (std::size_t k = 0; k < 2; ++k) {
    const Description& said = archives[k].description();
    page.row(k == 0 ? "old" : "new",
             fmt::format("{}: {} {}, archive {}", options.files[k], said.name, said.version, archives[k].id()));
  }
  for (const Change& change : report.changes) {
    page.row(&change == report.changes.data() ? "because" : "",
             fmt::format("{}: {}", name(change.level), change.reason));
  }
  if (answers) {
    answers_page(page, options, archives[1], *answers);
  } else if (!options.data.empty()) {
    page.remark("The answers are not compared: the models do not take the same columns or give the same outputs.");
  }
  return page.text();
}

std::optional<Differences> compare_answers(const DiffArguments& options, const ModelArchive& before,
                                           const ModelArchive& after, Compatibility level) {
  if (options.data.empty() || level == Compatibility::breaking) return {};
  if (options.sparse) {
    const SparseFile file = read_sparse_data(options.data, after.schema().n_features);
    const Progress progress("comparing answers");
    return differences(before, after, file.samples);
  }
  const DataFile file = read_data(options.data);
  const Progress progress("comparing answers");
  return differences(before, after, file.table);
}

ExitCode run_diff(const DiffArguments& options) {
  if (options.files.size() != 2) {
    throw Failure(ExitCode::usage, fmt::format("{} archives, expected two: OLD NEW", options.files.size()));
  }
  if (options.sparse && options.data.empty()) throw Failure(ExitCode::usage, "--sparse needs --data FILE");
  const LoadOptions loading = load_options(options.trust);
  const ModelArchive archives[2] = {load(options.files[0], loading), load(options.files[1], loading)};
  const CompatibilityReport report = compatibility(archives[0], archives[1]);
  const auto answers = compare_answers(options, archives[0], archives[1], report.level);
  print(options.json ? differences_json(options, archives, report, answers)
                     : to_page(options, archives, report, answers));
  return options.at_most && report.level > *options.at_most ? ExitCode::not_compatible : ExitCode::fine;
}

constexpr const char* diff_examples = R"(  aprender diff houses-1.aprender houses-2.aprender
  aprender diff old.aprender new.aprender --data recent.csv --json
  aprender diff live.aprender candidate.aprender --at-most drop-in && deploy)";

}  // namespace

void add_diff(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<DiffArguments>();
  CLI::App& command = add_command(app, "diff", "Whether one model may take the place of another, and what changes",
                                  "OLD.aprender NEW.aprender [--data FILE.csv] [options]", diff_examples);
  command.add_option("ARCHIVES", options->files, "The model in use, and the one to replace it")
      ->type_name("")
      ->expected(-1);
  command
      .add_option("--data", options->data, "Compare the answers to these rows too, in ULP and in\nthe outputs' unit")
      ->type_name("FILE.csv");
  command.add_flag("--sparse", options->sparse, "The data are in LIBSVM format");
  command
      .add_option_function<std::string>(
          "--at-most",
          [options](const std::string& text) {
            for (const Compatibility level : levels) {
              if (word(level) == text) options->at_most = level;
            }
            if (!options->at_most) {
              throw CLI::ValidationError("--at-most",
                                         "'" + text + "', expected identical, drop-in, output-changed or breaking");
            }
          },
          "End with exit code 9 if the change is graver:\nidentical, drop-in, output-changed or breaking")
      ->type_name("LEVEL");
  add_trust(command, options->trust);
  command.add_flag("--json", options->json, "Print {old, new, level, changes, answers}");
  run_with(command, run_later, options, {"ARCHIVES"}, run_diff);
}

}  // namespace aprender::cli
