#include "cli/fit.hpp"

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "aprender/instances.hpp"
#include "cli/class_weights.hpp"
#include "cli/columns.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

/// The columns of X as the archive describes them.
template <class Matrix>
Features describe_features(const Table& table, const Roles& roles, const Matrix& x) {
  std::vector<Feature> features;
  for (std::size_t j = 0; j < roles.features.size(); ++j) {
    const auto column = x.col(static_cast<Eigen::Index>(j));
    features.push_back(
        {.name = std::string(table.columns()[roles.features[j]]),
         .range = Range{static_cast<double>(column.minCoeff()), static_cast<double>(column.maxCoeff())}});
  }
  return features;
}

Failure overflow(const Table& table, const std::string& why) {
  return Failure(ExitCode::unusable_data, fmt::format("{}: no usable model: {}", table.file_name(), why),
                 "The values are very large or very small; rescale the columns.");
}

/// The archive of a fit whose numbers it can hold. Throws Failure(unusable_data) otherwise.
template <class E, class M>
ModelArchive store(const Fit<E, M>& fit, const Description& description, const Table& table) {
  try {
    return ModelArchive(fit, description);
  } catch (const std::invalid_argument& refused) {
    throw overflow(table, refused.what());
  }
}

/// Only finite metrics can be stored; a mean square may overflow.
void record(Description& description, const std::string& metric, double value) {
  if (std::isfinite(value)) description.metrics[metric] = value;
}

template <class Scalar, class E>
ModelArchive fit_regressor(const E& estimator, const Table& table, const Roles& roles, const FitOptions& options,
                           Description& description) {
  const auto x = number_matrix<Scalar>(table, roles.features);
  description.features = describe_features(table, roles, x);
  const std::vector<std::size_t> target = {roles.target};
  const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> y = number_matrix<Scalar>(table, target, numbers_are_needed);

  const auto started = std::chrono::steady_clock::now();
  const auto fit = estimator.fit(x, y, options);
  record_duration(description.provenance, started);
  const auto predicted = fit.model.predict(x);
  if (!predicted.allFinite()) throw overflow(table, "its predictions are not finite");
  const Eigen::VectorXd& weight = options.sample_weight;
  if (y.minCoeff() != y.maxCoeff()) record(description, "r2_train", r2_score(y, predicted, weight));
  record(description, "mse_train", mean_squared_error(y, predicted, weight));
  return store(fit, description, table);
}

template <class Scalar>
ModelArchive fit_classifier(LogisticRegression estimator, const std::optional<std::string>& class_weight,
                            const Table& table, const Roles& roles, const FitOptions& options,
                            Description& description) {
  const auto x = number_matrix<Scalar>(table, roles.features);
  description.features = describe_features(table, roles, x);
  const Labels labels = read_labels(table, roles.target, options.sample_weight);
  description.classes = labels.classes;
  if (class_weight) estimator.class_weight = find_class_weight(*class_weight, labels);
  check_size(table, roles.target, labels.n_classes, x.cols());

  const auto started = std::chrono::steady_clock::now();
  const auto fit = estimator.fit(x, labels.values, options);
  record_duration(description.provenance, started);
  const auto probabilities = fit.model.predict_proba(x);
  if (!probabilities.allFinite()) throw overflow(table, "its probabilities are not finite");
  const Eigen::VectorXd& weight = options.sample_weight;
  record(description, "accuracy_train", accuracy_score(labels.values, fit.model.predict(x), weight));
  record(description, "log_loss_train", log_loss(labels.values, probabilities, fit.model.classes(), weight));
  return store(fit, description, table);
}

template <class Scalar>
ModelArchive fit_as(const Estimator& any, const std::optional<std::string>& class_weight, const Table& table,
                    const Roles& roles, const FitOptions& options, Description& description) {
  return std::visit(
      [&](const auto& estimator) {
        if constexpr (requires { estimator.C; }) {
          return fit_classifier<Scalar>(estimator, class_weight, table, roles, options, description);
        } else {
          return fit_regressor<Scalar>(estimator, table, roles, options, description);
        }
      },
      any);
}

}  // namespace

void check_size(const Table& table, std::size_t target, std::size_t n_classes, Eigen::Index n_features) {
  // Newton's method holds two square matrices of this many unknowns.
  constexpr std::size_t most = 16'384;  // 4 GiB
  const std::size_t unknowns = (n_classes == 2 ? 1 : n_classes) * (static_cast<std::size_t>(n_features) + 1);
  if (unknowns <= most) return;
  throw Failure(
      ExitCode::unusable_data,
      fmt::format("{}: column {}: {} classes and {} features make {} coefficients, at most {} are feasible",
                  table.file_name(), in_quotes(table.columns()[target]), n_classes, n_features, unknowns, most),
      "Use fewer classes or, with --features, fewer columns.");
}

ModelArchive fit(const Estimator& estimator, const std::optional<std::string>& class_weight, const Table& table,
                 const Roles& roles, bool float32, int threads, Description description) {
  const Progress progress("fitting " + std::string(type_name(estimator)));
  FitOptions options{.threads = threads};
  if (roles.sample_weight) options.sample_weight = read_weights(table, *roles.sample_weight);
  try {
    return float32 ? fit_as<float>(estimator, class_weight, table, roles, options, description)
                   : fit_as<double>(estimator, class_weight, table, roles, options, description);
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", table.file_name(), refused.what()));
  }
}

}  // namespace aprender::cli
