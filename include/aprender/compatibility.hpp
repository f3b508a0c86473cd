/// May this model take the place of that one? (docs/format.md, section 9)
#pragma once

#include <string>
#include <vector>

#include "aprender/archive.hpp"

namespace aprender {

/// One difference between two models, and what it means for those who use them.
struct Change {
  Compatibility level = Compatibility::identical;
  std::string reason;  ///< names the field, what it is and what it was
};

struct CompatibilityReport {
  /// identical: the same bits for every row. drop_in: the same columns in, the same outputs to within the numeric
  /// contracts of both. output_changed: the same columns in, other numbers out. breaking: whoever uses the model has to
  /// change too.
  Compatibility level = Compatibility::identical;
  std::vector<Change> changes;  ///< the gravest first; the level is theirs
};

/// What changes when `after` takes the place of `before`, from features (names, order, units, ranges), targets, classes
/// and their order, the kind of model, its dtype, its weights, and the numeric contracts of both. Provenance, names and
/// versions do not count.
[[nodiscard]] CompatibilityReport compatibility(const ModelArchive& before, const ModelArchive& after);

/// "identical", "drop-in", "output changed", "breaking", "unspecified".
[[nodiscard]] std::string_view name(Compatibility level) noexcept;

}  // namespace aprender
