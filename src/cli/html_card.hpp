/// A model archive as a model card: a page for who has to judge whether it may be used.
#pragma once

#include <string>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// A self-contained page (html.hpp). The same archive, loaded under the same trust, gives the same text.
[[nodiscard]] std::string html_card(const ModelArchive& archive);

}  // namespace aprender::cli
