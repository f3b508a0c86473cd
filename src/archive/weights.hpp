/// Models as tensors and back (docs/format.md, section 4).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "archive/intake.hpp"
#include "archive/metadata.hpp"
#include "container/pieces.hpp"
#include "container/safetensors.hpp"

namespace aprender::archive {

/// The scalar of the model's weights.
[[nodiscard]] container::Dtype dtype_of(const AnyModel& model);

/// The tensors that the model is stored as: coefficients and intercept.
[[nodiscard]] std::vector<TensorInfo> tensors_of(const AnyModel& model);

/// The member weights.safetensors; its pieces are the model's own coefficients where the platform is little-endian.
[[nodiscard]] container::Pieces write_weights(const AnyModel& model);

/// Builds the model of tensors that lie in the intake, which loses them, if they are those that metadata announces and
/// such a model needs. Errors: wrong_tensors, non_finite.
[[nodiscard]] Result<AnyModel> read_weights(std::span<const container::Tensor> tensors, const Metadata& metadata,
                                            Intake& intake);

}  // namespace aprender::archive
