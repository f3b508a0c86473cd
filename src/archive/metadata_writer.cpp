#include <limits>
#include <map>
#include <string_view>

#include "archive/metadata.hpp"
#include "archive/metadata_derived.hpp"
#include "container/message.hpp"
#include "container/on_arena.hpp"

namespace aprender::archive {
namespace {

using container::Digest;
using container::Dtype;

/// Of a value that is signed in the public interface and not on the wire, where a negative one is out of range.
std::uint64_t to_wire(std::int64_t value) {
  return value < 0 ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(value);
}

format::Dtype to_wire(Dtype dtype) { return dtype == Dtype::f32 ? format::F32 : format::F64; }

std::string raw(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

void write(const LinearRegression& e, format::Estimator& out) {
  out.mutable_linear_regression()->set_fit_intercept(e.fit_intercept);
}
void write(const Ridge& e, format::Estimator& out) {
  out.mutable_ridge()->set_alpha(e.alpha);
  out.mutable_ridge()->set_fit_intercept(e.fit_intercept);
}
template <class Iterative, class Message>
void write_iterative(const Iterative& e, Message& out) {
  out.set_fit_intercept(e.fit_intercept);
  out.set_tol(e.tol);
  out.set_max_iter(to_wire(e.max_iter));
}
void write(const Lasso& e, format::Estimator& out) {
  out.mutable_lasso()->set_alpha(e.alpha);
  out.mutable_lasso()->set_positive(e.positive);
  write_iterative(e, *out.mutable_lasso());
}
void write(const ElasticNet& e, format::Estimator& out) {
  out.mutable_elastic_net()->set_alpha(e.alpha);
  out.mutable_elastic_net()->set_l1_ratio(e.l1_ratio);
  out.mutable_elastic_net()->set_positive(e.positive);
  write_iterative(e, *out.mutable_elastic_net());
}
void write(const LogisticRegression& e, format::Estimator& out) {
  auto& logistic = *out.mutable_logistic_regression();
  logistic.set_c(e.C);
  write_iterative(e, logistic);
  logistic.set_l1_ratio(e.l1_ratio);
  logistic.set_balanced(e.class_weight.balanced);
  for (const auto& [label, weight] : e.class_weight.weights) {
    auto& entry = *logistic.add_class_weights();
    entry.set_label(label);
    entry.set_weight(weight);
  }
}

void write(const Description& d, format::Identity& out) {
  out.set_name(d.name);
  out.set_version(d.version);
  out.set_description(d.description);
  out.set_licence(d.licence);
  out.set_intended_use(d.intended_use);
}

void write(const Schema& schema, Dtype dtype, format::Inputs& out) {
  out.set_n_features(to_wire(schema.n_features));
  out.set_dtype(to_wire(dtype));
  for (const Feature& feature : schema.features.list()) {
    auto& f = *out.add_features();
    f.set_name(feature.name);
    f.set_dtype(to_wire(dtype));
    f.set_unit(feature.unit);
    if (feature.range) {
      f.mutable_range()->set_min(feature.range->min);
      f.mutable_range()->set_max(feature.range->max);
    }
  }
}

void write(const Schema& schema, format::Outputs& out) {
  for (const auto& target : schema.targets) out.add_targets(target);
  if (!schema.classes) return;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&*schema.classes)) {
    for (const auto label : *integers) out.mutable_integer_labels()->add_labels(label);
  } else {
    for (const auto& label : std::get<std::vector<std::string>>(*schema.classes)) {
      out.mutable_text_labels()->add_labels(label);
    }
  }
}

void write(const Description& d, format::Provenance& out) {
  const Provenance& p = d.provenance;
  if (p.code) {
    out.mutable_code()->set_git_commit(p.code->git_commit);
    out.mutable_code()->set_dirty(p.code->dirty);
    out.mutable_code()->set_uri(p.code->uri);
  }
  if (p.data) {
    out.mutable_data()->set_uri(p.data->uri);
    out.mutable_data()->set_sha256(raw(container::from_hex(p.data->sha256)));
    out.mutable_data()->set_rows(to_wire(p.data->rows));
    out.mutable_data()->set_columns(to_wire(p.data->columns));
  }
  if (p.seed) out.set_seed(*p.seed);
  out.set_generator(p.generator);
  out.set_started_unix_seconds(p.started_unix_seconds);
  out.set_duration_seconds(p.duration_seconds);
  out.set_library(p.library);
  out.set_compiler(p.compiler);
  out.set_compiler_flags(p.compiler_flags);
  out.set_cpu_features(p.cpu_features);
  out.set_blas(p.blas);
  out.set_platform(p.platform);
  out.set_parent_archive_id(p.parent_archive_id);
  for (const auto& [key, value] : p.annotations) {
    auto& annotation = *out.add_annotations();
    annotation.set_key(key);
    annotation.set_value(value);
  }
  out.set_builder(p.builder);
  out.set_invocation(p.invocation);
  for (const auto& [name, known] : p.dependencies) {
    auto& dependency = *out.add_dependencies();
    dependency.set_name(name);
    dependency.set_uri(known.uri);
    dependency.set_sha256(raw(container::from_hex(known.sha256)));
  }
  for (const auto& [name, value] : d.metrics) {
    auto& metric = *out.add_metrics();
    metric.set_name(name);
    metric.set_value(value);
  }
}

void write(const FitReport& r, format::FitReport& out) {
  out.set_solver(r.solver);
  out.set_n_samples(to_wire(r.n_samples));
  out.set_n_features(to_wire(r.n_features));
  out.set_iterations(to_wire(r.iterations));
  out.set_converged(r.converged);
  out.set_stopped(r.stopped);
  out.set_fit_intercept(r.fit_intercept);
  out.set_objective(r.objective);
  out.set_tolerance(r.tolerance);
  if (r.duality_gap) out.set_duality_gap(*r.duality_gap);
  if (r.gradient_norm) out.set_gradient_norm(*r.gradient_norm);
  if (r.backward_error) out.set_backward_error(*r.backward_error);
  if (r.condition_estimate) out.set_condition_estimate(*r.condition_estimate);
  if (r.rank) out.set_rank(to_wire(*r.rank));
}

void write(const NumericContract& contract, format::NumericContract& out) {
  out.set_max_ulp(contract.max_ulp);
  for (const Probe& probe : contract.probes) {
    auto& p = *out.add_probes();
    p.mutable_indices()->Add(probe.indices.begin(), probe.indices.end());
    p.mutable_values()->Add(probe.values.begin(), probe.values.end());
    p.mutable_scores()->Add(probe.scores.begin(), probe.scores.end());
    p.mutable_probabilities()->Add(probe.probabilities.begin(), probe.probabilities.end());
  }
}

}  // namespace

std::string write_metadata(Metadata& m) {
  container::OnArena<format::Metadata> message;
  format::Metadata& out = *message;
  out.set_schema_version(m.schema_version);
  write(m.description, *out.mutable_identity());
  std::visit([&](const auto& e) { write(e, *out.mutable_estimator()); }, m.estimator);
  for (const TensorInfo& tensor : m.tensors) {
    auto& t = *out.add_tensors();
    t.set_name(tensor.name);
    t.set_dtype(to_wire(tensor.dtype));
    t.mutable_shape()->Add(tensor.shape.begin(), tensor.shape.end());
  }
  out.set_weights_sha256(raw(m.weights_sha256));
  write(m.schema, m.dtype, *out.mutable_inputs());
  const Digest inputs = input_digest(out.inputs());
  out.mutable_inputs()->set_sha256(raw(inputs));
  m.schema.input_sha256 = container::hex(inputs);
  write(m.schema, *out.mutable_outputs());
  write(m.description, *out.mutable_provenance());
  write(m.report, *out.mutable_fit());
  write(m.contract, *out.mutable_numeric_contract());
  if (m.description.compatibility != Compatibility::unspecified) {
    out.mutable_compatibility()->set_level(static_cast<format::Compatibility::Level>(m.description.compatibility));
  }
  m.uuid = content_uuid(out);
  out.mutable_identity()->set_uuid(m.uuid);
  return container::write_message(out);
}

}  // namespace aprender::archive
