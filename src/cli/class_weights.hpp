/// --class-weight as the command line spells it: balanced, or LABEL=W,LABEL=W.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aprender/class_weight.hpp"
#include "cli/class_labels.hpp"

namespace aprender::cli {

/// The labels and weights listed, none for `balanced`. A pair with a comma goes in double quotes, a label may hold =.
/// Throws Failure(usage).
[[nodiscard]] std::vector<std::pair<std::string, double>> parse_class_weight(const std::string& text);

/// The weights of the labels as they are numbered. Throws Failure: usage as above; unusable_data for a label that no
/// row has.
[[nodiscard]] ClassWeight find_class_weight(const std::string& text, const Labels& labels);

/// As it is written on the command line, with the numbers of the labels; empty if all weigh the same.
[[nodiscard]] std::string to_string(const ClassWeight& class_weight);

}  // namespace aprender::cli
