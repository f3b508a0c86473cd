/// Changes a signature bundle the way somebody would who has a key of his own.
#pragma once

#include <string>
#include <string_view>

#include "fuzz/numbers.hpp"

namespace aprender::fuzz {

/// The bundle with something in it changed; mostly the statement's digest fits its resources, and one of the known keys
/// has signed it. Nothing if the text is no JSON object with an envelope.
[[nodiscard]] std::string mutate_bundle(std::string_view bundle, Random& random);

}  // namespace aprender::fuzz
