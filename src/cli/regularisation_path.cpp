#include "cli/regularisation_path.hpp"

#include <cmath>
#include <stdexcept>
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

Eigen::VectorXd deviations(const Eigen::MatrixXd& x) {
  return (x.rowwise() - x.colwise().mean()).colwise().norm().transpose() / std::sqrt(static_cast<double>(x.rows()));
}

Eigen::VectorXd deviations(const SparseSamples::Matrix& x) {
  const auto rows = static_cast<double>(x.rows());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(x.cols()), entries = mean, squares = mean;
  const auto each_entry = [&x](const auto& use) {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      for (SparseSamples::Matrix::InnerIterator entry(x, i); entry; ++entry) use(entry.col(), entry.value());
    }
  };
  each_entry([&](Eigen::Index j, double value) {
    mean(j) += value / rows;
    entries(j) += 1;
  });
  each_entry([&](Eigen::Index j, double value) { squares(j) += (value - mean(j)) * (value - mean(j)); });
  squares.array() += (rows - entries.array()) * mean.array().square();
  return (squares / rows).cwiseSqrt();
}

template <class E, class X>
void fit_regressor(const E& estimator, const X& x, const Samples& samples, const PathOptions& penalties,
                   const FitOptions& options, RegularisationPath& path) {
  require_feasible_path(samples, penalties);
  const Eigen::VectorXd y = samples.y<double>();
  for (const auto& fit : estimator.path(x, y, penalties, options)) {
    const Eigen::VectorXd predicted = fit.model.predict(x);
    const double r2 = predicted.allFinite() ? r2_score(y, predicted, options.sample_weight) : std::nan("");
    path.points.push_back({.penalty = fit.estimator.alpha,
                           .coefficients = fit.model.coefficients().transpose(),
                           .intercept = Eigen::VectorXd::Constant(1, fit.model.intercept()),
                           .metrics = {{"r2_train", r2}},
                           .report = fit.report});
  }
}

template <class X>
void fit_classifier(LogisticRegression estimator, const std::optional<std::string>& class_weight, const X& x,
                    const Samples& samples, const PathOptions& penalties, const FitOptions& options,
                    RegularisationPath& path) {
  const Labels labels = samples.labels(options.sample_weight);
  require_feasible_path(samples, penalties, labels.n_classes);
  path.classes = class_names(labels);
  if (class_weight) estimator.class_weight = find_class_weight(*class_weight, labels);
  const Eigen::VectorXd values_of_C = estimator.penalty_grid(x, labels.values, penalties, options);
  for (const auto& fit : estimator.path(x, labels.values, values_of_C, options)) {
    const Eigen::MatrixXd p = fit.model.predict_proba(x);
    const Eigen::VectorXd& weight = options.sample_weight;
    const bool finite = p.allFinite();
    const double loss = finite ? log_loss(labels.values, p, fit.model.classes(), weight) : std::nan("");
    const double accuracy = finite ? accuracy_score(labels.values, fit.model.predict(x), weight) : std::nan("");
    path.points.push_back({.penalty = fit.estimator.C,
                           .coefficients = fit.model.coefficients(),
                           .intercept = fit.model.intercept().transpose(),
                           .metrics = {{"log_loss_train", loss}, {"accuracy_train", accuracy}},
                           .report = fit.report});
  }
}

}  // namespace

RegularisationPath fit_path(const Estimator& any, const std::optional<std::string>& class_weight,
                            const Samples& samples, const PathOptions& penalties, int threads) {
  Progress progress(fmt::format("fitting the path of {}", type_name(any)));
  const FitOptions options = fit_options(samples, threads, progress);

  RegularisationPath path;
  const auto fit_all = [&](const auto& estimator, const auto& x) {
    if constexpr (requires { estimator.C; }) {
      fit_classifier(estimator, class_weight, x, samples, penalties, options, path);
    } else if constexpr (requires { estimator.alpha; }) {
      fit_regressor(estimator, x, samples, penalties, options, path);
    }
  };
  try {
    samples.with_x<double>([&](const auto& x) {
      std::visit([&](const auto& estimator) { fit_all(estimator, x); }, any);
      path.deviation = deviations(x);
    });
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: {}", samples.file_name(), refused.what()));
  }
  return path;
}

}  // namespace aprender::cli
