#include "cli/summary_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/estimator_json.hpp"
#include "cli/json_text.hpp"
#include "cli/page.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* intercept_name = "(intercept)";

/// The coefficients of one regression, or of one class against the first.
struct Block {
  std::string output;  ///< the class, or empty
  const std::vector<Estimate>& coefficients;
  const std::optional<Estimate>& intercept;
};

std::vector<Block> blocks(const Findings& findings) {
  if (const auto* linear = std::get_if<LinearSummary>(&findings.summary)) {
    return {{"", linear->coefficients, linear->intercept}};
  }
  std::vector<Block> result;
  const auto& logistic = std::get<LogisticSummary>(findings.summary);
  for (std::size_t k = 0; k < logistic.log_odds.size(); ++k) {
    result.push_back({findings.classes[k + 1], logistic.log_odds[k].coefficients, logistic.log_odds[k].intercept});
  }
  return result;
}

double confidence_level(const Findings& findings) {
  return std::visit([](const auto& summary) { return summary.confidence_level; }, findings.summary);
}

/// Five significant digits, three of a p value; "-" for what there is not.
std::string number(double value, int digits = 5) {
  return std::isnan(value) ? "-" : fmt::format("{:.{}g}", value, digits);
}

/// A table with columns as wide as they have to be; names give way if the page is narrow.
void coefficients(Page& page, const Findings& findings, const Block& block) {
  using Row = std::array<std::string, 7>;
  const bool linear = block.output.empty();
  const std::string level = fmt::format("{:g} %", 100 * confidence_level(findings));
  std::vector<Row> rows = {{"", "estimate", "std. error", linear ? "t" : "z", "p value", level, "interval"}};
  const auto add = [&rows](const std::string& name, const Estimate& e) {
    rows.push_back({name, number(e.value), number(e.standard_error), number(e.statistic, 4), number(e.p_value, 3),
                    number(e.lower), number(e.upper)});
  };
  if (block.intercept) add(intercept_name, *block.intercept);
  for (std::size_t j = 0; j < block.coefficients.size(); ++j) add(findings.features[j], block.coefficients[j]);

  std::array<std::size_t, 7> width{};
  std::size_t taken = 2;
  for (std::size_t c = 0; c < width.size(); ++c) {
    for (const Row& row : rows) width[c] = std::max(width[c], columns_of(printable(row[c])));
    if (c > 0) taken += width[c] + 2;
  }
  const std::size_t left = page.width() > taken + 11 ? page.width() - taken : 11;
  width[0] = std::min(width[0], left);

  page.section(linear ? "Coefficients"
                      : fmt::format("Log-odds of {} against {}", block.output, findings.classes.front()));
  for (const Row& row : rows) {
    const std::string name = shortened(row[0], width[0]);
    std::string line = name + std::string(width[0] - columns_of(name), ' ');
    for (std::size_t c = 1; c < row.size(); ++c) line += fmt::format("{:>{}}", row[c], width[c] + 2);
    if (&row == &rows.front()) {
      page.remark(line);
    } else {
      page.line(line);
    }
  }
}

void whole(Page& page, const LinearSummary& summary) {
  const std::int64_t free = summary.residual_degrees_of_freedom;
  page.row("residual s.e.", fmt::format("{} on {} degrees of freedom", number(summary.residual_standard_error), free));
  page.row("R2", fmt::format("{}, adjusted {}", number(summary.r2), number(summary.adjusted_r2)));
  page.row("F", fmt::format("{} on {} and {} degrees of freedom, p value {}", number(summary.f_statistic), summary.rank,
                            free, number(summary.f_p_value, 3)));
}

void whole(Page& page, const LogisticSummary& summary) {
  page.row("deviance", fmt::format("{} on {} degrees of freedom, null {}", number(summary.residual_deviance),
                                   summary.residual_degrees_of_freedom, number(summary.null_deviance)));
  page.row("McFadden R2", number(summary.mcfadden_r2));
}

Json json(const Estimate& estimate) {
  return {{"estimate", estimate.value},      {"standard_error", estimate.standard_error},
          {"statistic", estimate.statistic}, {"p_value", estimate.p_value},
          {"lower", estimate.lower},         {"upper", estimate.upper}};
}

Json json(const Findings& findings, const Block& block) {
  Json coefficients = Json::array();
  for (std::size_t j = 0; j < block.coefficients.size(); ++j) {
    Json row{{"feature", findings.features[j]}};
    row.update(json(block.coefficients[j]));
    coefficients.push_back(std::move(row));
  }
  Json result = Json::object();
  if (!block.output.empty()) result["class"] = block.output;
  result["intercept"] = block.intercept ? json(*block.intercept) : Json();
  result["coefficients"] = std::move(coefficients);
  return result;
}

Json whole(const LinearSummary& summary) {
  return {{"rank", summary.rank},
          {"residual_degrees_of_freedom", summary.residual_degrees_of_freedom},
          {"residual_standard_error", summary.residual_standard_error},
          {"r2", summary.r2},
          {"adjusted_r2", summary.adjusted_r2},
          {"f_statistic", summary.f_statistic},
          {"f_p_value", summary.f_p_value}};
}

Json whole(const LogisticSummary& summary) {
  return {{"rank", summary.rank},
          {"residual_degrees_of_freedom", summary.residual_degrees_of_freedom},
          {"residual_deviance", summary.residual_deviance},
          {"null_deviance", summary.null_deviance},
          {"mcfadden_r2", summary.mcfadden_r2}};
}

}  // namespace

std::vector<std::string> not_estimable(const Findings& findings) {
  std::vector<std::string> names;
  const std::vector<Block> all = blocks(findings);
  for (const Block& block : all) {
    const auto add = [&](const std::string& name, const Estimate& estimate) {
      if (!std::isnan(estimate.standard_error)) return;
      names.push_back(all.size() == 1 ? name : fmt::format("{} of '{}'", name, block.output));
    };
    if (block.intercept) add(intercept_name, *block.intercept);
    for (std::size_t j = 0; j < block.coefficients.size(); ++j) add(findings.features[j], block.coefficients[j]);
  }
  return names;
}

std::string summary_page(const Findings& findings, const Style& style, std::size_t width) {
  Page page(style, width);
  page.section(fmt::format("{} by {}", findings.target, type_name(findings.estimator)));
  page.row("estimator", to_string(findings.estimator));
  page.row("data", fmt::format("{}, {} rows", findings.data, findings.fit.n_samples));
  page.row("weights", findings.sample_weight);
  page.row("certificate", certificate(findings.fit));
  if (findings.fit.rank) page.row("rank", rank_in_words(findings.fit));
  for (const Block& block : blocks(findings)) coefficients(page, findings, block);
  page.section("Fit");
  std::visit(
      [&page](const auto& summary) {
        whole(page, summary);
        page.row("likelihood", fmt::format("log {}, AIC {}, BIC {}", short_number(summary.log_likelihood),
                                           short_number(summary.aic), short_number(summary.bic)));
      },
      findings.summary);
  return page.text();
}

std::string summary_json(const Findings& findings) {
  Json result{{"estimator", estimator_json(findings.estimator)}, {"target", findings.target}};
  if (!findings.sample_weight.empty()) result["sample_weight"] = findings.sample_weight;
  result["converged"] = findings.fit.converged;
  result["confidence_level"] = confidence_level(findings);
  if (std::holds_alternative<LinearSummary>(findings.summary)) {
    result.update(json(findings, blocks(findings).front()));
  } else {
    result["reference_class"] = findings.classes.front();
    result["log_odds"] = Json::array();
    for (const Block& block : blocks(findings)) result["log_odds"].push_back(json(findings, block));
  }
  std::visit(
      [&result](const auto& summary) {
        result["n_samples"] = summary.n_samples;
        result.update(whole(summary));
        result["log_likelihood"] = summary.log_likelihood;
        result["aic"] = summary.aic;
        result["bic"] = summary.bic;
      },
      findings.summary);
  return to_text(result);
}

}  // namespace aprender::cli
