/// aprender path --estimator NAME --data FILE.csv --target COLUMN [...]

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aprender/instances.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/json_text.hpp"
#include "cli/page.hpp"
#include "cli/plot.hpp"
#include "cli/samples.hpp"
#include "cli/terminal.hpp"
#include "cli/training_options.hpp"

namespace aprender::cli {
namespace {

struct Options {
  DataOptions data;
  EstimatorOptions estimator;
  PenaltyOptions penalties;
  std::optional<int> threads;
  std::string svg;
  bool json = false;
};

/// One fit of the path.
struct Point {
  double alpha = 0.0, intercept = 0.0, r2 = 0.0;
  Eigen::VectorXd coefficients;
  FitReport report;

  [[nodiscard]] Eigen::Index nonzero() const { return (coefficients.array() != 0).count(); }
};

struct Path {
  Eigen::VectorXd deviation;  ///< standard deviation of each column of X
  std::vector<Point> points;
};

Eigen::VectorXd deviations(const Eigen::MatrixXd& x) {
  return (x.rowwise() - x.colwise().mean()).colwise().norm().transpose() / std::sqrt(static_cast<double>(x.rows()));
}

Eigen::VectorXd deviations(const SparseSamples::Matrix& x) {
  const auto rows = static_cast<double>(x.rows());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(x.cols()), entries = mean, squares = mean;
  const auto each_entry = [&x](const auto& use) {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      for (SparseSamples::Matrix::InnerIterator entry(x, i); entry; ++entry) use(entry.col(), entry.value());
    }
  };
  each_entry([&](Eigen::Index j, double value) {
    mean(j) += value / rows;
    entries(j) += 1;
  });
  each_entry([&](Eigen::Index j, double value) { squares(j) += (value - mean(j)) * (value - mean(j)); });
  squares.array() += (rows - entries.array()) * mean.array().square();
  return (squares / rows).cwiseSqrt();
}

Path fit_path(const Estimator& any, const Samples& samples, const PathOptions& penalties, int threads) {
  const Progress progress(fmt::format("fitting the path of {}", type_name(any)));
  const Eigen::VectorXd y = samples.y<double>();
  FitOptions options{.threads = threads};
  options.sample_weight = samples.weights();

  Path path;
  const auto fit_all = [&](const auto& estimator, const auto& x) {
    if constexpr (requires { estimator.path(x, y, penalties, options); }) {
      for (const auto& fit : estimator.path(x, y, penalties, options)) {
        const Eigen::VectorXd predicted = fit.model.predict(x);
        path.points.push_back(
            {.alpha = fit.estimator.alpha,
             .intercept = fit.model.intercept(),
             .r2 = predicted.allFinite() ? r2_score(y, predicted, options.sample_weight) : std::nan(""),
             .coefficients = fit.model.coefficients(),
             .report = fit.report});
      }
    }
  };
  try {
    samples.with_x<double>([&](const auto& x) {
      path.deviation = deviations(x);
      std::visit([&](const auto& estimator) { fit_all(estimator, x); }, any);
    });
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", samples.file_name(), refused.what()));
  }
  return path;
}

/// Coefficients in a common unit, so that one axis serves them all.
Chart chart(const Path& path, const Estimator& estimator, const Samples& samples) {
  constexpr std::size_t most_curves = 200;
  Chart chart{.title = fmt::format("{} path of {}", type_name(estimator), samples.target()),
              .x_label = "alpha, the strongest penalty on the left",
              .y_label = "coefficient × standard deviation of its column",
              .x = {},
              .curves = {},
              .spread = {},
              .marks = {}};
  Eigen::VectorXd farthest = Eigen::VectorXd::Zero(path.deviation.size());
  for (const Point& point : path.points) {
    chart.x.push_back(point.alpha);
    farthest = farthest.cwiseMax(point.coefficients.cwiseProduct(path.deviation).cwiseAbs());
  }
  std::vector<Eigen::Index> drawn(static_cast<std::size_t>(farthest.size()));
  std::iota(drawn.begin(), drawn.end(), Eigen::Index{0});
  if (drawn.size() > most_curves) {
    std::stable_sort(drawn.begin(), drawn.end(), [&](auto j, auto k) { return farthest(j) > farthest(k); });
    drawn.resize(most_curves);
    chart.title += fmt::format(", {} of {} features", most_curves, farthest.size());
  }
  const std::vector<std::string> labels = samples.feature_labels();
  for (const Eigen::Index j : drawn) {
    Curve& curve = chart.curves.emplace_back(Curve{labels[static_cast<std::size_t>(j)], {}});
    for (const Point& point : path.points) curve.y.push_back(point.coefficients(j) * path.deviation(j));
  }
  return chart;
}

std::string report(const Path& path, const Chart& chart, const Estimator& estimator, const Samples& samples) {
  constexpr std::size_t most_rows = 20;
  Page page(output_style(), terminal_width());
  page.section(chart.title);
  page.row("estimator", to_string(estimator, false));
  page.row("data", fmt::format("{}, {} rows", samples.file_name(), samples.rows()));
  page.row("features", std::to_string(samples.n_features()));
  page.row("target", samples.target());
  page.section("Fits");
  page.line(fmt::format("{:>12}  {:>8}  {:>8}  {}", "alpha", "non-zero", "r2", "certificate"));
  const std::size_t count = path.points.size(), every = (count + most_rows - 1) / most_rows;
  for (std::size_t k = 0; k < count; k += k + every < count || k + 1 == count ? every : count - 1 - k) {
    const Point& point = path.points[k];
    std::string proof = certificate(point.report);
    if (proof.starts_with("relative ")) proof.erase(0, 9);  // in the width of a terminal
    page.line(fmt::format("{:>12}  {:>8}  {:>8.4f}  {}{}", short_number(point.alpha), point.nonzero(), point.r2, proof,
                          point.report.converged ? "" : " NOT MET"));
  }
  if (every > 1) page.remark(fmt::format("{} of {} fits; --json has all", (count - 2 + every) / every + 1, count));
  return page.text() + "\n" + to_text(chart, terminal_width(), unicode_locale(), output_style());
}

/// All of them in order, or of sparse samples those that are not zero by index.
nlohmann::ordered_json coefficients_json(const Eigen::VectorXd& coefficients, bool sparse) {
  if (!sparse) return std::vector<double>(coefficients.begin(), coefficients.end());
  auto nonzero = nlohmann::ordered_json::object();
  for (Eigen::Index j = 0; j < coefficients.size(); ++j) {
    if (coefficients(j) != 0) nonzero[std::to_string(j + 1)] = coefficients(j);
  }
  return nonzero;
}

std::string json(const Path& path, const Estimator& estimator, const Samples& samples) {
  using Json = nlohmann::ordered_json;
  const TrainingData& source = samples.source();
  Json hyper = Json::object();
  for (const auto& [name, value] : hyperparameters(estimator)) {
    if (name == "alpha") continue;
    std::visit([&, key = std::string(name)](const auto& v) { hyper[key] = v; }, value);
  }
  Json fits = Json::array();
  for (const Point& point : path.points) {
    Json fit{{"alpha", point.alpha},
             {"coefficients", coefficients_json(point.coefficients, samples.sparse())},
             {"intercept", point.intercept},
             {"nonzero", point.nonzero()},
             {"r2_train", point.r2},
             {"solver", point.report.solver},
             {"iterations", point.report.iterations},
             {"converged", point.report.converged},
             {"tolerance", point.report.tolerance}};
    if (point.report.duality_gap) fit["duality_gap"] = *point.report.duality_gap;
    if (point.report.backward_error) fit["backward_error"] = *point.report.backward_error;
    fits.push_back(std::move(fit));
  }
  Json result{{"estimator", {{"type", type_name(estimator)}, {"hyperparameters", hyper}}},
              {"data", {{"uri", source.uri}, {"sha256", source.sha256}, {"rows", source.rows}}},
              {"target", samples.target()}};
  if (samples.sparse()) {
    result["n_features"] = samples.n_features();
  } else {
    result["features"] = samples.feature_labels();
  }
  result["fits"] = std::move(fits);
  return to_text(result);
}

ExitCode run(const Options& options) {
  const Estimator estimator = make_estimator(options.estimator);
  check(options.data);
  if (std::holds_alternative<LinearRegression>(estimator) || std::holds_alternative<LogisticRegression>(estimator)) {
    throw Failure(ExitCode::usage, fmt::format("--estimator {} has no path", options.estimator.estimator),
                  "Those with one are ridge, lasso and elastic-net.");
  }
  const int threads = checked_threads(options.threads);
  const PathOptions penalties = checked_path(options.penalties, estimator);
  if (!options.svg.empty()) check_destination(options.svg, options.data.data, "--svg");
  const Samples samples(options.data);

  const Path path = fit_path(estimator, samples, penalties, threads);
  const Chart drawn = chart(path, estimator, samples);
  if (!options.svg.empty()) write_file(options.svg, to_svg(drawn));
  const auto missed =
      std::count_if(path.points.begin(), path.points.end(), [](const Point& point) { return !point.report.converged; });
  if (missed > 0) {
    print_warning(fmt::format("{} of {} fits did not meet their tolerance; raise --max-iter or --tol", missed,
                              path.points.size()));
  }
  print(options.json ? json(path, estimator, samples) : report(path, drawn, estimator, samples));
  return ExitCode::fine;
}

constexpr const char* examples = R"(  aprender path --estimator lasso --data houses.csv --target price
  aprender path --estimator ridge --alphas 100,10,1 --data houses.csv \
      --target price --svg path.svg --json)";

}  // namespace

void add_path(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(app, "path", "Fit a regularisation path to a CSV file, as table and plot",
                                  "--estimator NAME --data FILE.csv --target COLUMN\n"
                                  "                     [options]",
                                  examples);
  add_data_options(command, options->data);
  add_estimator(command, options->estimator, "ridge, lasso or elastic-net");
  add_path_penalties(command, options->penalties);
  add_hyperparameters(command, options->estimator);
  add_threads(command, options->threads);
  command.add_option("--svg", options->svg, "Where to write the plot, atomically")->type_name("FILE.svg");
  command.add_flag("--json", options->json, "Print coefficients and certificates of every fit");
  run_with(command, run_later, options, {"--estimator", "--data", "--target"}, run);
}

}  // namespace aprender::cli
