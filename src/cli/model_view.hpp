/// A model as rows of numbers, whatever its type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// Loads and verifies a whole archive. Throws Failure naming the file.
[[nodiscard]] ModelArchive load(const std::string& file, const LoadOptions& options = {});

/// Each number is the double whose shortest decimal digits are those of the stored number, float or double.
struct Weights {
  std::vector<std::vector<double>> coefficients;  ///< [outputs][features]
  std::vector<double> intercept;                  ///< [outputs]
  std::string_view dtype;                         ///< "float32" or "float64"
};
[[nodiscard]] Weights weights(const AnyModel& model);

/// "2026-11-23 03:57:41 UTC".
[[nodiscard]] std::string time_in_words(std::int64_t unix_seconds);

/// RFC 3339, nothing for years that it cannot write.
[[nodiscard]] std::optional<std::string> timestamp(std::int64_t unix_seconds);

/// As the schema has it, "x[3]" if the features are unnamed.
[[nodiscard]] std::string feature_name(const Schema& schema, std::size_t j);

/// The classes in words, none for a regression.
[[nodiscard]] std::vector<std::string> class_names(const Schema& schema);

/// What the author claims of the model beside the version before it, "drop-in"; nothing if that is nothing.
[[nodiscard]] std::optional<std::string> claimed_compatibility(const ModelArchive& archive);

/// The same as a sentence of a card, empty if there is none.
[[nodiscard]] std::string compatibility_in_words(const ModelArchive& archive);

/// "none", "embedded, not verified ...", "verified, by KEY".
[[nodiscard]] std::string signature_in_words(const ModelArchive& archive);

/// What the rows of coefficients stand for: targets, classes, or the second of two classes.
[[nodiscard]] std::vector<std::string> output_names(const Schema& schema);

}  // namespace aprender::cli
