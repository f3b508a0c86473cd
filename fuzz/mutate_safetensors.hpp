/// Changes tensors as tensors: what is encoded again afterwards is strict safetensors.
#pragma once

#include <cstddef>
#include <vector>

#include "fuzz/numbers.hpp"

namespace aprender::fuzz {

/// Another number, shape, dtype or name in a file of tensors; if it is none, other bytes.
void mutate_safetensors(std::vector<std::byte>& file, Random& random);

/// Other bytes in the header, behind a length that fits; mostly padded as it has to be.
void mutate_safetensors_header(std::vector<std::byte>& file, Random& random);

}  // namespace aprender::fuzz
