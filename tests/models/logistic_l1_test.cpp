// Logistic regression with an L1 part in its penalty: certified, and as its definition and its peers have it.

#include "aprender/logistic_regression.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "models/data.hpp"
#include "models/random.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The problem in long double: its smooth part and lambda.
struct PenalisedProblem {
  LogisticProblem smooth;
  Real lambda;

  PenalisedProblem(const Eigen::MatrixXd& x, const Eigen::VectorXi& labels, const Eigen::VectorXd& weight,
                   const LogisticRegression& estimator)
      : smooth(x, labels, weight, estimator.l1_ratio < 1 ? estimator.C / (1 - estimator.l1_ratio) : infinity,
               estimator.fit_intercept),
        lambda(static_cast<Real>(estimator.l1_ratio) / static_cast<Real>(estimator.C)) {}

  [[nodiscard]] Real objective(const Matrix& theta) const {
    return smooth.objective(theta) + lambda * theta.topRows(theta.rows() - 1).cwiseAbs().sum();
  }

  /// The objective at W = 0 with the best intercepts.
  [[nodiscard]] Real objective_at_zero(bool intercept) const {
    if (!intercept) return smooth.s.sum() * std::log(static_cast<Real>(smooth.n_classes));
    Vector share = Vector::Zero(smooth.n_classes);
    for (Eigen::Index i = 0; i < smooth.y.size(); ++i) share(smooth.y(i)) += smooth.s(i);
    share /= share.sum();
    return -smooth.s.sum() * share.dot(share.array().log().matrix());
  }

  /// The distance of the subdifferential from zero, relative to lambda.
  [[nodiscard]] Real violation(const Matrix& theta) const {
    const Matrix g = smooth.gradient(theta);
    Real worst = g.bottomRows(1).cwiseAbs().maxCoeff();
    for (Eigen::Index k = 0; k < g.cols(); ++k) {
      for (Eigen::Index j = 0; j + 1 < g.rows(); ++j) {
        const Real w = theta(j, k);
        worst = std::max(worst, w == 0 ? std::abs(g(j, k)) - lambda : std::abs(g(j, k) + std::copysign(lambda, w)));
      }
    }
    return worst / lambda;
  }
};

template <class Scalar>
Matrix parameters(const LogisticModel<Scalar>& model) {
  Matrix theta(model.n_features() + 1, model.coefficients().rows());
  theta << model.coefficients().transpose().template cast<Real>(), model.intercept().template cast<Real>();
  return theta;
}

template <class Scalar>
class LogisticL1 : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LogisticL1, Scalars);

TYPED_TEST(LogisticL1, MinimisesRandomProblems) {
  int sparse_models = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int n_classes = static_cast<int>(random.integer(2, 4));
    const Eigen::Index n = n_classes + random.integer(5, 50), p = random.integer(1, 60);
    const LogisticRegression estimator{.C = std::ldexp(1.0, static_cast<int>(random.integer(-4, 5))),
                                       .fit_intercept = random.integer(0, 1) == 1,
                                       .tol = 1e-12,
                                       .l1_ratio = random.integer(0, 1) == 1 ? 1.0 : 0.3};
    const Eigen::MatrixXd x = random.matrix(n, p).array() + 0.3;
    Eigen::VectorXi labels = random.integers(n, 1, 0, n_classes - 1).cast<int>();
    labels.head(n_classes) = Eigen::VectorXi::LinSpaced(n_classes, 0, n_classes - 1);
    const Eigen::VectorXd weight = random.integers(n, 1, 1, 5);
    const Eigen::MatrixX<TypeParam> design = x.cast<TypeParam>();
    const PenalisedProblem problem(design.template cast<double>(), labels, weight, estimator);

    const auto fit = estimator.fit(design, labels, {.sample_weight = weight});
    EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap << " " << fit.report.tolerance;
    EXPECT_GE(*fit.report.duality_gap, 0);
    EXPECT_EQ(fit.report.solver, "proximal Newton");
    EXPECT_FALSE(fit.report.gradient_norm.has_value());
    const Matrix theta = parameters(fit.model);
    const Real objective = problem.objective(theta), at_zero = problem.objective_at_zero(estimator.fit_intercept);
    EXPECT_NEAR(fit.report.objective, static_cast<double>(objective), 1e-12 * static_cast<double>(at_zero));
    EXPECT_LE(objective, at_zero * (1 + 1e-12L));
    // F is smooth with constant L = max_j sum_i s_i x_ij^2: what is left to gain bounds the slope.
    const Real curvature =
        problem.smooth.x.cwiseAbs2().rowwise().sum().dot(problem.smooth.s) + problem.smooth.inverse_c;
    const Real left = std::max<Real>(*fit.report.duality_gap, 1e-16L) * at_zero;
    EXPECT_LE(problem.violation(theta) * problem.lambda, std::sqrt(2 * curvature * left) * 3);
    sparse_models += (fit.model.coefficients().array() == 0).any() ? 1 : 0;

    // A rough fit is no further from the best than its certificate says.
    LogisticRegression rough = estimator;
    rough.tol = 1e-2;
    const auto early = rough.fit(design, labels, {.sample_weight = weight});
    const Real more = problem.objective(parameters(early.model)) - objective;
    EXPECT_LE(more, static_cast<Real>(*early.report.duality_gap) * at_zero * (1 + 1e-9L) + 1e-14L * at_zero);
  }
  EXPECT_GE(sparse_models, 30);
}

TYPED_TEST(LogisticL1, AboveTheCriticalPenaltyNothingIsLeft) {
  Random random(2);
  for (const int n_classes : {2, 3}) {
    for (const bool intercept : {false, true}) {
      for (const double l1_ratio : {0.4, 1.0}) {
        const Eigen::MatrixX<TypeParam> x = (random.matrix(40, 6).array() + 1.0).matrix().cast<TypeParam>();
        const Eigen::VectorXi labels = random.integers(40, 1, 0, n_classes - 1).cast<int>();
        LogisticRegression estimator{.fit_intercept = intercept, .tol = 1e-13, .l1_ratio = l1_ratio};
        const double critical = estimator.critical_C(x, labels);

        // Its definition: the gradient at W = 0 with the classes' shares as probabilities.
        Eigen::MatrixXd slope = Eigen::MatrixXd::Constant(40, n_classes, 1.0 / n_classes);
        for (int k = 0; k < n_classes && intercept; ++k) {
          slope.col(k).setConstant(static_cast<double>((labels.array() == k).count()) / 40);
        }
        for (Eigen::Index i = 0; i < 40; ++i) slope(i, labels(i)) -= 1;
        const double steepest = (x.template cast<double>().transpose() * slope).cwiseAbs().maxCoeff();
        EXPECT_NEAR(critical, l1_ratio / steepest, 1e-12 * critical);

        estimator.C = 0.999 * critical;
        const auto none = estimator.fit(x, labels);
        EXPECT_TRUE(none.model.coefficients().isZero(0));
        EXPECT_TRUE(none.report.converged);
        EXPECT_LE(none.report.iterations, 1);
        estimator.C = 1.02 * critical;
        const auto some = estimator.fit(x, labels);
        EXPECT_TRUE(some.report.converged);
        EXPECT_GE((some.model.coefficients().array() != 0).count(), 1);
        EXPECT_LE((some.model.coefficients().array() != 0).count(), 4);
      }
    }
  }
}

TYPED_TEST(LogisticL1, PenaltiesAndUnitsOfAnySize) {
  Random random(3);
  Eigen::MatrixXd x = random.matrix(30, 3);
  const Eigen::VectorXi labels = ((x.col(0) + 0.3 * random.vector(30)).array() > 0.1).cast<int>();
  for (const double c : {5e-324, 1e-300, 1e-3, 1e3, 1e7}) {
    const auto fit = LogisticRegression{.C = c, .l1_ratio = 0.7}.fit(x.cast<TypeParam>(), labels);
    EXPECT_TRUE(fit.report.converged) << c << " " << *fit.report.duality_gap;
    EXPECT_TRUE(fit.model.coefficients().allFinite());
    if (c < 1e-2) {
      EXPECT_TRUE(fit.model.coefficients().isZero(0));
    }
  }
}

TEST(LogisticL1, ColumnsScaleWithTheirUnit) {
  Random random(4);
  const Eigen::MatrixXd x = random.matrix(50, 4);
  const Eigen::VectorXi labels = ((x.col(0) - x.col(2) + 0.5 * random.vector(50)).array() > 0).cast<int>();
  // The penalty acts in the unit of the column: a huge column needs next to no coefficient, a tiny one gets none.
  const Eigen::MatrixXd scaled = x * Eigen::VectorXd{{1e300, 1e-300, 1, 1e-12}}.asDiagonal();
  const auto fit = LogisticRegression{.l1_ratio = 1}.fit(scaled, labels);
  EXPECT_TRUE(fit.model.coefficients().allFinite());
  EXPECT_EQ(fit.model.coefficients()(1), 0);
  EXPECT_EQ(fit.model.coefficients()(3), 0);
  EXPECT_GT(fit.model.coefficients()(0), 0);
  EXPECT_LT(fit.model.coefficients()(2), 0);
  EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap;
}

/// In a unit of 1e300 the penalty of a column is 1e-300 of what it is in a unit of 1: it vanishes in the rounding of
/// any slope, and yet the fit is certified, to the objective of the fit without that penalty.
TEST(LogisticL1, PenaltiesLostInRoundingAreCertified) {
  Random random(6);
  for (const int n_classes : {2, 3, 4}) {
    for (const bool fit_intercept : {true, false}) {
      for (const double l1_ratio : {1.0, 0.5}) {
        Eigen::MatrixXd x = random.matrix(120, 5);
        Eigen::VectorXi labels(120);
        for (int i = 0; i < 120; ++i) {
          const Eigen::VectorXd noise = random.vector(n_classes);
          Eigen::VectorXd score = 1.5 * noise;
          for (int k = 0; k < n_classes; ++k) score(k) += x(i, k % 5) - 0.5 * x(i, (k + 2) % 5);
          Eigen::Index best = 0;
          score.maxCoeff(&best);
          labels(i) = static_cast<int>(best);
        }
        x = x * Eigen::VectorXd{{1e300, 1, 1e150, 1, 1e-300}}.asDiagonal();
        SCOPED_TRACE(std::to_string(n_classes) + (fit_intercept ? " with" : " without") + " intercept, l1_ratio " +
                     std::to_string(l1_ratio));
        const LogisticRegression estimator{
            .C = 0.5, .fit_intercept = fit_intercept, .tol = 1e-10, .l1_ratio = l1_ratio};
        const auto fit = estimator.fit(x, labels);
        EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap << " of " << fit.report.tolerance;
        EXPECT_LE(*fit.report.duality_gap, 1e-9);
        // No column of 1e300 and 1e150: a penalty of 1e-9 in their place is as good as none.
        Eigen::MatrixXd plain = x;
        plain.col(0) *= 1e-290;
        plain.col(2) *= 1e-140;
        plain.col(4).setZero();
        const auto other = estimator.fit(plain, labels);
        EXPECT_NEAR(fit.report.objective, other.report.objective, 1e-7 * other.report.objective);
        // On the way there no gap is less than what the objective is above the minimum.
        auto early = estimator;
        early.C = 1e-300;
        const double at_zero = early.fit(plain, labels).report.objective;
        early.C = estimator.C;
        for (early.max_iter = 1; early.max_iter < fit.report.iterations; ++early.max_iter) {
          const FitReport report = early.fit(x, labels).report;
          EXPECT_GE(*report.duality_gap * at_zero * (1 + 1e-9),
                    report.objective - fit.report.objective - 1e-12 * at_zero);
        }
      }
    }
  }
}

/// Every column divided by its largest magnitude.
DataSet scaled_data(const std::string& name) {
  DataSet data = load(name);
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    const double largest = data.x.col(j).cwiseAbs().maxCoeff();
    if (largest > 0) data.x.col(j) /= largest;
  }
  return data;
}

/// scikit-learn 1.2.1, LogisticRegression(penalty="elasticnet", solver="saga", tol=1e-10): objective and the number of
/// coefficients that are not zero. glmnet 4.1-6 (standardize=FALSE, thresh=1e-15, lambda = 1 / (n C)) gives the
/// objectives 97.9492190748647 and 87.1681316045642 for the cases without weights of breast_cancer.
TEST(LogisticL1, AgreesWithScikitLearnAndGlmnet) {
  struct Case {
    std::string data;
    double c, l1_ratio;
    bool weighted;
    double objective, accuracy;
    Eigen::Index nonzero;
  };
  const Case cases[] = {{"breast_cancer", 1, 1.0, false, 97.9492190748647, 1e-12, 4},
                        {"breast_cancer", 20, 1.0, true, 32.49900297084612, 1e-6, -1},  // saga does not arrive
                        {"breast_cancer", 2, 0.5, false, 87.1681316045642, 1e-12, 24},
                        {"digits", 0.05, 1.0, false, 2440.101027334691, 1e-9, 69},
                        {"digits", 0.1, 0.5, false, 1458.9832761137834, 1e-9, 220}};
  for (const Case& known : cases) {
    SCOPED_TRACE(known.data + " " + std::to_string(known.c));
    DataSet data = load(known.data);
    if (known.data == "digits") {
      data.x /= 16;
    } else {
      data = scaled_data(known.data);
    }
    const Eigen::VectorXd weight = known.weighted ? cyclic_weights(data.y.size()) : Eigen::VectorXd();
    const auto fit = LogisticRegression{.C = known.c, .tol = 1e-13, .l1_ratio = known.l1_ratio}.fit(
        data.x, data.y.cast<int>().eval(), {.sample_weight = weight});
    EXPECT_TRUE(fit.report.converged) << *fit.report.duality_gap;
    EXPECT_LE(fit.report.objective, known.objective * (1 + 2e-14));
    EXPECT_GE(fit.report.objective, known.objective * (1 - known.accuracy));
    if (known.nonzero >= 0) {
      EXPECT_EQ((fit.model.coefficients().array() != 0).count(), known.nonzero);
    }
  }
}

/// scikit-learn's coefficients that are not zero, in the first of these cases.
TEST(LogisticL1, CoefficientsAreThoseOfScikitLearn) {
  const DataSet data = scaled_data("breast_cancer");
  const auto model = LogisticRegression{.tol = 1e-13, .l1_ratio = 1}.fit(data.x, data.y.cast<int>().eval()).model;
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(30);
  expected(7) = 4.89348115;
  expected(20) = 17.7888979;
  expected(21) = 7.2414493;
  expected(27) = 7.31589536;
  EXPECT_LE((model.coefficients().row(0).transpose() - expected).cwiseAbs().maxCoeff(), 2e-6);
  EXPECT_NEAR(model.intercept()(0), -16.67980245873286, 2e-6);
}

TEST(LogisticL1, NothingIsCertifiedByAVanishingDualPoint) {
  Random random(5);
  const Eigen::MatrixXd x = random.matrix(40, 2);
  const Eigen::VectorXi labels = (x.col(0).array() > 0.2).cast<int>();
  for (const double scale : {1e3, 1e20, 1e100, 1e300}) {
    // One pass from zero: nothing fits yet, and the gap says so.
    const auto fit = LogisticRegression{.C = 1, .max_iter = 1, .l1_ratio = 1}.fit(scale * x, labels);
    EXPECT_GT(*fit.report.duality_gap, 1e-3);
    EXPECT_LE(*fit.report.duality_gap, 1);
    EXPECT_FALSE(fit.report.converged);
  }
}

TEST(LogisticL1, WithoutAnL1PartItIsTheSmoothProblem) {
  const DataSet data = scaled_data("breast_cancer");
  const Eigen::VectorXi labels = data.y.cast<int>();
  const auto smooth = LogisticRegression{.tol = 1e-12}.fit(data.x, labels);
  const auto nearly = LogisticRegression{.tol = 1e-12, .l1_ratio = 1e-9}.fit(data.x, labels);
  EXPECT_TRUE(nearly.report.converged) << *nearly.report.duality_gap;
  EXPECT_LE((smooth.model.coefficients() - nearly.model.coefficients()).cwiseAbs().maxCoeff(), 1e-6);
}

}  // namespace
}  // namespace aprender::test
