// Every rule of what metadata may say, each broken alone: the error names the field. And what the rules just allow.
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"

namespace aprender {
namespace {

using format::Metadata;
using rebuild::Bytes;
using Change = std::function<void(Metadata&)>;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
const std::string escape_sequence = "\x1b[31m";

enum class Kind : std::uint8_t { regression, classifier };

/// With everything that is derived from the rest derived again.
Result<ModelArchive> edited(Kind kind, const Change& change) {
  static const Bytes regression = ModelArchive(samples::ridge<double>(), samples::description()).to_bytes();
  static const Bytes classifier = ModelArchive(samples::multinomial<double>(), samples::description()).to_bytes();
  return ModelArchive::from_bytes(
      rebuild::with_metadata(kind == Kind::regression ? regression : classifier, [&](Metadata& m) {
        change(m);
        rebuild::seal(m);
      }));
}

struct Broken {
  std::string field;
  Change change;
  Kind kind = Kind::classifier;
};

void expect_refused(const std::vector<Broken>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto loaded = edited(rules[i].kind, rules[i].change);
    ASSERT_FALSE(loaded) << rules[i].field << ", the " << i << "th";
    EXPECT_EQ(loaded.error().code, ErrorCode::inconsistent_metadata) << rules[i].field << ", the " << i << "th";
    EXPECT_TRUE(loaded.error().context.starts_with("metadata.pb: " + rules[i].field + ": expected "))
        << rules[i].field << ", the " << i << "th: " << loaded.error().context;
  }
}

auto& identity(Metadata& m) { return *m.mutable_identity(); }
auto& logistic(Metadata& m) { return *m.mutable_estimator()->mutable_logistic_regression(); }
auto& provenance(Metadata& m) { return *m.mutable_provenance(); }
auto& fit(Metadata& m) { return *m.mutable_fit(); }

/// An estimator that keeps every rule, like the sample's in what the other members know of it.
template <class Estimator>
Estimator& kept(Metadata& m, Estimator& e) {
  e.set_fit_intercept(fit(m).fit_intercept());
  if constexpr (requires { e.set_tol(1e-4); }) {
    e.set_tol(1e-4);
    e.set_max_iter(1);
  }
  return e;
}
auto& ridge(Metadata& m) { return kept(m, *m.mutable_estimator()->mutable_ridge()); }
auto& lasso(Metadata& m) { return kept(m, *m.mutable_estimator()->mutable_lasso()); }
auto& elastic_net(Metadata& m) { return kept(m, *m.mutable_estimator()->mutable_elastic_net()); }

void repeat_last(auto& list) {
  const auto last = *std::prev(list.end());
  *list.Add() = last;
}

TEST(MetadataRules, OfTheIdentity) {
  expect_refused({
      {"identity.name", [](Metadata& m) { identity(m).clear_name(); }},
      {"identity.name", [](Metadata& m) { identity(m).set_name("a\nb"); }},
      {"identity.version", [](Metadata& m) { identity(m).set_version("1.2"); }},
      {"identity.description", [](Metadata& m) { identity(m).set_description(escape_sequence); }},
      {"identity.licence", [](Metadata& m) { identity(m).set_licence(escape_sequence); }},
      {"identity.intended_use", [](Metadata& m) { identity(m).set_intended_use(escape_sequence); }},
  });
}

TEST(MetadataRules, OfTheEstimator) {
  const auto regression = Kind::regression;
  expect_refused({
      {"estimator", [](Metadata& m) { m.clear_estimator(); }, regression},
      {"estimator", [](Metadata& m) { m.clear_estimator(); }},
      {"estimator.alpha", [](Metadata& m) { ridge(m).set_alpha(-1); }, regression},
      {"estimator.alpha", [](Metadata& m) { ridge(m).set_alpha(infinite); }, regression},
      {"estimator.alpha", [](Metadata& m) { lasso(m).set_alpha(-1); }, regression},
      {"estimator.tol", [](Metadata& m) { lasso(m).set_tol(0); }, regression},
      {"estimator.max_iter", [](Metadata& m) { lasso(m).set_max_iter(0); }, regression},
      {"estimator.alpha", [](Metadata& m) { elastic_net(m).set_alpha(not_a_number); }, regression},
      {"estimator.l1_ratio", [](Metadata& m) { elastic_net(m).set_l1_ratio(-0.1); }, regression},
      {"estimator.l1_ratio", [](Metadata& m) { elastic_net(m).set_l1_ratio(1.1); }, regression},
      {"estimator.tol", [](Metadata& m) { elastic_net(m).set_tol(infinite); }, regression},
      {"estimator.max_iter", [](Metadata& m) { elastic_net(m).set_max_iter(0); }, regression},
      {"estimator.c", [](Metadata& m) { logistic(m).set_c(0); }},
      {"estimator.c", [](Metadata& m) { logistic(m).set_c(infinite); }},
      {"estimator.l1_ratio", [](Metadata& m) { logistic(m).set_l1_ratio(not_a_number); }},
      {"estimator.tol", [](Metadata& m) { logistic(m).set_tol(-1); }},
      {"estimator.max_iter", [](Metadata& m) { logistic(m).set_max_iter(0); }},
      {"estimator.class_weights",
       [](Metadata& m) {
         logistic(m).set_balanced(true);
         logistic(m).add_class_weights()->set_weight(1);
       }},
      {"estimator.class_weights", [](Metadata& m) { logistic(m).add_class_weights()->set_weight(-1); }},
      {"estimator.class_weights", [](Metadata& m) { logistic(m).add_class_weights()->set_weight(infinite); }},
  });
}

TEST(MetadataRules, OfTheSchema) {
  const auto regression = Kind::regression;
  const auto feature = [](Metadata & m) -> auto& { return *m.mutable_inputs()->mutable_features(0); };
  expect_refused({
      {"weights_sha256", [](Metadata& m) { m.mutable_weights_sha256()->push_back('x'); }},  // after the right one
      {"tensors.name", [](Metadata& m) { m.mutable_tensors(0)->clear_name(); }},
      {"tensors.shape",
       [](Metadata& m) {
         for (int k = 0; k < 9; ++k) m.mutable_tensors(0)->add_shape(1);
       }},
      {"inputs.n_features", [](Metadata& m) { m.mutable_inputs()->set_n_features(0); }},
      {"inputs.features", [](Metadata& m) { m.mutable_inputs()->mutable_features()->RemoveLast(); }},
      {"inputs.features.unit", [=](Metadata& m) { feature(m).set_unit(escape_sequence); }},
      {"inputs.features.range", [=](Metadata& m) { feature(m).mutable_range()->set_min(300.5); }},
      {"inputs.features.range", [=](Metadata& m) { feature(m).mutable_range()->set_min(-infinite); }},
      {"inputs.features.range", [=](Metadata& m) { feature(m).mutable_range()->set_max(infinite); }},
      {"inputs.features.name", [=](Metadata& m) { feature(m).clear_name(); }},
      {"inputs.features.name", [=](Metadata& m) { feature(m).set_name("rooms"); }},
      {"outputs.targets", [](Metadata& m) { m.mutable_outputs()->set_targets(0, ""); }},
      {"outputs.targets", [](Metadata& m) { m.mutable_outputs()->set_targets(0, escape_sequence); }, regression},
      {"outputs.targets", [](Metadata& m) { m.mutable_outputs()->add_targets("other"); }},
      {"outputs.targets", [](Metadata& m) { m.mutable_outputs()->clear_targets(); }, regression},
      {"outputs", [](Metadata& m) { m.mutable_outputs()->clear_integer_labels(); }},
      {"outputs", [](Metadata& m) { m.mutable_outputs()->mutable_integer_labels()->add_labels(1); }, regression},
      {"outputs.integer_labels",
       [](Metadata& m) {
         m.mutable_outputs()->clear_integer_labels();
         m.mutable_outputs()->mutable_integer_labels()->add_labels(1);
       }},
      {"outputs.integer_labels",
       [](Metadata& m) {
         auto& labels = *m.mutable_outputs()->mutable_integer_labels();
         labels.set_labels(1, labels.labels(0));
       }},
      {"outputs.text_labels",
       [](Metadata& m) {
         m.mutable_outputs()->clear_integer_labels();
         m.mutable_outputs()->mutable_text_labels()->add_labels("one");
       }},
      {"outputs.text_labels",
       [](Metadata& m) {
         m.mutable_outputs()->clear_integer_labels();
         for (const char* label : {"a", "b", "b", "c"}) {
           m.mutable_outputs()->mutable_text_labels()->add_labels(label);
         }
       }},
  });
}

TEST(MetadataRules, OfTheDigestOfTheInputs) {
  const std::vector<std::function<void(std::string&)>> changes = {
      [](std::string& digest) { digest[31] = static_cast<char>(digest[31] ^ 1); },
      [](std::string& digest) { digest.push_back('x'); },  // after the right one
      [](std::string& digest) { digest.pop_back(); },
      [](std::string& digest) { digest.clear(); },
  };
  const Bytes archive = ModelArchive(samples::ridge<double>(), samples::description()).to_bytes();
  for (const auto& change : changes) {
    const auto loaded = ModelArchive::from_bytes(rebuild::with_metadata(archive, [&](Metadata& m) {
      change(*m.mutable_inputs()->mutable_sha256());
      rebuild::seal_identity(m);
    }));
    ASSERT_FALSE(loaded);
    EXPECT_TRUE(loaded.error().context.starts_with("metadata.pb: inputs.sha256: expected ")) << loaded.error().context;
  }
}

TEST(MetadataRules, TheLimitOfDimensionsIsTheLast) {
  const auto complaint_of = [](std::uint32_t dimensions) {
    return edited(Kind::regression,
                  [=](Metadata& m) {
                    while (static_cast<std::uint32_t>(m.tensors(0).shape_size()) < dimensions) {
                      m.mutable_tensors(0)->add_shape(1);
                    }
                  })
        .error()
        .context;
  };
  const std::string complaint = "metadata.pb: tensors.shape: expected at most";
  EXPECT_FALSE(complaint_of(Limits{}.rank).starts_with(complaint)) << complaint_of(Limits{}.rank);
  EXPECT_TRUE(complaint_of(Limits{}.rank + 1).starts_with(complaint)) << complaint_of(Limits{}.rank + 1);
}

TEST(MetadataRules, OfTheProvenance) {
  expect_refused({
      {"provenance.code.git_commit", [](Metadata& m) { provenance(m).mutable_code()->set_git_commit("HEAD"); }},
      {"provenance.code.uri", [](Metadata& m) { provenance(m).mutable_code()->set_uri(escape_sequence); }},
      {"provenance.data.sha256", [](Metadata& m) { provenance(m).mutable_data()->set_sha256("short"); }},
      {"provenance.data.uri", [](Metadata& m) { provenance(m).mutable_data()->set_uri(escape_sequence); }},
      {"provenance.duration_seconds", [](Metadata& m) { provenance(m).set_duration_seconds(-1); }},
      {"provenance.duration_seconds", [](Metadata& m) { provenance(m).set_duration_seconds(infinite); }},
      {"provenance", [](Metadata& m) { provenance(m).set_generator(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_library(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_compiler(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_compiler_flags(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_cpu_features(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_blas(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_platform(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_builder(escape_sequence); }},
      {"provenance", [](Metadata& m) { provenance(m).set_invocation(escape_sequence); }},
      {"provenance.parent_archive_id", [](Metadata& m) { provenance(m).set_parent_archive_id("ABC"); }},
      {"provenance.annotations.key", [](Metadata& m) { provenance(m).mutable_annotations(0)->clear_key(); }},
      {"provenance.annotations.value",
       [](Metadata& m) { provenance(m).mutable_annotations(0)->set_value(escape_sequence); }},
      {"provenance.annotations", [](Metadata& m) { repeat_last(*provenance(m).mutable_annotations()); }},
      {"provenance.dependencies", [](Metadata& m) { repeat_last(*provenance(m).mutable_dependencies()); }},
      {"provenance.dependencies.name", [](Metadata& m) { provenance(m).mutable_dependencies(0)->clear_name(); }},
      {"provenance.dependencies.uri",
       [](Metadata& m) { provenance(m).mutable_dependencies(0)->set_uri(escape_sequence); }},
      {"provenance.dependencies.sha256", [](Metadata& m) { provenance(m).mutable_dependencies(0)->clear_sha256(); }},
      {"provenance.metrics.name", [](Metadata& m) { provenance(m).mutable_metrics(0)->clear_name(); }},
      {"provenance.metrics", [](Metadata& m) { repeat_last(*provenance(m).mutable_metrics()); }},
      {"provenance.metrics.value", [](Metadata& m) { provenance(m).mutable_metrics(0)->set_value(not_a_number); }},
  });
}

TEST(MetadataRules, OfTheFit) {
  expect_refused({
      {"fit.solver", [](Metadata& m) { fit(m).set_solver(escape_sequence); }},
      {"fit.n_samples", [](Metadata& m) { fit(m).set_n_samples(0); }},
      {"fit.n_features", [](Metadata& m) { fit(m).set_n_features(4); }},
      {"fit.iterations", [](Metadata& m) { fit(m).set_iterations(~0ULL); }},
      {"fit.fit_intercept", [](Metadata& m) { fit(m).set_fit_intercept(!fit(m).fit_intercept()); }},
      {"fit.fit_intercept", [](Metadata& m) { logistic(m).set_fit_intercept(!fit(m).fit_intercept()); }},
      {"fit.fit_intercept",  // and there is one
       [](Metadata& m) {
         fit(m).set_fit_intercept(false);
         ridge(m).set_alpha(1);
       },
       Kind::regression},
      {"fit.objective", [](Metadata& m) { fit(m).set_objective(not_a_number); }},
      {"fit.tolerance", [](Metadata& m) { fit(m).set_tolerance(-1); }},
      {"fit.tolerance", [](Metadata& m) { fit(m).set_tolerance(infinite); }},
      {"fit", [](Metadata& m) { fit(m).set_duality_gap(-1); }},
      {"fit", [](Metadata& m) { fit(m).set_gradient_norm(not_a_number); }},
      {"fit", [](Metadata& m) { fit(m).set_backward_error(-1); }},
      {"fit", [](Metadata& m) { fit(m).set_condition_estimate(-1); }},
      {"fit.rank", [](Metadata& m) { fit(m).set_rank(4); }},
  });
}

TEST(MetadataRules, OfTheNumericContract) {
  const auto probe = [](Metadata & m) -> auto& { return *m.mutable_numeric_contract()->mutable_probes(0); };
  expect_refused({
      {"numeric_contract.max_ulp", [](Metadata& m) { m.mutable_numeric_contract()->set_max_ulp(17); }},
      {"numeric_contract.probes",
       [](Metadata& m) {
         while (m.numeric_contract().probes_size() >= 8) m.mutable_numeric_contract()->mutable_probes()->RemoveLast();
       }},
      {"numeric_contract.probes.values", [=](Metadata& m) { probe(m).add_values(1); }},
      {"numeric_contract.probes.values",
       [=](Metadata& m) {
         probe(m).add_indices(0);
         probe(m).add_values(infinite);
       }},
      {"numeric_contract.probes.indices",
       [=](Metadata& m) {
         for (const std::uint32_t index : {1U, 1U}) {
           probe(m).add_indices(index);
           probe(m).add_values(0);
         }
       }},
      {"numeric_contract.probes.indices",
       [=](Metadata& m) {
         probe(m).add_indices(3);
         probe(m).add_values(0);
       }},
      {"numeric_contract.probes.scores", [=](Metadata& m) { probe(m).add_scores(0); }},
      {"numeric_contract.probes.scores", [=](Metadata& m) { probe(m).set_scores(0, infinite); }},
      {"numeric_contract.probes.probabilities", [=](Metadata& m) { probe(m).add_probabilities(0); }},
      {"numeric_contract.probes.probabilities", [=](Metadata& m) { probe(m).set_probabilities(0, -0.5); }},
      {"numeric_contract.probes.probabilities", [=](Metadata& m) { probe(m).set_probabilities(0, 1.5); }},
  });
}

TEST(MetadataRules, WhatTheyJustAllowIsAccepted) {
  const auto regression = Kind::regression;
  const std::vector<Broken> allowed = {
      {"a name of 256 bytes", [](Metadata& m) { identity(m).set_name(std::string(256, 'x')); }},
      {"no penalty", [](Metadata& m) { ridge(m).set_alpha(0); }, regression},
      {"one iteration of the lasso", [](Metadata& m) { lasso(m).set_max_iter(1); }, regression},
      {"l1_ratio 0", [](Metadata& m) { elastic_net(m).set_l1_ratio(0); }, regression},
      {"l1_ratio 1", [](Metadata& m) { elastic_net(m).set_l1_ratio(1); }, regression},
      {"one iteration", [](Metadata& m) { logistic(m).set_max_iter(1); }},
      {"a class that weighs nothing", [](Metadata& m) { logistic(m).add_class_weights()->set_weight(0); }},
      {"a range of one value",
       [](Metadata& m) { m.mutable_inputs()->mutable_features(0)->mutable_range()->set_min(300); }},
      {"no rows", [](Metadata& m) { provenance(m).mutable_data()->set_rows(0); }},
      {"no columns", [](Metadata& m) { provenance(m).mutable_data()->set_columns(0); }},
      {"no time", [](Metadata& m) { provenance(m).set_duration_seconds(0); }},
      {"one sample", [](Metadata& m) { fit(m).set_n_samples(1); }},
      {"no iteration", [](Metadata& m) { fit(m).set_iterations(0); }},
      {"an infinite objective", [](Metadata& m) { fit(m).set_objective(infinite); }},
      {"tolerance 0", [](Metadata& m) { fit(m).set_tolerance(0); }},
      {"duality gap 0", [](Metadata& m) { fit(m).set_duality_gap(0); }},
      {"rank 0", [](Metadata& m) { fit(m).set_rank(0); }},
      {"full rank", [](Metadata& m) { fit(m).set_rank(3); }},
      {"the least compatible",
       [](Metadata& m) { m.mutable_compatibility()->set_level(format::Compatibility::BREAKING); }},
      {"the most compatible",
       [](Metadata& m) { m.mutable_compatibility()->set_level(format::Compatibility::IDENTICAL); }},
      {"32 probes",
       [](Metadata& m) {
         auto& probes = *m.mutable_numeric_contract()->mutable_probes();
         while (probes.size() < 32) repeat_last(probes);
       }},
      {"16 ULP", [](Metadata& m) { m.mutable_numeric_contract()->set_max_ulp(16); }},
  };
  for (const auto& [what, change, kind] : allowed) {
    const auto loaded = edited(kind, change);
    EXPECT_TRUE(loaded) << what << ": " << loaded.error().context;
  }
}

}  // namespace
}  // namespace aprender
