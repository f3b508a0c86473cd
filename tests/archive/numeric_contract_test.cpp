#include "archive/numeric_contract.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/ulp.hpp"
#include "archive/compensated.hpp"
#include "archive/linear_map.hpp"
#include "archive/samples.hpp"

namespace aprender::archive {
namespace {

TEST(CompensatedSum, KeepsWhatPlainSummationLoses) {
  CompensatedSum sum;
  for (const double value : {1e16, 1.0, -1e16}) sum.add(value);
  EXPECT_EQ(sum.rounded<double>(), 1.0);

  CompensatedSum product;
  product.add_product(1.0 + 0x1p-30, 1.0 - 0x1p-30);  // 1 - 2^-60
  product.add(-1.0);
  EXPECT_EQ(product.rounded<double>(), -0x1p-60);
}

// 1 + 2^-24 lies half way between two floats; what is far below a double's last bit decides, once.
TEST(CompensatedSum, RoundsOnceToFloat) {
  for (const double nudge : {0x1p-80, -0x1p-80}) {
    CompensatedSum sum;
    sum.add(1.0 + 0x1p-24);
    sum.add(nudge);
    EXPECT_EQ(sum.rounded<float>(), nudge > 0 ? 1.0f + 0x1p-23f : 1.0f);
  }
  for (const float even : {1.0f, 1.0f + 0x1p-22f}) {  // below the tie and above it
    CompensatedSum tie;
    tie.add(even == 1.0f ? 1.0 + 0x1p-24 : 1.0 + 0x3p-24);
    EXPECT_EQ(tie.rounded<float>(), even);
  }

  // Two of three eighths of a last bit move the double onto the tie, though the sum stays a quarter of that bit off it.
  for (const double toward : {1.0, -1.0}) {
    CompensatedSum beside;
    beside.add(1.0 + 0x1p-24 - toward * 0x1p-52);
    for (int k = 0; k < 2; ++k) beside.add(toward * 0x3p-55);
    EXPECT_EQ(beside.rounded<float>(), toward > 0 ? 1.0f : 1.0f + 0x1p-23f);
  }
}

class Contracts : public testing::TestWithParam<std::size_t> {
 protected:
  const ModelArchive archive_ = samples::archives().at(GetParam());
  const NumericContract contract_ = make_contract(archive_.any_model(), archive_.schema().features);
};

INSTANTIATE_TEST_SUITE_P(EveryModel, Contracts, testing::Range(std::size_t{0}, samples::archives().size()));

TEST_P(Contracts, HoldOnTheMachineThatMadeThem) {
  EXPECT_GE(contract_.probes.size(), NumericContract::min_probes);
  EXPECT_LE(contract_.probes.size(), NumericContract::max_probes);
  const auto ok = check_contract(contract_, archive_.any_model());
  EXPECT_TRUE(ok) << to_string(ok.error());
}

TEST_P(Contracts, AreDeterministic) {
  const NumericContract again = make_contract(archive_.any_model(), archive_.schema().features);
  ASSERT_EQ(again.probes.size(), contract_.probes.size());
  for (std::size_t i = 0; i < again.probes.size(); ++i) {
    EXPECT_EQ(again.probes[i].values, contract_.probes[i].values);
    EXPECT_EQ(again.probes[i].scores, contract_.probes[i].scores);
    EXPECT_EQ(again.probes[i].probabilities, contract_.probes[i].probabilities);
  }
}

TEST_P(Contracts, CoverZerosAndTheCornersOfTheRanges) {
  EXPECT_TRUE(contract_.probes.front().values.empty()) << "the row of zeros";
  const auto has = [&](double area) {
    return std::ranges::any_of(contract_.probes, [&](const Probe& p) {
      return p.indices.empty() && !p.values.empty() && p.values[0] == area;
    });
  };
  EXPECT_TRUE(has(20.0));
  EXPECT_TRUE(has(300.0));
}

// Every score is what long double gives, rounded once: half a unit in the last place and long double's own error.
TEST_P(Contracts, HoldScoresOfExtendedPrecision) {
  constexpr long double unit = std::numeric_limits<long double>::epsilon();
  std::visit(
      [&](const auto& model) {
        using Scalar = typename std::decay_t<decltype(model)>::Scalar;
        for (const Probe& probe : contract_.probes) {
          for (std::size_t o = 0; o < probe.scores.size(); ++o) {
            const auto output = static_cast<Eigen::Index>(o);
            long double sum = intercept_of(model, output);
            long double size = std::abs(sum);
            for (std::size_t k = 0; k < probe.values.size(); ++k) {
              const auto j = static_cast<Eigen::Index>(probe.indices.empty() ? k : probe.indices[k]);
              const long double term = static_cast<long double>(probe.values[k]) * coefficients_of(model, output)(j);
              sum += term;
              size += std::abs(term);
            }
            const long double half_ulp = std::abs(sum) * std::numeric_limits<Scalar>::epsilon() / 2;
            EXPECT_LE(std::abs(sum - probe.scores[o]), half_ulp + 8 * unit * size);
          }
        }
      },
      archive_.any_model());
}

// 65,536 numbers: two a feature and one a target in every row.
TEST(Contract, HasAsManyProbesAsHalfOfTheMetadataHoldsAndEightWhateverTheyTake) {
  struct Case {
    Eigen::Index features, targets;
    std::size_t probes;
  };
  for (const auto& [features, targets, probes] :
       {Case{1, 4'000, 14}, Case{1, 7'000, 9}, Case{1, 9'000, 8}, Case{1'000, 2'000, 16}}) {
    const LinearModel<double, Eigen::Dynamic> model(Eigen::MatrixXd::Ones(features, targets),
                                                    Eigen::RowVectorXd::Zero(targets));
    EXPECT_EQ(make_contract(model, Features()).probes.size(), probes) << features << " " << targets;
  }
}

TEST(Contract, ProbesClassifiersCloseToTheirBoundary) {
  const auto contract = make_contract(samples::binary<double>().model, Features());
  const auto close =
      std::ranges::count_if(contract.probes, [](const Probe& p) { return std::abs(p.probabilities[0] - 0.5) < 1e-9; });
  EXPECT_GE(close, 4);
}

// Of four classes of which two never win the boundary is that between the others, in whatever order they come.
TEST(Contract, ProbesTheBoundaryBetweenTheTwoBestClasses) {
  LogisticModel<double>::Coefficients w(4, 2);
  w << 0.5, -0.25, -0.5, 0.375, 0.125, 0.5, -0.25, -0.5;
  std::array<double, 4> b = {-300, -200, 0, 2};
  do {
    const LogisticModel<double> model(w, Eigen::Map<const Eigen::VectorXd>(b.data(), 4), {0, 1, 2, 3});
    const auto probes = make_contract(model, Features()).probes;
    ASSERT_EQ(probes.size(), 1U + 2 + 4 + 8 + 4) << "zeros, units, corners, random rows, and those at the boundary";
    for (std::size_t i = probes.size() - 4; i < probes.size(); ++i) {
      for (std::size_t c = 0; c < 4; ++c) {
        EXPECT_NEAR(probes[i].probabilities[c], b[c] < 0 ? 0.0 : 0.5, 1e-9)
            << b[0] << " " << b[1] << " " << b[2] << " " << b[3];
      }
    }
  } while (std::ranges::next_permutation(b).found);
}

TEST(Contract, AtTheBoundaryAFeatureThatIsZeroStaysZero) {
  const LogisticModel<double> model(LogisticModel<double>::Coefficients::Constant(1, 3, 0.5),
                                    LogisticModel<double>::Intercept::Constant(1, 0.25), {0, 1});
  const auto probes = make_contract(model, Features({{"a"}, {"b", "", Range{0, 0}}, {"c"}})).probes;
  for (std::size_t i = probes.size() - 4; i < probes.size(); ++i) {
    EXPECT_NEAR(probes[i].probabilities[0], 0.5, 1e-9);
    ASSERT_EQ(probes[i].values.size(), 3U);
    EXPECT_EQ(probes[i].values[1], 0.0);
  }
}

// Along the normal, (1, 1, 1), the differences between the values of a row stay as they are.
TEST(Contract, AtTheBoundaryAreOtherRowsThanTheRandomOnes) {
  const LogisticModel<double> model(LogisticModel<double>::Coefficients::Constant(1, 3, 0.5),
                                    LogisticModel<double>::Intercept::Constant(1, 0.25), {0, 1});
  const auto probes = make_contract(model, Features()).probes;
  for (std::size_t i = probes.size() - 12; i < probes.size() - 4; ++i) {
    for (std::size_t k = probes.size() - 4; k < probes.size(); ++k) {
      const std::vector<double>&random = probes[i].values, &moved = probes[k].values;
      EXPECT_GT(std::abs((moved[1] - moved[0]) - (random[1] - random[0])), 1e-6) << i << " " << k;
    }
  }
}

TEST(Contract, IsMadeOfZerosUnitsCornersAndRandomRows) {
  constexpr Eigen::Index p = 20;
  const Eigen::VectorXd w =
      Eigen::VectorXd::NullaryExpr(p, [](Eigen::Index j) { return (j % 2 == 0 ? 1.0 : -1.0) * double((7 * j) % 20); });
  const auto probes = make_contract(LinearModel<double>(w, 0.0), Features()).probes;
  ASSERT_EQ(probes.size(), 1U + 8 + 4 + 8);
  EXPECT_TRUE(probes[0].values.empty());
  std::set<std::uint32_t> units;
  for (std::size_t i = 1; i <= 8; ++i) {
    EXPECT_EQ(probes[i].values, std::vector<double>{1.0});
    units.insert(probes[i].indices.begin(), probes[i].indices.end());
  }
  // the first, the last, and those whose weights are 14 to 19
  EXPECT_EQ(units, (std::set<std::uint32_t>{0, 2, 5, 8, 11, 14, 17, 19}));
  for (std::size_t j = 0; j < p; ++j) {
    EXPECT_EQ(probes[9].values[j], -1);
    EXPECT_EQ(probes[10].values[j], 1);
    const double upwards = w(static_cast<Eigen::Index>(j)) > 0 ? 1 : -1;
    EXPECT_EQ(probes[11].values[j], -upwards);
    EXPECT_EQ(probes[12].values[j], upwards);
  }
  std::set<std::vector<double>> random_rows;
  double least = 1, most = -1;
  for (std::size_t i = 13; i < probes.size(); ++i) {
    random_rows.insert(probes[i].values);
    least = std::min(least, std::ranges::min(probes[i].values));
    most = std::max(most, std::ranges::max(probes[i].values));
  }
  EXPECT_EQ(random_rows.size(), 8U);
  EXPECT_TRUE(-1 <= least && least < -0.9 && 0.9 < most && most < 1) << least << " " << most;
}

TEST(Contract, OfWideModelsProbesTheCornersOfItsFirstBlock) {
  const Eigen::Index p = 5000;
  // of both signs, so that no corner is also that of the largest or smallest score
  const Eigen::VectorXd w = Eigen::VectorXd::NullaryExpr(p, [](Eigen::Index j) { return j % 2 == 0 ? 1.0 : -1.0; });
  const auto probes = make_contract(LinearModel<double>(w, 0.0), Features()).probes;
  std::vector<double> least(1024), most(1024);
  for (std::size_t j = 0; j < 1024; ++j) {
    least[j] = j % 2 == 0 ? -1 : 1;
    most[j] = -least[j];
  }
  for (const auto& corner : {std::vector<double>(1024, -1), std::vector<double>(1024, 1), least, most}) {
    EXPECT_TRUE(std::ranges::any_of(
        probes, [&](const Probe& probe) { return probe.values == corner && probe.indices.front() == 0; }))
        << corner[0] << " " << corner[1];
  }
}

// 2 * 2000 + 2 * 3 numbers a row, of 8 bytes each.
TEST(Contract, OfManyClassesTakesNoMoreThanHalfOfTheMetadata) {
  constexpr Eigen::Index classes = 2000;
  std::vector<std::int64_t> labels(classes);
  std::iota(labels.begin(), labels.end(), 0);
  const LogisticModel<double> model(LogisticModel<double>::Coefficients::Random(classes, 3),
                                    LogisticModel<double>::Intercept::Zero(classes), labels);
  EXPECT_EQ(make_contract(model, Features()).probes.size(), Limits{}.metadata_bytes / 2 / (8 * 4006));
}

TEST(Contract, OfWideModelsTouchesEveryBlockOfFeatures) {
  const Eigen::Index p = 5000;
  const LinearModel<double> model(Eigen::VectorXd::Ones(p), 0.0);
  std::vector<bool> touched(static_cast<std::size_t>(p), false);
  for (const Probe& probe : make_contract(model, Features()).probes) {
    EXPECT_LE(probe.values.size(), 1024u);
    for (const auto j : probe.indices) touched.at(j) = true;
  }
  EXPECT_EQ(std::ranges::count(touched, true), p);
}

TEST(Contract, OfTwoWholeBlocksOfFeaturesHasNoThird) {
  const auto probes = make_contract(LinearModel<double>(Eigen::VectorXd::Ones(2048), 0.0), Features()).probes;
  EXPECT_EQ(std::ranges::count_if(probes, [](const Probe& probe) { return probe.values.empty(); }), 1) << "of zeros";
}

// The bound is that of the terms that a row has: with those of the features it would be 13 % of the score.
TEST(Contract, OfWideModelsNoticesAnAlteredWeight) {
  Eigen::VectorXf w = Eigen::VectorXf::LinSpaced(2'000'000, 1.0F, 2.0F);
  const auto contract = make_contract(LinearModel<float>(w, 0.5F), Features());
  EXPECT_TRUE(check_contract(contract, LinearModel<float>(w, 0.5F)));
  w(0) *= 1.001F;
  const auto broken = check_contract(contract, LinearModel<float>(w, 0.5F));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::numeric_contract_broken);
}

TEST(Contract, AllowsForNoErrorWhereItHasNoBound) {
  constexpr std::uint64_t terms = std::uint64_t{1} << 24U;  // times half an epsilon is 1
  EXPECT_EQ(relative_error_bound<float>(terms), 0.0);
  EXPECT_GT(relative_error_bound<float>(terms - 1), 1.0);
  EXPECT_NEAR(relative_error_bound<double>(3), 3 * 0x1p-53, 0x1p-100);
}

TEST(Contract, NamesRowExpectedActualAndDistance) {
  const auto model = AnyModel(samples::ridge<double>().model);
  auto contract = make_contract(model, Features());
  contract.probes[1].scores[0] += 1e-9;
  const auto broken = check_contract(contract, model);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::numeric_contract_broken);
  for (const char* part : {"probe 1", "score 0", "expected", "computes", "ULP"}) {
    EXPECT_NE(broken.error().context.find(part), std::string::npos) << broken.error().context;
  }
}

TEST(Contract, NamesAProbabilityThatIsNotReached) {
  for (const Eigen::Index p : {3, 5000}) {  // the latter has rows of which no single one is predicted
    const AnyModel model = LogisticModel<double>(LogisticModel<double>::Coefficients::Constant(1, p, 0.5),
                                                 LogisticModel<double>::Intercept::Zero(1), {0, 1});
    auto contract = make_contract(model, Features());
    contract.probes[1].probabilities[0] += 1e-3;
    const auto broken = check_contract(contract, model);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::numeric_contract_broken);
    EXPECT_NE(broken.error().context.find("probe 1, probability 0"), std::string::npos) << broken.error().context;
  }
}

TEST(Contract, HoldsRowsSparseOfWhichHalfAreZeros) {
  const LinearModel<double> model(Eigen::VectorXd::Ones(4), 0.0);
  const Features half({{"a", "", Range{1, 2}}, {"b", "", Range{0, 0}}, {"c", "", Range{1, 2}}, {"d", "", Range{0, 0}}});
  const Features more({{"a", "", Range{1, 2}}, {"b", "", Range{0, 0}}, {"c", "", Range{1, 2}}, {"d", "", Range{1, 2}}});
  EXPECT_EQ(make_contract(model, half).probes.back().indices, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_TRUE(make_contract(model, more).probes.back().indices.empty());
}

// gamma_4 (|w|' |x| + |b|) with gamma_4 = 4 u / (1 - 4 u), u = 2^-53: terms that cancel count with their size.
TEST(Contract, AllowsForTheRoundingOfTermsThatCancel) {
  const AnyModel model = LinearModel<double>(Eigen::VectorXd::Ones(2), 0.0);
  auto contract = make_contract(model, Features());
  contract.probes[0].values = {1.0, -1.0 + 0x1p-20};
  contract.probes[0].indices.clear();
  for (const double share : {0.0, 0.9, 1.1}) {
    contract.probes[0].scores[0] = 0x1p-20 + share * 2 * 4 * 0x1p-53;
    EXPECT_EQ(check_contract(contract, model).has_value(), share < 1) << share;
  }
}

TEST(Contract, AcceptsUpToMaxUlp) {
  const auto model = AnyModel(LinearModel<double>(Eigen::VectorXd::Zero(1), 1.0));
  auto contract = make_contract(model, Features());
  // One feature with weight 0: gamma_3 |b| is a few units, so only distances beyond both bounds count.
  contract.probes[0].scores[0] = std::bit_cast<double>(std::bit_cast<std::uint64_t>(1.0) + contract.max_ulp);
  EXPECT_TRUE(check_contract(contract, model));
  contract.probes[0].scores[0] = std::bit_cast<double>(std::bit_cast<std::uint64_t>(1.0) + contract.max_ulp + 1);
  const auto beyond = check_contract(contract, model);
  ASSERT_FALSE(beyond);
  EXPECT_TRUE(
      beyond.error().context.ends_with(", score 0: expected 1.0000000000000011, this machine computes 1, "
                                       "5 ULP apart"))  // as many digits as tell one double from another
      << beyond.error().context;
}

// Of two probabilities from exact scores 18 units of rounding are allowed, nine last bits of one half.
TEST(Contract, AllowsForTheErrorsOfTheExponential) {
  const LogisticModel<double>::Coefficients w = LogisticModel<double>::Coefficients::Zero(1, 2);
  const auto model = AnyModel(LogisticModel<double>(w, LogisticModel<double>::Intercept::Zero(1), {0, 1}));
  auto contract = make_contract(model, Features());
  double& probability = contract.probes[0].probabilities[0];
  ASSERT_EQ(probability, 0.5);
  for (const double off : {0x8p-53, -0x8p-54}) {
    probability = 0.5 + off;
    EXPECT_TRUE(check_contract(contract, model)) << off;
  }
  probability = 0.5 + 0xap-53;
  EXPECT_FALSE(check_contract(contract, model));
}

// Cancellation makes the ULP distance of an honest sum large; the forward error bound of Higham still accepts it.
TEST(Contract, AcceptsAnySummationOrderUnderCancellation) {
  Eigen::VectorXd w(4);
  w << 1e16, 1.0, -1e16, 1.0;
  const auto model = AnyModel(LinearModel<double>(w, 0.0));
  EXPECT_TRUE(check_contract(make_contract(model, Features()), model));
}

TEST(Contract, OfConstantAndTinyModelsHolds) {
  for (const double weight : {0.0, 5e-324, -1e-310, 1e308}) {
    const auto model = AnyModel(LinearModel<double>(Eigen::VectorXd::Constant(3, weight), weight));
    const auto ok = check_contract(make_contract(model, Features()), model);
    EXPECT_TRUE(ok) << weight << ": " << to_string(ok.error());
    LogisticModel<double>::Coefficients rows = LogisticModel<double>::Coefficients::Constant(3, 2, weight);
    LogisticModel<double>::Intercept b = LogisticModel<double>::Intercept::Zero(3);
    const auto classifier = AnyModel(LogisticModel<double>(rows, b, {1, 2, 3}));
    const auto same = check_contract(make_contract(classifier, Features()), classifier);
    EXPECT_TRUE(same) << weight << ": " << to_string(same.error());
  }
}

}  // namespace
}  // namespace aprender::archive
