#include "cli/training_options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "archive/text.hpp"
#include "cli/command.hpp"
#include "cli/csv.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/libsvm.hpp"

namespace aprender::cli {
namespace {

constexpr int most_threads = 1024, most_alphas = 10'000;

}  // namespace

void add_data_options(CLI::App& command, DataOptions& options) {
  const auto text = [&command](const char* name, std::string& value, const char* type, const char* description) {
    command.add_option(name, value, description)->type_name(type)->group("Data");
  };
  text("--data", options.data, "FILE.csv", "Rows with a header, - for standard input (required)");
  command
      .add_option("--target", options.targets,
                  "What to predict: numbers, or for logistic integer\nor text labels (required without --sparse)")
      ->type_name("COLUMN")
      ->allow_extra_args(false)
      ->group("Data");
  text("--features", options.features, "a,b,c", "Columns to predict from (default: all others)");
  text("--sample-weight", options.sample_weight, "COLUMN", "Weights of the rows, at least 0");
  command
      .add_flag("--sparse", options.sparse,
                "The data are in LIBSVM format, a line a row:\nTARGET INDEX:VALUE ..., indices from 1")
      ->group("Data");
  add_number(command, "--n-features", options.n_features, "Of sparse data (default: their largest index)")
      ->group("Data");
}

void add_estimator(CLI::App& command, EstimatorOptions& options, const std::string& names) {
  command.add_option("--estimator", options.estimator, names + "\n(required)")->type_name("NAME")->group("Estimator");
}

void add_penalty(CLI::App& command, EstimatorOptions& options) {
  add_number(command, "--alpha", options.alpha, "Penalty, >= 0 (ridge, lasso, elastic-net;\ndefault: 1)")
      ->group("Estimator");
  add_number(command, "--C", options.C, "Inverse of the penalty, > 0 (logistic; default: 1)")->group("Estimator");
}

void add_path_penalties(CLI::App& command, PenaltyOptions& options) {
  command
      .add_option_function<std::string>(
          "--alphas", [&options](const std::string& list) { options.alphas = list; },
          "Penalties, for logistic values of C (default: a\ngrid that suits the data)")
      ->type_name("a,b,c")
      ->group("Estimator");
  add_number(command, "--n-alphas", options.n_alphas, "Size of the grid (default: 100; logistic: 25)")
      ->group("Estimator");
  add_number(command, "--alpha-min-ratio", options.alpha_min_ratio,
             "Smallest penalty of the grid by the largest\n(default: 1e-3; 1e-8 without an L1 part)")
      ->group("Estimator");
}

void add_class_weight(CLI::App& command, EstimatorOptions& options) {
  command
      .add_option("--class-weight", options.class_weight,
                  "Weights of the classes (logistic): balanced, or of\nthose that are not 1")
      ->type_name("balanced|LABEL=W,...")
      ->group("Estimator");
}

void add_hyperparameters(CLI::App& command, EstimatorOptions& options) {
  const auto group = [](CLI::Option* option) { option->group("Estimator"); };
  group(add_number(command, "--l1-ratio", options.l1_ratio,
                   "Share of the L1 penalty, 0 to 1 (elastic-net,\ndefault 0.5; logistic, default 0)"));
  add_class_weight(command, options);
  group(command.add_flag("--positive", options.positive, "No coefficient below zero (lasso, elastic-net)"));
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

void add_archive_options(CLI::App& command, ArchiveOptions& options, const std::string& out_description) {
  const auto text = [&command](const char* name, auto& value, const char* type, const std::string& description) {
    command.add_option(name, value, description)->type_name(type)->group("Archive");
  };
  text("--out", options.out, "MODEL.aprender", out_description);
  text("--name", options.name, "N", "Name of the model (default: that of the file)");
  text("--version", options.version, "V", "Semantic version of the model (default: 0.1.0)");
  text("--description", options.description, "D", "What the model is");
  text("--intended-use", options.intended_use, "U", "What it is for, and what not");
  text("--licence", options.licence, "SPDX", "Its licence, e.g. MIT");
}

std::vector<std::string> DataOptions::target_names() const { return sparse ? std::vector<std::string>{"y"} : targets; }

void check(const DataOptions& options, bool several_targets) {
  const auto refuse = [](std::string_view option, std::string_view why) {
    throw Failure(ExitCode::usage, fmt::format("{} and --sparse exclude each other", option), std::string(why));
  };
  if (!options.sparse) {
    if (options.n_features) throw Failure(ExitCode::usage, "--n-features is for --sparse");
    if (options.targets.size() > 1 && !several_targets) {
      throw Failure(ExitCode::usage, "--target is given more than once",
                    "Several targets are for 'aprender train' with --estimator linear or ridge.");
    }
    return;
  }
  if (!options.targets.empty()) refuse("--target", "The first number of each line is the target.");
  if (!options.features.empty()) refuse("--features", "Features of sparse data have indices, not names; all are used.");
  if (!options.sample_weight.empty()) refuse("--sample-weight", "The format has no place for weights.");
  if (options.n_features && (*options.n_features < 1 || *options.n_features > max_feature_index)) {
    throw Failure(ExitCode::usage,
                  fmt::format("--n-features {}: expected 1 to {}", *options.n_features, max_feature_index));
  }
}

int checked_threads(const std::optional<int>& threads) {
  if (threads && (*threads < 1 || *threads > most_threads)) {
    throw Failure(ExitCode::usage, fmt::format("--threads {}: expected 1 to {}", *threads, most_threads));
  }
  return threads.value_or(1);
}

PathOptions checked_path(const PenaltyOptions& options, const Estimator& estimator) {
  const auto refuse = [](const std::string& message) { throw Failure(ExitCode::usage, message); };
  if (options.n_alphas && (*options.n_alphas < 1 || *options.n_alphas > most_alphas)) {
    refuse(fmt::format("--n-alphas {}: expected 1 to {}", *options.n_alphas, most_alphas));
  }
  if (options.alpha_min_ratio && !(*options.alpha_min_ratio > 0 && *options.alpha_min_ratio < 1)) {
    refuse(fmt::format("--alpha-min-ratio is {}, expected a number between 0 and 1", *options.alpha_min_ratio));
  }
  const bool classifies = std::holds_alternative<LogisticRegression>(estimator);
  PathOptions path{.n_alphas = options.n_alphas.value_or(classifies ? 25 : 100),
                   .alpha_min_ratio = options.alpha_min_ratio};
  if (!options.alphas) return path;
  if (options.n_alphas || options.alpha_min_ratio) {
    refuse("--alphas and a grid (--n-alphas, --alpha-min-ratio) exclude each other");
  }
  std::vector<double> alphas;
  for (std::string_view rest = *options.alphas; !rest.empty() || alphas.empty();) {
    const std::string_view word = rest.substr(0, rest.find(','));
    double value = 0.0;
    const auto [stop, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool trailing_comma = word.size() + 1 == rest.size();
    if (problem != std::errc{} || stop != word.data() + word.size() || !(value > 0) || !std::isfinite(value) ||
        trailing_comma) {
      refuse(fmt::format("--alphas {}: expected positive numbers separated by commas", in_quotes(*options.alphas)));
    }
    if (std::find(alphas.begin(), alphas.end(), value) != alphas.end()) {
      refuse(fmt::format("--alphas {}: {} is given twice", in_quotes(*options.alphas), value));
    }
    alphas.push_back(value);
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  path.alphas = Eigen::Map<const Eigen::VectorXd>(alphas.data(), static_cast<Eigen::Index>(alphas.size()));
  return path;
}

Description checked_description(const ArchiveOptions& options, const DataOptions& data) {
  Description description{.name = options.name.value_or(std::filesystem::path(options.out).stem().string()),
                          .version = options.version,
                          .targets = data.target_names(),
                          .description = options.description,
                          .licence = options.licence,
                          .intended_use = options.intended_use,
                          .provenance = {}};
  const auto refuse = [](const std::string& message) { throw Failure(ExitCode::usage, message); };
  if (options.out == "-") refuse("--out -: an archive is a file, not a stream");
  check_destination(options.out, data.data);
  if (!archive::is_name(description.name, Limits{}.name_bytes)) {
    refuse(fmt::format("--name {}: expected 1 to {} bytes of UTF-8 without control characters",
                       in_quotes(description.name), Limits{}.name_bytes));
  }
  if (!archive::is_semantic_version(description.version)) {
    refuse(fmt::format("--version {}: expected a semantic version such as 1.2.0", in_quotes(description.version)));
  }
  for (const auto& [option, text] : {std::pair{"--description", &description.description},
                                     {"--intended-use", &description.intended_use},
                                     {"--licence", &description.licence}}) {
    if (!archive::is_text(*text)) refuse(fmt::format("{}: expected UTF-8 without control characters", option));
  }
  return description;
}

}  // namespace aprender::cli
