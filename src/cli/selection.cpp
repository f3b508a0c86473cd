#include "cli/selection.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "aprender/instances.hpp"
#include "cli/class_weights.hpp"
#include "cli/columns.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/fit.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

Selection select(const Estimator& any, const std::optional<std::string>& class_weight, const Table& table,
                 const Roles& roles, const CrossValidationOptions& options, bool leave_one_out, int threads) {
  const Progress progress(fmt::format("cross-validating {}", type_name(any)));
  const auto x = number_matrix<double>(table, roles.features);
  FitOptions fit{.threads = threads};
  if (roles.sample_weight) fit.sample_weight = read_weights(table, *roles.sample_weight);
  Selection selection;
  const auto validate = [&](const auto& estimator) {
    if constexpr (requires { estimator.C; }) {
      const Labels labels = read_labels(table, roles.target, fit.sample_weight);
      check_size(table, roles.target, labels.n_classes, x.cols());
      auto weighted = estimator;
      if (class_weight) weighted.class_weight = find_class_weight(*class_weight, labels);
      selection.found = cross_validate(weighted, x, labels.values, options, fit);
    } else if constexpr (requires { estimator.leave_one_out(x, x, options.path, fit); }) {
      const Eigen::VectorXd y = read_target(table, roles.target);
      if (leave_one_out) {
        LeaveOneOut left_out = estimator.leave_one_out(x, y, options.path, fit);
        selection.found = std::move(left_out.validation);
        selection.gcv = std::move(left_out.gcv);
      } else {
        selection.found = cross_validate(estimator, x, y, options, fit);
      }
    } else if constexpr (requires { estimator.alpha; }) {
      selection.found = cross_validate(estimator, x, read_target(table, roles.target), options, fit);
    }
  };
  try {
    std::visit(validate, any);
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", table.file_name(), refused.what()));
  }
  if (!selection.found.mean.array().isFinite().any()) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: no error is finite", table.file_name()),
                  "The values are very large or very small; rescale the columns.");
  }
  selection.chosen =
      options.rule == SelectionRule::best ? selection.found.best() : selection.found.one_standard_error();
  return selection;
}

}  // namespace aprender::cli
