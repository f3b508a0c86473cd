#include "cli/html_card.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aprender/version.hpp"
#include "cli/coefficient_section.hpp"
#include "cli/estimator.hpp"
#include "cli/html.hpp"
#include "cli/markup.hpp"
#include "cli/model_view.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

using html::Fact;
using Meaning = std::pair<std::string_view, std::string_view>;

constexpr std::array<Meaning, 8> hyperparameter_meanings{{{"alpha", "weight of the penalty"},
                                                          {"C", "inverse of the weight of the penalty"},
                                                          {"l1_ratio", "share of the L1 penalty, the rest is L2"},
                                                          {"fit_intercept", "whether an intercept is fitted"},
                                                          {"positive", "no coefficient below zero"},
                                                          {"tol", "certificate to reach"},
                                                          {"max_iter", "most iterations"},
                                                          {"class_weight", "weights of the classes"}}};
constexpr std::array<Meaning, 5> metric_meanings{{{"r2", "coefficient of determination, 1 is best"},
                                                  {"mse", "mean squared error, 0 is best"},
                                                  {"mae", "mean absolute error, 0 is best"},
                                                  {"accuracy", "share of rows whose class is right, 1 is best"},
                                                  {"log_loss", "mean negative log-likelihood, 0 is best"}}};
constexpr std::array<Meaning, 3> metric_rows{{{"_train", "the rows of training"},
                                              {"_test", "rows held out for testing"},
                                              {"_cv", "rows left out in cross-validation"}}};

template <std::size_t n>
std::string meaning(const std::array<Meaning, n>& known, std::string_view name) {
  for (const auto& [each, words] : known) {
    if (each == name) return std::string(words);
  }
  return {};
}

std::string learner(const Estimator& estimator) {
  constexpr std::array<std::string_view, 5> words{"Linear regression", "Ridge regression", "Lasso regression",
                                                  "Elastic net regression", "Logistic regression"};
  static_assert(words.size() == std::variant_size_v<Estimator>);
  return std::string(words[estimator.index()]);
}

bool measured_in_training(const std::string& metric) { return metric.ends_with("_train"); }

/// What whoever answers for the use of the model should look into; a sentence each.
std::vector<std::string> points_to_check(const ModelArchive& archive) {
  const Description& said = archive.description();
  const Provenance& source = archive.provenance();
  const FitReport& report = archive.report();
  std::vector<std::string> points;
  const auto point = [&points](bool applies, const char* text) {
    if (applies) points.emplace_back(text);
  };
  point(!archive.signed_by() && !archive.has_signature(),
        "No signature was verified, and none is embedded: nothing proves who made this model.");
  point(!archive.signed_by() && archive.has_signature(),
        "The embedded signature was not verified: no trusted key was given.");
  point(said.intended_use.empty(), "The intended use is not stated.");
  point(said.licence.empty(), "The licence is not stated.");
  point(!report.converged, "The fit did not reach its tolerance.");
  point(report.rank && *report.rank < report.n_features,
        "The features are linearly dependent: single coefficients have no meaning of their own.");
  point(said.metrics.empty(), "No metric is recorded.");
  const bool only_training = std::all_of(said.metrics.begin(), said.metrics.end(),
                                         [](const auto& metric) { return measured_in_training(metric.first); });
  point(!said.metrics.empty() && only_training,
        "Every metric was measured on the rows of training, none on rows that the model had not seen.");
  const auto& features = archive.schema().features.list();
  point(features.empty(), "The features have no names: columns are told apart by their position alone.");
  point(!features.empty() && std::any_of(features.begin(), features.end(), [](const Feature& f) { return !f.range; }),
        "Ranges of features are missing: extrapolation cannot be noticed.");
  point(!source.data, "The training data are not recorded.");
  point(!source.code, "The training code is not recorded.");
  point(source.code && source.code->dirty, "The training code had changes that were not committed.");
  return points;
}

std::string header(const ModelArchive& archive) {
  const Description& said = archive.description();
  const Schema& schema = archive.schema();
  std::string text = fmt::format("<header>\n<h1>{} <span class=\"version\">{}</span></h1>\n", escaped(said.name),
                                 escaped(said.version));
  text += html::paragraph(
      fmt::format("{} of {} from {} feature{}", learner(archive.estimator()), fmt::join(schema.targets, ", "),
                  schema.n_features, schema.n_features == 1 ? "" : "s"),
      "lead");
  text += html::facts("Identity", {{"archive id", archive.id()},
                                   {"uuid", archive.uuid()},
                                   {"signature", signature_in_words(archive)},
                                   {"schema", std::to_string(archive.schema_version())},
                                   {"compatibility", compatibility_in_words(archive)}});
  const std::vector<std::string> points = points_to_check(archive);
  text += fmt::format("<section class=\"points{}\">\n<h2>{}</h2>\n", points.empty() ? " none" : "",
                      points.empty() ? "No points to check were found" : "Points to check");
  if (!points.empty()) {
    text += "<ul>\n";
    for (const std::string& each : points) text += fmt::format("<li>{}</li>\n", escaped(each));
    text += "</ul>\n";
  }
  return text + "</section>\n</header>\n";
}

std::string purpose(const Description& said) {
  const auto stated = [](const std::string& text) { return text.empty() ? std::string("not stated") : text; };
  return html::section("Purpose", html::facts("What the author says", {{"intended use", stated(said.intended_use)},
                                                                       {"description", stated(said.description)},
                                                                       {"licence", stated(said.licence)}}));
}

std::string model(const ModelArchive& archive, const Weights& numbers) {
  const Schema& schema = archive.schema();
  html::Table table{
      .caption = "Hyperparameters", .columns = {"name", "value", "meaning"}, .numbers_from = 3, .rows = {}};
  for (const auto& [name, any] : hyperparameters(archive.estimator())) {
    table.rows.push_back({std::string(name),
                          std::visit([](const auto& value) { return fmt::format("{}", value); }, any),
                          meaning(hyperparameter_meanings, name)});
  }
  return html::section(
      "Model",
      html::facts(
          "Estimator and schema",
          {{"estimator", std::string(type_name(archive.estimator()))},
           {"features", fmt::format("{}{}", schema.n_features, schema.features.named() ? "" : ", unnamed")},
           {schema.targets.size() == 1 ? "target" : "targets", fmt::format("{}", fmt::join(schema.targets, ", "))},
           {"classes", fmt::format("{}", fmt::join(class_names(schema), ", "))},
           {"dtype", std::string(numbers.dtype)}}) +
          html::table(table));
}

std::string fit(const ModelArchive& archive) {
  const FitReport& report = archive.report();
  std::string text =
      html::facts("Certificate of the fit",
                  {{"solver", solver_in_words(report)},
                   {"converged", report.converged ? "yes"
                                 : report.stopped ? "no, it was stopped"
                                                  : "no"},
                   {"certificate", certificate(report)},
                   {"objective", short_number(report.objective)},
                   {"samples", std::to_string(report.n_samples)},
                   {"rank", report.rank ? rank_in_words(report) : ""},
                   {"condition", report.condition_estimate ? short_number(*report.condition_estimate) : ""}});
  html::Table table{
      .caption = "Metrics", .columns = {"name", "meaning", "measured on", "value"}, .numbers_from = 3, .rows = {}};
  for (const auto& [name, value] : archive.description().metrics) {
    std::string stem = name, rows;
    for (const auto& [suffix, words] : metric_rows) {
      if (!name.ends_with(suffix)) continue;
      stem = name.substr(0, name.size() - suffix.size());
      rows = words;
    }
    table.rows.push_back({name, meaning(metric_meanings, stem), rows, short_number(value)});
  }
  text += table.rows.empty() ? html::paragraph("No metrics are recorded.", "missing") : html::table(table);
  return html::section("Fit and metrics", text);
}

std::string provenance(const Provenance& source) {
  std::vector<Fact> facts;
  if (source.data) {
    facts.push_back(
        {"data", fmt::format("{}, {} rows, {} columns", source.data->uri.empty() ? "no name" : source.data->uri,
                             source.data->rows, source.data->columns)});
    facts.push_back({"sha256 of the data", source.data->sha256});
  }
  if (source.code) {
    facts.push_back({"code", "git " + source.code->git_commit + (source.code->dirty ? ", with changes" : "")});
    facts.push_back({"repository", source.code->uri});
  }
  if (source.seed) facts.push_back({"seed", std::to_string(*source.seed)});
  facts.insert(
      facts.end(),
      {{"generator", source.generator},
       {"trained", fmt::format("{}, in {:.3g} s", time_in_words(source.started_unix_seconds), source.duration_seconds)},
       {"library", source.library},
       {"compiler", source.compiler},
       {"flags", source.compiler_flags},
       {"processor", source.cpu_features},
       {"algebra", source.blas},
       {"platform", source.platform},
       {"builder", source.builder},
       {"run", source.invocation},
       {"derived from", source.parent_archive_id}});
  std::vector<Fact> dependencies;
  for (const auto& [name, dependency] : source.dependencies) {
    dependencies.push_back({name, dependency.uri + "\nsha256 " + dependency.sha256});
  }
  std::vector<Fact> annotations;
  for (const auto& [key, value] : source.annotations) annotations.push_back({key, value});
  return html::section("Provenance", html::facts("Training", facts) + html::facts("Dependencies", dependencies) +
                                         html::facts("Annotations", annotations));
}

std::string contents(const ModelArchive& archive) {
  html::Table table{.caption = "Members", .columns = {"name", "sha256", "size"}, .numbers_from = 2, .rows = {}};
  for (const Member& member : archive.members()) {
    table.rows.push_back({member.name, member.sha256, size_in_words(member.size)});
  }
  return html::section(
      "Archive",
      html::paragraph(fmt::format(
          "Framing, digests, schema and numbers were checked before this page was made. The numeric contract "
          "was kept: on the machine that made the page the model gave the answers to the {} probe rows that "
          "are stored in the archive.",
          archive.n_probes())) +
          html::table(table));
}

}  // namespace

std::string html_card(const ModelArchive& archive) {
  const Weights numbers = weights(archive.any_model());
  const Description& said = archive.description();
  return html::document(fmt::format("{} {}: model card", said.name, said.version),
                        header(archive) + purpose(said) + model(archive, numbers) + fit(archive) +
                            html::section("Coefficients", coefficient_section(archive, numbers)) +
                            provenance(archive.provenance()) + contents(archive) +
                            "<footer>Made by aprender " APRENDER_VERSION
                            " (inspect --html). What is said of intended use, provenance and "
                            "metrics is what the archive says.</footer>\n");
}

}  // namespace aprender::cli
