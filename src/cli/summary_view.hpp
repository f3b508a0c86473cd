/// How the summary of a fit looks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aprender/archive.hpp"
#include "aprender/summary.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

/// What `aprender summary` found.
struct Findings {
  Estimator estimator;
  FitReport fit;
  std::string data;  ///< name of the file
  std::string target, sample_weight;
  std::vector<std::string> features;
  std::vector<std::string> classes;  ///< names in the order of their labels; none for a regression
  std::variant<LinearSummary, LogisticSummary> summary;
};

/// The coefficients and intercepts without standard error, by name: "age", or "age of 'benign'" if there are several.
[[nodiscard]] std::vector<std::string> not_estimable(const Findings& findings);

/// For people, like R's.
[[nodiscard]] std::string summary_page(const Findings& findings, const Style& style, std::size_t width);

/// Every number in full; null for what is not a finite number.
[[nodiscard]] std::string summary_json(const Findings& findings);

}  // namespace aprender::cli
