#include "cli/selection.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "aprender/models.hpp"
#include "cli/class_weights.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/fit.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

namespace {

/// Throws Failure(unusable_data) unless two rows count, one to train on and one to leave out.
void require_folds(const Samples& samples, const Eigen::VectorXd& weight) {
  const auto rows = weight.size() > 0 ? (weight.array() > 0).count() : static_cast<Eigen::Index>(samples.rows());
  if (rows >= 2) return;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: 1 row{} cannot be split into folds; at least 2 are needed", samples.file_name(),
                            weight.size() > 0 ? " of positive weight" : ""));
}

/// Throws Failure(unusable_data) for samples and features so many that leaving one out would take memory without end.
void require_feasible(const Samples& samples) {
  constexpr std::size_t most = std::size_t{1} << 29;  // doubles: 4 GiB
  const std::size_t smaller = std::min(samples.rows(), samples.n_features());
  if (smaller <= most / samples.rows()) return;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: {} rows and {} features are too many for --leave-one-out", samples.file_name(),
                            samples.rows(), samples.n_features()),
                "Use --folds, which fits each fold on its own.");
}

}  // namespace

Selection select(const Estimator& any, const std::optional<std::string>& class_weight, const Samples& samples,
                 const CrossValidationOptions& options, bool leave_one_out, Rule rule, int threads) {
  Progress progress(fmt::format("cross-validating {}", type_name(any)));
  const FitOptions fit = fit_options(samples, threads, progress);
  require_folds(samples, fit.sample_weight);
  Selection selection;
  const auto validate = [&](const auto& estimator, const auto& x) {
    if constexpr (requires { estimator.C; }) {
      const Labels labels = samples.labels(fit.sample_weight);
      require_feasible_path(samples, options.path, labels.n_classes);
      auto weighted = estimator;
      if (class_weight) weighted.class_weight = find_class_weight(*class_weight, labels);
      selection.found = labels.classes.empty()
                            ? cross_validate(weighted, x, labels.values, options, fit)
                            : cross_validate(weighted, x, EncodedLabels{labels.values, labels.classes}, options, fit);
    } else if constexpr (requires { estimator.alpha; }) {
      const Eigen::VectorXd y = samples.y<double>();
      if constexpr (requires { estimator.leave_one_out(x, y, options.path, fit); }) {
        if (leave_one_out) {
          require_feasible(samples);
          selection.left_out = estimator.leave_one_out(x, y, options.path, fit);
          selection.found = std::move(selection.left_out->validation);
          return;
        }
      }
      require_feasible_path(samples, options.path);
      selection.found = cross_validate(estimator, x, y, options, fit);
    }
  };
  try {
    samples.with_x<double>(
        [&](const auto& x) { std::visit([&](const auto& estimator) { validate(estimator, x); }, any); });
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", samples.file_name(), refused.what()));
  }
  if (!selection.found.mean.array().isFinite().any()) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: no error is finite", samples.file_name()),
                  "The values are very large or very small; rescale the columns.");
  }
  switch (rule) {
    case Rule::min:
      selection.chosen = selection.found.best();
      break;
    case Rule::one_standard_error:
      selection.chosen = selection.found.one_standard_error();
      break;
    case Rule::gcv:
      selection.chosen = selection.left_out.value().best_by_gcv();
      break;
  }
  return selection;
}

}  // namespace aprender::cli
