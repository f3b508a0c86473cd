#include "cli/fit.hpp"

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "aprender/models.hpp"
#include "archive/text.hpp"
#include "cli/class_weights.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

/// The columns of X as the archive describes them; those of sparse samples have no names.
template <class Matrix>
Features describe_features(const Samples& samples, const Matrix& x) {
  std::vector<Feature> features;
  if constexpr (requires { x.minCoeff(); }) {
    for (const std::string& name : samples.feature_labels()) {
      const auto column = x.col(static_cast<Eigen::Index>(features.size()));
      features.push_back(
          {.name = name,
           .range = Range{static_cast<double>(column.minCoeff()), static_cast<double>(column.maxCoeff())}});
    }
  }
  return features;
}

Failure overflow(const Samples& samples, const std::string& why) {
  return Failure(ExitCode::unusable_data, fmt::format("{}: no usable model: {}", samples.file_name(), why),
                 "The values are very large or very small; rescale the columns.");
}

/// The archive of a fit whose numbers it can hold. Throws Failure(unusable_data) otherwise.
template <class E, class M>
ModelArchive store(const Fit<E, M>& fit, const Description& description, const Samples& samples) {
  try {
    return ModelArchive(fit, description);
  } catch (const std::invalid_argument& refused) {
    throw overflow(samples, refused.what());
  }
}

/// Only what is finite, a mean square may overflow, and has a name that is not too long can be stored.
void record(Description& description, const std::string& metric, double value) {
  if (std::isfinite(value) && archive::is_name(metric, Limits{}.name_bytes)) description.metrics[metric] = value;
}

/// How near the predictions come on the training rows; the metrics of several targets are named after them.
template <class Y, class P>
void record_errors(Description& description, const Y& y, const P& predicted, const Eigen::VectorXd& weight) {
  for (Eigen::Index k = 0; k < y.cols(); ++k) {
    const auto truth = y.col(k), answer = predicted.col(k);
    const std::string of = y.cols() == 1 ? "" : fmt::format("[{}]", description.targets[static_cast<std::size_t>(k)]);
    if (truth.minCoeff() != truth.maxCoeff()) record(description, "r2_train" + of, r2_score(truth, answer, weight));
    record(description, "mse_train" + of, mean_squared_error(truth, answer, weight));
  }
}

template <class Scalar, int Targets, class E>
ModelArchive fit_regressor(const E& estimator, const std::optional<WarmStart>& start, const Samples& samples,
                           FitOptions options, Description& description) {
  if (start) options.initial_coefficients = initial_coefficients(*start, samples, {});
  return samples.with_x<Scalar>([&](const auto& x) {
    description.features = describe_features(samples, x);
    const auto y = samples.y<Scalar, Targets>();

    const auto started = std::chrono::steady_clock::now();
    const auto fit = estimator.fit(x, y, options);
    record_duration(description.provenance, started);
    const auto predicted = fit.model.predict(x);
    if (!predicted.allFinite()) throw overflow(samples, "its predictions are not finite");
    record_errors(description, y, predicted, options.sample_weight);
    return store(fit, description, samples);
  });
}

template <class Scalar>
ModelArchive fit_classifier(LogisticRegression estimator, const FitSettings& settings, const Samples& samples,
                            FitOptions options, Description& description) {
  return samples.with_x<Scalar>([&](const auto& x) {
    description.features = describe_features(samples, x);
    const Labels labels = samples.labels(options.sample_weight);
    description.classes = labels.classes;
    if (settings.class_weight) estimator.class_weight = find_class_weight(*settings.class_weight, labels);
    if (settings.start) {
      options.initial_coefficients = initial_coefficients(*settings.start, samples, class_names(labels));
    }

    const auto started = std::chrono::steady_clock::now();
    const auto fit = estimator.fit(x, labels.values, options);
    record_duration(description.provenance, started);
    const auto probabilities = fit.model.predict_proba(x);
    if (!probabilities.allFinite()) throw overflow(samples, "its probabilities are not finite");
    const Eigen::VectorXd& weight = options.sample_weight;
    record(description, "accuracy_train", accuracy_score(labels.values, fit.model.predict(x), weight));
    record(description, "log_loss_train", log_loss(labels.values, probabilities, fit.model.classes(), weight));
    return store(fit, description, samples);
  });
}

template <class Scalar>
ModelArchive fit_as(const Estimator& any, const FitSettings& settings, const Samples& samples,
                    const FitOptions& options, Description& description) {
  return std::visit(
      [&](const auto& estimator) {
        if constexpr (requires { estimator.C; }) {
          return fit_classifier<Scalar>(estimator, settings, samples, options, description);
        } else {
          if constexpr (!requires { estimator.max_iter; }) {
            if (samples.targets().size() != 1) {
              return fit_regressor<Scalar, Eigen::Dynamic>(estimator, settings.start, samples, options, description);
            }
          }
          return fit_regressor<Scalar, 1>(estimator, settings.start, samples, options, description);
        }
      },
      any);
}

}  // namespace

FitOptions fit_options(const Samples& samples, int threads, Progress& progress) {
  FitOptions options{.threads = threads};
  options.sample_weight = samples.weights();
  options.progress = [&progress](const FitProgress& at) {
    progress.at(at.fit + 1, at.n_fits);
    return true;
  };
  return options;
}

void require_feasible_path(const Samples& samples, const PathOptions& penalties, std::size_t n_classes) {
  constexpr std::size_t most = std::size_t{1} << 29;  // doubles
  const std::size_t outputs = n_classes > 2 ? n_classes : 1;
  const auto count =
      static_cast<std::size_t>(penalties.alphas.size() > 0 ? penalties.alphas.size() : penalties.n_alphas);
  if (samples.n_features() <= most / outputs / count) return;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: {} features are too many for {} penalties{}", samples.file_name(),
                            samples.n_features(), count, outputs > 1 ? fmt::format(" and {} classes", outputs) : ""),
                "Their coefficients would take more than 4 GiB. Use a smaller --n-alphas, or train with one penalty.");
}

ModelArchive fit(const Estimator& estimator, const FitSettings& settings, const Samples& samples,
                 Description description) {
  Progress progress("fitting " + std::string(type_name(estimator)));
  const FitOptions options = fit_options(samples, settings.threads, progress);
  try {
    return settings.float32 ? fit_as<float>(estimator, settings, samples, options, description)
                            : fit_as<double>(estimator, settings, samples, options, description);
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", samples.file_name(), refused.what()));
  }
}

}  // namespace aprender::cli
