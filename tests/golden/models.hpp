/// The archives that are kept for ever: what they are called and how they were made.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "archive/samples.hpp"

namespace aprender::golden {

/// One archive of every type of model, one with attachments, and of the estimators and options that these leave out,
/// by the name of its file.
inline std::vector<std::pair<std::string, ModelArchive>> archives() {
  std::vector<ModelArchive> all = samples::archives();
  const char* const names[] = {"ridge-f64",  "ridge-f32",  "targets-f64", "targets-f32",
                               "binary-f64", "binary-f32", "classes-f64", "classes-f32"};
  std::vector<std::pair<std::string, ModelArchive>> named;
  for (std::size_t k = 0; k < all.size(); ++k) named.emplace_back(names[k], std::move(all[k]));
  const std::string text = "# Prices of flats\n";
  named.emplace_back("attached-f64",
                     named.front().second.attach("card.md", std::as_bytes(std::span(text))).attach("empty", {}));
  const auto add = [&](const char* name, AnyModel model, Estimator estimator) {
    named.emplace_back(
        name, ModelArchive(std::move(model), std::move(estimator), samples::report(3), samples::description()));
  };
  add("lasso-positive-f64", LinearModel<double>(Eigen::VectorXd{{0.1, 0.0, 2.5}}, -1.5),
      Lasso{.alpha = 0.3, .positive = true});
  add("elastic-net-f32", samples::ridge<float>().model, ElasticNet{.alpha = 0.3, .l1_ratio = 0.25});
  LogisticRegression logistic{.C = 2.0};
  logistic.class_weight.weights = {{-1, 0.25}, {1, 3.0}};
  add("class-weights-f64", samples::binary<double>().model, logistic);
  logistic.class_weight = {.weights = {}, .balanced = true};
  add("balanced-f32", samples::multinomial<float>().model, logistic);
  return named;
}

}  // namespace aprender::golden
