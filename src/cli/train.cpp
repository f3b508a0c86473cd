/// aprender train --estimator NAME --data FILE.csv --target COLUMN --out MODEL.aprender [...]

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/fit.hpp"
#include "cli/model_json.hpp"
#include "cli/model_view.hpp"
#include "cli/origin.hpp"
#include "cli/samples.hpp"
#include "cli/terminal.hpp"
#include "cli/trained.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

struct TrainArguments {
  DataOptions data;
  EstimatorOptions estimator;
  ArchiveOptions archive;
  OriginOptions origin;
  std::optional<std::string> start_from;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
  bool float32 = false, json = false;
};

/// The model to start from, if one is given. Throws Failure.
std::optional<WarmStart> warm_start(const TrainArguments& options, const Estimator& estimator) {
  if (!options.start_from) return {};
  if (!iterates(estimator)) {
    throw Failure(ExitCode::usage,
                  fmt::format("--start-from does not apply to --estimator {}", options.estimator.estimator),
                  "It is for lasso, elastic-net and logistic.");
  }
  return WarmStart{*options.start_from, load(*options.start_from)};
}

ExitCode run_train(const TrainArguments& options) {
  const Estimator estimator = make_estimator(options.estimator);
  check(options.data, takes_several_targets(estimator));
  const int threads = checked_threads(options.threads);
  Description description = checked_description(options.archive, options.data);
  const FitSettings settings{.class_weight = options.estimator.class_weight,
                             .start = warm_start(options, estimator),
                             .float32 = options.float32,
                             .threads = threads};
  const Samples samples(options.data);

  description.provenance = make_provenance(options.origin, samples, threads);
  description.provenance.seed = options.seed;
  if (settings.start) description.provenance.parent_archive_id = settings.start->archive.id();
  const ModelArchive archive = fit(estimator, settings, samples, std::move(description));
  save(archive, options.archive.out);
  warn_of(archive, samples);
  print(options.json ? to_json(archive) : training_report(archive, samples, options.archive.out));
  return ExitCode::fine;
}

constexpr const char* train_examples = R"(  aprender train --estimator linear --data houses.csv --target price \
      --out houses.aprender
  aprender train --estimator logistic --C 0.1 --data tumours.csv \
      --target diagnosis --name tumours --version 1.2.0 --out t.aprender
  aprender train --estimator ridge --data houses.csv --target price \
      --target rent --out houses.aprender
  zcat big.csv.gz | aprender train --estimator lasso --alpha 0.01 --data - \
      --target y --features a,b,c --out big.aprender
  aprender train --estimator logistic --l1-ratio 1 --sparse \
      --data rcv1.svm --out rcv1.aprender
  aprender train --estimator lasso --alpha 0.009 --data big.csv --target y \
      --start-from big.aprender --out next.aprender)";

}  // namespace

void add_train(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<TrainArguments>();
  CLI::App& command = add_command(app, "train", "Fit a model to a CSV file and save it as an archive",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                      --out MODEL.aprender [options]",
                                  train_examples);
  add_data_options(command, options->data);
  command.get_option("--target")
      ->description(
          "What to predict: numbers, or for logistic integer\nor text labels (required without --sparse); linear\n"
          "and ridge: several, the option once for each");
  add_estimator(command, options->estimator, "linear, ridge, lasso, elastic-net or logistic");
  add_penalty(command, options->estimator);
  add_hyperparameters(command, options->estimator);
  command
      .add_option(
          "--start-from", options->start_from,
          "A model to start from, of the same features (lasso,\nelastic-net, logistic): changes how soon it ends")
      ->type_name("MODEL.aprender")
      ->group("Estimator");
  add_threads(command, options->threads);
  add_archive_options(command, options->archive, "Where to write it, atomically (required)");
  add_number(command, "--seed", options->seed, "Recorded with the model; training uses no random\nnumbers of its own")
      ->group("Archive");
  add_origin(command, options->origin);
  command.add_flag("--float32", options->float32, "Train and store in single precision")->group("Archive");
  command.add_flag("--json", options->json, "Print what 'inspect --json' would");
  run_with(command, run_later, options, {"--estimator", "--data", "--target", "--out"}, run_train);
}

}  // namespace aprender::cli
