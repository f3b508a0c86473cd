#include "aprender/compatibility.hpp"

#include <algorithm>

#include "archive/contents.hpp"
#include "archive/numeric_contract.hpp"

namespace aprender {
namespace {

constexpr auto breaking = Compatibility::breaking;

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string text_of(const std::optional<Range>& range) {
  return range ? "[" + argument::text(range->min) + ", " + argument::text(range->max) + "]" : "unknown";
}

/// Collects what differs.
class Comparison {
 public:
  void changed(Compatibility level, const std::string& field, const std::string& is, const std::string& was) {
    changes_.push_back({level, field + ": " + is + ", was " + was});
  }

  /// Names in an order that counts; returns whether there are as many.
  bool same_names(const std::string& what, const std::vector<std::string>& before,
                  const std::vector<std::string>& after) {
    if (before.size() != after.size()) {
      changed(breaking, what, std::to_string(after.size()), std::to_string(before.size()));
      return false;
    }
    for (std::size_t k = 0; k < before.size(); ++k) {
      if (before[k] == after[k]) continue;
      const bool moved = std::ranges::find(before, after[k]) != before.end();
      changed(breaking, what + "[" + std::to_string(k) + "]", quoted(after[k]) + (moved ? " (in another place)" : ""),
              quoted(before[k]));
    }
    return true;
  }

  void features(const Schema& before, const Schema& after) {
    if (before.features.named() != after.features.named() || !before.features.named()) {
      const auto count = [](const Schema& schema) {
        return std::to_string(schema.n_features) + (schema.features.named() ? " named" : " unnamed");
      };
      if (count(before) != count(after)) changed(breaking, "features", count(after), count(before));
      return;
    }
    const auto names = [](const Schema& schema) {
      std::vector<std::string> all;
      for (const Feature& feature : schema.features.list()) all.push_back(feature.name);
      return all;
    };
    if (!same_names("features", names(before), names(after))) return;
    for (std::size_t j = 0; j < before.features.list().size(); ++j) {
      const Feature &is = after.features.list()[j], &was = before.features.list()[j];
      const std::string field = "features[" + std::to_string(j) + "] " + quoted(is.name);
      if (is.unit != was.unit) changed(breaking, field + ": unit", quoted(is.unit), quoted(was.unit));
      if (text_of(is.range) != text_of(was.range)) {
        changed(Compatibility::drop_in, field + ": range in training", text_of(is.range), text_of(was.range));
      }
    }
  }

  void classes(const Schema& before, const Schema& after) {
    if (before.classes.has_value() != after.classes.has_value()) {
      const auto kind = [](const Schema& schema) { return schema.classes ? "a classifier" : "a regression"; };
      return changed(breaking, "model", kind(after), kind(before));
    }
    if (!before.classes) return;
    if (before.classes->index() != after.classes->index()) {
      const auto kind = [](const Schema& schema) { return schema.classes->index() == 0 ? "integers" : "text"; };
      return changed(breaking, "classes", kind(after), kind(before));
    }
    const auto names = [](const Schema& schema) {
      std::vector<std::string> all;
      std::visit(
          [&](const auto& labels) {
            for (const auto& label : labels) all.push_back(argument::text(label));
          },
          *schema.classes);
      return all;
    };
    same_names("classes", names(before), names(after));
  }

  void add(Compatibility level, std::string reason) { changes_.push_back({level, std::move(reason)}); }

  [[nodiscard]] bool breaks() const {
    return std::ranges::any_of(changes_, [](const Change& change) { return change.level == breaking; });
  }

  [[nodiscard]] CompatibilityReport report() && {
    std::ranges::stable_sort(changes_, std::ranges::greater(), &Change::level);
    return {changes_.empty() ? Compatibility::identical : changes_.front().level, std::move(changes_)};
  }

 private:
  std::vector<Change> changes_;
};

}  // namespace

CompatibilityReport compatibility(const ModelArchive& before, const ModelArchive& after) {
  Comparison comparison;
  comparison.features(before.schema(), after.schema());
  comparison.classes(before.schema(), after.schema());
  comparison.same_names("targets", before.schema().targets, after.schema().targets);
  const archive::Metadata &was = before.contents_->metadata, &is = after.contents_->metadata;
  if (comparison.breaks()) return std::move(comparison).report();

  if (is.dtype != was.dtype) {
    const auto bits = [](container::Dtype dtype) { return dtype == container::Dtype::f32 ? "float" : "double"; };
    comparison.changed(Compatibility::output_changed, "dtype", bits(is.dtype), bits(was.dtype));
  } else if (is.weights_sha256 != was.weights_sha256) {
    const auto by_after = archive::check_contract(was.contract, after.any_model());
    const auto by_before = archive::check_contract(is.contract, before.any_model());
    if (by_after && by_before) {
      comparison.add(Compatibility::drop_in, "weights: other bits, within the numeric contracts of both");
    } else {
      const std::string& context = (by_after ? by_before : by_after).error().context;
      comparison.add(Compatibility::output_changed, std::string("numeric contract of the ") +
                                                        (by_after ? "new" : "old") +
                                                        " archive: " + context.substr(context.find("probe")));
    }
  }
  return std::move(comparison).report();
}

std::string_view name(Compatibility level) noexcept {
  switch (level) {
    case Compatibility::identical:
      return "identical";
    case Compatibility::drop_in:
      return "drop-in";
    case Compatibility::output_changed:
      return "output changed";
    case Compatibility::breaking:
      return "breaking";
    case Compatibility::unspecified:
      break;
  }
  return "unspecified";
}

}  // namespace aprender
