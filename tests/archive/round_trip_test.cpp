#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"
#include "support/temporary_directory.hpp"

namespace aprender {
namespace {

class EveryModel : public testing::TestWithParam<std::size_t> {
 protected:
  const ModelArchive archive_ = samples::archives().at(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Archive, EveryModel, testing::Range(std::size_t{0}, samples::archives().size()));

TEST_P(EveryModel, IsTheSameAfterSaveAndLoad) {
  const support::TemporaryDirectory directory;
  const auto id = archive_.save(directory / "model.aprender");
  ASSERT_TRUE(id) << to_string(id.error());
  const auto loaded = ModelArchive::load(directory / "model.aprender");
  ASSERT_TRUE(loaded) << to_string(loaded.error());

  EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive_.any_model()));
  EXPECT_EQ(*id, archive_.id());
  EXPECT_EQ(loaded->id(), archive_.id());
  EXPECT_EQ(loaded->uuid(), archive_.uuid());
  EXPECT_EQ(loaded->members(), archive_.members());
  EXPECT_EQ(loaded->schema_version(), 2u);
  EXPECT_EQ(loaded->to_bytes(), archive_.to_bytes());
}

TEST_P(EveryModel, KeepsEverythingThatWasSaidAboutIt) {
  const auto loaded = ModelArchive::from_bytes(archive_.to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());

  const Description& said = archive_.description();
  const Description& read = loaded->description();
  EXPECT_EQ(read.name, "prices");
  EXPECT_EQ(read.version, "1.2.0-rc.1+build.7");
  EXPECT_EQ(read.description, "Prices of flats.\nIn two lines.");
  EXPECT_EQ(read.licence, "MIT");
  EXPECT_EQ(read.intended_use, "tests");
  EXPECT_EQ(read.metrics, said.metrics);
  EXPECT_EQ(read.targets, said.targets);
  EXPECT_EQ(read.classes, said.classes);

  for (const auto& features : {read.features.list(), loaded->schema().features.list()}) {
    ASSERT_EQ(features.size(), 3u);
    EXPECT_EQ(features[0].name, "area");
    EXPECT_EQ(features[0].unit, "m^2");
    ASSERT_TRUE(features[0].range);
    EXPECT_EQ(features[0].range->min, 20.0);
    EXPECT_EQ(features[0].range->max, 300.0);
    EXPECT_FALSE(features[1].range);
    ASSERT_TRUE(features[2].range) << "a range of zeros is a range";
  }
  EXPECT_EQ(loaded->schema().classes, archive_.schema().classes);
  EXPECT_EQ(loaded->schema().input_sha256, archive_.schema().input_sha256);
  EXPECT_EQ(loaded->schema().input_sha256.size(), 64u);

  const Provenance& p = loaded->provenance();
  ASSERT_TRUE(p.code && p.data && p.seed);
  EXPECT_EQ(p.code->git_commit, std::string(40, 'a'));
  EXPECT_TRUE(p.code->dirty);
  EXPECT_EQ(p.code->uri, "https://example.org/train.git");
  EXPECT_EQ(p.data->uri, "train.csv");
  EXPECT_EQ(p.data->sha256, std::string(64, 'b'));
  EXPECT_EQ(p.data->rows, 5);
  EXPECT_EQ(p.data->columns, 4);
  EXPECT_EQ(*p.seed, 42u);
  EXPECT_EQ(p.generator, "splitmix64");
  EXPECT_EQ(p.started_unix_seconds, 1'700'000'000);
  EXPECT_EQ(p.duration_seconds, 0.25);
  EXPECT_EQ(p.annotations, samples::provenance().annotations);
  EXPECT_EQ(p.builder, "https://ci.example.org");
  EXPECT_EQ(p.invocation, "https://ci.example.org/runs/17");
  EXPECT_EQ(p.dependencies, samples::provenance().dependencies);

  const FitReport& report = loaded->report();
  EXPECT_EQ(report.solver, "cholesky");
  EXPECT_EQ(report.n_samples, 5);
  EXPECT_EQ(report.n_features, 3);
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(report.objective, 1.5);
  EXPECT_EQ(report.backward_error, 1e-16);
  EXPECT_EQ(report.condition_estimate, 12.0);
  EXPECT_FALSE(report.duality_gap);
  EXPECT_FALSE(report.rank);
}

TEST(RoundTrip, KeepsEveryFieldThatTheSamplesLeaveEmpty) {
  Description description = samples::description();
  Provenance& said = description.provenance;
  said.compiler = "g++ 12.2.0";
  said.compiler_flags = "-O2";
  said.cpu_features = "avx2 fma";
  said.blas = "Eigen 3.4.0";
  said.platform = "Linux x86_64";
  said.parent_archive_id = std::string(64, 'e');
  description.compatibility = Compatibility::output_changed;
  FitReport fit = samples::report(3);
  fit.iterations = 17;
  fit.stopped = true;
  fit.converged = false;
  fit.duality_gap = 0.125;
  fit.gradient_norm = 0.25;
  fit.backward_error = {};
  fit.condition_estimate = {};
  fit.rank = 2;
  const auto loaded = ModelArchive::from_bytes(
      ModelArchive(AnyModel(samples::ridge<double>().model), Ridge{}, fit, description).to_bytes());
  ASSERT_TRUE(loaded) << loaded.error().context;
  EXPECT_EQ(loaded->description().compatibility, Compatibility::output_changed);
  const Provenance& p = loaded->provenance();
  EXPECT_EQ(p.library, "aprender 0.1.0");
  EXPECT_EQ(p.compiler, "g++ 12.2.0");
  EXPECT_EQ(p.compiler_flags, "-O2");
  EXPECT_EQ(p.cpu_features, "avx2 fma");
  EXPECT_EQ(p.blas, "Eigen 3.4.0");
  EXPECT_EQ(p.platform, "Linux x86_64");
  EXPECT_EQ(p.parent_archive_id, std::string(64, 'e'));
  const FitReport& report = loaded->report();
  EXPECT_EQ(report.iterations, 17);
  EXPECT_TRUE(report.stopped);
  EXPECT_FALSE(report.converged);
  EXPECT_TRUE(report.fit_intercept);
  EXPECT_EQ(report.tolerance, 1e-8);
  EXPECT_EQ(report.duality_gap, 0.125);
  EXPECT_EQ(report.gradient_norm, 0.25);
  EXPECT_FALSE(report.backward_error);
  EXPECT_FALSE(report.condition_estimate);
  EXPECT_EQ(report.rank, 2);
}

TEST(RoundTrip, KeepsTheEstimatorsHyperparameters) {
  const auto reload = [](Estimator estimator) {
    const auto model = std::holds_alternative<LogisticRegression>(estimator)
                           ? AnyModel(samples::binary<double>().model)
                           : AnyModel(LinearModel<double>(Eigen::Vector3d(0, 0.5, 3), 0.25));
    auto report = samples::report(3);
    report.fit_intercept = std::visit([](const auto& e) { return e.fit_intercept; }, estimator);
    return ModelArchive::from_bytes(ModelArchive(model, estimator, report, samples::description()).to_bytes())
        .value()
        .estimator();
  };
  EXPECT_TRUE(std::get<LinearRegression>(reload(LinearRegression{})).fit_intercept);
  EXPECT_EQ(std::get<Ridge>(reload(Ridge{.alpha = 0.3})).alpha, 0.3);
  const auto lasso = std::get<Lasso>(reload(Lasso{.alpha = 0.3, .tol = 1e-5, .max_iter = 77}));
  EXPECT_EQ(lasso.alpha, 0.3);
  EXPECT_EQ(lasso.tol, 1e-5);
  EXPECT_EQ(lasso.max_iter, 77);
  EXPECT_FALSE(lasso.positive);
  EXPECT_TRUE(std::get<Lasso>(reload(Lasso{.positive = true})).positive);
  const auto net = std::get<ElasticNet>(reload(ElasticNet{.alpha = 0.0, .l1_ratio = 0.25, .tol = 1e-6, .max_iter = 9}));
  EXPECT_EQ(net.alpha, 0.0);
  EXPECT_EQ(net.l1_ratio, 0.25);
  EXPECT_EQ(net.tol, 1e-6);
  EXPECT_EQ(net.max_iter, 9);
  EXPECT_FALSE(net.positive);
  EXPECT_TRUE(std::get<ElasticNet>(reload(ElasticNet{.positive = true})).positive);
  const auto logistic = std::get<LogisticRegression>(reload(LogisticRegression{.C = 3.0, .tol = 1e-4, .max_iter = 5}));
  EXPECT_EQ(logistic.C, 3.0);
  EXPECT_EQ(logistic.tol, 1e-4);
  EXPECT_EQ(logistic.max_iter, 5);
  EXPECT_EQ(logistic.l1_ratio, 0.0);
  EXPECT_EQ(logistic.class_weight, ClassWeight{});
  const ClassWeight weights{.weights = {{-1, 0.5}, {1, 0.0}}};
  const auto weighted =
      std::get<LogisticRegression>(reload(LogisticRegression{.l1_ratio = 0.25, .class_weight = weights}));
  EXPECT_EQ(weighted.l1_ratio, 0.25);
  EXPECT_EQ(weighted.class_weight, weights);
  const auto balanced = std::get<LogisticRegression>(reload(LogisticRegression{.class_weight = {.balanced = true}}));
  EXPECT_TRUE(balanced.class_weight.balanced);
}

TEST(RoundTrip, KeepsNonNegativeCoefficientsOfEveryTarget) {
  Eigen::MatrixXd w = Eigen::MatrixXd::Constant(3, 2, 0.5);
  const auto reload = [&] {
    const LinearModel<double, Eigen::Dynamic> model(w, Eigen::RowVectorXd::Zero(2));
    return ModelArchive::from_bytes(
        ModelArchive(AnyModel(model), Lasso{.positive = true}, samples::report(3), samples::description()).to_bytes());
  };
  const auto loaded = reload();
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_TRUE(std::get<Lasso>(loaded->estimator()).positive);
  w(2, 1) = -1e-300;
  const auto negative = reload();  // the last coefficient of the last target
  ASSERT_FALSE(negative);
  EXPECT_NE(negative.error().context.find("estimator.positive"), std::string::npos) << negative.error().context;
}

TEST(RoundTrip, KeepsAModelWithoutInterceptOrNames) {
  auto fit = samples::ridge<double>();
  fit.model = LinearModel<double>(fit.model.coefficients(), 0.0);
  fit.estimator.fit_intercept = fit.report.fit_intercept = false;
  const ModelArchive archive(fit, {.name = "bare", .provenance = {}});
  const auto loaded = ModelArchive::from_bytes(archive.to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_FALSE(loaded->schema().features.named());
  EXPECT_EQ(loaded->schema().n_features, 3);
  EXPECT_EQ(loaded->schema().targets, std::vector<std::string>{"y"});
  EXPECT_FALSE(std::get<Ridge>(loaded->estimator()).fit_intercept);
}

TEST(RoundTrip, KeepsTextForTwoClasses) {
  auto fit = samples::binary<double>();
  fit.model = LogisticModel<double>(fit.model.coefficients(), fit.model.intercept(), {0, 1});
  Description description = samples::description();
  description.classes = {"good", "bad"};
  const auto loaded = ModelArchive::from_bytes(ModelArchive(fit, description).to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->description().classes, description.classes);
  EXPECT_EQ(loaded->schema().classes, ClassLabels(description.classes));
}

// The contract has a row with the largest value that a feature may have, as its weight leaves the score far below.
TEST(RoundTrip, KeepsARangeUpToTheLargestFloat) {
  Description description = samples::description();
  description.features = std::vector<Feature>{{"a", "", Range{0, std::numeric_limits<float>::max()}}, {"b"}, {"c"}};
  auto fit = samples::ridge<float>();
  fit.model = LinearModel<float>(Eigen::Vector3f(1e-30F, 1, 1), 0.5F);
  const auto loaded = ModelArchive::from_bytes(ModelArchive(fit, description).to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
}

TEST(RoundTrip, KeepsExtremeWeights) {
  Eigen::VectorXd w(6);
  w << std::numeric_limits<double>::max(), -std::numeric_limits<double>::max(), 5e-324, -0.0, 0.0, 1.0;
  const Fit<Ridge, LinearModel<double>> fit{LinearModel<double>(w, 1e308), samples::report(6), Ridge{}};
  const ModelArchive archive(fit, {.name = "extreme", .provenance = {}});
  const auto loaded = ModelArchive::from_bytes(archive.to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive.any_model()));
}

TEST(RoundTrip, KeepsManyFeatures) {
  const Eigen::VectorXd w = Eigen::VectorXd::LinSpaced(30'000, -1.0, 1.0);
  const Fit<Ridge, LinearModel<double>> fit{LinearModel<double>(w, 0.5), samples::report(30'000), Ridge{}};
  const auto loaded = ModelArchive::from_bytes(ModelArchive(fit, {.name = "wide", .provenance = {}}).to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->model<LinearModel<double>>().value().coefficients(), w);
}

TEST(RoundTrip, TheIdIsTheDigestOfTheManifest) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const auto bytes = archive.to_bytes();
  const auto entries = container::read_zip(bytes, Limits{});
  ASSERT_TRUE(entries);
  EXPECT_EQ(archive.id(), container::hex(container::sha256(entries->at(0).bytes)));
}

TEST(RoundTrip, TheUuidFollowsFromTheContent) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const ModelArchive same(samples::ridge<double>(), samples::description());
  Description other = samples::description();
  other.version = "1.2.1";
  EXPECT_EQ(archive.uuid(), same.uuid());
  EXPECT_NE(archive.uuid(), ModelArchive(samples::ridge<double>(), other).uuid());
  ASSERT_EQ(archive.uuid().size(), 36u);
  EXPECT_EQ(archive.uuid()[14], '8') << "RFC 9562, section 5.8";
}

TEST(RoundTrip, UnderSourceDateEpochTheBytesAreReproducible) {
  setenv("SOURCE_DATE_EPOCH", "1600000000", 1);
  const auto archived = [](std::chrono::seconds after) {
    Description description{.name = "same"};
    record_duration(description.provenance, std::chrono::steady_clock::now() - after);
    return ModelArchive(samples::ridge<double>(), description).to_bytes();
  };
  const auto first = archived(std::chrono::seconds(1));
  const auto second = archived(std::chrono::seconds(3));
  unsetenv("SOURCE_DATE_EPOCH");
  EXPECT_EQ(first, second);
  EXPECT_EQ(ModelArchive::from_bytes(first)->provenance().started_unix_seconds, 1'600'000'000);
}

TEST(RoundTrip, ASourceDateEpochThatIsNoTimeIsIgnored) {
  for (const char* text : {"-1", "", "soon", "1600000000.5", "99999999999999999999"}) {
    setenv("SOURCE_DATE_EPOCH", text, 1);
    Description description{.name = "same"};
    record_duration(description.provenance, std::chrono::steady_clock::now());
    EXPECT_GT(description.provenance.started_unix_seconds, 1'700'000'000) << text;
  }
  unsetenv("SOURCE_DATE_EPOCH");
}

TEST(RoundTrip, MembersUnderExtAreHashedAndKept) {
  auto members = rebuild::members_of(ModelArchive(samples::ridge<double>(), samples::description()).to_bytes());
  members.emplace_back("ext/card.md", rebuild::to_bytes("# a card"));
  const auto bytes = rebuild::archive_of(members);
  const auto loaded = ModelArchive::from_bytes(bytes);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  ASSERT_EQ(loaded->members().size(), 3u);
  EXPECT_EQ(loaded->members()[2].name, "ext/card.md");
  EXPECT_EQ(loaded->to_bytes(), bytes);
}

TEST(Attachments, ComeBackAndAreSigned) {
  const ModelArchive plain(samples::ridge<double>(), samples::description());
  const auto card = rebuild::to_bytes("# a card"), other = rebuild::to_bytes("# another");
  const ModelArchive attached = plain.attach("notes.txt", {}).attach("card.md", other).attach("card.md", card);
  EXPECT_FALSE(plain.attachment("card.md"));
  EXPECT_NE(attached.id(), plain.id());
  EXPECT_EQ(attached.uuid(), plain.uuid());
  const auto loaded = ModelArchive::from_bytes(attached.to_bytes());
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  ASSERT_TRUE(loaded->attachment("card.md"));
  EXPECT_TRUE(std::ranges::equal(*loaded->attachment("card.md"), card));
  EXPECT_EQ(loaded->attachment("notes.txt")->size(), 0u);
  EXPECT_FALSE(loaded->attachment("ext/card.md"));
  ASSERT_EQ(loaded->members().size(), 4u);
  EXPECT_EQ(loaded->members()[2].name, "ext/card.md");
  EXPECT_EQ(loaded->members()[3].name, "ext/notes.txt");

  // A signature is over what was there: what is attached later needs another one.
  const PrivateKey key = PrivateKey::generate(Curve::p256);
  const ModelArchive signed_archive = attached.sign(key);
  EXPECT_TRUE(ModelArchive::from_bytes(signed_archive.to_bytes(), {.trust = {.keys = {key.public_key()}}}));
  EXPECT_FALSE(signed_archive.attach("more", {}).has_signature());
  EXPECT_TRUE(signed_archive.has_signature());
}

TEST(Attachments, HaveNamesThatEveryFileSystemKeeps) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const std::string longest(Limits{}.name_bytes - 4, 'a');
  for (const std::string& name : {std::string(), std::string("Card"), std::string("../card"), std::string("a/b"),
                                  std::string(".a"), std::string("-a"), std::string("a b"), longest + "a"}) {
    try {
      (void)archive.attach(name, {});
      ADD_FAILURE() << name;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_TRUE(std::string_view(refusal.what()).ends_with("at most 252 bytes")) << refusal.what();
    }
  }
  EXPECT_TRUE(ModelArchive::from_bytes(archive.attach(longest, {}).to_bytes()));

  ModelArchive full = archive;
  for (std::uint64_t k = 0; k < Limits{}.entries - 4; ++k) full = full.attach("a" + std::to_string(k), {});
  EXPECT_TRUE(ModelArchive::from_bytes(full.sign(PrivateKey::generate(Curve::p256)).to_bytes()));
  try {
    (void)full.attach("one-more", {});
    ADD_FAILURE() << "one more was attached";
  } catch (const std::invalid_argument& refusal) {
    EXPECT_STREQ(refusal.what(), ("more than " + std::to_string(Limits{}.entries - 4) + " attachments").c_str());
  }
}

TEST(Conversion, RoundsEachWeightOnce) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const auto narrow = archive.model<LinearModel<float>>();
  ASSERT_TRUE(narrow) << to_string(narrow.error());
  EXPECT_EQ(narrow->coefficients(), samples::ridge<double>().model.coefficients().cast<float>());
  EXPECT_EQ(narrow->intercept(), 0.1f);

  const auto wide = ModelArchive(samples::multinomial<float>(), samples::description()).model<LogisticModel<double>>();
  ASSERT_TRUE(wide) << to_string(wide.error());
  EXPECT_EQ(wide->coefficients(), samples::multinomial<float>().model.coefficients().cast<double>());
  EXPECT_EQ(wide->classes(), (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(Conversion, RefusesToLoseAWeight) {
  for (const double weight : {1e300, -1e300, 1e-300}) {
    const Fit<Ridge, LinearModel<double>> fit{LinearModel<double>(Eigen::VectorXd::Constant(1, weight), 0.0),
                                              samples::report(1), Ridge{}};
    const auto model = ModelArchive(fit, {.name = "m", .provenance = {}}).model<LinearModel<float>>();
    ASSERT_FALSE(model) << weight;
    EXPECT_EQ(model.error().code, ErrorCode::lossy_conversion);
  }
}

TEST(Conversion, RefusesAModelOfAnotherKind) {
  const ModelArchive archive(samples::ridge<double>(), samples::description());
  const auto model = archive.model<LogisticModel<double>>();
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::wrong_model_type);
  EXPECT_EQ(model.error().context, "the archive holds a LinearModel<double>, not a LogisticModel<double>");
  EXPECT_FALSE((archive.model<LinearModel<double, Eigen::Dynamic>>()));
}

TEST(Load, AFileThatIsNotThereIsAnError) {
  const support::TemporaryDirectory directory;
  for (const bool mapped : {false, true}) {
    const auto loaded = ModelArchive::load(directory / "missing.aprender", {.map_file = mapped});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::cannot_open);
  }
}

}  // namespace
}  // namespace aprender
