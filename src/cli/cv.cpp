/// aprender cv --estimator NAME --data FILE.csv --target COLUMN [--out MODEL.aprender] [...]

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/estimator_json.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/fit.hpp"
#include "cli/json_text.hpp"
#include "cli/origin.hpp"
#include "cli/page.hpp"
#include "cli/plot.hpp"
#include "cli/samples.hpp"
#include "cli/selection.hpp"
#include "cli/terminal.hpp"
#include "cli/trained.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

constexpr std::int64_t most_folds = 1000;

struct CvArguments {
  DataOptions data;
  EstimatorOptions estimator;
  PenaltyOptions penalties;
  ArchiveOptions archive;
  OriginOptions origin;
  std::optional<std::int64_t> folds;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
  std::string rule = "min", svg;
  bool leave_one_out = false, float32 = false, json = false;
};

std::string_view error_name(const Estimator& estimator) { return classifies(estimator) ? "log_loss" : "mse"; }

/// Throws Failure(usage).
Rule rule_of(const CvArguments& options) {
  if (options.rule == "min") return Rule::min;
  if (options.rule == "1se") return Rule::one_standard_error;
  if (options.rule == "gcv" && options.leave_one_out) return Rule::gcv;
  throw Failure(ExitCode::usage, options.rule == "gcv"
                                     ? "--rule gcv needs --leave-one-out"
                                     : fmt::format("--rule {}: expected min, 1se or gcv", in_quotes(options.rule)));
}

void check(const CvArguments& options, const Estimator& estimator) {
  check(options.data);
  const auto refuse = [](const std::string& message) { throw Failure(ExitCode::usage, message); };
  if (!has_penalty(estimator)) {
    throw Failure(ExitCode::usage, "--estimator linear has no penalty to choose",
                  "Those with one are ridge, lasso, elastic-net and logistic.");
  }
  if (options.folds && (*options.folds < 2 || *options.folds > most_folds)) {
    refuse(fmt::format("--folds {}: expected 2 to {}", *options.folds, most_folds));
  }
  if (options.leave_one_out && !std::holds_alternative<Ridge>(estimator)) {
    refuse(fmt::format("--leave-one-out does not apply to --estimator {}", options.estimator.estimator));
  }
  if (options.leave_one_out && (options.folds || options.seed)) {
    refuse("--leave-one-out draws no folds: --folds and --seed do not apply");
  }
  if (!options.svg.empty()) check_destination(options.svg, options.data.data, "--svg");
  if (!options.svg.empty() && options.svg == options.archive.out) refuse("--svg and --out name the same file");
}

std::vector<double> list(const Eigen::VectorXd& values) { return {values.begin(), values.end()}; }

std::string method(const CvArguments& options, const CrossValidation& found) {
  return options.leave_one_out ? "leave-one-out" : fmt::format("{}-fold cross-validation", found.errors.rows());
}

/// What each rule would choose, by position.
std::vector<std::pair<std::string, Eigen::Index>> choices(const Selection& selection) {
  std::vector<std::pair<std::string, Eigen::Index>> list = {{"min", selection.found.best()},
                                                            {"1se", selection.found.one_standard_error()}};
  if (selection.left_out) list.emplace_back("gcv", selection.left_out->best_by_gcv());
  return list;
}

Chart chart(const Selection& selection, const Estimator& estimator, const Samples& samples,
            const CvArguments& options) {
  const CrossValidation& found = selection.found;
  std::vector<Mark> marks;
  for (const auto& [rule, k] : choices(selection)) marks.push_back({found.alphas(k), rule});
  return {
      .title = fmt::format("{} of {} for {}", options.leave_one_out ? "Leave-one-out errors" : method(options, found),
                           type_name(estimator), samples.target()),
      .x_label = fmt::format("{}, the strongest penalty on the left", penalty_name(estimator)),
      .y_label = classifies(estimator) ? "mean log loss" : "mean squared error",
      .x = list(found.alphas),
      .curves = {{"mean", list(found.mean)}},
      .spread = list(found.standard_error),
      .marks = std::move(marks)};
}

std::string report(const Selection& selection, const Chart& chart, const Estimator& estimator, const Samples& samples,
                   const CvArguments& options) {
  constexpr Eigen::Index most_rows = 20;
  const CrossValidation& found = selection.found;
  Page page(output_style(), terminal_width());
  page.section(chart.title);
  page.row("estimator", to_string(estimator, false));
  if (options.estimator.class_weight) page.row("class weight", *options.estimator.class_weight);
  page.row("data", fmt::format("{}, {} rows", samples.file_name(), samples.rows()));
  page.row("target", samples.target());
  if (!options.leave_one_out) {
    page.row("folds", fmt::format("{}, seed {}", found.errors.rows(), options.seed.value_or(0)));
  }
  page.row("chosen", fmt::format("{} {} by the rule {}", penalty_name(estimator),
                                 short_number(found.alphas(selection.chosen)), options.rule));
  page.section("Errors");
  const auto& left_out = selection.left_out;
  page.line(fmt::format("{:>12}  {:>12}  {:>14}{}", penalty_name(estimator), classifies(estimator) ? "log loss" : "mse",
                        "standard error", left_out ? fmt::format("  {:>12}", "gcv") : ""));
  const Eigen::Index count = found.alphas.size(), every = (count + most_rows - 1) / most_rows;
  for (Eigen::Index k = 0; k < count; ++k) {
    std::string marks;
    for (const auto& [rule, at] : choices(selection)) marks += at == k ? "  " + rule : "";
    if (k % every != 0 && k + 1 != count && marks.empty()) continue;
    page.line(fmt::format("{:>12}  {:>12}  {:>14}{}{}", short_number(found.alphas(k)), short_number(found.mean(k)),
                          short_number(found.standard_error(k)),
                          left_out ? fmt::format("  {:>12}", short_number(left_out->gcv(k))) : "", marks));
  }
  if (every > 1) page.remark(fmt::format("some of {}; --json has all", count));
  return page.text() + "\n" + to_text(chart, terminal_width(), unicode_locale(), output_style());
}

std::string json(const Selection& selection, const Estimator& estimator, const Samples& samples,
                 const CvArguments& options, const std::string& archive_id) {
  using Json = nlohmann::ordered_json;
  const CrossValidation& found = selection.found;
  const TrainingData& source = samples.source();
  const std::string penalty(penalty_name(estimator));
  const auto at = [&](Eigen::Index k) {
    return Json{
        {"index", k}, {penalty, found.alphas(k)}, {"mean", found.mean(k)}, {"standard_error", found.standard_error(k)}};
  };
  Json result{{"estimator", estimator_json(estimator, options.estimator.class_weight)},
              {"data", {{"uri", source.uri}, {"sha256", source.sha256}, {"rows", source.rows}}},
              {"target", samples.target()},
              {"error", error_name(estimator)},
              {"rule", options.rule},
              {"chosen", at(selection.chosen)},
              {"min", at(found.best())},
              {"1se", at(found.one_standard_error())},
              {penalty + "s", list(found.alphas)},
              {"mean", list(found.mean)},
              {"standard_error", list(found.standard_error)}};
  if (options.leave_one_out) {
    result["gcv"] = list(selection.left_out->gcv);
  } else {
    result["folds"] = found.errors.rows();
    result["seed"] = options.seed.value_or(0);
    result["errors"] = Json::array();
    for (Eigen::Index f = 0; f < found.errors.rows(); ++f) result["errors"].push_back(list(found.errors.row(f)));
  }
  result["not_converged"] = found.not_converged;
  if (!archive_id.empty()) result["archive_id"] = archive_id;
  return to_text(result);
}

void warn(const Selection& selection, const Estimator& estimator) {
  const CrossValidation& found = selection.found;
  if (found.not_converged > 0) {
    print_warning(fmt::format("{} of {} fits did not meet their tolerance; raise --max-iter or --tol",
                              found.not_converged, found.errors.size()));
  }
  const Eigen::Index last = found.alphas.size() - 1;
  if (last > 0 && (selection.chosen == 0 || selection.chosen == last)) {
    print_note(fmt::format("the {} penalty tried is chosen; {} may have a better one",
                           selection.chosen == 0 ? "strongest" : "weakest",
                           classifies(estimator) ? "other values of C" : "other alphas"));
  }
}

/// Fits to all rows with the chosen penalty and saves the archive.
ModelArchive train(const Selection& selection, const Estimator& estimator, const Samples& samples,
                   const CvArguments& options, int threads, Description description) {
  const CrossValidation& found = selection.found;
  Provenance& provenance = description.provenance;
  provenance = make_provenance(options.origin, samples, threads);
  provenance.annotations["cross_validation"] = method(options, found);
  provenance.annotations["selection_rule"] = options.rule;
  if (!options.leave_one_out) {
    provenance.seed = options.seed.value_or(0);
    provenance.generator = "splitmix64";
  }
  const std::string metric(error_name(estimator));
  if (std::isfinite(found.mean(selection.chosen))) description.metrics[metric + "_cv"] = found.mean(selection.chosen);
  Estimator chosen = estimator;
  const auto replace = [&](auto& any) {
    if constexpr (
        requires { any.C; } || requires { any.alpha; }) {
      any = solver::with_penalty(any, found.alphas(selection.chosen));
    }
  };
  std::visit(replace, chosen);
  const FitSettings settings{
      .class_weight = options.estimator.class_weight, .float32 = options.float32, .threads = threads};
  ModelArchive archive = fit(chosen, settings, samples, std::move(description));
  save(archive, options.archive.out);
  warn_of(archive, samples);
  return archive;
}

ExitCode run_cv(const CvArguments& options) {
  const Estimator estimator = make_estimator(options.estimator);
  check(options, estimator);
  const Rule rule = rule_of(options);
  const int threads = checked_threads(options.threads);
  const PathOptions path = checked_path(options.penalties, estimator);
  std::optional<Description> description;
  if (!options.archive.out.empty()) description = checked_description(options.archive, options.data);
  const Samples samples(options.data);

  const CrossValidationOptions validation{
      .n_folds = options.folds.value_or(10), .seed = options.seed.value_or(0), .folds = {}, .path = path};
  const Selection selection =
      select(estimator, options.estimator.class_weight, samples, validation, options.leave_one_out, rule, threads);
  const Chart drawn = chart(selection, estimator, samples, options);
  if (!options.svg.empty()) write_file(options.svg, to_svg(drawn));
  warn(selection, estimator);
  std::optional<ModelArchive> archive;
  if (description) archive = train(selection, estimator, samples, options, threads, *description);
  if (options.json) {
    print(json(selection, estimator, samples, options, archive ? archive->id() : ""));
    return ExitCode::fine;
  }
  print(report(selection, drawn, estimator, samples, options));
  if (archive) print("\n" + training_report(*archive, samples, options.archive.out));
  return ExitCode::fine;
}

constexpr const char* cv_examples = R"(  aprender cv --estimator lasso --data houses.csv --target price
  aprender cv --estimator elastic-net --l1-ratio 0.9 --rule 1se --folds 5 \
      --data houses.csv --target price --svg cv.svg --out houses.aprender
  aprender cv --estimator ridge --leave-one-out --data houses.csv \
      --target price --json)";

}  // namespace

void add_cv(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<CvArguments>();
  CLI::App& command = add_command(app, "cv", "Choose a penalty by cross-validation, and train with it",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                   [--out MODEL.aprender] [options]",
                                  cv_examples);
  const auto group = [](CLI::Option* option) { option->group("Cross-validation"); };
  add_data_options(command, options->data);
  add_estimator(command, options->estimator, "ridge, lasso, elastic-net or logistic");
  add_path_penalties(command, options->penalties);
  add_hyperparameters(command, options->estimator);
  add_threads(command, options->threads);
  group(add_number(command, "--folds", options->folds, "Folds, 2 to 1000 (default: 10); for logistic by class"));
  group(add_number(command, "--seed", options->seed, "Of the random folds (default: 0)"));
  group(command.add_flag("--leave-one-out", options->leave_one_out, "A fold a row, without refitting (ridge)"));
  group(command
            .add_option("--rule", options->rule,
                        "min: the least error (default); 1se: the strongest\npenalty within one standard error of it; "
                        "gcv: the\nleast generalised cross-validation, which goes\nwith --leave-one-out")
            ->type_name("RULE"));
  add_archive_options(command, options->archive,
                      "Where to save the model trained on all rows with\nthe chosen penalty");
  add_origin(command, options->origin);
  command.add_flag("--float32", options->float32, "Train and store in single precision")->group("Archive");
  command.add_option("--svg", options->svg, "Where to write the plot, atomically")->type_name("FILE.svg");
  command.add_flag("--json", options->json, "Print the errors of every fold and penalty");
  run_with(command, run_later, options, {"--estimator", "--data", "--target"}, run_cv);
}

}  // namespace aprender::cli
