/// Changes an archive the way somebody would who knows the format.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aprender/archive.hpp"
#include "fuzz/numbers.hpp"

namespace aprender::fuzz {

/// The archive with something in a member or the manifest changed, and sizes, digests and CRCs that fit; mostly also
/// the metadata that follow from the rest, and sometimes the numeric contract. Nothing if the file is no container.
[[nodiscard]] std::vector<std::byte> mutate_archive(std::span<const std::byte> file, Random& random);

/// Any model that can be stored, with a description of random parts.
[[nodiscard]] ModelArchive random_archive(Random& random);

}  // namespace aprender::fuzz
