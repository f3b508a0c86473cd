#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "archive/metadata.hpp"
#include "archive/text.hpp"
#include "container/manifest.hpp"
#include "container/text.hpp"

namespace aprender::archive {
namespace {

/// Keeps the first rule that does not hold.
class Checks {
 public:
  void require(bool holds, std::string_view field, std::string_view expected) {
    if (holds || error_) return;
    error_ = Error{ErrorCode::inconsistent_metadata,
                   "metadata.pb: " + std::string(field) + ": expected " + std::string(expected)};
  }
  void require_text(std::string_view text, std::string_view field) {
    require(is_text(text), field, "UTF-8 without control characters");
  }
  void require_names(const std::vector<std::string>& names, std::string_view field, std::size_t max_bytes) {
    std::set<std::string_view> seen;
    for (const auto& name : names) {
      require(is_name(name, max_bytes), field,
              "names of 1 to " + std::to_string(max_bytes) + " bytes of UTF-8 without control characters");
      require(seen.insert(name).second, field, "unique names, but " + container::in_quotes(name) + " occurs twice");
    }
  }
  [[nodiscard]] Result<void> result() const {
    if (error_) return tl::unexpected(*error_);
    return {};
  }

 private:
  std::optional<Error> error_;
};

bool at_least(double value, double bound) { return std::isfinite(value) && value >= bound; }
bool positive(double value) { return std::isfinite(value) && value > 0.0; }

void check_identity(Checks& checks, const Description& d, const Limits& limits) {
  checks.require(is_name(d.name, limits.name_bytes), "identity.name",
                 "1 to " + std::to_string(limits.name_bytes) + " bytes of UTF-8 without control characters");
  checks.require(is_semantic_version(d.version), "identity.version",
                 "a semantic version like 1.2.0, found " + container::in_quotes(d.version));
  checks.require_text(d.description, "identity.description");
  checks.require_text(d.licence, "identity.licence");
  checks.require_text(d.intended_use, "identity.intended_use");
}

struct CheckEstimator {
  Checks& checks;

  void operator()(const LinearRegression&) const {}
  void operator()(const Ridge& e) const { penalty(e.alpha); }
  void operator()(const Lasso& e) const {
    penalty(e.alpha);
    iterative(e.tol, e.max_iter);
  }
  void operator()(const ElasticNet& e) const {
    penalty(e.alpha);
    share(e.l1_ratio);
    iterative(e.tol, e.max_iter);
  }
  void operator()(const LogisticRegression& e) const {
    checks.require(positive(e.C), "estimator.c", "a finite number > 0");
    share(e.l1_ratio);
    iterative(e.tol, e.max_iter);
    const auto& weights = e.class_weight.weights;
    checks.require(!e.class_weight.balanced || weights.empty(), "estimator.class_weights", "none if balanced");
    for (const auto& [label, weight] : weights) {
      checks.require(at_least(weight, 0.0), "estimator.class_weights", "finite weights >= 0");
    }
  }

 private:
  void penalty(double alpha) const { checks.require(at_least(alpha, 0.0), "estimator.alpha", "a finite number >= 0"); }
  void share(double l1_ratio) const {
    checks.require(l1_ratio >= 0.0 && l1_ratio <= 1.0, "estimator.l1_ratio", "a number in [0, 1]");
  }
  void iterative(double tol, std::int64_t max_iter) const {
    checks.require(positive(tol), "estimator.tol", "a finite number > 0");
    checks.require(max_iter >= 1, "estimator.max_iter", "at least 1");
  }
};

void check_schema(Checks& checks, const Metadata& m, const Limits& limits) {
  const Schema& schema = m.schema;
  checks.require(schema.n_features >= 1, "inputs.n_features", "at least 1");
  const auto& features = schema.features.list();
  checks.require(
      features.empty() || features.size() == static_cast<std::uint64_t>(schema.n_features), "inputs.features",
      "none or " + std::to_string(schema.n_features) + " features, found " + std::to_string(features.size()));
  std::vector<std::string> names;
  for (const Feature& feature : features) {
    names.push_back(feature.name);
    checks.require_text(feature.unit, "inputs.features.unit");
    if (feature.range) {
      checks.require(std::isfinite(feature.range->min) && std::isfinite(feature.range->max) &&
                         feature.range->min <= feature.range->max,
                     "inputs.features.range", "finite min <= max for " + container::in_quotes(feature.name));
    }
  }
  checks.require_names(names, "inputs.features.name", limits.name_bytes);

  checks.require_names(schema.targets, "outputs.targets", limits.name_bytes);
  const bool classifier = std::holds_alternative<LogisticRegression>(m.estimator);
  checks.require(classifier == schema.classes.has_value(), "outputs", "class labels for a classifier and no other");
  checks.require(classifier ? schema.targets.size() == 1 : !schema.targets.empty(), "outputs.targets",
                 classifier ? "exactly one" : "at least one");
  if (!schema.classes) return;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&*schema.classes)) {
    checks.require(integers->size() >= 2, "outputs.integer_labels", "at least two");
    checks.require(std::ranges::adjacent_find(*integers, std::greater_equal<>()) == integers->end(),
                   "outputs.integer_labels", "strictly increasing labels");
  } else {
    const auto& labels = std::get<std::vector<std::string>>(*schema.classes);
    checks.require(labels.size() >= 2, "outputs.text_labels", "at least two");
    checks.require_names(labels, "outputs.text_labels", limits.name_bytes);
  }
}

void check_tensors(Checks& checks, const Metadata& m, const Limits& limits) {
  for (const TensorInfo& tensor : m.tensors) {
    checks.require(is_name(tensor.name, limits.name_bytes), "tensors.name", "a name");
    checks.require(tensor.shape.size() <= limits.rank, "tensors.shape",
                   "at most " + std::to_string(limits.rank) + " dimensions");
  }
}

void check_provenance(Checks& checks, const Description& d, const Limits& limits) {
  const Provenance& p = d.provenance;
  if (p.code) {
    checks.require(is_hex(p.code->git_commit, 40) || is_hex(p.code->git_commit, 64), "provenance.code.git_commit",
                   "40 or 64 lower-case hexadecimal digits");
    checks.require_text(p.code->uri, "provenance.code.uri");
  }
  if (p.data) {
    checks.require(is_hex(p.data->sha256, 64), "provenance.data.sha256", "64 lower-case hexadecimal digits");
    checks.require_text(p.data->uri, "provenance.data.uri");
    checks.require(p.data->rows >= 0 && p.data->columns >= 0, "provenance.data", "non-negative rows and columns");
  }
  checks.require(at_least(p.duration_seconds, 0.0), "provenance.duration_seconds", "a finite number >= 0");
  for (const auto* text : {&p.generator, &p.library, &p.compiler, &p.compiler_flags, &p.cpu_features, &p.blas,
                           &p.platform, &p.builder, &p.invocation}) {
    checks.require_text(*text, "provenance");
  }
  checks.require(p.parent_archive_id.empty() || is_hex(p.parent_archive_id, 64), "provenance.parent_archive_id",
                 "none or 64 lower-case hexadecimal digits");
  for (const auto& [key, value] : p.annotations) {
    checks.require(is_name(key, limits.name_bytes), "provenance.annotations.key", "a name");
    checks.require_text(value, "provenance.annotations.value");
  }
  for (const auto& [name, dependency] : p.dependencies) {
    checks.require(is_name(name, limits.name_bytes), "provenance.dependencies.name", "a name");
    checks.require_text(dependency.uri, "provenance.dependencies.uri");
    checks.require(is_hex(dependency.sha256, 64), "provenance.dependencies.sha256", "64 lower-case hexadecimal digits");
  }
  for (const auto& [name, value] : d.metrics) {
    checks.require(is_name(name, limits.name_bytes), "provenance.metrics.name", "a name");
    checks.require(std::isfinite(value), "provenance.metrics.value",
                   "a finite number for " + container::in_quotes(name));
  }
}

void check_report(Checks& checks, const Metadata& m) {
  const FitReport& r = m.report;
  checks.require_text(r.solver, "fit.solver");
  checks.require(r.n_samples >= 1, "fit.n_samples", "at least 1");
  checks.require(r.n_features == m.schema.n_features, "fit.n_features",
                 std::to_string(m.schema.n_features) + " as in inputs, found " + std::to_string(r.n_features));
  checks.require(r.iterations >= 0, "fit.iterations", "at least 0");
  const bool intercept = std::visit([](const auto& e) { return e.fit_intercept; }, m.estimator);
  checks.require(r.fit_intercept == intercept, "fit.fit_intercept", "the estimator's fit_intercept");
  checks.require(!std::isnan(r.objective), "fit.objective", "a number");
  checks.require(at_least(r.tolerance, 0.0), "fit.tolerance", "a finite number >= 0");
  for (const auto& certificate : {r.duality_gap, r.gradient_norm, r.backward_error, r.condition_estimate}) {
    checks.require(!certificate || *certificate >= 0.0, "fit", "certificates >= 0");
  }
  checks.require(!r.rank || (*r.rank >= 0 && *r.rank <= r.n_features), "fit.rank", "0 to n_features");
}

void check_contract(Checks& checks, const Metadata& m) {
  const NumericContract& contract = m.contract;
  checks.require(
      contract.max_ulp <= NumericContract::accepted_max_ulp, "numeric_contract.max_ulp",
      "at most " + std::to_string(NumericContract::accepted_max_ulp) + ", found " + std::to_string(contract.max_ulp));
  checks.require(
      contract.probes.size() >= NumericContract::min_probes && contract.probes.size() <= NumericContract::max_probes,
      "numeric_contract.probes", "8 to 32, found " + std::to_string(contract.probes.size()));
  const std::size_t classes = n_classes(m.schema);
  const std::size_t outputs = n_outputs(m.schema);
  const auto features = static_cast<std::uint64_t>(m.schema.n_features);
  const auto exact = [&](double value) {
    if (m.dtype == container::Dtype::f64) return std::isfinite(value);
    return std::abs(value) <= std::numeric_limits<float>::max() &&
           static_cast<double>(static_cast<float>(value)) == value;
  };
  for (const Probe& probe : contract.probes) {
    const bool dense = probe.indices.empty() && probe.values.size() == features;
    checks.require(dense || probe.values.size() == probe.indices.size(), "numeric_contract.probes.values",
                   "n_features values, or as many as indices");
    checks.require(std::ranges::adjacent_find(probe.indices, std::greater_equal<>()) == probe.indices.end() &&
                       (probe.indices.empty() || probe.indices.back() < features),
                   "numeric_contract.probes.indices", "strictly increasing indices below n_features");
    checks.require(std::ranges::all_of(probe.values, exact), "numeric_contract.probes.values",
                   "finite numbers of the model's dtype");
    checks.require(probe.scores.size() == outputs && std::ranges::all_of(probe.scores, exact),
                   "numeric_contract.probes.scores", "one finite number an output");
    checks.require(probe.probabilities.size() == classes &&
                       std::ranges::all_of(probe.probabilities, [](double p) { return p >= 0.0 && p <= 1.0; }),
                   "numeric_contract.probes.probabilities", "one number in [0, 1] a class");
  }
}

}  // namespace

std::size_t n_classes(const Schema& schema) {
  return schema.classes ? std::visit([](const auto& labels) { return labels.size(); }, *schema.classes) : 0;
}

std::size_t n_outputs(const Schema& schema) {
  const std::size_t classes = n_classes(schema);
  if (classes == 0) return schema.targets.size();
  return classes == 2 ? 1 : classes;
}

Result<void> check_metadata(const Metadata& metadata, const Limits& limits) {
  Checks checks;
  checks.require(metadata.schema_version == container::schema_version, "schema_version",
                 std::to_string(container::schema_version) + ", found " + std::to_string(metadata.schema_version));
  check_identity(checks, metadata.description, limits);
  std::visit(CheckEstimator{checks}, metadata.estimator);
  check_tensors(checks, metadata, limits);
  check_schema(checks, metadata, limits);
  check_provenance(checks, metadata.description, limits);
  check_report(checks, metadata);
  check_contract(checks, metadata);
  return checks.result();
}

}  // namespace aprender::archive
