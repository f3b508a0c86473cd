/// metadata.pb in the types of the public interface (docs/format.md, section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aprender/archive.hpp"
#include "archive/numeric_contract.hpp"
#include "container/digest.hpp"
#include "container/safetensors.hpp"

namespace aprender::archive {

/// A tensor as metadata.pb announces it.
struct TensorInfo {
  std::string name;
  container::Dtype dtype = container::Dtype::f64;
  std::vector<std::uint64_t> shape;

  friend bool operator==(const TensorInfo&, const TensorInfo&) = default;
};

/// Classes of a classifier, 0 for a regression.
[[nodiscard]] std::size_t n_classes(const Schema& schema);

/// Linear scores a row has: one a target, one for two classes, else one a class.
[[nodiscard]] std::size_t n_outputs(const Schema& schema);

struct Metadata {
  std::uint32_t schema_version = 0;
  Description description = {.name = {}, .provenance = {}};
  Estimator estimator;
  std::vector<TensorInfo> tensors;  ///< sorted by name
  container::Digest weights_sha256 = {};
  container::Dtype dtype = container::Dtype::f64;  ///< of the inputs
  Schema schema;
  FitReport report;
  NumericContract contract;
  std::string uuid;
};

/// Fills in what follows from the rest (uuid, schema.input_sha256) and returns the canonical encoding.
[[nodiscard]] std::string write_metadata(Metadata& metadata);

/// Errors: limit_exceeded, malformed_metadata (not canonical), inconsistent_metadata (what check_metadata refuses).
[[nodiscard]] Result<Metadata> read_metadata(std::span<const std::byte> bytes, const Limits& limits);

/// Every rule that metadata must keep by itself. Errors: inconsistent_metadata; the context names the field.
[[nodiscard]] Result<void> check_metadata(const Metadata& metadata, const Limits& limits);

}  // namespace aprender::archive
