/// Models as tensors and back (docs/format.md, section 4).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "archive/metadata.hpp"
#include "container/pieces.hpp"
#include "container/safetensors.hpp"
#include "io/pages.hpp"

namespace aprender::archive {

/// The scalar of the model's weights.
[[nodiscard]] container::Dtype dtype_of(const AnyModel& model);

/// The tensors that the model is stored as: coefficients and intercept.
[[nodiscard]] std::vector<TensorInfo> tensors_of(const AnyModel& model);

/// The member weights.safetensors; its pieces are the model's own coefficients where the platform is little-endian.
[[nodiscard]] container::Pieces write_weights(const AnyModel& model);

/// The tensors are those that metadata announces and such a model needs. Errors: wrong_tensors.
[[nodiscard]] Result<void> check_tensors(std::span<const container::Tensor> tensors, const Metadata& metadata);

/// Builds that model. If the tensors lie in `file`, its pages are given back on the way, and the tensors are zeros
/// afterwards. Errors: wrong_tensors, non_finite.
[[nodiscard]] Result<AnyModel> read_weights(std::span<const container::Tensor> tensors, const Metadata& metadata,
                                            const io::Pages* file = nullptr, int threads = 1);

}  // namespace aprender::archive
