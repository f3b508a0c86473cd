#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "archive/metadata.hpp"
#include "archive/metadata_derived.hpp"
#include "container/message.hpp"
#include "container/on_arena.hpp"

namespace aprender::archive {
namespace {

using container::Digest;
using container::Dtype;

/// Of a value that is signed in the public interface: -1 if it is out of range, which no rule accepts.
std::int64_t from_wire(std::uint64_t value) {
  return std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value) : -1;
}

/// Reads what the wire can say and the public types cannot; keeps the first such contradiction.
class Reader {
 public:
  Metadata read(const format::Metadata& in) {
    Metadata m;
    m.schema_version = in.schema_version();
    m.uuid = in.identity().uuid();
    require(m.uuid == content_uuid(in), "identity.uuid", "the UUID that follows from the content");
    require(in.has_provenance(), "provenance", "what is known of it, be it nothing");
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
    require(inputs.sha256().size() == Digest{}.size() && digest(inputs.sha256()) == input_digest(inputs),
            "inputs.sha256", "the SHA-256 of the inputs");
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

Result<Metadata> read_metadata(std::span<const std::byte> bytes, const Limits& limits) {
  container::OnArena<format::Metadata> message;
  if (auto ok = container::read_message(bytes, limits, *message); !ok) return tl::unexpected(ok.error());
  Reader reader;
  Metadata metadata = reader.read(*message);
  if (reader.error()) return tl::unexpected(*reader.error());
  if (auto ok = check_metadata(metadata, limits); !ok) return tl::unexpected(ok.error());
  return metadata;
}

}  // namespace aprender::archive
