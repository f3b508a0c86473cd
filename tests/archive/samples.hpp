/// Small fits of every kind of model, and archives of them, for the tests of the archive.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aprender/archive.hpp"

namespace aprender::samples {

/// A provenance that does not depend on where and when the test runs.
inline Provenance provenance() {
  Provenance p;
  p.code = TrainingCode{.git_commit = std::string(40, 'a'), .dirty = true, .uri = "https://example.org/train.git"};
  p.data = TrainingData{.uri = "train.csv", .sha256 = std::string(64, 'b'), .rows = 5, .columns = 4};
  p.seed = 42;
  p.generator = "splitmix64";
  p.started_unix_seconds = 1'700'000'000;
  p.duration_seconds = 0.25;
  p.library = "aprender 0.1.0";
  p.annotations = {{"owner", "risk team"}, {"ticket", "R-17"}};
  p.builder = "https://ci.example.org";
  p.invocation = "https://ci.example.org/runs/17";
  p.dependencies = {{"exchange rates", {"rates.csv", std::string(64, 'c')}},
                    {"settings", {"settings.toml", std::string(64, 'd')}}};
  return p;
}

inline Description description() {
  return {.name = "prices",
          .version = "1.2.0-rc.1+build.7",
          .features = std::vector<Feature>{{"area", "m^2", Range{20.0, 300.0}}, {"rooms"}, {"größe", "", Range{0, 0}}},
          .description = "Prices of flats.\nIn two lines.",
          .licence = "MIT",
          .intended_use = "tests",
          .metrics = {{"r2_test", 0.5}},
          .provenance = provenance()};
}

inline FitReport report(Eigen::Index n_features) {
  return {.solver = "cholesky",
          .n_samples = 5,
          .n_features = n_features,
          .converged = true,
          .objective = 1.5,
          .tolerance = 1e-8,
          .backward_error = 1e-16,
          .condition_estimate = 12.0};
}

/// Three features, weights that no short decimal number spells.
template <class Scalar>
Fit<Ridge, LinearModel<Scalar>> ridge() {
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> w(3);
  w << Scalar(1) / Scalar(3), Scalar(-2.718281828459045), Scalar(1e-5);
  return {LinearModel<Scalar>(std::move(w), Scalar(0.1)), report(3), Ridge{.alpha = 0.7}};
}

template <class Scalar>
Fit<LinearRegression, LinearModel<Scalar, Eigen::Dynamic>> several_targets() {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> w(3, 2);
  w << 1, Scalar(0.3), -2, Scalar(1e3), Scalar(0.7), 0;
  Eigen::Matrix<Scalar, 1, Eigen::Dynamic> b(2);
  b << Scalar(0.25), Scalar(-1.1);
  return {LinearModel<Scalar, Eigen::Dynamic>(std::move(w), std::move(b)), report(3), LinearRegression{}};
}

template <class Scalar>
Fit<LogisticRegression, LogisticModel<Scalar>> binary() {
  typename LogisticModel<Scalar>::Coefficients w(1, 3);
  w << Scalar(0.02), Scalar(-1.3), Scalar(4);
  typename LogisticModel<Scalar>::Intercept b(1);
  b << Scalar(-0.5);
  return {LogisticModel<Scalar>(std::move(w), std::move(b), {-1, 1}), report(3), LogisticRegression{.C = 2.0}};
}

template <class Scalar>
Fit<LogisticRegression, LogisticModel<Scalar>> multinomial() {
  typename LogisticModel<Scalar>::Coefficients w(4, 3);
  w << Scalar(0.1), Scalar(0.2), Scalar(0.3), Scalar(-1.1), Scalar(0.5), 0, Scalar(2.5), Scalar(-0.7), Scalar(0.9), 0,
      0, Scalar(-3.3);
  typename LogisticModel<Scalar>::Intercept b(4);
  b << Scalar(0.1), Scalar(-0.1), Scalar(0.7), 0;
  return {LogisticModel<Scalar>(std::move(w), std::move(b), {0, 1, 2, 3}), report(3), LogisticRegression{.C = 2.0}};
}

/// One archive of every type of model that can be stored.
inline std::vector<ModelArchive> archives() {
  Description two = description();
  two.targets = {"price", "rent"};
  Description text = description();
  text.classes = {"north", "east", "south", "west, \"far\""};
  return {ModelArchive(ridge<double>(), description()),  ModelArchive(ridge<float>(), description()),
          ModelArchive(several_targets<double>(), two),  ModelArchive(several_targets<float>(), description()),
          ModelArchive(binary<double>(), description()), ModelArchive(binary<float>(), description()),
          ModelArchive(multinomial<double>(), text),     ModelArchive(multinomial<float>(), description())};
}

/// Equal weights, bit for bit, in models of the same type.
inline bool same_bits(const AnyModel& a, const AnyModel& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& left) {
        const auto& right = std::get<std::decay_t<decltype(left)>>(b);
        const auto bits = [](const auto& m) {
          const auto* first = reinterpret_cast<const unsigned char*>(m.coefficients().data());
          const auto bytes = static_cast<std::size_t>(m.coefficients().size()) * sizeof(m.coefficients()(0));
          return std::vector<unsigned char>(first, first + bytes);
        };
        return bits(left) == bits(right) && left.intercept() == right.intercept();
      },
      a);
}

}  // namespace aprender::samples
