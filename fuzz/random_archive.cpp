#include "fuzz/mutate_archive.hpp"

namespace aprender::fuzz {
namespace {

/// A finite number, small more often than not.
template <class Scalar>
Scalar finite(Random& random) {
  const auto near_one = static_cast<Scalar>(random.below(2001)) / Scalar(1000) - Scalar(1);
  if (!random.one_in(8)) return near_one;
  const Scalar other = other_number(random, near_one);
  return std::isfinite(other) ? other : near_one;
}

template <class Matrix>
Matrix finite(Random& random, Eigen::Index rows, Eigen::Index columns) {
  return Matrix::NullaryExpr(rows, columns, [&] { return finite<typename Matrix::Scalar>(random); });
}

template <class Scalar>
AnyModel model(Random& random, Eigen::Index features) {
  const auto outputs = static_cast<Eigen::Index>(1 + random.below(4));
  switch (random.below(3)) {
    case 0: {
      using Model = LinearModel<Scalar>;
      return Model(finite<typename Model::Coefficients>(random, features, 1), finite<Scalar>(random));
    }
    case 1: {
      using Model = LinearModel<Scalar, Eigen::Dynamic>;
      return Model(finite<typename Model::Coefficients>(random, features, outputs),
                   finite<typename Model::Intercept>(random, 1, outputs));
    }
    default: {
      using Model = LogisticModel<Scalar>;
      const Eigen::Index rows = outputs == 2 ? 1 : outputs;
      std::vector<std::int64_t> classes;
      for (Eigen::Index k = 0; k < std::max<Eigen::Index>(rows, 2); ++k) classes.push_back(k);
      return Model(finite<typename Model::Coefficients>(random, rows, features),
                   finite<typename Model::Intercept>(random, 1, rows), std::move(classes));
    }
  }
}

std::string text(Random& random) { return random.one_in(2) ? "" : std::string(random.below(20), 'x') + "\xc3\xa4"; }

Description description(Random& random, Eigen::Index features) {
  Description d{.name = "m", .provenance = {}};
  d.version = random.one_in(2) ? "1.0.0" : "0.2.0-rc.1+b";
  d.description = text(random);
  d.licence = text(random);
  d.intended_use = text(random);
  d.compatibility = static_cast<Compatibility>(random.below(5));
  if (random.one_in(2)) {
    std::vector<Feature> list;
    for (Eigen::Index j = 0; j < features; ++j) {
      list.push_back({.name = "x" + std::to_string(j), .unit = text(random)});
      if (random.one_in(2)) list.back().range = Range{-1.0, static_cast<double>(random.below(5))};
    }
    d.features = list;
  }
  if (random.one_in(2)) d.metrics = {{"a", finite<double>(random)}, {"b", 0.0}};
  Provenance& p = d.provenance;
  const std::string digest(64, 'a');
  if (random.one_in(2)) p.code = TrainingCode{.git_commit = std::string(40, 'c'), .dirty = true};
  if (random.one_in(2)) p.data = TrainingData{.uri = text(random), .sha256 = digest, .rows = 3, .columns = 2};
  if (random.one_in(2)) p.seed = random.bits();
  if (random.one_in(2)) p.started_unix_seconds = static_cast<std::int64_t>(random.bits() >> 24);
  if (random.one_in(2)) p.annotations = {{"k", text(random)}, {"l", ""}};
  if (random.one_in(2)) p.dependencies = {{"d", {text(random), digest}}};
  if (random.one_in(2)) p.parent_archive_id = digest;
  p.library = text(random);
  p.builder = text(random);
  return d;
}

Estimator estimator(Random& random, bool classifier) {
  if (classifier) {
    LogisticRegression e{.C = 0.5, .l1_ratio = random.one_in(2) ? 0.0 : 1.0};
    e.class_weight.balanced = random.one_in(2);
    if (!e.class_weight.balanced && random.one_in(2)) e.class_weight.weights = {{0, 1.0}, {1, 2.5}};
    return e;
  }
  switch (random.below(4)) {
    case 0:
      return LinearRegression{};
    case 1:
      return Ridge{.alpha = 0.0};
    case 2:
      return Lasso{.alpha = 0.25};
    default:
      return ElasticNet{.alpha = 2.0, .l1_ratio = 0.125};
  }
}

}  // namespace

ModelArchive random_archive(Random& random) {
  const auto features = static_cast<Eigen::Index>(1 + random.below(random.one_in(8) ? 200 : 6));
  AnyModel any = random.one_in(2) ? model<float>(random, features) : model<double>(random, features);
  const bool classifier =
      std::holds_alternative<LogisticModel<float>>(any) || std::holds_alternative<LogisticModel<double>>(any);
  FitReport report{.solver = text(random), .n_samples = 3, .n_features = features, .converged = random.one_in(2)};
  if (random.one_in(2)) report.duality_gap = 1e-9;
  if (random.one_in(2)) report.condition_estimate = std::numeric_limits<double>::infinity();
  if (random.one_in(2)) report.rank = features;
  return {std::move(any), estimator(random, classifier), report, description(random, features)};
}

}  // namespace aprender::fuzz
