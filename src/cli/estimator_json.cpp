#include "cli/estimator_json.hpp"

#include <nlohmann/json.hpp>

namespace aprender::cli {

nlohmann::ordered_json estimator_json(const Estimator& estimator) {
  auto values = nlohmann::ordered_json::object();
  for (const auto& [name, value] : hyperparameters(estimator)) {
    std::visit([&values, key = std::string(name)](const auto& v) { values[key] = v; }, value);
  }
  return {{"type", type_name(estimator)}, {"hyperparameters", values}};
}

nlohmann::ordered_json estimator_json(const Estimator& estimator, const std::optional<std::string>& class_weight) {
  nlohmann::ordered_json json = estimator_json(estimator);
  json["hyperparameters"].erase(std::string(penalty_name(estimator)));
  if (class_weight) json["hyperparameters"]["class_weight"] = *class_weight;
  return json;
}

}  // namespace aprender::cli
