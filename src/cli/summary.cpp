/// aprender summary --estimator linear|logistic --data FILE.csv --target COLUMN [...]

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aprender/instances.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/fit.hpp"
#include "cli/summary_view.hpp"
#include "cli/terminal.hpp"
#include "cli/training_data.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

struct Options {
  EstimatorOptions estimator;
  DataOptions data;
  std::optional<double> confidence;
  bool json = false;
};

constexpr double no_penalty = 1e8;  ///< C of a penalty that has no say

/// Throws Failure(usage).
Estimator checked_estimator(const Options& options) {
  EstimatorOptions wanted = options.estimator;
  if (wanted.estimator == "logistic" && !wanted.C) wanted.C = no_penalty;
  const Estimator estimator = make_estimator(wanted);
  if (!std::holds_alternative<LinearRegression>(estimator) && !std::holds_alternative<LogisticRegression>(estimator)) {
    throw Failure(ExitCode::usage, fmt::format("--estimator {}: expected linear or logistic", wanted.estimator),
                  "Penalised coefficients are biased: there is no interval about them that holds the truth.");
  }
  if (options.confidence && !(*options.confidence > 0 && *options.confidence < 1)) {
    throw Failure(ExitCode::usage,
                  fmt::format("--confidence is {}, expected a number between 0 and 1", *options.confidence));
  }
  return estimator;
}

void regression(Findings& findings, const LinearRegression& estimator, const Table& table, const Roles& roles,
                const FitOptions& options, double confidence) {
  const auto x = number_matrix<double>(table, roles.features);
  const std::vector<std::size_t> target = {roles.target};
  const Eigen::VectorXd y = number_matrix<double>(
      table, target, "A regression needs a finite number in every row; for classes use --estimator logistic.");
  const auto fit = estimator.fit(x, y, options);
  findings.fit = fit.report;
  findings.summary = summary(fit, x, y, options, confidence);
}

void classification(Findings& findings, const LogisticRegression& estimator, const Table& table, const Roles& roles,
                    const FitOptions& options, double confidence) {
  const auto x = number_matrix<double>(table, roles.features);
  const Labels labels = read_labels(table, roles.target, options.sample_weight);
  check_size(table, roles.target, labels.n_classes, x.cols());
  const auto fit = estimator.fit(x, labels.values, options);
  findings.classes = labels.classes;
  if (labels.classes.empty()) {
    for (const std::int64_t label : fit.model.classes()) findings.classes.push_back(std::to_string(label));
  }
  findings.fit = fit.report;
  findings.summary = summary(fit, x, labels.values, options, confidence);
}

Findings find(const Estimator& estimator, const Options& options, const Table& table) {
  const Roles roles = assign_roles(table, options.data.target, options.data.sample_weight, options.data.features);
  Findings findings{.estimator = estimator,
                    .fit = {},
                    .data = table.file_name(),
                    .target = options.data.target,
                    .sample_weight = options.data.sample_weight,
                    .features = {},
                    .classes = {},
                    .summary = {}};
  for (const std::size_t column : roles.features) findings.features.emplace_back(table.columns()[column]);
  const Progress progress("fitting " + std::string(type_name(estimator)));
  FitOptions fit_options;
  if (roles.sample_weight) fit_options.sample_weight = read_weights(table, *roles.sample_weight);
  const double confidence = options.confidence.value_or(0.95);
  try {
    if (const auto* linear = std::get_if<LinearRegression>(&estimator)) {
      regression(findings, *linear, table, roles, fit_options, confidence);
    } else {
      classification(findings, std::get<LogisticRegression>(estimator), table, roles, fit_options, confidence);
    }
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", table.file_name(), refused.what()));
  }
  return findings;
}

/// What a reader of the numbers should know.
void warn(const Findings& findings) {
  const FitReport& report = findings.fit;
  if (!report.converged) {
    print_warning(report.iterations == 0
                      ? fmt::format("not solved to the tolerance: {}", certificate(report))
                      : fmt::format("not converged after {} iterations: {}", report.iterations, certificate(report)));
  }
  std::vector<std::string> missing = not_estimable(findings);
  const std::int64_t free =
      std::visit([](const auto& found) { return found.residual_degrees_of_freedom; }, findings.summary);
  if (free == 0) {
    print_warning("as many coefficients as rows: nothing is left to estimate errors from");
  } else if (!missing.empty()) {
    const std::size_t count = missing.size();
    missing.resize(std::min<std::size_t>(count, 10));
    print_warning(printable(fmt::format("not estimable, for the data do not tell them from others: {}{}",
                                        fmt::join(missing, ", "), count > missing.size() ? ", ..." : "")));
  }
  if (const auto* found = std::get_if<LogisticSummary>(&findings.summary); found && found->mcfadden_r2 > 0.99) {
    print_warning("the classes are separable, or nearly: coefficients and errors grow with --C and mean little");
  }
  if (const auto* logistic = std::get_if<LogisticRegression>(&findings.estimator); logistic && logistic->C < 1e4) {
    print_note(fmt::format("--C {:g} shrinks the coefficients: intervals are about shrunk values", logistic->C));
  }
}

ExitCode run(const Options& options) {
  const Estimator estimator = checked_estimator(options);
  const DataFile data = read_data(options.data.data);
  const Findings findings = find(estimator, options, data.table);
  warn(findings);
  print(options.json ? summary_json(findings) : summary_page(findings, output_style(), terminal_width()));
  return ExitCode::fine;
}

constexpr const char* examples = R"(  aprender summary --estimator linear --data houses.csv --target price
  aprender summary --estimator logistic --data tumours.csv \
      --target diagnosis --features radius,texture --confidence 0.99)";

}  // namespace

void add_summary(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(app, "summary", "Standard errors, tests and intervals of a model's coefficients",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                        [options]",
                                  examples);
  add_data_options(command, options->data);
  add_estimator(command, options->estimator, "linear or logistic");
  EstimatorOptions& estimator = options->estimator;
  add_number(command, "--C", estimator.C,
             "Inverse of the penalty, > 0 (logistic; default: 1e8,\na penalty without a say)")
      ->group("Estimator");
  add_number(command, "--max-iter", estimator.max_iter, "Most iterations, >= 1 (logistic: 100)")->group("Estimator");
  add_number(command, "--tol", estimator.tol, "Certificate to reach, > 0 (logistic; default: 1e-8)")
      ->group("Estimator");
  command.add_flag("--no-intercept", estimator.no_intercept, "Fit no intercept")->group("Estimator");
  add_number(command, "--confidence", options->confidence, "Level of the intervals, 0 to 1 (default: 0.95)");
  command.add_flag("--json", options->json, "Print everything as JSON, numbers in full");
  add_help(command);
  command.callback([options, &command, &run_later] {
    run_later = [options, &command] {
      require_options(command, {"--estimator", "--data", "--target"});
      return run(*options);
    };
  });
}

}  // namespace aprender::cli
