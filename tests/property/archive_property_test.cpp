// What holds for every archive, tried on random models, schemas and names. The seed of a case is printed with it.
#include <bit>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "archive/rebuild.hpp"
#include "archive/samples.hpp"

namespace aprender {
namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool coin() { return below(2) == 0; }

  /// A finite number: half of them plain, half of them any bit pattern.
  template <class Scalar>
  Scalar number() {
    using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
    if (coin()) return static_cast<Scalar>(static_cast<double>(random_() >> 12) * 0x1p-52 * 20.0 - 10.0);
    for (;;) {
      const auto value = std::bit_cast<Scalar>(static_cast<Bits>(random_()));
      if (std::isfinite(value)) return value;
    }
  }

  /// One to eight characters of any plane but the control characters, and something that makes it unique.
  std::string name(std::size_t unique) {
    static const std::vector<std::string> letters = {"a", "Z", "0", " ",  "\"",     "\\",
                                                     "/", "é", "ß", "中", "\u202e", "😀"};
    std::string text;
    for (std::size_t k = 0; k <= below(8); ++k) text += letters[below(letters.size())];
    return text + std::to_string(unique);
  }
  std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t k = 0; k < count; ++k) result.push_back(name(k));
    return result;
  }

  template <class Matrix>
  Matrix matrix(Eigen::Index rows, Eigen::Index cols) {
    Matrix m(rows, cols);
    for (auto& value : m.reshaped()) value = number<typename Matrix::Scalar>();
    return m;
  }

  AnyModel model(Eigen::Index n_features) {
    switch (below(6)) {
      case 0:
        return linear<double, 1>(n_features);
      case 1:
        return linear<float, 1>(n_features);
      case 2:
        return linear<double, Eigen::Dynamic>(n_features);
      case 3:
        return linear<float, Eigen::Dynamic>(n_features);
      case 4:
        return logistic<double>(n_features);
      default:
        return logistic<float>(n_features);
    }
  }

  Estimator estimator(const AnyModel& model) {
    if (model.index() >= 4) {
      LogisticRegression logistic{.C = positive(),
                                  .tol = positive(),
                                  .max_iter = static_cast<std::int64_t>(1 + below(99)),
                                  .l1_ratio = static_cast<double>(below(101)) / 100};
      if (coin()) logistic.class_weight.weights = {{-3, positive()}, {4, positive()}};
      return logistic;
    }
    switch (below(4)) {
      case 0:
        return LinearRegression{};
      case 1:
        return Ridge{.alpha = positive()};
      case 2:
        return Lasso{.alpha = positive(), .tol = positive(), .max_iter = static_cast<std::int64_t>(1 + below(99))};
      default:
        return ElasticNet{.alpha = positive(), .l1_ratio = static_cast<double>(below(101)) / 100, .tol = positive()};
    }
  }

  Description description(const AnyModel& model, Eigen::Index n_features) {
    Description d{.name = name(0), .provenance = {}};
    d.version = std::to_string(below(1000)) + "." + std::to_string(below(10)) + "." + std::to_string(below(10));
    if (coin()) d.version += "-rc." + std::to_string(below(10));
    if (coin()) {
      std::vector<Feature> features;
      for (auto& text : names(static_cast<std::size_t>(n_features))) {
        Feature feature{.name = text};
        if (coin()) {
          const double a = number<double>();
          const double b = number<double>();
          feature.range = Range{std::min(a, b), std::max(a, b)};
        }
        if (coin()) feature.unit = name(1);
        features.push_back(std::move(feature));
      }
      d.features = features;
    }
    if (const auto* multinomial = std::get_if<LogisticModel<double>>(&model)) {
      const auto& classes = multinomial->classes();
      if (classes.front() == 0 && classes.back() == static_cast<std::int64_t>(classes.size()) - 1) {
        d.classes = names(classes.size());
      }
    }
    for (const auto& text : names(below(4))) d.metrics[text] = number<double>();
    for (const auto& text : names(below(4))) d.provenance.annotations[text] = name(2);
    for (const auto& text : names(below(3))) {
      d.provenance.dependencies[text] = {name(1), std::string(64, "0123456789abcdef"[below(16)])};
    }
    if (coin()) d.provenance.seed = random_();
    d.provenance.started_unix_seconds = static_cast<std::int64_t>(random_());
    d.compatibility = static_cast<Compatibility>(below(5));
    return d;
  }

 private:
  double positive() { return std::abs(number<double>()) + 5e-324; }

  template <class Scalar, int Targets>
  AnyModel linear(Eigen::Index n_features) {
    using Model = LinearModel<Scalar, Targets>;
    const Eigen::Index targets = Targets == 1 ? 1 : static_cast<Eigen::Index>(1 + below(4));
    return Model(matrix<typename Model::Coefficients>(n_features, targets),
                 matrix<typename Model::Intercept>(1, targets));
  }
  template <class Scalar>
  AnyModel logistic(Eigen::Index n_features) {
    using Model = LogisticModel<Scalar>;
    const auto n_classes = static_cast<Eigen::Index>(2 + below(4));
    const Eigen::Index rows = n_classes == 2 ? 1 : n_classes;
    std::vector<std::int64_t> classes;
    const auto step = static_cast<std::int64_t>(1 + below(3));
    const std::int64_t first = coin() ? 0 : -7;
    for (std::int64_t k = 0; k < n_classes; ++k) classes.push_back(first + k * step);
    return Model(matrix<typename Model::Coefficients>(rows, n_features), matrix<typename Model::Intercept>(1, rows),
                 classes);
  }

  std::mt19937_64 random_;
};

FitReport report(const Estimator& estimator, Eigen::Index n_features) {
  FitReport r = samples::report(n_features);
  r.fit_intercept = std::visit([](const auto& e) { return e.fit_intercept; }, estimator);
  return r;
}

TEST(ArchiveProperty, LoadingIsTheInverseOfSavingBitForBit) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Generator random(seed);
    const auto n_features = static_cast<Eigen::Index>(1 + random.below(40));
    const AnyModel model = random.model(n_features);
    const Estimator estimator = random.estimator(model);
    const ModelArchive archive(model, estimator, report(estimator, n_features), random.description(model, n_features));
    const auto bytes = archive.to_bytes();
    const auto loaded = ModelArchive::from_bytes(bytes);
    ASSERT_TRUE(loaded) << to_string(loaded.error());

    EXPECT_TRUE(samples::same_bits(loaded->any_model(), model));
    EXPECT_EQ(loaded->to_bytes(), bytes);
    EXPECT_EQ(loaded->id(), archive.id());
    EXPECT_EQ(loaded->estimator().index(), estimator.index());
    EXPECT_EQ(loaded->description().name, archive.description().name);
    EXPECT_EQ(loaded->description().metrics, archive.description().metrics);
    EXPECT_EQ(loaded->description().compatibility, archive.description().compatibility);
    EXPECT_EQ(loaded->schema().classes, archive.schema().classes);

    // What was loaded describes itself well enough to be written again by the same door.
    const ModelArchive again(loaded->any_model(), loaded->estimator(), loaded->report(), loaded->description());
    EXPECT_EQ(again.to_bytes(), bytes);
  }
}

// One byte anywhere replaced by any other: refused, never a crash, never another model.
TEST(ArchiveProperty, ArchivesWithAReplacedByteAreRefused) {
  const std::uint64_t seed = 20260101;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator random(seed);
  for (const ModelArchive& archive : samples::archives()) {
    auto bytes = archive.to_bytes();
    for (int round = 0; round < 300; ++round) {
      const std::size_t at = random.below(bytes.size());
      const auto old = bytes[at];
      bytes[at] = static_cast<std::byte>(random.below(256));
      const auto loaded = ModelArchive::from_bytes(bytes);
      EXPECT_EQ(loaded.has_value(), bytes[at] == old) << "byte " << at;
      bytes[at] = old;
    }
  }
}

// The same under corrected checksums: an edit that is accepted changes neither the model nor a byte of its encoding.
TEST(ArchiveProperty, EditedMembersUnderCorrectedChecksumsAreRefused) {
  const std::uint64_t seed = 20260102;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator random(seed);
  for (const ModelArchive& archive : samples::archives()) {
    const auto members = rebuild::members_of(archive.to_bytes());
    for (int round = 0; round < 300; ++round) {
      auto edited = members;
      auto& bytes = edited[random.below(edited.size())].second;
      const std::size_t at = random.below(bytes.size());
      switch (random.below(3)) {
        case 0:
          bytes[at] ^= static_cast<std::byte>(1 + random.below(255));
          break;
        case 1:
          bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        default:
          bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::byte>(random.below(256)));
      }
      const bool same = edited == members;
      const auto loaded = ModelArchive::from_bytes(rebuild::archive_of(edited));
      EXPECT_EQ(loaded.has_value(), same) << "byte " << at;
    }
  }
}

}  // namespace
}  // namespace aprender
