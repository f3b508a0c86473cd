// Archives rebuilt by somebody who knows the format: sizes and digests fit, the content does not.
#include <array>
#include <functional>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"
#include "archive/text.hpp"
#include "container/outcome.hpp"
#include "container/safetensors.hpp"
#include "in_memory.hpp"
#include "kernel/little_endian.h"

namespace aprender {
namespace {

using format::Metadata;
using rebuild::Bytes;

Bytes intact() { return ModelArchive(samples::ridge<double>(), samples::description()).to_bytes(); }
Bytes classifier() { return ModelArchive(samples::multinomial<double>(), samples::description()).to_bytes(); }

ErrorCode code_of(const Bytes& archive) {
  const auto loaded = ModelArchive::from_bytes(archive);
  if (loaded) {
    ADD_FAILURE() << "the archive was accepted";
    return ErrorCode::cannot_open;
  }
  EXPECT_FALSE(loaded.error().context.empty());
  return loaded.error().code;
}

TEST(Tamper, APositiveEstimatorHasNoNegativeCoefficient) {
  const auto ridge = samples::ridge<double>();
  const Fit<Lasso, LinearModel<double>> fit{ridge.model, ridge.report, Lasso{}};
  const Bytes bytes = ModelArchive(fit, samples::description()).to_bytes();
  EXPECT_EQ(code_of(rebuild::with_metadata(bytes,
                                           [](Metadata& m) {
                                             m.mutable_estimator()->mutable_lasso()->set_positive(true);
                                             rebuild::seal(m);
                                           })),
            ErrorCode::inconsistent_metadata);
}

TEST(Tamper, RebuildingWithoutAnEditIsTheSameArchive) {
  const Bytes bytes = intact();
  EXPECT_EQ(rebuild::archive_of(rebuild::members_of(bytes)), bytes);
  EXPECT_EQ(rebuild::with_metadata(bytes, rebuild::seal), bytes);
}

TEST(Tamper, AManifestThatListsOtherMembersIsRefused) {
  const auto members = rebuild::members_of(intact());
  using container::Manifest;
  const auto with = [&](const std::function<void(Manifest&)>& edit) {
    return code_of(rebuild::archive_of(members, edit));
  };
  const auto complaint = [&](const std::function<void(Manifest&)>& edit) {
    EXPECT_EQ(with(edit), ErrorCode::wrong_entries);
    return ModelArchive::from_bytes(rebuild::archive_of(members, edit)).error().context;
  };
  EXPECT_EQ(complaint([](Manifest& m) { m.members.pop_back(); }),
            "manifest.json: members: entry weights.safetensors is not listed");
  EXPECT_EQ(complaint([](Manifest& m) {
              m.members.push_back({"ext/none", 0, std::string(64, '0')});
            }),
            "manifest.json: members: ext/none is listed where the archive has no more entries");
  EXPECT_EQ(complaint([](Manifest& m) { m.members[0].name += 'x'; }),
            "manifest.json: members: metadata.pbx is listed where the archive has metadata.pb");
  EXPECT_EQ(complaint([](Manifest& m) { m.members[1].name += 'x'; }),
            "manifest.json: members: weights.safetensorsx is listed where the archive has weights.safetensors");
  EXPECT_EQ(with([](Manifest& m) { m.members[0].size += 1; }), ErrorCode::size_mismatch);
  EXPECT_EQ(with([](Manifest& m) { m.members[1].sha256 = std::string(64, '0'); }), ErrorCode::checksum_mismatch);
  EXPECT_EQ(with([](Manifest& m) { m.schema_version = 3; }), ErrorCode::unsupported_version);
  EXPECT_EQ(with([](Manifest& m) { m.min_reader_version = 3; }), ErrorCode::unsupported_version);
  EXPECT_EQ(with([](Manifest& m) { m.required_features = {"quantised"}; }), ErrorCode::unsupported_feature);
}

// The framing is right in every way: what a member is, the manifest says.
TEST(Tamper, AMemberChangedUnderACorrectedCrcIsRefused) {
  auto members = rebuild::members_of(intact());
  for (std::size_t k = 0; k < members.size(); ++k) {
    const std::string right = container::hex(container::sha256(members[k].second));
    members[k].second.back() ^= std::byte{1};
    const auto archive = rebuild::archive_of(members, [&](container::Manifest& m) { m.members[k].sha256 = right; });
    EXPECT_EQ(code_of(archive), ErrorCode::checksum_mismatch) << members[k].first;
    members[k].second.back() ^= std::byte{1};
  }
}

// A changed weight under corrected checksums contradicts the digest in the metadata.
TEST(Tamper, EditedWeightsAreRefused) {
  auto members = rebuild::members_of(intact());
  Bytes& weights = rebuild::member(members, container::weights_name);
  const std::size_t data = weights.size() - 4 * sizeof(double);
  for (std::size_t at = data; at < weights.size(); ++at) {
    weights[at] ^= std::byte{1};
    const ErrorCode code = code_of(rebuild::archive_of(members));
    EXPECT_TRUE(code == ErrorCode::inconsistent_metadata || code == ErrorCode::non_finite) << at;
    weights[at] ^= std::byte{1};
  }
}

// Even when that digest and the UUID are corrected too, the probes still tell what the model used to compute.
TEST(Tamper, EditedWeightsWithEveryDigestCorrectedBreakTheNumericContract) {
  for (std::size_t element = 0; element < 4; ++element) {
    auto members = rebuild::members_of(intact());
    Bytes& weights = rebuild::member(members, container::weights_name);
    auto* at = reinterpret_cast<std::uint8_t*>(weights.data() + weights.size() - 4 * sizeof(double)) + 8 * element;
    const double old = std::bit_cast<double>(aprender_load_u64(at));
    ASSERT_NE(aprender_store_u64(at, std::bit_cast<std::uint64_t>(old * (1.0 + 1e-9))), nullptr);
    EXPECT_EQ(code_of(rebuild::with_weights(intact(), weights)), ErrorCode::numeric_contract_broken)
        << "tensor element " << element;
  }
}

TEST(Tamper, EditedWeightsWhoseScoresOverflowBreakTheNumericContract) {
  auto members = rebuild::members_of(intact());
  Bytes& weights = rebuild::member(members, container::weights_name);
  for (std::size_t element = 0; element < 4; ++element) {
    auto* at = reinterpret_cast<std::uint8_t*>(weights.data() + weights.size() - 4 * sizeof(double)) + 8 * element;
    ASSERT_NE(aprender_store_u64(at, std::bit_cast<std::uint64_t>(std::numeric_limits<double>::max())), nullptr);
  }
  EXPECT_EQ(code_of(rebuild::with_weights(intact(), weights)), ErrorCode::numeric_contract_broken);
}

TEST(Tamper, WeightsThatAreNotFiniteAreRefused) {
  struct Place {
    Bytes archive;
    int back;  ///< as many numbers lie from there to the end
    const char* name;
  };
  for (const auto& [archive, back, name] :
       {Place{intact(), 3 + 1, "coefficients: element 0 is "}, Place{intact(), 1, "intercept: element 0 is "},
        Place{classifier(), 4 * 3 + 4, "coefficients: element 0 is "},
        Place{classifier(), 1, "intercept: element 3 is "}}) {
    for (const double value : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
      auto members = rebuild::members_of(archive);
      Bytes& weights = rebuild::member(members, container::weights_name);
      auto* at = reinterpret_cast<std::uint8_t*>(weights.data() + weights.size()) - 8 * back;
      ASSERT_NE(aprender_store_u64(at, std::bit_cast<std::uint64_t>(value)), nullptr);
      EXPECT_TRUE(refused(ModelArchive::from_bytes(rebuild::archive_of(members)), ErrorCode::non_finite, name));
    }
  }
}

TEST(Tamper, TensorsOfAnotherModelAreRefused) {
  auto members = rebuild::members_of(intact());
  const auto other = rebuild::members_of(ModelArchive(samples::ridge<float>(), samples::description()).to_bytes());
  rebuild::member(members, container::weights_name) = other[1].second;
  EXPECT_EQ(code_of(rebuild::archive_of(members)), ErrorCode::wrong_tensors);
}

TEST(Tamper, ShapesThatAreNotTheModelsAreNamed) {
  using Shape = std::vector<std::uint64_t>;
  const auto refusal = [](const Bytes& archive, const Shape& coefficients, const Shape& intercept) {
    const Bytes zeros(1024);
    const auto tensor = [&](const std::string& name, const Shape& shape) {
      std::uint64_t size = 8;
      for (const std::uint64_t extent : shape) size *= extent;
      return container::Tensor{name, container::Dtype::f64, shape, std::span(zeros).first(in_memory(size))};
    };
    const Bytes weights =
        container::write_safetensors(std::array{tensor("coefficients", coefficients), tensor("intercept", intercept)})
            .joined();
    const auto loaded = ModelArchive::from_bytes(rebuild::with_weights(archive, weights, [&](Metadata& m) {
      m.mutable_tensors(0)->mutable_shape()->Assign(coefficients.begin(), coefficients.end());
      m.mutable_tensors(1)->mutable_shape()->Assign(intercept.begin(), intercept.end());
    }));
    return loaded ? "accepted" : to_string(loaded.error());
  };
  EXPECT_EQ(refusal(intact(), {4}, {1}),
            "wrong_tensors: weights.safetensors: coefficients have shape [4], expected [3]");
  EXPECT_EQ(refusal(intact(), {3}, {2}), "wrong_tensors: weights.safetensors: intercept has shape [2], expected [1]");
  EXPECT_EQ(refusal(classifier(), {3}, {4}),
            "wrong_tensors: weights.safetensors: coefficients have shape [3], expected [4, 3]");
  EXPECT_EQ(refusal(classifier(), {4, 3}, {3}),
            "wrong_tensors: weights.safetensors: intercept has shape [3], expected [4]");
  const Bytes binary = ModelArchive(samples::binary<double>(), samples::description()).to_bytes();
  EXPECT_EQ(refusal(binary, {1, 3}, {1}),
            "wrong_tensors: weights.safetensors: coefficients have shape [1, 3], expected [3]");
}

TEST(Tamper, TensorsThatAreNotTheTwoOfAModelAreRefused) {
  const Bytes zeros(24);
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"coefficients"}, {"coefficients", "x"}, {"a", "intercept"}, {"coefficients", "intercept", "z"}}) {
    std::vector<container::Tensor> tensors;
    for (const std::string& name : names) {
      const std::uint64_t size = tensors.empty() ? 3 : 1;
      tensors.push_back({name, container::Dtype::f64, {size}, std::span(zeros).first(in_memory(8 * size))});
    }
    const Bytes weights = container::write_safetensors(tensors).joined();
    const auto loaded = ModelArchive::from_bytes(rebuild::with_weights(intact(), weights, [&](Metadata& m) {
      m.clear_tensors();
      for (const auto& tensor : tensors) {
        auto& announced = *m.add_tensors();
        announced.set_name(tensor.name);
        announced.set_dtype(format::F64);
        announced.add_shape(tensor.shape.front());
      }
    }));
    ASSERT_FALSE(loaded) << names.back();
    EXPECT_EQ(to_string(loaded.error()),
              "wrong_tensors: weights.safetensors: expected the two tensors coefficients and intercept");
  }
}

TEST(Tamper, MetadataThatIsNotCanonicalIsRefused) {
  auto members = rebuild::members_of(intact());
  Bytes& metadata = rebuild::member(members, container::metadata_name);
  metadata.push_back(std::byte{0x08});  // schema_version a second time
  metadata.push_back(std::byte{0x02});
  EXPECT_EQ(code_of(rebuild::archive_of(members)), ErrorCode::malformed_metadata);
}

struct Edit {
  const char* name;
  std::function<void(Metadata&)> edit;
  ErrorCode code = ErrorCode::inconsistent_metadata;
};

/// GoogleTest would print its bytes, and with them padding that nobody wrote.
std::ostream& operator<<(std::ostream& out, const Edit& edit) { return out << edit.name; }

/// What no rule of the metadata says, or one at its limit; metadata_rules_test.cpp has each rule by itself.
class EditedMetadata : public testing::TestWithParam<Edit> {};

TEST_P(EditedMetadata, IsRefused) {
  const auto archive = rebuild::with_metadata(classifier(), [](Metadata& m) {
    GetParam().edit(m);
    rebuild::seal(m);
  });
  EXPECT_EQ(code_of(archive), GetParam().code) << GetParam().name;
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    Tamper, EditedMetadata,
    testing::Values(
        Edit{"schema_version", [](Metadata& m) { m.set_schema_version(1); }},
        Edit{"long_name", [](Metadata& m) { m.mutable_identity()->set_name(std::string(257, 'x')); }},
        Edit{"no_estimator", [](Metadata& m) { m.clear_estimator(); }},
        Edit{"regression_with_classes", [](Metadata& m) { m.mutable_estimator()->mutable_ridge()->set_alpha(1); }},
        Edit{"class_weight_of_a_label_twice",
             [](Metadata& m) {
               for (int k = 0; k < 2; ++k) {
                 m.mutable_estimator()->mutable_logistic_regression()->add_class_weights()->set_weight(1);
               }
             }},
        Edit{"max_iter_beyond_int64",
             [](Metadata& m) { m.mutable_estimator()->mutable_logistic_regression()->set_max_iter(~0ULL); }},
        Edit{"intercept_that_was_not_fitted",
             [](Metadata& m) {
               m.mutable_estimator()->mutable_logistic_regression()->set_fit_intercept(false);
               m.mutable_fit()->set_fit_intercept(false);
             }},
        Edit{"tensor_missing", [](Metadata& m) { m.mutable_tensors()->RemoveLast(); }, ErrorCode::wrong_tensors},
        Edit{"tensor_added",
             [](Metadata& m) {
               m.add_tensors()->CopyFrom(m.tensors(0));
               m.mutable_tensors(2)->set_name("z");
             },
             ErrorCode::wrong_tensors},
        Edit{"tensor_shape", [](Metadata& m) { m.mutable_tensors(0)->set_shape(0, 5); }, ErrorCode::wrong_tensors},
        Edit{"tensor_dtype_unknown", [](Metadata& m) { m.mutable_tensors(0)->set_dtype(format::DTYPE_UNSPECIFIED); }},
        Edit{"tensor_dtype_other", [](Metadata& m) { m.mutable_tensors(0)->set_dtype(format::F32); },
             ErrorCode::wrong_tensors},
        Edit{"short_weights_digest", [](Metadata& m) { m.set_weights_sha256("abc"); }},
        Edit{"other_weights_digest", [](Metadata& m) { m.set_weights_sha256(std::string(32, 'x')); }},
        Edit{"more_features_than_names", [](Metadata& m) { m.mutable_inputs()->set_n_features(4); }},
        Edit{"features_beyond_int64",
             [](Metadata& m) {
               m.mutable_inputs()->clear_features();
               m.mutable_inputs()->set_n_features(~0ULL);
             }},
        Edit{"other_number_of_features",
             [](Metadata& m) {
               m.mutable_inputs()->mutable_features()->RemoveLast();
               m.mutable_inputs()->set_n_features(2);
               m.mutable_fit()->set_n_features(2);
               m.mutable_numeric_contract()->clear_probes();
               for (int i = 0; i < 8; ++i) {
                 auto& probe = *m.mutable_numeric_contract()->add_probes();
                 for (int k = 0; k < 4; ++k) {
                   probe.add_scores(0);
                   probe.add_probabilities(0.25);
                 }
               }
             },
             ErrorCode::wrong_tensors},
        Edit{"nullable_feature", [](Metadata& m) { m.mutable_inputs()->mutable_features(1)->set_nullable(true); }},
        Edit{"feature_of_another_dtype",
             [](Metadata& m) { m.mutable_inputs()->mutable_features(1)->set_dtype(format::F32); }},
        Edit{"nan_range", [](Metadata& m) { m.mutable_inputs()->mutable_features(0)->mutable_range()->set_min(nan); }},
        Edit{"inputs_of_another_dtype",
             [](Metadata& m) {
               m.mutable_inputs()->set_dtype(format::F32);
               for (auto& f : *m.mutable_inputs()->mutable_features()) f.set_dtype(format::F32);
               for (auto& p : *m.mutable_numeric_contract()->mutable_probes()) {
                 p.clear_values();
                 p.clear_indices();
                 for (auto& s : *p.mutable_scores()) s = 0;
               }
             },
             ErrorCode::wrong_tensors},
        Edit{"no_target", [](Metadata& m) { m.mutable_outputs()->clear_targets(); }},
        Edit{"labels_of_two_kinds", [](Metadata& m) { m.mutable_outputs()->mutable_text_labels()->add_labels("a"); }},
        Edit{"labels_out_of_order",
             [](Metadata& m) { m.mutable_outputs()->mutable_integer_labels()->set_labels(0, 9); }},
        Edit{"data_rows", [](Metadata& m) { m.mutable_provenance()->mutable_data()->set_rows(~0ULL); }},
        Edit{"annotations_out_of_order",
             [](Metadata& m) { m.mutable_provenance()->mutable_annotations()->SwapElements(0, 1); }},
        Edit{"annotations_twice",
             [](Metadata& m) { m.mutable_provenance()->add_annotations()->CopyFrom(m.provenance().annotations(1)); }},
        Edit{"dependencies_out_of_order",
             [](Metadata& m) { m.mutable_provenance()->mutable_dependencies()->SwapElements(0, 1); }},
        Edit{"loose_contract", [](Metadata& m) { m.mutable_numeric_contract()->set_max_ulp(17); }},
        Edit{"no_probes", [](Metadata& m) { m.mutable_numeric_contract()->clear_probes(); }},
        Edit{"too_many_probes",
             [](Metadata& m) {
               while (m.numeric_contract().probes_size() < 33) {
                 m.mutable_numeric_contract()->add_probes()->CopyFrom(m.numeric_contract().probes(0));
               }
             }},
        Edit{"probe_value_nan",
             [](Metadata& m) { m.mutable_numeric_contract()->mutable_probes(6)->set_values(0, nan); }},
        Edit{"probe_index_outside",
             [](Metadata& m) {
               auto& probe = *m.mutable_numeric_contract()->mutable_probes(0);
               probe.add_indices(3);
               probe.add_values(1);
             }},
        Edit{"probe_values_missing",
             [](Metadata& m) { m.mutable_numeric_contract()->mutable_probes(6)->mutable_values()->RemoveLast(); }},
        Edit{"probe_score_missing",
             [](Metadata& m) { m.mutable_numeric_contract()->mutable_probes(0)->mutable_scores()->RemoveLast(); }},
        Edit{"other_score",
             [](Metadata& m) {
               auto& probe = *m.mutable_numeric_contract()->mutable_probes(0);
               probe.set_scores(1, probe.scores(1) * (1 + 1e-12));
             },
             ErrorCode::numeric_contract_broken},
        Edit{"other_probability",
             [](Metadata& m) {
               auto& probe = *m.mutable_numeric_contract()->mutable_probes(0);
               probe.set_probabilities(1, probe.probabilities(1) * (1 + 1e-12));
             },
             ErrorCode::numeric_contract_broken},
        Edit{"unknown_compatibility",
             [](Metadata& m) { m.mutable_compatibility()->set_level(static_cast<format::Compatibility::Level>(9)); }},
        Edit{"no_provenance", [](Metadata& m) { m.clear_provenance(); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

// An error can be printed as it is, whatever it is about.
TEST(Tamper, ErrorsAreShortAndHaveNoControlCharacters) {
  const std::string escape = "\x1b[2J\n";
  for (const std::function<void(Metadata&)>& edit : std::vector<std::function<void(Metadata&)>>{
           [&](Metadata& m) { m.mutable_identity()->set_version(escape); },
           [&](Metadata& m) { m.mutable_identity()->set_version(std::string(39, 'x') + "\xc3\xa9"); },
           [&](Metadata& m) {
             m.mutable_inputs()->mutable_features(0)->set_name(escape);
             m.mutable_inputs()->mutable_features(0)->mutable_range()->set_min(1e9);
           },
           [&](Metadata& m) { m.mutable_tensors(0)->set_name(escape); },
           [&](Metadata& m) { m.mutable_tensors(0)->set_name(std::string(100'000, 'x')); },
           [&](Metadata& m) { m.add_tensors()->set_name(escape), m.mutable_tensors(2)->set_dtype(format::F64); },
           [&](Metadata& m) { m.mutable_tensors(0)->mutable_shape()->Resize(100'000, 7); }}) {
    const auto loaded = ModelArchive::from_bytes(rebuild::with_metadata(intact(), [&](Metadata& m) {
      edit(m);
      rebuild::seal(m);
    }));
    ASSERT_FALSE(loaded.has_value());
    const std::string& context = loaded.error().context;
    EXPECT_LT(context.size(), 1000U);
    EXPECT_TRUE(archive::is_name(context, context.size())) << context;
  }
}

// Names, versions and other claims cannot be exchanged without the identifiers that follow from them.
TEST(Tamper, ClaimsWithoutTheirIdentifiersAreRefused) {
  EXPECT_EQ(code_of(rebuild::with_metadata(intact(), [](Metadata& m) { m.mutable_identity()->set_name("other"); })),
            ErrorCode::inconsistent_metadata);
  EXPECT_EQ(code_of(rebuild::with_metadata(intact(), [](Metadata& m) { m.mutable_identity()->set_version("9.0.0"); })),
            ErrorCode::inconsistent_metadata);
  EXPECT_EQ(code_of(rebuild::with_metadata(
                intact(), [](Metadata& m) { m.mutable_inputs()->mutable_features(1)->set_name("doors"); })),
            ErrorCode::inconsistent_metadata);
}

}  // namespace
}  // namespace aprender
