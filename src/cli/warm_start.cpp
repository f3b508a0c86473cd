#include "cli/warm_start.hpp"

#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/csv.hpp"
#include "cli/failure.hpp"
#include "cli/model_view.hpp"

namespace aprender::cli {
namespace {

void require_features(const WarmStart& start, const Samples& samples) {
  const Schema& schema = start.archive.schema();
  const auto refuse = [&start](const std::string& why) {
    throw Failure(ExitCode::unusable_data, fmt::format("--start-from {}: {}", start.file, why),
                  "Features have to be those of the data, in the same order; --features says which they are.");
  };
  if (schema.n_features != static_cast<std::int64_t>(samples.n_features())) {
    refuse(fmt::format("the model has {} features, the data have {}", schema.n_features, samples.n_features()));
  }
  if (!schema.features.named() || samples.sparse()) return;
  const std::vector<std::string> names = samples.feature_labels();
  for (std::size_t j = 0; j < names.size(); ++j) {
    const std::string& name = schema.features.list()[j].name;
    if (name == names[j]) continue;
    refuse(
        fmt::format("feature {} of the model is {}, that of the data {}", j + 1, in_quotes(name), in_quotes(names[j])));
  }
}

std::string in_words(const std::vector<std::string>& classes) {
  return classes.size() > 10 ? fmt::format("{} classes", classes.size())
                             : fmt::format("the classes {}", fmt::join(classes, ", "));
}

void require_outputs(const WarmStart& start, const std::vector<std::string>& classes) {
  const Schema& schema = start.archive.schema();
  const auto refuse = [&start](const std::string& why) {
    throw Failure(ExitCode::unusable_data, fmt::format("--start-from {}: {}", start.file, why));
  };
  if (classes.empty() && schema.classes) refuse("the model is a classifier, the estimator a regression");
  if (!classes.empty() && !schema.classes) refuse("the model is a regression, the estimator a classifier");
  if (class_names(schema) != classes) {
    refuse(fmt::format("the model has {}, the data have {}", in_words(class_names(schema)), in_words(classes)));
  }
  if (schema.targets.size() != 1) refuse(fmt::format("the model has {} targets, expected 1", schema.targets.size()));
}

}  // namespace

Eigen::MatrixXd initial_coefficients(const WarmStart& start, const Samples& samples,
                                     const std::vector<std::string>& classes) {
  require_outputs(start, classes);
  require_features(start, samples);
  return std::visit([](const auto& model) -> Eigen::MatrixXd { return model.coefficients().template cast<double>(); },
                    start.archive.any_model());
}

}  // namespace aprender::cli
