#include "cli/card.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/estimator.hpp"
#include "cli/model_view.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

constexpr std::size_t many_features = 40, shown_features = 20;

void identity(Page& page, const ModelArchive& archive) {
  const Description& said = archive.description();
  page.section(said.name + " " + said.version);
  page.row("description", said.description);
  page.row("intended use", said.intended_use);
  page.row("licence", said.licence);
  page.row("archive id", archive.id());
  page.row("uuid", archive.uuid());
  page.row("signature", signature_in_words(archive));
  page.row("schema", std::to_string(archive.schema_version()));
  page.row("compatibility", compatibility_in_words(archive));
}

void model(Page& page, const ModelArchive& archive, const Weights& model) {
  const Schema& schema = archive.schema();
  page.section("Model");
  page.row("estimator", to_string(archive.estimator()));
  page.row("features",
           fmt::format("{}{}, {}", schema.n_features, schema.features.named() ? "" : " (unnamed)", model.dtype));
  page.row(schema.targets.size() == 1 ? "target" : "targets", fmt::format("{}", fmt::join(schema.targets, ", ")));
  page.row("classes", fmt::format("{}", fmt::join(class_names(schema), ", ")));
}

void fit(Page& page, const ModelArchive& archive) {
  const FitReport& report = archive.report();
  page.section("Fit");
  page.row("solver", solver_in_words(report));
  page.row("converged", report.converged ? "yes" : report.stopped ? "NO, stopped" : "NO");
  page.row("certificate", certificate(report));
  page.row("objective", short_number(report.objective));
  page.row("samples", std::to_string(report.n_samples));
  if (report.rank) page.row("rank", rank_in_words(report));
  if (report.condition_estimate) page.row("condition", short_number(*report.condition_estimate));
  page.row("metrics", metrics_in_words(archive.description()));
  page.row("contract", fmt::format("kept here: {} probe rows, answered as where it was made", archive.n_probes()));
}

/// The positions of the features shown: all, or the largest by magnitude over the outputs, in the order of the model.
std::vector<std::size_t> shown(const Weights& model, std::size_t n_features) {
  std::vector<std::size_t> order(n_features);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (n_features <= many_features) return order;
  const auto magnitude = [&model](std::size_t j) {
    double largest = 0.0;
    for (const auto& row : model.coefficients) largest = std::max(largest, std::abs(row[j]));
    return largest;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return magnitude(a) > magnitude(b); });
  order.resize(shown_features);
  std::sort(order.begin(), order.end());
  return order;
}

void coefficients(Page& page, const ModelArchive& archive, const Weights& model) {
  const Schema& schema = archive.schema();
  const auto& features = schema.features.list();
  const auto n_features = static_cast<std::size_t>(schema.n_features);
  const std::vector<std::size_t> rows = shown(model, n_features);
  const auto name = [&schema](std::size_t j) { return printable(feature_name(schema, j)); };

  std::size_t name_width = columns_of("intercept");
  for (const std::size_t j : rows) name_width = std::max(name_width, columns_of(name(j)));
  name_width = std::min<std::size_t>(name_width, 32);
  constexpr std::size_t cell = 14;
  const std::vector<std::string> outputs = output_names(schema);
  const std::size_t fitting = std::clamp<std::size_t>((page.width() - 2 - name_width) / cell, 1, outputs.size());
  // With one output there is room for what was seen in training.
  const bool ranges = outputs.size() == 1 && !features.empty() && page.width() >= name_width + 2 * cell + 20;

  page.section("Coefficients");
  std::string head(name_width, ' ');
  for (std::size_t k = 0; k < fitting; ++k) head += fmt::format("{:>{}}", shortened(outputs[k], cell - 2), cell);
  if (ranges) head += "   seen in training";
  page.remark(head);

  const auto table_row = [&](const std::string& label, auto value, const std::string& tail) {
    std::string text = fmt::format("{:<{}}", shortened(label, name_width), name_width);
    for (std::size_t k = 0; k < fitting; ++k) text += fmt::format("{:>{}}", short_number(value(k)), cell);
    page.line(text + tail);
  };
  for (const std::size_t j : rows) {
    std::string tail;
    if (ranges && features[j].range) {
      tail = fmt::format("   {} to {}", short_number(features[j].range->min), short_number(features[j].range->max));
      if (!features[j].unit.empty()) tail += " " + printable(features[j].unit);
    }
    table_row(
        name(j), [&](std::size_t k) { return model.coefficients[k][j]; }, tail);
  }
  table_row(
      "intercept", [&](std::size_t k) { return model.intercept[k]; }, "");
  if (schema.classes && outputs.size() == 1) page.remark("log-odds of " + printable(outputs.front()));
  if (rows.size() < n_features) {
    page.remark(fmt::format("the {} largest of {} features; all of them: --json", rows.size(), n_features));
  }
  if (fitting < outputs.size()) {
    page.remark(fmt::format("the first {} of {} outputs; all of them: --json", fitting, outputs.size()));
  }
}

/// Names that the archive brings along stand among the values, in quotes: a label is always one of the card's own.
void named_by_the_archive(Page& page, const Provenance& source) {
  for (const auto& [name, dependency] : source.dependencies) {
    page.row("dependency", fmt::format("'{}'{}{}", name, dependency.uri.empty() ? "" : ", ", dependency.uri));
    page.row("sha256", dependency.sha256);
  }
  for (const auto& [key, value] : source.annotations) page.row("annotation", fmt::format("'{}': {}", key, value));
}

void provenance(Page& page, const Provenance& source) {
  page.section("Provenance");
  if (source.data) {
    page.row("data", fmt::format("{}, {} rows, {} columns", source.data->uri.empty() ? "no name" : source.data->uri,
                                 source.data->rows, source.data->columns));
    page.row("sha256", source.data->sha256);
  }
  if (source.code) {
    page.row("code", "git " + source.code->git_commit + (source.code->dirty ? " with changes" : ""));
    page.row("", source.code->uri);
  }
  if (source.seed)
    page.row("seed", fmt::format("{}{}{}", *source.seed, source.generator.empty() ? "" : ", ", source.generator));
  page.row("trained",
           fmt::format("{}, in {:.3g} s", time_in_words(source.started_unix_seconds), source.duration_seconds));
  page.row("library", source.library);
  page.row("compiler", source.compiler);
  page.row("flags", source.compiler_flags);
  page.row("processor", source.cpu_features);
  page.row("algebra", source.blas);
  page.row("platform", source.platform);
  page.row("parent", source.parent_archive_id);
  page.row("builder", source.builder);
  page.row("run", source.invocation);
  named_by_the_archive(page, source);
}

void members(Page& page, const std::vector<Member>& list) {
  page.section("Members");
  for (const Member& member : list) {
    page.line(fmt::format("{}, {}", printable(member.name), size_in_words(member.size)));
    page.remark("  sha256 " + member.sha256);
  }
}

}  // namespace

std::string card(const ModelArchive& archive, const Style& style, std::size_t width) {
  const Weights numbers = weights(archive.any_model());
  Page page(style, width);
  identity(page, archive);
  model(page, archive, numbers);
  fit(page, archive);
  coefficients(page, archive, numbers);
  provenance(page, archive.provenance());
  members(page, archive.members());
  return page.text();
}

}  // namespace aprender::cli
