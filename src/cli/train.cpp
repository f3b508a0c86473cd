/// aprender train --estimator NAME --data FILE.csv --target COLUMN --out MODEL.aprender [...]

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "aprender/metrics.hpp"
#include "archive/text.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
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
  bool float32 = false, json = false;
};

/// Everything that can be said to be wrong before any work is done. Throws Failure.
Description check(const Options& options) {
  Description description{.name = options.name.value_or(std::filesystem::path(options.out).stem().string()),
                          .version = options.version,
                          .targets = {options.target},
                          .description = options.description,
                          .provenance = {}};
  const auto refuse = [](const std::string& message) { throw Failure(ExitCode::usage, message); };
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

/// The columns of X as the archive describes them.
template <class Matrix>
Features describe_features(const Table& table, const Roles& roles, const Matrix& x) {
  std::vector<Feature> features;
  for (std::size_t j = 0; j < roles.features.size(); ++j) {
    const auto column = x.col(static_cast<Eigen::Index>(j));
    features.push_back(
        {.name = std::string(table.columns()[roles.features[j]]),
         .range = Range{static_cast<double>(column.minCoeff()), static_cast<double>(column.maxCoeff())}});
  }
  return features;
}

Failure overflow(const Table& table, const std::string& why) {
  return Failure(ExitCode::unusable_data, fmt::format("{}: no usable model: {}", table.file_name(), why),
                 "The values are very large or very small; rescale the columns.");
}

/// The archive of a fit whose numbers it can hold. Throws Failure(unusable_data) otherwise.
template <class E, class M>
ModelArchive store(const Fit<E, M>& fit, const Description& description, const Table& table) {
  try {
    return ModelArchive(fit, description);
  } catch (const std::invalid_argument& refused) {
    throw overflow(table, refused.what());
  }
}

/// Only finite metrics can be stored; a mean square may overflow.
void record(Description& description, const std::string& metric, double value) {
  if (std::isfinite(value)) description.metrics[metric] = value;
}

template <class Scalar, class E>
ModelArchive train_regressor(const E& estimator, const Table& table, const Roles& roles, const FitOptions& fit_options,
                             Description& description) {
  const auto x = number_matrix<Scalar>(table, roles.features);
  description.features = describe_features(table, roles, x);
  const std::vector<std::size_t> target = {roles.target};
  const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> y = number_matrix<Scalar>(
      table, target, "A regression needs a finite number in every row; for classes use --estimator logistic.");

  const auto started = std::chrono::steady_clock::now();
  const auto fit = estimator.fit(x, y, fit_options);
  record_duration(description.provenance, started);
  const auto predicted = fit.model.predict(x);
  if (!predicted.allFinite()) throw overflow(table, "its predictions are not finite");
  const Eigen::VectorXd& weight = fit_options.sample_weight;
  if (y.minCoeff() == y.maxCoeff()) {
    print_note(fmt::format("{}: column {} is {} in every row: the model predicts that", table.file_name(),
                           in_quotes(table.columns()[roles.target]), y(0)));
  } else {
    record(description, "r2_train", r2_score(y, predicted, weight));
  }
  record(description, "mse_train", mean_squared_error(y, predicted, weight));
  return store(fit, description, table);
}

/// Newton's method holds two square matrices of this many unknowns. A column of identifiers is no target.
void check_size(const Table& table, std::size_t target, std::size_t n_classes, Eigen::Index n_features) {
  constexpr std::size_t most = 16'384;  // 4 GiB
  const std::size_t unknowns = (n_classes == 2 ? 1 : n_classes) * (static_cast<std::size_t>(n_features) + 1);
  if (unknowns <= most) return;
  throw Failure(
      ExitCode::unusable_data,
      fmt::format("{}: column {}: {} classes and {} features make {} coefficients, at most {} are feasible",
                  table.file_name(), in_quotes(table.columns()[target]), n_classes, n_features, unknowns, most),
      "Use fewer classes or, with --features, fewer columns.");
}

template <class Scalar>
ModelArchive train_classifier(const LogisticRegression& estimator, const Table& table, const Roles& roles,
                              const FitOptions& fit_options, Description& description) {
  const auto x = number_matrix<Scalar>(table, roles.features);
  description.features = describe_features(table, roles, x);
  const Labels labels = read_labels(table, roles.target, fit_options.sample_weight);
  description.classes = labels.classes;
  check_size(table, roles.target, labels.n_classes, x.cols());

  const auto started = std::chrono::steady_clock::now();
  const auto fit = estimator.fit(x, labels.values, fit_options);
  record_duration(description.provenance, started);
  const auto probabilities = fit.model.predict_proba(x);
  if (!probabilities.allFinite()) throw overflow(table, "its probabilities are not finite");
  const Eigen::VectorXd& weight = fit_options.sample_weight;
  record(description, "accuracy_train", accuracy_score(labels.values, fit.model.predict(x), weight));
  record(description, "log_loss_train", log_loss(labels.values, probabilities, fit.model.classes(), weight));
  return store(fit, description, table);
}

template <class Scalar>
ModelArchive train(const Estimator& any, const Table& table, const Roles& roles, const FitOptions& fit_options,
                   Description& description) {
  return std::visit(
      [&](const auto& estimator) {
        if constexpr (requires { estimator.C; }) {
          return train_classifier<Scalar>(estimator, table, roles, fit_options, description);
        } else {
          return train_regressor<Scalar>(estimator, table, roles, fit_options, description);
        }
      },
      any);
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
  page.section(to_string(archive.estimator()));
  page.row("data", fmt::format("{}, {} rows", data.uri, data.rows));
  page.row("features", std::to_string(fit.n_features));
  page.row("target", options.target);
  page.row("solver", solver_in_words(fit));
  page.row("converged", fit.converged ? "yes" : "NO");
  page.row("certificate", certificate(fit));
  if (fit.rank) page.row("rank", rank_in_words(fit));
  page.row("metrics", metrics_in_words(said));
  page.row("archive", fmt::format("{}, {}", options.out, size_in_words(std::filesystem::file_size(options.out))));
  page.row("archive id", archive.id());
  return page.text();
}

void warn(const ModelArchive& archive) {
  const FitReport& fit = archive.report();
  if (fit.converged) return;
  const std::string what = fit.iterations == 0 ? "not solved to the tolerance"
                                               : fmt::format("not converged after {} iterations", fit.iterations);
  print_warning(
      fmt::format("{}: {}{}", what, certificate(fit), fit.iterations == 0 ? "" : "; raise --max-iter or --tol"));
}

ExitCode run(const Options& options) {
  const Estimator estimator = make_estimator(options.estimator);
  Description description = check(options);
  const DataFile data = read_data(options.data);
  const Roles roles = assign_roles(data.table, options.target, options.sample_weight, options.features);
  FitOptions fit_options;
  if (roles.sample_weight) fit_options.sample_weight = read_weights(data.table, *roles.sample_weight);

  description.provenance = capture_provenance();
  description.provenance.data = describe(data);
  description.provenance.seed = options.seed;
  if (roles.sample_weight) description.provenance.annotations["sample_weight"] = options.sample_weight;

  const auto archive = [&] {
    const Progress progress("fitting " + to_string(estimator));
    try {
      return options.float32 ? train<float>(estimator, data.table, roles, fit_options, description)
                             : train<double>(estimator, data.table, roles, fit_options, description);
    } catch (const std::invalid_argument& refused) {
      throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", data.table.file_name(), refused.what()));
    }
  }();
  save(archive, options.out);
  warn(archive);
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
                   "Share of the L1 penalty, 0 to 1 (elastic-net;\ndefault: 0.5)"));
  group(add_number(command, "--C", options.C, "Inverse of the penalty, > 0 (logistic; default: 1)"));
  group(add_number(command, "--max-iter", options.max_iter,
                   "Most iterations, >= 1 (lasso, elastic-net: 10000;\nlogistic: 100)"));
  group(add_number(command, "--tol", options.tol,
                   "Certificate to reach, > 0 (lasso, elastic-net,\nlogistic; default: 1e-8)"));
  group(command.add_flag("--no-intercept", options.no_intercept, "Fit no intercept"));
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
