/// aprender path --estimator NAME --data FILE.csv --target COLUMN [...]

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/estimator_json.hpp"
#include "cli/failure.hpp"
#include "cli/json_text.hpp"
#include "cli/page.hpp"
#include "cli/plot.hpp"
#include "cli/regularisation_path.hpp"
#include "cli/samples.hpp"
#include "cli/terminal.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PathArguments {
  DataOptions data;
  EstimatorOptions estimator;
  PenaltyOptions penalties;
  std::optional<int> threads;
  std::string svg;
  bool json = false;
};

/// Coefficients in a common unit, so that one axis serves them all.
Chart chart(const RegularisationPath& path, const Estimator& estimator, const Samples& samples) {
  constexpr std::size_t most_curves = 200;
  const Eigen::Index n_outputs = path.points.front().coefficients.rows();
  Chart chart{.title = fmt::format("{} path of {}", type_name(estimator), samples.target()),
              .x_label = fmt::format("{}, the strongest penalty on the left", penalty_name(estimator)),
              .y_label = "coefficient × standard deviation of its column",
              .x = {},
              .curves = {},
              .spread = {},
              .marks = {}};
  Eigen::MatrixXd farthest = Eigen::MatrixXd::Zero(n_outputs, path.deviation.size());
  for (const PathPoint& point : path.points) {
    chart.x.push_back(point.penalty);
    farthest = farthest.cwiseMax((point.coefficients * path.deviation.asDiagonal()).cwiseAbs());
  }
  std::vector<Eigen::Index> drawn(static_cast<std::size_t>(farthest.size()));
  std::iota(drawn.begin(), drawn.end(), Eigen::Index{0});
  if (drawn.size() > most_curves) {
    std::stable_sort(drawn.begin(), drawn.end(), [&](auto a, auto b) { return farthest(a) > farthest(b); });
    drawn.resize(most_curves);
    chart.title += fmt::format(", {} of {} {}", most_curves, farthest.size(), n_outputs > 1 ? "curves" : "features");
  }
  const std::vector<std::string> labels = samples.feature_labels();
  for (const Eigen::Index at : drawn) {
    const Eigen::Index output = at % n_outputs, feature = at / n_outputs;
    std::string label = labels[static_cast<std::size_t>(feature)];
    if (n_outputs > 1) label = fmt::format("{}: {}", path.classes[static_cast<std::size_t>(output)], label);
    Curve& curve = chart.curves.emplace_back(Curve{label, {}});
    for (const PathPoint& point : path.points) {
      curve.y.push_back(point.coefficients(output, feature) * path.deviation(feature));
    }
  }
  return chart;
}

std::string report(const RegularisationPath& path, const Chart& chart, const Estimator& estimator,
                   const Samples& samples, const PathArguments& options) {
  constexpr std::size_t most_rows = 20;
  Page page(output_style(), terminal_width());
  page.section(chart.title);
  page.row("estimator", to_string(estimator, false));
  page.row("class weight", options.estimator.class_weight.value_or(""));
  page.row("data", fmt::format("{}, {} rows", samples.file_name(), samples.rows()));
  page.row("features", std::to_string(samples.n_features()));
  page.row("target", samples.target());
  page.section("Fits");
  page.line(fmt::format("{:>12}  {:>8}  {:>8}  {}", penalty_name(estimator), "non-zero",
                        classifies(estimator) ? "log loss" : "r2", "certificate"));
  const std::size_t count = path.points.size(), every = (count + most_rows - 1) / most_rows;
  for (std::size_t k = 0; k < count; k += k + every < count || k + 1 == count ? every : count - 1 - k) {
    const PathPoint& point = path.points[k];
    std::string proof = certificate(point.report);
    if (proof.starts_with("relative ")) proof.erase(0, 9);  // in the width of a terminal
    page.line(fmt::format("{:>12}  {:>8}  {:>8.4f}  {}{}", short_number(point.penalty), point.nonzero(),
                          point.metrics.front().second, proof, point.report.converged ? "" : " NOT MET"));
  }
  if (every > 1) page.remark(fmt::format("{} of {} fits; --json has all", (count - 2 + every) / every + 1, count));
  return page.text() + "\n" + to_text(chart, terminal_width(), unicode_locale(), output_style());
}

/// All of them in order, or of sparse samples those that are not zero by index.
Json coefficients_json(const Eigen::RowVectorXd& coefficients, bool sparse) {
  if (!sparse) return std::vector<double>(coefficients.begin(), coefficients.end());
  Json nonzero = Json::object();
  for (Eigen::Index j = 0; j < coefficients.size(); ++j) {
    if (coefficients(j) != 0) nonzero[std::to_string(j + 1)] = coefficients(j);
  }
  return nonzero;
}

/// Coefficients and intercept of a regression are plain; a classifier has an array of them, as `inspect` prints it.
Json fit_json(const PathPoint& point, const Estimator& estimator, bool sparse) {
  Json coefficients = Json::array(), intercept = std::vector<double>(point.intercept.begin(), point.intercept.end());
  for (const auto& row : point.coefficients.rowwise()) coefficients.push_back(coefficients_json(row, sparse));
  Json fit{{penalty_name(estimator), point.penalty},
           {"coefficients", classifies(estimator) ? coefficients : coefficients.front()},
           {"intercept", classifies(estimator) ? intercept : intercept.front()},
           {"nonzero", point.nonzero()}};
  for (const auto& [name, value] : point.metrics) fit[name] = value;
  fit["solver"] = point.report.solver;
  fit["iterations"] = point.report.iterations;
  fit["converged"] = point.report.converged;
  fit["tolerance"] = point.report.tolerance;
  if (point.report.duality_gap) fit["duality_gap"] = *point.report.duality_gap;
  if (point.report.gradient_norm) fit["gradient_norm"] = *point.report.gradient_norm;
  if (point.report.backward_error) fit["backward_error"] = *point.report.backward_error;
  return fit;
}

std::string json(const RegularisationPath& path, const Estimator& estimator, const Samples& samples,
                 const PathArguments& options) {
  const TrainingData& source = samples.source();
  Json result{{"estimator", estimator_json(estimator, options.estimator.class_weight)},
              {"data", {{"uri", source.uri}, {"sha256", source.sha256}, {"rows", source.rows}}},
              {"target", samples.target()}};
  if (samples.sparse()) {
    result["n_features"] = samples.n_features();
  } else {
    result["features"] = samples.feature_labels();
  }
  if (classifies(estimator)) result["classes"] = path.classes;
  result["fits"] = Json::array();
  for (const PathPoint& point : path.points) result["fits"].push_back(fit_json(point, estimator, samples.sparse()));
  return to_text(result);
}

ExitCode run_path(const PathArguments& options) {
  const Estimator estimator = make_estimator(options.estimator);
  check(options.data);
  if (!has_penalty(estimator)) {
    throw Failure(ExitCode::usage, "--estimator linear has no path, for it has no penalty",
                  "Those with one are ridge, lasso, elastic-net and logistic.");
  }
  const int threads = checked_threads(options.threads);
  const PathOptions penalties = checked_path(options.penalties, estimator);
  if (!options.svg.empty()) check_destination(options.svg, options.data.data, "--svg");
  const Samples samples(options.data);

  const RegularisationPath path = fit_path(estimator, options.estimator.class_weight, samples, penalties, threads);
  const Chart drawn = chart(path, estimator, samples);
  if (!options.svg.empty()) write_file(options.svg, to_svg(drawn));
  const auto missed = std::count_if(path.points.begin(), path.points.end(),
                                    [](const PathPoint& point) { return !point.report.converged; });
  if (missed > 0) {
    print_warning(fmt::format("{} of {} fits did not meet their tolerance; raise --max-iter or --tol", missed,
                              path.points.size()));
  }
  print(options.json ? json(path, estimator, samples, options) : report(path, drawn, estimator, samples, options));
  return ExitCode::fine;
}

constexpr const char* path_examples = R"(  aprender path --estimator lasso --data houses.csv --target price
  aprender path --estimator ridge --alphas 100,10,1 --data houses.csv \
      --target price --svg path.svg --json
  aprender path --estimator logistic --l1-ratio 1 --data tumours.csv \
      --target diagnosis)";

}  // namespace

void add_path(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<PathArguments>();
  CLI::App& command = add_command(app, "path", "Fit a regularisation path to a CSV file, as table and plot",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                     [options]",
                                  path_examples);
  add_data_options(command, options->data);
  add_estimator(command, options->estimator, "ridge, lasso, elastic-net or logistic");
  add_path_penalties(command, options->penalties);
  add_hyperparameters(command, options->estimator);
  add_threads(command, options->threads);
  command.add_option("--svg", options->svg, "Where to write the plot, atomically")->type_name("FILE.svg");
  command.add_flag("--json", options->json, "Print coefficients and certificates of every fit");
  run_with(command, run_later, options, {"--estimator", "--data", "--target"}, run_path);
}

}  // namespace aprender::cli
