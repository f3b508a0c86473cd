// What models answer: batch and single row agree, probabilities are stable, threads do not disturb each other.

#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/fitted.hpp"
#include "models/random.hpp"

namespace aprender::test {
namespace {

template <class Scalar>
class Prediction : public ::testing::Test {
 public:
  using Matrix = Eigen::MatrixX<Scalar>;
  static constexpr double eps = std::numeric_limits<Scalar>::epsilon();

  static std::span<const Scalar> row(const Eigen::VectorX<Scalar>& values) {
    return {values.data(), static_cast<std::size_t>(values.size())};
  }

  static LogisticModel<Scalar> classifier(Random& random, Eigen::Index n_classes, Eigen::Index n_features,
                                          double scale = 1) {
    using Model = LogisticModel<Scalar>;
    const Eigen::Index rows = n_classes == 2 ? 1 : n_classes;
    std::vector<std::int64_t> classes;
    for (Eigen::Index k = 0; k < n_classes; ++k) classes.push_back(10 * k - 10);
    return Model(typename Model::Coefficients((scale * random.matrix(rows, n_features)).template cast<Scalar>()),
                 typename Model::Intercept(random.matrix(1, rows).template cast<Scalar>()), classes);
  }
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Prediction, Scalars);

TYPED_TEST(Prediction, OfARowIsThatOfTheBatch) {
  Random random(1);
  for (const Eigen::Index p : {1, 3, 8, 100}) {
    const Eigen::MatrixX<TypeParam> x = random.matrix(7, p).cast<TypeParam>();
    const LinearModel<TypeParam> model(random.vector(p).cast<TypeParam>(), TypeParam(0.25));
    const auto batch = model.predict(x);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const double bound = static_cast<double>(p + 1) * this->eps *
                           (x.row(i).cwiseAbs() * model.coefficients().cwiseAbs() + 0.25);  // any order of summation
      EXPECT_NEAR(model.predict_one(this->row(x.row(i))), batch(i), bound);
    }
    for (const Eigen::Index k : {2, 3, 7}) {
      const auto classifier = this->classifier(random, k, p);
      const auto labels = classifier.predict(x);
      const auto probabilities = classifier.predict_proba(x);
      std::vector<TypeParam> single(static_cast<std::size_t>(k));
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        EXPECT_EQ(classifier.predict_one(this->row(x.row(i))), labels(i));
        classifier.predict_proba_one(this->row(x.row(i)), single);
        for (Eigen::Index c = 0; c < k; ++c) {
          EXPECT_NEAR(single[static_cast<std::size_t>(c)], probabilities(i, c),
                      4 * static_cast<double>(p + 1) * this->eps);
        }
      }
    }
  }
}

TYPED_TEST(Prediction, OfSeveralTargetsHasAColumnATarget) {
  const Eigen::MatrixX<TypeParam> w{{1, 2}, {3, 4}, {5, 6}};
  const LinearModel<TypeParam, Eigen::Dynamic> model(w, Eigen::RowVector2<TypeParam>(10, 20));
  const Eigen::MatrixX<TypeParam> x{{1, 0, 0}, {1, 1, 1}};
  EXPECT_EQ(model.predict(x), (Eigen::MatrixX<TypeParam>{{11, 22}, {19, 32}}));
  EXPECT_EQ(model.n_targets(), 2);
  EXPECT_EQ(model.n_features(), 3);
}

TYPED_TEST(Prediction, ProbabilitiesSumToOneAndFollowTheScores) {
  Random random(2);
  const Eigen::MatrixX<TypeParam> x = random.matrix(50, 4).cast<TypeParam>();
  for (const Eigen::Index k : {2, 3, 10}) {
    for (const double scale : {1.0, 30.0, 1e4}) {
      const auto model = this->classifier(random, k, 4, scale);
      const Eigen::MatrixX<TypeParam> p = model.predict_proba(x);
      const Eigen::MatrixX<TypeParam> scores = model.decision_function(x);
      ASSERT_EQ(p.cols(), k);
      ASSERT_EQ(scores.cols(), k == 2 ? 1 : k);
      EXPECT_GE(p.minCoeff(), 0);
      EXPECT_LE((p.rowwise().sum().array() - 1).abs().maxCoeff(), static_cast<double>(k) * this->eps);
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        for (Eigen::Index c = 0; c < k; ++c) {
          long double sum = 0;
          const long double own = k == 2 ? (c == 1 ? scores(i, 0) : 0) : scores(i, c);
          for (Eigen::Index other = 0; other < k; ++other) {
            sum += std::exp((k == 2 ? (other == 1 ? scores(i, 0) : 0) : scores(i, other)) - own);
          }
          EXPECT_NEAR(p(i, c), static_cast<double>(1 / sum), 4 * this->eps);
        }
      }
    }
  }
}

TYPED_TEST(Prediction, ExtremeScoresGiveZeroAndOne) {
  using Model = LogisticModel<TypeParam>;
  const Model model(typename Model::Coefficients{{1}}, typename Model::Intercept{{0}}, {0, 1});
  const TypeParam large = std::numeric_limits<TypeParam>::max();
  const Eigen::MatrixX<TypeParam> x{{-large}, {0}, {large}};
  EXPECT_EQ(model.predict_proba(x), (Eigen::MatrixX<TypeParam>{{1, 0}, {0.5, 0.5}, {0, 1}}));
  const Model three(typename Model::Coefficients{{-1}, {0}, {1}}, typename Model::Intercept{{0, 0, 0}}, {0, 1, 2});
  const Eigen::MatrixX<TypeParam> p = three.predict_proba((x / 4).eval());
  EXPECT_EQ(p.row(0), (Eigen::RowVector3<TypeParam>(1, 0, 0)));
  EXPECT_EQ(p.row(2), (Eigen::RowVector3<TypeParam>(0, 0, 1)));
  // A small probability keeps its digits.
  EXPECT_NEAR(model.predict_proba(Eigen::MatrixX<TypeParam>{{40}})(0, 0) / std::exp(-40.0), 1, 1e-5);
}

TYPED_TEST(Prediction, ATieGoesToTheFirstClass) {
  using Model = LogisticModel<TypeParam>;
  const Model two(typename Model::Coefficients{{1}}, typename Model::Intercept{{0}}, {-3, 8});
  const Model three(typename Model::Coefficients{{0}, {1}, {1}}, typename Model::Intercept{{0, 0, 0}}, {4, 5, 6});
  const Eigen::MatrixX<TypeParam> x{{0}, {1}};
  EXPECT_EQ(two.predict(x), (Eigen::Vector<std::int64_t, 2>(-3, 8)));
  EXPECT_EQ(three.predict(x), (Eigen::Vector<std::int64_t, 2>(4, 5)));
  EXPECT_EQ(two.predict_one(std::vector<TypeParam>{0}), -3);
  EXPECT_EQ(three.predict_one(std::vector<TypeParam>{0}), 4);
  EXPECT_EQ(three.predict_one(std::vector<TypeParam>{1}), 5);
}

TYPED_TEST(Prediction, OfASampleDoesNotDependOnWhatIsBesideIt) {
  using RowMajor = Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Random random(4);
  const Eigen::Index n = 9001, p = 37;
  const Eigen::MatrixX<TypeParam> x = random.matrix(n, p).cast<TypeParam>();
  const RowMajor by_rows = x;
  const LinearModel<TypeParam> linear(random.vector(p).cast<TypeParam>(), TypeParam(-2));
  const LinearModel<TypeParam, Eigen::Dynamic> many(random.matrix(p, 11).cast<TypeParam>(),
                                                    random.matrix(1, 11).cast<TypeParam>());
  const auto classifier = this->classifier(random, 3, p);
  const auto expect_same = [&](const auto& design) {
    const auto expected = linear.predict(design);
    EXPECT_EQ(linear.predict(design, 3), expected);
    EXPECT_EQ(linear.predict(design.middleRows(1, 5000)), expected.segment(1, 5000));
    EXPECT_EQ(linear.predict(design.row(n - 1)), expected.tail(1));
    EXPECT_EQ(classifier.decision_function(design, 2), classifier.decision_function(design));
    EXPECT_EQ(classifier.predict_proba(design, 2), classifier.predict_proba(design));
    EXPECT_EQ(classifier.predict(design, 2), classifier.predict(design));
    const Eigen::MatrixX<TypeParam> exact =
        (design.template cast<double>() * many.coefficients().template cast<double>())
            .template cast<TypeParam>()
            .rowwise() +
        many.intercept();
    EXPECT_LE((many.predict(design, 2) - exact).norm(), 40 * this->eps * exact.norm());
  };
  expect_same(x);
  expect_same(by_rows);
  EXPECT_EQ(linear.predict(x + x), linear.predict((x + x).eval()));
  EXPECT_EQ(linear.predict(x.topRows(0)).size(), 0);
  EXPECT_THROW(static_cast<void>(linear.predict(x, 0)), std::invalid_argument);
}

TYPED_TEST(Prediction, OfInfinityIsInfinite) {
  using RowMajor = Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr TypeParam infinity = std::numeric_limits<TypeParam>::infinity();
  for (const Eigen::Index p : {1, 3, 6, 20}) {
    const LinearModel<TypeParam> model(Eigen::VectorX<TypeParam>::Constant(p, TypeParam(2)), TypeParam(1));
    Eigen::MatrixX<TypeParam> x = Eigen::MatrixX<TypeParam>::Ones(9, p);
    x(4, 0) = infinity;
    x(5, p - 1) = -infinity;
    x(6, 0) = std::numeric_limits<TypeParam>::quiet_NaN();
    for (const auto& y : {model.predict(x), model.predict(RowMajor(x))}) {
      EXPECT_EQ(y(3), TypeParam(2 * p + 1));
      EXPECT_EQ(y(4), infinity);
      EXPECT_EQ(y(5), -infinity);
      EXPECT_TRUE(std::isnan(y(6)));
    }
  }
}

TYPED_TEST(Prediction, OnTwoThreadsGivesTheSameBits) {
  Random random(3);
  const Eigen::MatrixX<TypeParam> x = random.matrix(2000, 20).cast<TypeParam>();
  const LinearModel<TypeParam> linear(random.vector(20).cast<TypeParam>(), TypeParam(1));
  const auto logistic = this->classifier(random, 5, 20);
  const auto expected = linear.predict(x);
  const auto expected_probabilities = logistic.predict_proba(x);
  int agreements[2] = {0, 0};
  const auto work = [&](int& agreement) {
    for (int repeat = 0; repeat < 50; ++repeat) {
      agreement += linear.predict(x) == expected && logistic.predict_proba(x) == expected_probabilities;
    }
  };
  std::thread other(work, std::ref(agreements[0]));
  work(agreements[1]);
  other.join();
  EXPECT_EQ(agreements[0], 50);
  EXPECT_EQ(agreements[1], 50);
}

}  // namespace
}  // namespace aprender::test
