/// What metadata.pb says of itself and follows from the rest (docs/format.md, section 3).
#pragma once

#include <string>

#include "container/digest.hpp"
#include "metadata.pb.h"

namespace aprender::archive {

/// SHA-256 of the inputs without this field.
[[nodiscard]] container::Digest input_digest(const format::Inputs& inputs);

/// The UUID of the SHA-256 of the metadata without the UUID, which cover the weights by digest.
[[nodiscard]] std::string content_uuid(const format::Metadata& message);

}  // namespace aprender::archive
