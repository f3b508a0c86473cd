#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "archive/metadata.hpp"
#include "container/message.hpp"
#include "metadata.pb.h"

namespace aprender::archive {
namespace {

using container::Digest;
using container::Dtype;

// Values of the public interface are signed, those on the wire are not; neither may be out of the other's range.
std::uint64_t to_wire(std::int64_t value) {
  return value < 0 ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(value);
}
std::int64_t from_wire(std::uint64_t value) {
  return std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value) : -1;
}

format::Dtype to_wire(Dtype dtype) { return dtype == Dtype::f32 ? format::F32 : format::F64; }

std::string raw(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

Digest digest_of(std::string_view bytes) { return container::sha256(std::as_bytes(std::span(bytes))); }

// ---- to the wire

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

void write(const Description& d, const std::string& uuid, format::Identity& out) {
  out.set_name(d.name);
  out.set_version(d.version);
  out.set_uuid(uuid);
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

Digest digest_from_hex(std::string_view hex) {
  Digest digest = {};
  const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  for (std::size_t i = 0; i < digest.size() && 2 * i + 1 < hex.size(); ++i) {
    digest[i] = static_cast<std::byte>((value(hex[2 * i]) * 16 + value(hex[2 * i + 1])) & 0xff);
  }
  return digest;
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
    out.mutable_data()->set_sha256(raw(digest_from_hex(p.data->sha256)));
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
    dependency.set_sha256(raw(digest_from_hex(known.sha256)));
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

// ---- what follows from the rest

/// SHA-256 of the inputs without this field.
Digest input_digest(format::Inputs inputs) {
  inputs.clear_sha256();
  return digest_of(container::write_message(inputs));
}

/// RFC 9562, version 8: 122 bits of the SHA-256 of the metadata without the UUID, which cover the weights by digest.
std::string content_uuid(format::Metadata message) {
  message.mutable_identity()->clear_uuid();
  std::string hex = container::hex(digest_of(container::write_message(message)));
  hex[12] = '8';
  constexpr std::string_view variants = "89ab";
  hex[16] = variants[static_cast<unsigned char>(hex[16]) % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

// ---- from the wire

/// Reads what the wire can say and the public types cannot; keeps the first such contradiction.
class Reader {
 public:
  Metadata read(const format::Metadata& in) {
    Metadata m;
    m.schema_version = in.schema_version();
    m.uuid = in.identity().uuid();
    require(m.uuid == content_uuid(in), "identity.uuid", "the UUID that follows from the content");
    m.description = description(in);
    m.estimator = estimator(in.estimator());
    for (const auto& tensor : in.tensors()) {
      m.tensors.push_back(
          {tensor.name(), dtype(tensor.dtype(), "tensors.dtype"), {tensor.shape().begin(), tensor.shape().end()}});
    }
    require(in.weights_sha256().size() == m.weights_sha256.size(), "weights_sha256", "32 bytes");
    m.weights_sha256 = digest(in.weights_sha256());
    m.dtype = dtype(in.inputs().dtype(), "inputs.dtype");
    m.schema = schema(in.inputs(), in.outputs());
    m.description.features = m.schema.features;
    m.description.targets = m.schema.targets;
    if (m.schema.classes) {
      if (const auto* labels = std::get_if<std::vector<std::string>>(&*m.schema.classes))
        m.description.classes = *labels;
    }
    m.report = report(in.fit());
    m.contract = contract(in.numeric_contract());
    return m;
  }

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  void require(bool holds, std::string_view field, std::string_view expected) {
    if (holds || error_) return;
    error_ = Error{ErrorCode::inconsistent_metadata,
                   "metadata.pb: " + std::string(field) + ": expected " + std::string(expected)};
  }

  Dtype dtype(format::Dtype in, std::string_view field) {
    require(in == format::F32 || in == format::F64, field, "F32 or F64");
    return in == format::F32 ? Dtype::f32 : Dtype::f64;
  }

  static Digest digest(std::string_view bytes) {
    Digest result = {};
    for (std::size_t i = 0; i < std::min(bytes.size(), result.size()); ++i)
      result[i] = static_cast<std::byte>(bytes[i]);
    return result;
  }

  Description description(const format::Metadata& in) {
    Description d{.name = in.identity().name(), .provenance = {}};
    d.version = in.identity().version();
    d.description = in.identity().description();
    d.licence = in.identity().licence();
    d.intended_use = in.identity().intended_use();
    d.provenance = provenance(in.provenance());
    for (const auto& metric : in.provenance().metrics()) {
      require(d.metrics.empty() || d.metrics.rbegin()->first < metric.name(), "provenance.metrics",
              "names in strictly increasing order");
      d.metrics.emplace(metric.name(), metric.value());
    }
    if (in.has_compatibility()) {
      require(in.compatibility().level() >= format::Compatibility::IDENTICAL &&
                  in.compatibility().level() <= format::Compatibility::BREAKING,
              "compatibility.level", "a known level");
      d.compatibility = static_cast<Compatibility>(in.compatibility().level());
    }
    return d;
  }

  template <class Iterative, class Message>
  static Iterative iterative(Iterative e, const Message& in) {
    e.fit_intercept = in.fit_intercept();
    e.tol = in.tol();
    e.max_iter = from_wire(in.max_iter());
    return e;
  }

  LogisticRegression logistic_regression(const format::LogisticRegression& in) {
    LogisticRegression e = iterative(LogisticRegression{.C = in.c()}, in);
    e.l1_ratio = in.l1_ratio();
    e.class_weight.balanced = in.balanced();
    std::map<std::int64_t, double>& weights = e.class_weight.weights;
    for (const auto& entry : in.class_weights()) {
      require(weights.empty() || weights.rbegin()->first < entry.label(), "estimator.class_weights",
              "labels in strictly increasing order");
      weights.emplace(entry.label(), entry.weight());
    }
    return e;
  }

  Estimator estimator(const format::Estimator& in) {
    switch (in.kind_case()) {
      case format::Estimator::kLinearRegression:
        return LinearRegression{.fit_intercept = in.linear_regression().fit_intercept()};
      case format::Estimator::kRidge:
        return Ridge{.alpha = in.ridge().alpha(), .fit_intercept = in.ridge().fit_intercept()};
      case format::Estimator::kLasso:
        return iterative(Lasso{.alpha = in.lasso().alpha(), .positive = in.lasso().positive()}, in.lasso());
      case format::Estimator::kElasticNet:
        return iterative(ElasticNet{.alpha = in.elastic_net().alpha(),
                                    .l1_ratio = in.elastic_net().l1_ratio(),
                                    .positive = in.elastic_net().positive()},
                         in.elastic_net());
      case format::Estimator::kLogisticRegression:
        return logistic_regression(in.logistic_regression());
      case format::Estimator::KIND_NOT_SET:
        break;
    }
    require(false, "estimator", "exactly one estimator");
    return {};
  }

  Schema schema(const format::Inputs& inputs, const format::Outputs& outputs) {
    Schema s;
    s.n_features = from_wire(inputs.n_features());
    std::vector<Feature> features;
    for (const auto& f : inputs.features()) {
      require(f.dtype() == inputs.dtype(), "inputs.features.dtype", "the dtype of the inputs");
      require(!f.nullable(), "inputs.features.nullable", "false: a linear model has no answer to a missing value");
      Feature feature{.name = f.name(), .unit = f.unit()};
      if (f.has_range()) feature.range = Range{f.range().min(), f.range().max()};
      features.push_back(std::move(feature));
    }
    s.features = Features(std::move(features));
    require(inputs.sha256() == raw(input_digest(inputs)), "inputs.sha256", "the SHA-256 of the inputs");
    s.input_sha256 = container::hex(digest(inputs.sha256()));
    s.targets.assign(outputs.targets().begin(), outputs.targets().end());
    require(!outputs.has_integer_labels() || !outputs.has_text_labels(), "outputs", "labels of one kind");
    if (outputs.has_integer_labels()) {
      s.classes =
          std::vector<std::int64_t>(outputs.integer_labels().labels().begin(), outputs.integer_labels().labels().end());
    } else if (outputs.has_text_labels()) {
      s.classes =
          std::vector<std::string>(outputs.text_labels().labels().begin(), outputs.text_labels().labels().end());
    }
    return s;
  }

  Provenance provenance(const format::Provenance& in) {
    Provenance p;
    if (in.has_code()) p.code = TrainingCode{in.code().git_commit(), in.code().dirty(), in.code().uri()};
    if (in.has_data()) {
      require(in.data().sha256().size() == Digest{}.size(), "provenance.data.sha256", "32 bytes");
      p.data = TrainingData{in.data().uri(), container::hex(digest(in.data().sha256())), from_wire(in.data().rows()),
                            from_wire(in.data().columns())};
    }
    if (in.has_seed()) p.seed = in.seed();
    p.generator = in.generator();
    p.started_unix_seconds = in.started_unix_seconds();
    p.duration_seconds = in.duration_seconds();
    p.library = in.library();
    p.compiler = in.compiler();
    p.compiler_flags = in.compiler_flags();
    p.cpu_features = in.cpu_features();
    p.blas = in.blas();
    p.platform = in.platform();
    p.parent_archive_id = in.parent_archive_id();
    for (const auto& annotation : in.annotations()) {
      require(p.annotations.empty() || p.annotations.rbegin()->first < annotation.key(), "provenance.annotations",
              "keys in strictly increasing order");
      p.annotations.emplace(annotation.key(), annotation.value());
    }
    p.builder = in.builder();
    p.invocation = in.invocation();
    for (const auto& dependency : in.dependencies()) {
      require(p.dependencies.empty() || p.dependencies.rbegin()->first < dependency.name(), "provenance.dependencies",
              "names in strictly increasing order");
      require(dependency.sha256().size() == Digest{}.size(), "provenance.dependencies.sha256", "32 bytes");
      p.dependencies.emplace(dependency.name(),
                             Dependency{dependency.uri(), container::hex(digest(dependency.sha256()))});
    }
    return p;
  }

  static FitReport report(const format::FitReport& in) {
    FitReport r;
    r.solver = in.solver();
    r.n_samples = from_wire(in.n_samples());
    r.n_features = from_wire(in.n_features());
    r.iterations = from_wire(in.iterations());
    r.converged = in.converged();
    r.stopped = in.stopped();
    r.fit_intercept = in.fit_intercept();
    r.objective = in.objective();
    r.tolerance = in.tolerance();
    if (in.has_duality_gap()) r.duality_gap = in.duality_gap();
    if (in.has_gradient_norm()) r.gradient_norm = in.gradient_norm();
    if (in.has_backward_error()) r.backward_error = in.backward_error();
    if (in.has_condition_estimate()) r.condition_estimate = in.condition_estimate();
    if (in.has_rank()) r.rank = from_wire(in.rank());
    return r;
  }

  static NumericContract contract(const format::NumericContract& in) {
    NumericContract contract{.max_ulp = in.max_ulp(), .probes = {}};
    for (const auto& p : in.probes()) {
      contract.probes.push_back({.indices = {p.indices().begin(), p.indices().end()},
                                 .values = {p.values().begin(), p.values().end()},
                                 .scores = {p.scores().begin(), p.scores().end()},
                                 .probabilities = {p.probabilities().begin(), p.probabilities().end()}});
    }
    return contract;
  }

  std::optional<Error> error_;
};

}  // namespace

std::string write_metadata(Metadata& m) {
  format::Metadata out;
  out.set_schema_version(m.schema_version);
  write(m.description, {}, *out.mutable_identity());
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

Result<Metadata> read_metadata(std::span<const std::byte> bytes, const Limits& limits) {
  format::Metadata message;
  if (auto ok = container::read_message(bytes, limits, message); !ok) return tl::unexpected(ok.error());
  Reader reader;
  Metadata metadata = reader.read(message);
  if (reader.error()) return tl::unexpected(*reader.error());
  if (auto ok = check_metadata(metadata, limits); !ok) return tl::unexpected(ok.error());
  return metadata;
}

}  // namespace aprender::archive
