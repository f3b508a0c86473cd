#include "archive/weights.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <type_traits>

#include "archive/linear_map.hpp"
#include "kernel/little_endian.h"

namespace aprender::archive {
namespace {

template <class Scalar>
constexpr container::Dtype dtype = sizeof(Scalar) == 4 ? container::Dtype::f32 : container::Dtype::f64;

template <class Scalar>
std::vector<std::byte> encode(const Scalar* values, Eigen::Index count) {
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  std::vector<Bits> bits(static_cast<std::size_t>(count));
  std::transform(values, values + count, bits.begin(), [](Scalar value) { return std::bit_cast<Bits>(value); });
  std::vector<std::byte> bytes(bits.size() * sizeof(Scalar));
  auto* to = reinterpret_cast<std::uint8_t*>(bytes.data());
  if constexpr (sizeof(Scalar) == 4) {
    static_cast<void>(aprender_store_all_u32(to, bits.data(), bits.size()));
  } else {
    static_cast<void>(aprender_store_all_u64(to, bits.data(), bits.size()));
  }
  return bytes;
}

template <class Scalar, int Targets>
bool one_output(const LinearModel<Scalar, Targets>&) {
  return Targets == 1;
}
template <class Scalar>
bool one_output(const LogisticModel<Scalar>& model) {
  return model.coefficients().rows() == 1;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "[";
  for (const auto extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::string describe(const std::string& name, container::Dtype type, const std::vector<std::uint64_t>& shape) {
  return name + " " + (type == container::Dtype::f32 ? "F32" : "F64") + " " + shape_text(shape);
}

tl::unexpected<Error> wrong_tensors(const std::string& context) {
  return tl::unexpected(Error{ErrorCode::wrong_tensors, "weights.safetensors: " + context});
}

template <class Matrix>
Result<Matrix> take_finite(Intake& intake, const container::Tensor& tensor, Eigen::Index rows, Eigen::Index cols) {
  auto [values, finite] = intake.take<Matrix>(tensor, rows, cols);
  if (finite) return std::move(values);
  Eigen::Index i = 0;
  while (std::isfinite(values.data()[i])) ++i;
  return tl::unexpected(Error{ErrorCode::non_finite, "weights.safetensors: " + tensor.name + ": element " +
                                                         std::to_string(i) + " is " + std::to_string(values.data()[i]) +
                                                         ", expected a finite number"});
}

template <class Scalar, int Targets>
Result<AnyModel> read_linear(Intake& intake, const container::Tensor& coefficients,
                             const container::Tensor& intercept) {
  using Model = LinearModel<Scalar, Targets>;
  const auto features = static_cast<Eigen::Index>(coefficients.shape.back());
  const auto targets = static_cast<Eigen::Index>(intercept.shape.front());
  auto w = take_finite<typename Model::Coefficients>(intake, coefficients, features, targets);
  if (!w) return tl::unexpected(w.error());
  auto b = take_finite<typename Model::Intercept>(intake, intercept, 1, targets);
  if (!b) return tl::unexpected(b.error());
  return Model(std::move(*w), std::move(*b));
}

template <class Scalar>
Result<AnyModel> read_logistic(Intake& intake, const container::Tensor& coefficients,
                               const container::Tensor& intercept, const ClassLabels& labels) {
  using Model = LogisticModel<Scalar>;
  const auto features = static_cast<Eigen::Index>(coefficients.shape.back());
  const auto rows = static_cast<Eigen::Index>(intercept.shape.front());
  auto w = take_finite<typename Model::Coefficients>(intake, coefficients, rows, features);
  if (!w) return tl::unexpected(w.error());
  auto b = take_finite<typename Model::Intercept>(intake, intercept, 1, rows);
  if (!b) return tl::unexpected(b.error());
  std::vector<std::int64_t> classes;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&labels)) {
    classes = *integers;
  } else {
    const auto n = std::get<std::vector<std::string>>(labels).size();
    for (std::size_t k = 0; k < n; ++k) classes.push_back(static_cast<std::int64_t>(k));
  }
  return Model(std::move(*w), std::move(*b), std::move(classes));
}

template <class Scalar>
Result<AnyModel> read_model(Intake& intake, std::span<const container::Tensor> tensors, const Schema& schema) {
  const container::Tensor &coefficients = tensors[0], &intercept = tensors[1];
  if (schema.classes) return read_logistic<Scalar>(intake, coefficients, intercept, *schema.classes);
  if (coefficients.shape.size() == 1) return read_linear<Scalar, 1>(intake, coefficients, intercept);
  return read_linear<Scalar, Eigen::Dynamic>(intake, coefficients, intercept);
}

/// The tensors are those that metadata announces and such a model needs.
Result<void> check_tensors(std::span<const container::Tensor> tensors, const Metadata& metadata) {
  for (std::size_t k = 0; k < std::max(tensors.size(), metadata.tensors.size()); ++k) {
    if (k >= tensors.size()) return wrong_tensors("tensor " + metadata.tensors[k].name + " is missing");
    if (k >= metadata.tensors.size()) return wrong_tensors("tensor " + tensors[k].name + " is not in metadata.pb");
    const TensorInfo found = {tensors[k].name, tensors[k].dtype, tensors[k].shape};
    if (const auto& expected = metadata.tensors[k]; found != expected) {
      return wrong_tensors("found " + describe(found.name, found.dtype, found.shape) + ", metadata.pb announces " +
                           describe(expected.name, expected.dtype, expected.shape));
    }
  }

  const auto features = static_cast<std::uint64_t>(metadata.schema.n_features);
  const std::uint64_t outputs = n_outputs(metadata.schema);
  const std::vector<std::uint64_t> flat = {features};
  const std::vector<std::uint64_t> matrix = {outputs, features};
  const bool regression = !metadata.schema.classes;
  const auto fits = [&](const std::vector<std::uint64_t>& shape) {
    return (shape == flat && outputs == 1) || (shape == matrix && (regression || outputs > 1));
  };
  if (tensors.size() != 2 || tensors[0].name != "coefficients" || tensors[1].name != "intercept") {
    return wrong_tensors("expected the two tensors coefficients and intercept");
  }
  if (!fits(tensors[0].shape)) {
    return wrong_tensors("coefficients have shape " + shape_text(tensors[0].shape) + ", expected " +
                         shape_text(outputs == 1 ? flat : matrix));
  }
  if (tensors[1].shape != std::vector<std::uint64_t>{outputs}) {
    return wrong_tensors("intercept has shape " + shape_text(tensors[1].shape) + ", expected " + shape_text({outputs}));
  }
  for (const auto& tensor : tensors) {
    if (tensor.dtype != metadata.dtype) return wrong_tensors(tensor.name + " has another dtype than the inputs");
  }
  return {};
}

}  // namespace

container::Dtype dtype_of(const AnyModel& model) {
  return std::visit([](const auto& m) { return dtype<typename std::remove_cvref_t<decltype(m)>::Scalar>; }, model);
}

std::vector<TensorInfo> tensors_of(const AnyModel& model) {
  return std::visit(
      [](const auto& m) {
        const auto type = dtype<typename std::decay_t<decltype(m)>::Scalar>;
        const auto outputs = static_cast<std::uint64_t>(n_outputs(m));
        const auto features = static_cast<std::uint64_t>(m.n_features());
        std::vector<std::uint64_t> shape = {outputs, features};
        if (one_output(m)) shape = {features};
        return std::vector<TensorInfo>{{"coefficients", type, shape}, {"intercept", type, {outputs}}};
      },
      model);
}

container::Pieces write_weights(const AnyModel& model) {
  return std::visit(
      [&](const auto& m) {
        using Scalar = typename std::decay_t<decltype(m)>::Scalar;
        const auto info = tensors_of(model);
        std::span<const std::byte> coefficients = std::as_bytes(
            std::span<const Scalar>(m.coefficients().data(), static_cast<std::size_t>(m.coefficients().size())));
        std::vector<std::byte> encoded;
        if constexpr (std::endian::native != std::endian::little) {
          coefficients = encoded = encode(m.coefficients().data(), m.coefficients().size());
        }
        std::vector<Scalar> intercepts;
        for (Eigen::Index o = 0; o < n_outputs(m); ++o) intercepts.push_back(intercept_of(m, o));
        std::vector<std::byte> intercept = encode(intercepts.data(), n_outputs(m));
        const std::array<container::Tensor, 2> tensors = {
            container::Tensor{info[0].name, info[0].dtype, info[0].shape, coefficients},
            container::Tensor{info[1].name, info[1].dtype, info[1].shape, intercept}};
        container::Pieces file = container::write_safetensors(tensors);
        file.keep(std::move(encoded));
        file.keep(std::move(intercept));
        return file;
      },
      model);
}

Result<AnyModel> read_weights(std::span<const container::Tensor> tensors, const Metadata& metadata, Intake& intake) {
  if (auto ok = check_tensors(tensors, metadata); !ok) return tl::unexpected(ok.error());
  return metadata.dtype == container::Dtype::f32 ? read_model<float>(intake, tensors, metadata.schema)
                                                 : read_model<double>(intake, tensors, metadata.schema);
}

}  // namespace aprender::archive
