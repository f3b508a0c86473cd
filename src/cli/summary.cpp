/// aprender summary --estimator linear|logistic --data FILE.csv --target COLUMN [...]

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aprender/models.hpp"
#include "cli/class_weights.hpp"
#include "cli/command.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/fit.hpp"
#include "cli/samples.hpp"
#include "cli/summary_view.hpp"
#include "cli/terminal.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

struct SummaryArguments {
  EstimatorOptions estimator;
  DataOptions data;
  std::optional<double> confidence;
  std::optional<int> threads;
  bool json = false;
};

constexpr double no_penalty = 1e8;  ///< C of a penalty that has no say

/// Throws Failure(usage).
Estimator checked_estimator(const SummaryArguments& options) {
  EstimatorOptions wanted = options.estimator;
  if (wanted.estimator == "logistic" && !wanted.C) wanted.C = no_penalty;
  Estimator estimator = make_estimator(wanted);
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

/// Throws Failure(unusable_data) for so many coefficients that the matrix of their covariances would have no end.
void require_feasible(const Samples& samples, std::size_t n_outputs) {
  constexpr std::size_t most = 16'384;  // squared, 2 GiB
  const std::size_t unknowns = n_outputs * (samples.n_features() + 1);
  if (samples.n_features() < most && unknowns <= most) return;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: {} coefficients, standard errors are feasible for at most {}", samples.file_name(),
                            unknowns, most),
                "Use fewer classes or features.");
}

Findings find(const Estimator& estimator, const SummaryArguments& options, int threads) {
  const Samples samples(options.data);
  Findings findings{.estimator = estimator,
                    .fit = {},
                    .data = samples.file_name(),
                    .target = samples.target(),
                    .sample_weight = samples.sample_weight(),
                    .features = samples.feature_labels(),
                    .classes = {},
                    .summary = {}};
  Progress progress("fitting " + std::string(type_name(estimator)));
  const FitOptions fitting = fit_options(samples, threads, progress);
  const double confidence = options.confidence.value_or(0.95);
  const auto regression = [&](const LinearRegression& linear, const auto& x) {
    require_feasible(samples, 1);
    const Eigen::VectorXd y = samples.y<double>();
    const auto fit = linear.fit(x, y, fitting);
    findings.fit = fit.report;
    findings.summary = summary(fit, x, y, fitting, confidence);
  };
  const auto classification = [&](LogisticRegression logistic, const auto& x) {
    const Labels labels = samples.labels(fitting.sample_weight);
    require_feasible(samples, labels.n_classes - 1);
    if (options.estimator.class_weight) {
      logistic.class_weight = find_class_weight(*options.estimator.class_weight, labels);
      findings.estimator = logistic;
    }
    const auto fit = logistic.fit(x, labels.values, fitting);
    findings.classes = class_names(labels);
    findings.fit = fit.report;
    findings.summary = summary(fit, x, labels.values, fitting, confidence);
  };
  try {
    samples.with_x<double>([&](const auto& x) {
      if (const auto* linear = std::get_if<LinearRegression>(&estimator)) {
        regression(*linear, x);
      } else {
        classification(std::get<LogisticRegression>(estimator), x);
      }
    });
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", samples.file_name(), refused.what()));
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

ExitCode run_summary(const SummaryArguments& options) {
  const Estimator estimator = checked_estimator(options);
  check(options.data);
  const Findings findings = find(estimator, options, checked_threads(options.threads));
  warn(findings);
  print(options.json ? summary_json(findings) : summary_page(findings, output_style(), terminal_width()));
  return ExitCode::fine;
}

constexpr const char* summary_examples = R"(  aprender summary --estimator linear --data houses.csv --target price
  aprender summary --estimator logistic --data tumours.csv \
      --target diagnosis --features radius,texture --confidence 0.99)";

}  // namespace

void add_summary(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<SummaryArguments>();
  CLI::App& command = add_command(app, "summary", "Standard errors, tests and intervals of a model's coefficients",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                        [options]",
                                  summary_examples);
  add_data_options(command, options->data);
  command.get_option("--sample-weight")
      ->description("Weights of the rows, at least 0; for logistic how\noften each was seen");
  add_estimator(command, options->estimator, "linear or logistic");
  EstimatorOptions& estimator = options->estimator;
  add_number(command, "--C", estimator.C,
             "Inverse of the penalty, > 0 (logistic; default: 1e8,\na penalty without a say)")
      ->group("Estimator");
  add_class_weight(command, estimator);
  add_number(command, "--max-iter", estimator.max_iter, "Most iterations, >= 1 (logistic: 100)")->group("Estimator");
  add_number(command, "--tol", estimator.tol, "Certificate to reach, > 0 (logistic; default: 1e-8)")
      ->group("Estimator");
  command.add_flag("--no-intercept", estimator.no_intercept, "Fit no intercept")->group("Estimator");
  add_threads(command, options->threads);
  add_number(command, "--confidence", options->confidence, "Level of the intervals, 0 to 1 (default: 0.95)");
  command.add_flag("--json", options->json, "Print everything as JSON, numbers in full");
  run_with(command, run_later, options, {"--estimator", "--data", "--target"}, run_summary);
}

}  // namespace aprender::cli
