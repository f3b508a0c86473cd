/// Changes a container in what its records say, with checksums and offsets that fit.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fuzz/numbers.hpp"

namespace aprender::fuzz {

/// The container with other entries; or one made anew of which a field or two lie. Nothing if neither was tried.
[[nodiscard]] std::vector<std::byte> mutate_zip(std::span<const std::byte> file, Random& random);

}  // namespace aprender::fuzz
