#include "cli/estimator.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/class_weights.hpp"
#include "cli/columns.hpp"
#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

using Named = std::pair<std::string, Estimator>;

const std::array<Named, 5>& estimators() {
  static const std::array<Named, 5> all{Named{"linear", LinearRegression{}}, Named{"ridge", Ridge{}},
                                        Named{"lasso", Lasso{}}, Named{"elastic-net", ElasticNet{}},
                                        Named{"logistic", LogisticRegression{}}};
  return all;
}

Estimator by_name(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, estimator] : estimators()) {
    if (known == name) return estimator;
    names.push_back(known);
  }
  const std::string meant = nearest(name, names);
  throw Failure(ExitCode::usage, fmt::format("--estimator '{}' is none of {}", name, fmt::join(names, ", ")),
                meant.empty() ? "" : fmt::format("Did you mean '{}'?", meant));
}

void require(bool in_range, std::string_view option, double value, std::string_view range) {
  if (!in_range) throw Failure(ExitCode::usage, fmt::format("{} is {}, expected {}", option, value, range));
}

}  // namespace

Estimator make_estimator(const EstimatorOptions& given) {
  Estimator result = by_name(given.estimator);
  if (given.alpha) require(*given.alpha >= 0, "--alpha", *given.alpha, "a number that is not negative");
  if (given.l1_ratio) require(*given.l1_ratio >= 0 && *given.l1_ratio <= 1, "--l1-ratio", *given.l1_ratio, "0 to 1");
  if (given.C) require(*given.C > 0, "--C", *given.C, "a positive number");
  if (given.tol) require(*given.tol > 0, "--tol", *given.tol, "a positive number");
  if (given.max_iter) {
    require(*given.max_iter >= 1, "--max-iter", static_cast<double>(*given.max_iter), "1 or more");
  }

  if (given.positive && given.l1_ratio == 0.0) {
    throw Failure(ExitCode::usage, "--positive needs an L1 part: an --l1-ratio above 0");
  }
  if (given.class_weight) static_cast<void>(parse_class_weight(*given.class_weight));
  const auto refuse = [&given](bool present, std::string_view option, std::string_view whose) {
    if (!present) return;
    throw Failure(ExitCode::usage, fmt::format("{} does not apply to --estimator {}", option, given.estimator),
                  fmt::format("It is for {}.", whose));
  };
  std::visit(
      [&](auto& estimator) {
        if constexpr (requires { estimator.alpha; }) {
          estimator.alpha = given.alpha.value_or(estimator.alpha);
        } else {
          refuse(given.alpha.has_value(), "--alpha", "ridge, lasso and elastic-net");
        }
        if constexpr (requires { estimator.l1_ratio; }) {
          estimator.l1_ratio = given.l1_ratio.value_or(estimator.l1_ratio);
        } else {
          refuse(given.l1_ratio.has_value(), "--l1-ratio", "elastic-net and logistic");
        }
        if constexpr (requires { estimator.C; }) {
          estimator.C = given.C.value_or(estimator.C);
        } else {
          refuse(given.C.has_value(), "--C", "logistic");
          refuse(given.class_weight.has_value(), "--class-weight", "logistic");
        }
        if constexpr (requires { estimator.max_iter; }) {
          estimator.max_iter = given.max_iter.value_or(estimator.max_iter);
          estimator.tol = given.tol.value_or(estimator.tol);
        } else {
          refuse(given.max_iter.has_value(), "--max-iter", "lasso, elastic-net and logistic");
          refuse(given.tol.has_value(), "--tol", "lasso, elastic-net and logistic");
        }
        if constexpr (requires { estimator.positive; }) {
          estimator.positive = given.positive;
        } else {
          refuse(given.positive, "--positive", "lasso and elastic-net");
        }
        estimator.fit_intercept = !given.no_intercept;
      },
      result);
  return result;
}

std::string_view type_name(const Estimator& estimator) {
  constexpr std::array<std::string_view, 5> names{"LinearRegression", "Ridge", "Lasso", "ElasticNet",
                                                  "LogisticRegression"};
  static_assert(names.size() == std::variant_size_v<Estimator>);
  return names[estimator.index()];
}

bool has_penalty(const Estimator& estimator) { return !std::holds_alternative<LinearRegression>(estimator); }
bool iterates(const Estimator& any) {
  return std::visit(
      [](const auto& estimator) {
        return requires { estimator.max_iter; };
      },
      any);
}
bool takes_several_targets(const Estimator& estimator) { return !iterates(estimator); }
bool classifies(const Estimator& estimator) { return std::holds_alternative<LogisticRegression>(estimator); }
std::string_view penalty_name(const Estimator& estimator) { return classifies(estimator) ? "C" : "alpha"; }

std::vector<Hyperparameter> hyperparameters(const Estimator& any) {
  std::vector<Hyperparameter> list;
  std::visit(
      [&list](const auto& estimator) {
        if constexpr (requires { estimator.alpha; }) list.emplace_back("alpha", estimator.alpha);
        if constexpr (requires { estimator.C; }) list.emplace_back("C", estimator.C);
        if constexpr (requires { estimator.l1_ratio; }) list.emplace_back("l1_ratio", estimator.l1_ratio);
        list.emplace_back("fit_intercept", estimator.fit_intercept);
        if constexpr (requires { estimator.positive; }) {
          if (estimator.positive) list.emplace_back("positive", true);
        }
        if constexpr (requires { estimator.tol; }) list.emplace_back("tol", estimator.tol);
        if constexpr (requires { estimator.max_iter; }) list.emplace_back("max_iter", estimator.max_iter);
        if constexpr (requires { estimator.class_weight; }) {
          const std::string weights = to_string(estimator.class_weight);
          if (!weights.empty()) list.emplace_back("class_weight", weights);
        }
      },
      any);
  return list;
}

std::string to_string(const Estimator& estimator, bool with_penalty) {
  std::vector<std::string> list;
  for (const auto& [name, value] : hyperparameters(estimator)) {
    if (!with_penalty && name == penalty_name(estimator)) continue;
    list.push_back(std::visit([&, n = name](const auto& v) { return fmt::format("{}={}", n, v); }, value));
  }
  return fmt::format("{}({})", type_name(estimator), fmt::join(list, ", "));
}

std::string certificate(const FitReport& report) {
  const auto line = [&report](std::string_view what, double value) {
    return fmt::format("{} {:.2g} (tolerance {:.2g})", what, value, report.tolerance);
  };
  if (report.duality_gap) return line("relative duality gap", *report.duality_gap);
  if (report.gradient_norm) return line("relative gradient norm", *report.gradient_norm);
  if (report.backward_error) return line("relative backward error", *report.backward_error);
  return "none";
}

std::string solver_in_words(const FitReport& report) {
  if (report.iterations == 0) return report.solver;
  return fmt::format("{}, {} iteration{}", report.solver, report.iterations, report.iterations == 1 ? "" : "s");
}

std::string rank_in_words(const FitReport& report) {
  const bool full = report.rank.value_or(0) == report.n_features;
  return fmt::format("{} of {}{}", report.rank.value_or(0), report.n_features,
                     full ? "" : ": rank deficient, of all solutions the one of least norm");
}

std::string metrics_in_words(const Description& description) {
  std::vector<std::string> list;
  for (const auto& [name, value] : description.metrics) list.push_back(fmt::format("{} {:.6g}", name, value));
  return fmt::format("{}", fmt::join(list, ", "));
}

}  // namespace aprender::cli
