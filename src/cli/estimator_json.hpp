/// An estimator as the commands print it in JSON.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/estimator.hpp"

namespace aprender::cli {

/// {"type", "hyperparameters"}.
[[nodiscard]] nlohmann::ordered_json estimator_json(const Estimator& estimator);

/// The same without the penalty, which is still to be chosen, and with the --class-weight given if there is one.
[[nodiscard]] nlohmann::ordered_json estimator_json(const Estimator& estimator,
                                                    const std::optional<std::string>& class_weight);

}  // namespace aprender::cli
