/// aprender train --estimator NAME --data FILE.csv --target COLUMN --out MODEL.aprender [...]

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "archive/text.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/fit.hpp"
#include "cli/model_json.hpp"
#include "cli/page.hpp"
#include "cli/terminal.hpp"
#include "cli/training_data.hpp"

namespace aprender::cli {
namespace {

struct Options {
  EstimatorOptions estimator;
  std::string data, target, features, sample_weight;
  std::optional<std::string> name;
  std::string version = "0.1.0", description, out;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
  bool float32 = false, json = false;
};

constexpr int most_threads = 1024;

/// Everything that can be said to be wrong before any work is done. Throws Failure.
Description check(const Options& options) {
  Description description{.name = options.name.value_or(std::filesystem::path(options.out).stem().string()),
                          .version = options.version,
                          .targets = {options.target},
                          .description = options.description,
                          .provenance = {}};
  const auto refuse = [](const std::string& message) { throw Failure(ExitCode::usage, message); };
  if (options.threads && (*options.threads < 1 || *options.threads > most_threads)) {
    refuse(fmt::format("--threads {}: expected 1 to {}", *options.threads, most_threads));
  }
  if (options.out == "-") refuse("--out -: an archive is a file, not a stream");
  check_destination(options.out, options.data);
  if (!archive::is_name(description.name, Limits{}.name_bytes)) {
    refuse(fmt::format("--name {}: expected 1 to {} bytes of UTF-8 without control characters",
                       in_quotes(description.name), Limits{}.name_bytes));
  }
  if (!archive::is_semantic_version(description.version)) {
    refuse(fmt::format("--version {}: expected a semantic version such as 1.2.0", in_quotes(description.version)));
  }
  if (!archive::is_text(description.description)) refuse("--description: expected UTF-8 without control characters");
  return description;
}

void save(const ModelArchive& archive, const std::string& file) {
  const Progress progress("verifying and saving " + file);
  auto saved = archive.save(file);
  if (saved) return;
  // An archive that no reader would take is the fault of what went into it.
  if (saved.error().code == ErrorCode::limit_exceeded) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: too much for an archive: {}", file, saved.error().context));
  }
  throw failure(saved.error(), file);
}

/// What the command says once the archive is there.
std::string report(const ModelArchive& archive, const Options& options) {
  const FitReport& fit = archive.report();
  const Description& said = archive.description();
  const TrainingData& data = *said.provenance.data;
  Page page(output_style(), terminal_width());
  page.section(said.name + " " + said.version);
  page.row("estimator", to_string(archive.estimator()));
  page.row("data", fmt::format("{}, {} rows", data.uri.empty() ? options.data : data.uri, data.rows));
  page.row("features", std::to_string(fit.n_features));
  page.row("target", options.target);
  page.row("solver", solver_in_words(fit));
  page.row("converged", fit.converged ? "yes" : "NO");
  page.row("certificate", certificate(fit));
  if (fit.rank) page.row("rank", rank_in_words(fit));
  page.row("metrics", metrics_in_words(said));
  page.row("archive", options.out);
  page.row("archive id", archive.id());
  return page.text();
}

/// What a user should know of a model that is there.
void warn(const ModelArchive& archive, const Table& table, std::size_t target) {
  const FitReport& report = archive.report();
  if (!archive.schema().classes) {
    const std::vector<double> y = number_column(table, target);
    const auto [least, most] = std::minmax_element(y.begin(), y.end());
    if (*least == *most) {
      print_note(fmt::format("{}: column {} is {} in every row, a constant target", table.file_name(),
                             in_quotes(table.columns()[target]), *least));
    }
  }
  if (report.converged) return;
  if (report.iterations == 0) {
    print_warning(fmt::format("not solved to the tolerance: {}", certificate(report)));
  } else {
    print_warning(fmt::format("not converged after {} iterations: {}; raise --max-iter or --tol", report.iterations,
                              certificate(report)));
  }
}

ExitCode run(const Options& options) {
  const Estimator estimator = make_estimator(options.estimator);
  Description description = check(options);
  const DataFile data = read_data(options.data);
  const Roles roles = assign_roles(data.table, options.target, options.sample_weight, options.features);

  description.provenance = capture_provenance();
  description.provenance.data = describe(data);
  description.provenance.seed = options.seed;
  if (roles.sample_weight) description.provenance.annotations["sample_weight"] = options.sample_weight;
  const int threads = options.threads.value_or(1);
  if (threads > 1) description.provenance.annotations["threads"] = std::to_string(threads);
  const ModelArchive archive =
      fit(estimator, options.estimator.class_weight, data.table, roles, options.float32, threads, description);
  save(archive, options.out);
  warn(archive, data.table, roles.target);
  print(options.json ? to_json(archive) : report(archive, options));
  return ExitCode::fine;
}

constexpr const char* examples = R"(  aprender train --estimator linear --data houses.csv --target price \
      --out houses.aprender
  aprender train --estimator logistic --C 0.1 --data tumours.csv \
      --target diagnosis --name tumours --version 1.2.0 --out t.aprender
  zcat big.csv.gz | aprender train --estimator lasso --alpha 0.01 --data - \
      --target y --features a,b,c --out big.aprender)";

void add_data_options(CLI::App& command, Options& options) {
  const auto text = [&command](const char* name, std::string& value, const char* type, const char* description) {
    command.add_option(name, value, description)->type_name(type)->group("Data");
  };
  text("--data", options.data, "FILE.csv", "Rows with a header, - for standard input (required)");
  text("--target", options.target, "COLUMN",
       "What to predict: numbers, or for logistic integer\nor text labels (required)");
  text("--features", options.features, "a,b,c", "Columns to predict from (default: all others)");
  text("--sample-weight", options.sample_weight, "COLUMN", "Weights of the rows, at least 0");
}

void add_hyperparameters(CLI::App& command, EstimatorOptions& options) {
  const auto group = [](CLI::Option* option) { option->group("Estimator"); };
  group(
      command.add_option("--estimator", options.estimator, "linear, ridge, lasso, elastic-net or logistic\n(required)")
          ->type_name("NAME"));
  group(add_number(command, "--alpha", options.alpha, "Penalty, >= 0 (ridge, lasso, elastic-net;\ndefault: 1)"));
  group(add_number(command, "--l1-ratio", options.l1_ratio,
                   "Share of the L1 penalty, 0 to 1 (elastic-net,\ndefault 0.5; logistic, default 0)"));
  group(add_number(command, "--C", options.C, "Inverse of the penalty, > 0 (logistic; default: 1)"));
  group(command
            .add_option("--class-weight", options.class_weight,
                        "Weights of the classes (logistic): balanced, or of\nthose that are not 1")
            ->type_name("balanced|LABEL=W,..."));
  group(add_number(command, "--max-iter", options.max_iter,
                   "Most iterations, >= 1 (lasso, elastic-net: 10000;\nlogistic: 100)"));
  group(add_number(command, "--tol", options.tol,
                   "Certificate to reach, > 0 (lasso, elastic-net,\nlogistic; default: 1e-8)"));
  group(command.add_flag("--no-intercept", options.no_intercept, "Fit no intercept"));
}

void add_threads(CLI::App& command, std::optional<int>& threads) {
  add_number(command, "--threads", threads,
             "Threads to fit with (default: 1); another number may\nchange the last digits")
      ->group("Estimator");
}

void add_archive_options(CLI::App& command, Options& options) {
  const auto text = [&command](const char* name, auto& value, const char* type, const char* description) {
    command.add_option(name, value, description)->type_name(type)->group("Archive");
  };
  text("--out", options.out, "MODEL.aprender", "Where to write it, atomically (required)");
  text("--name", options.name, "N", "Name of the model (default: that of the file)");
  text("--version", options.version, "V", "Semantic version of the model (default: 0.1.0)");
  text("--description", options.description, "D", "What the model is for");
  add_number(command, "--seed", options.seed, "Recorded with the model; training uses no random\nnumbers of its own")
      ->group("Archive");
  command.add_flag("--float32", options.float32, "Train and store in single precision")->group("Archive");
  command.add_flag("--json", options.json, "Print what 'inspect --json' would");
}

}  // namespace

void add_train(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(app, "train", "Fit a model to a CSV file and save it as an archive",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                      --out MODEL.aprender [options]",
                                  examples);
  add_data_options(command, *options);
  add_hyperparameters(command, options->estimator);
  add_threads(command, options->threads);
  add_archive_options(command, *options);
  add_help(command);
  command.callback([options, &command, &run_later] {
    run_later = [options, &command] {
      require_options(command, {"--estimator", "--data", "--target", "--out"});
      return run(*options);
    };
  });
}

}  // namespace aprender::cli
