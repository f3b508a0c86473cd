// Every estimator gives the answers of scikit-learn and, translated, of glmnet on real data.
//
// No tolerance here is chosen by trial. Two approximate minimisers of a strongly convex function differ by no more than
// their certificates and the curvature allow, all three of which the tests compute in long double (textbook.hpp):
// least squares  |dw| <= (|slope_1| + |slope_2|) / smallest eigenvalue of the Gram matrix,
// L1             |A dw| <= sqrt(2 gap_1 P(0)) + sqrt(2 gap_2 P(0)),
// logistic       |d theta|_H <= lambda_1 + lambda_2, the Newton decrements (times 1.1, they being below 0.05).

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Cholesky>

#include "aprender/models.hpp"
#include "models/data.hpp"
#include "models/textbook.hpp"

namespace aprender::test {
namespace {

struct Reference {
  std::string data;
  std::string scalar;
  std::string estimator;
  double strength;  ///< alpha or C
  double l1_ratio;
  bool fit_intercept;
  bool weighted;
  std::vector<double> coefficients;
  std::vector<double> intercept;
};

const std::vector<Reference>& references() {
  static const std::vector<Reference> all = {
#include "models/reference_scikit_learn.inc"
  };
  return all;
}

const DataSet& data_set(const std::string& name) {
  static std::map<std::string, DataSet> loaded;
  const auto found = loaded.find(name);
  return found == loaded.end() ? loaded.emplace(name, load(name)).first->second : found->second;
}

std::string case_name(const Reference& reference) {
  return reference.data + " " + reference.estimator + " " + std::to_string(reference.strength) + " " +
         reference.scalar + (reference.fit_intercept ? " with" : " without") + " intercept" +
         (reference.weighted ? ", weighted" : "");
}

FitOptions options(const Reference& reference, Eigen::Index n) {
  return {.sample_weight = reference.weighted ? cyclic_weights(n) : Eigen::VectorXd()};
}

/// The fit a regression case asks for.
template <class Scalar>
std::pair<LinearModel<Scalar>, FitReport> fit(const Reference& reference, const Eigen::MatrixX<Scalar>& x,
                                              const Eigen::VectorX<Scalar>& y) {
  const auto pair = [](const auto& fit) { return std::pair(fit.model, fit.report); };
  const FitOptions weights = options(reference, x.rows());
  const bool intercept = reference.fit_intercept;
  if (reference.estimator == "LinearRegression") return pair(LinearRegression{intercept}.fit(x, y, weights));
  if (reference.estimator == "Ridge") return pair(Ridge{reference.strength, intercept}.fit(x, y, weights));
  const double tol = 1e-12;
  const std::int64_t max_iter = 100'000;
  if (reference.estimator == "Lasso") {
    return pair(Lasso{.alpha = reference.strength, .fit_intercept = intercept, .tol = tol, .max_iter = max_iter}.fit(
        x, y, weights));
  }
  const ElasticNet net{.alpha = reference.strength,
                       .l1_ratio = reference.l1_ratio,
                       .fit_intercept = intercept,
                       .tol = tol,
                       .max_iter = max_iter};
  return pair(net.fit(x, y, weights));
}

void expect_regression_agrees(const Reference& reference, const DataSet& data) {
  const bool rounded = reference.scalar == "float";
  const Eigen::MatrixXd x = rounded ? Eigen::MatrixXd(data.x.cast<float>().cast<double>()) : data.x;
  const Eigen::VectorXd y = rounded ? Eigen::VectorXd(data.y.cast<float>().cast<double>()) : data.y;
  const CentredProblem problem(x, y, options(reference, x.rows()).sample_weight, reference.fit_intercept);
  const bool descent = reference.estimator == "Lasso" || reference.estimator == "ElasticNet";
  const Real l1 = !descent ? 0 : reference.strength * (reference.estimator == "Lasso" ? 1 : reference.l1_ratio);
  const Real l2 = reference.estimator == "Ridge"        ? reference.strength
                  : reference.estimator == "ElasticNet" ? problem.n * (reference.strength - l1)
                                                        : 0;  // of the Gram matrix
  const auto sum_rounding = static_cast<double>(problem.n) * std::numeric_limits<double>::epsilon();

  const auto [model, report] = fit<double>(reference, x, y);
  ASSERT_TRUE(report.converged) << report.solver;
  const Vector ours = model.coefficients().cast<Real>();
  const Vector theirs =
      Eigen::Map<const Eigen::VectorXd>(reference.coefficients.data(), x.cols()).template cast<Real>();

  Real distance = 0;             // of the coefficients of columns of norm one, in the 2-norm
  Real prediction_distance = 0;  // of A w
  if (descent) {
    const Real gap = problem.relative_gap(ours, model.intercept(), l1, l2 / problem.n);
    EXPECT_LE(gap, report.tolerance + 4 * sum_rounding);  // the library sums n terms in double
    const Real their_gap = problem.relative_gap(theirs, problem.best_intercept(theirs), l1, l2 / problem.n);
    const Real at_zero = 0.5L * problem.b.squaredNorm();
    prediction_distance = std::sqrt(2 * gap * at_zero) + std::sqrt(2 * std::max(their_gap, Real(0)) * at_zero);
    distance = prediction_distance / std::sqrt(problem.smallest_eigenvalue(l2));
  } else {
    EXPECT_LE(problem.backward_error(ours, l2), report.tolerance);
    distance = problem.distance_bound(ours, theirs, l2);
    prediction_distance = distance * std::sqrt(static_cast<Real>(x.cols()));
  }
  EXPECT_LE((problem.a * (ours - theirs)).norm(), 1.001L * prediction_distance);
  EXPECT_LE(prediction_distance, 1e-3L * (problem.a * theirs).norm());  // small enough to say something
  const Vector norms = problem.norms(l2);
  Real moved_mean = 0;
  Real mean_scale = std::abs(problem.y_mean);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const Real difference = std::abs(ours(j) - theirs(j));
    EXPECT_LE(difference * norms(j), 1.001L * distance)
        << "coefficient " << j << ": " << ours(j) << ", theirs " << theirs(j);
    moved_mean += std::abs(problem.x_mean(j)) * difference;
    mean_scale += std::abs(problem.x_mean(j) * theirs(j));
  }
  EXPECT_LE(std::abs(model.intercept() - reference.intercept.front()), moved_mean + mean_scale * sum_rounding)
      << "intercept " << model.intercept() << ", theirs " << reference.intercept.front();

  if (!rounded) return;
  // The same data as float: solved in double, each coefficient rounded once.
  const auto [single, single_report] = fit<float>(reference, x.cast<float>(), y.cast<float>());
  EXPECT_TRUE(single_report.converged) << single_report.solver;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    EXPECT_LE(std::abs(single.coefficients()(j) - ours(j)),
              0.5001L * std::numeric_limits<float>::epsilon() * std::abs(ours(j)) + 2 * distance / norms(j))
        << "coefficient " << j;
  }
}

template <class Scalar>
void expect_classification_agrees(const Reference& reference, const DataSet& data) {
  const Eigen::MatrixX<Scalar> x = data.x.cast<Scalar>();
  const Eigen::VectorXi labels = data.y.cast<int>();
  const FitOptions weights = options(reference, x.rows());
  const auto fit =
      LogisticRegression{.C = reference.strength, .fit_intercept = reference.fit_intercept, .tol = 1e-12}.fit(x, labels,
                                                                                                              weights);
  ASSERT_TRUE(fit.report.converged);

  const LogisticProblem problem(x.template cast<double>(), labels, weights.sample_weight, reference.strength,
                                reference.fit_intercept);
  const Eigen::Index p = x.cols();
  const Eigen::Index m = fit.model.coefficients().rows();
  Matrix ours(p + 1, m);
  ours << fit.model.coefficients().transpose().template cast<Real>(), fit.model.intercept().template cast<Real>();
  Matrix theirs = Matrix::Zero(p + 1, m);
  theirs.topRows(p) = Eigen::Map<const Eigen::MatrixXd>(reference.coefficients.data(), p, m).template cast<Real>();
  for (Eigen::Index k = 0; k < m; ++k) theirs(p, k) = reference.fit_intercept ? reference.intercept[std::size_t(k)] : 0;
  if (m > 1) {  // only differences of intercepts matter
    ours.row(p).array() -= ours.row(p).mean();
    theirs.row(p).array() -= theirs.row(p).mean();
  }
  EXPECT_LE(problem.relative_gradient(ours), 1.001 * *fit.report.gradient_norm + 1e-15);

  const Eigen::MatrixXd hessian = problem.hessian(theirs);
  const Eigen::VectorXd scale = hessian.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::LLT<Eigen::MatrixXd> llt(scale.asDiagonal() * hessian * scale.asDiagonal());
  ASSERT_EQ(llt.info(), Eigen::Success);
  const auto decrement = [&](const Matrix& theta) {
    const Eigen::VectorXd g = scale.cwiseProduct(problem.gradient(theta).cast<double>().reshaped());
    return std::sqrt(g.dot(llt.solve(g)));
  };
  const double distance = decrement(ours) + decrement(theirs);
  ASSERT_LE(distance, 0.05);
  const Eigen::MatrixXd inverse = llt.solve(Eigen::MatrixXd::Identity(hessian.rows(), hessian.cols()));
  const Eigen::VectorXd difference = (ours - theirs).cast<double>().reshaped();
  for (Eigen::Index j = 0; j < difference.size(); ++j) {
    EXPECT_LE(std::abs(difference(j)), 1.1 * distance * scale(j) * std::sqrt(inverse(j, j)))
        << "coefficient " << j << ": " << ours.reshaped()(j) << ", theirs " << theirs.reshaped()(j);
  }
}

class ScikitLearn : public ::testing::TestWithParam<std::string> {};

TEST_P(ScikitLearn, Agrees) {
  int cases = 0;
  for (const Reference& reference : references()) {
    if (reference.estimator != GetParam()) continue;
    SCOPED_TRACE(case_name(reference));
    ++cases;
    const DataSet& data = data_set(reference.data);
    if (reference.estimator != "LogisticRegression") {
      expect_regression_agrees(reference, data);
    } else if (reference.scalar == "float") {
      expect_classification_agrees<float>(reference, data);
    } else {
      expect_classification_agrees<double>(reference, data);
    }
  }
  EXPECT_GE(cases, 18);
}

INSTANTIATE_TEST_SUITE_P(Estimators, ScikitLearn,
                         ::testing::Values("LinearRegression", "Ridge", "Lasso", "ElasticNet", "LogisticRegression"),
                         [](const auto& instance) { return instance.param; });

struct GlmnetReference {
  std::string data;
  std::string family;
  double lambda;
  double alpha;  ///< our l1_ratio
  bool standardize;
  bool weighted;
  std::vector<double> coefficients;
  std::vector<double> intercept;
};

TEST(Glmnet, AgreesAfterTranslation) {
  const std::vector<GlmnetReference> all = {
#include "models/reference_glmnet.inc"
  };
  for (const GlmnetReference& theirs : all) {
    DataSet data = data_set(theirs.data);
    const auto n = static_cast<double>(data.y.size());
    const Eigen::VectorXd weight =
        theirs.weighted ? cyclic_weights(data.y.size()) : Eigen::VectorXd::Ones(data.y.size());
    const auto deviation = [&](const Eigen::VectorXd& column) {
      const double mean = weight.dot(column) / weight.sum();
      return std::sqrt(weight.dot((column.array() - mean).square().matrix()) / weight.sum());
    };
    Reference reference{.data = theirs.data,
                        .scalar = "double",
                        .estimator = "LogisticRegression",
                        .strength = 1 / (n * theirs.lambda),
                        .l1_ratio = 0,
                        .fit_intercept = true,
                        .weighted = theirs.weighted,
                        .coefficients = theirs.coefficients,
                        .intercept = theirs.intercept};
    if (theirs.standardize) {  // the penalty is on the coefficients of columns of deviation one
      for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
        const double scale = deviation(data.x.col(j));
        data.x.col(j) /= scale;
        reference.coefficients[static_cast<std::size_t>(j)] *= scale;
      }
    }
    if (theirs.family == "gaussian") {  // the L2 part is divided by the deviation of y
      const double l1 = theirs.lambda * theirs.alpha;
      const double l2 = theirs.lambda * (1 - theirs.alpha) / deviation(data.y);
      reference.estimator = l1 > 0 ? "ElasticNet" : "Ridge";
      reference.strength = l1 > 0 ? l1 + l2 : n * l2;
      reference.l1_ratio = l1 / (l1 + l2);
    }
    SCOPED_TRACE(case_name(reference) + (theirs.standardize ? ", standardised" : ""));
    if (theirs.family == "gaussian") {
      expect_regression_agrees(reference, data);
    } else {
      expect_classification_agrees<double>(reference, data);
    }
  }
  EXPECT_EQ(all.size(), 16U);
}

}  // namespace
}  // namespace aprender::test
