/// A model archive as a page for people.
#pragma once

#include <cstddef>
#include <string>

#include "aprender/archive.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

/// Sections of aligned lines at most `width` columns wide, digests and single long words excepted. Strings from the
/// archive are made printable.
[[nodiscard]] std::string card(const ModelArchive& archive, const Style& style, std::size_t width);

}  // namespace aprender::cli
