/// The coefficients of a model, drawn and in full, as a part of a page.
#pragma once

#include <string>

#include "aprender/archive.hpp"
#include "cli/model_view.hpp"

namespace aprender::cli {

/// Markup: bars for one output, a heat map for several, of the largest by magnitude; then every feature with unit and
/// range (a hundred thousand numbers at most). Where ranges are known, what is drawn first is coefficient times width
/// of the range, which is comparable between features.
[[nodiscard]] std::string coefficient_section(const ModelArchive& archive, const Weights& model);

}  // namespace aprender::cli
