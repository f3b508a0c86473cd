// Cross-validation: the errors that scikit-learn and glmnet find on the same folds, and what must hold of any.

#include "aprender/cross_validation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/models.hpp"
#include "models/data.hpp"
#include "models/random.hpp"
#include "models/refusal.hpp"

namespace aprender::test {
namespace {

struct Reference {
  std::string estimator;
  double l1_ratio;
  bool weighted;
  std::vector<double> penalties;
  std::vector<std::vector<double>> errors;  ///< a row a penalty, a column a fold
};
const std::vector<Reference> references = {
#include "models/reference_cross_validation.inc"
};

struct GlmnetReference {
  bool weighted;
  std::vector<double> lambdas, mean, standard_error;
  double lambda_min, lambda_1se, largest, largest_ridge;
};
const std::vector<GlmnetReference> glmnet = {
#include "models/reference_cv_glmnet.inc"
};

Eigen::VectorXd vector(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

/// Fold f leaves out the rows i with i mod k = f.
std::vector<Split> folds_of_every(Eigen::Index n, Eigen::Index k) {
  std::vector<Split> folds(static_cast<std::size_t>(k));
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index f = 0; f < k; ++f) {
      auto& [train, test] = folds[static_cast<std::size_t>(f)];
      (i % k == f ? test : train).push_back(i);
    }
  }
  return folds;
}

FitOptions weights(bool weighted, Eigen::Index n) {
  return {.sample_weight = weighted ? cyclic_weights(n) : Eigen::VectorXd()};
}

CrossValidation validate(const Reference& reference) {
  CrossValidationOptions options{.path = {.alphas = vector(reference.penalties)}};
  if (reference.estimator == "LogisticRegression") {
    const DataSet data = load("breast_cancer");
    options.folds = folds_of_every(data.y.size(), 5);
    const Eigen::VectorXi labels = data.y.cast<int>();
    return cross_validate(LogisticRegression{.tol = 1e-11}, data.x, labels, options,
                          weights(reference.weighted, labels.size()));
  }
  const DataSet data = load("diabetes");
  const FitOptions fit = weights(reference.weighted, data.y.size());
  options.folds = folds_of_every(data.y.size(), 5);
  if (reference.estimator == "Lasso") return cross_validate(Lasso{.tol = 1e-12}, data.x, data.y, options, fit);
  if (reference.estimator == "Ridge") return cross_validate(Ridge{}, data.x, data.y, options, fit);
  const ElasticNet net{.l1_ratio = reference.l1_ratio, .tol = 1e-12};
  return cross_validate(net, data.x, data.y, options, fit);
}

TEST(CrossValidation, FindsTheErrorsOfScikitLearn) {
  std::size_t compared = 0;
  for (const Reference& reference : references) {
    if (reference.estimator == "grid" || reference.estimator == "LeaveOneOut") continue;
    ++compared;
    const CrossValidation found = validate(reference);
    EXPECT_EQ(found.not_converged, 0);
    ASSERT_EQ(found.alphas, vector(reference.penalties));
    for (Eigen::Index k = 0; k < found.alphas.size(); ++k) {
      for (Eigen::Index f = 0; f < 5; ++f) {
        const double expected = reference.errors[static_cast<std::size_t>(k)][static_cast<std::size_t>(f)];
        EXPECT_NEAR(found.errors(f, k) / expected, 1.0, 1e-7)
            << reference.estimator << (reference.weighted ? ", weighted" : "") << " fold " << f;
      }
    }
  }
  EXPECT_EQ(compared, 8u);
}

TEST(CrossValidation, FindsMeansStandardErrorsAndChoicesOfGlmnet) {
  const DataSet data = load("diabetes");
  for (const GlmnetReference& reference : glmnet) {
    const CrossValidationOptions options{.folds = folds_of_every(data.y.size(), 5),
                                         .path = {.alphas = vector(reference.lambdas)}};
    const CrossValidation found =
        cross_validate(Lasso{.tol = 1e-12}, data.x, data.y, options, weights(reference.weighted, data.y.size()));
    for (Eigen::Index k = 0; k < found.alphas.size(); ++k) {
      EXPECT_NEAR(found.mean(k) / reference.mean[static_cast<std::size_t>(k)], 1.0, 1e-7);
      EXPECT_NEAR(found.standard_error(k) / reference.standard_error[static_cast<std::size_t>(k)], 1.0, 1e-6);
    }
    EXPECT_EQ(found.alphas(found.best()), reference.lambda_min);
    EXPECT_EQ(found.alphas(found.one_standard_error()), reference.lambda_1se);
  }
}

TEST(CrossValidation, TheGridIsThatOfAllSamples) {
  const DataSet data = load("diabetes");
  const CrossValidation lasso = cross_validate(Lasso{}, data.x, data.y, {.n_folds = 3, .path = {.n_alphas = 7}});
  EXPECT_EQ(lasso.alphas, Lasso{}.penalty_grid(data.x, data.y, {.n_alphas = 7}));
  EXPECT_EQ(lasso.errors.rows(), 3);
  EXPECT_EQ(lasso.errors.cols(), 7);
}

TEST(CrossValidation, ASeedDrawsTheSameFoldsAgain) {
  const DataSet data = load("diabetes");
  const CrossValidationOptions options{.n_folds = 4, .seed = 3, .path = {.n_alphas = 5}};
  CrossValidationOptions given = options;
  given.folds = k_fold(data.y.size(), 4, 3);
  const CrossValidation drawn = cross_validate(Ridge{}, data.x, data.y, options);
  EXPECT_EQ(drawn.errors, cross_validate(Ridge{}, data.x, data.y, given).errors);
  given.folds = k_fold(data.y.size(), 4, 4);
  EXPECT_NE(drawn.errors, cross_validate(Ridge{}, data.x, data.y, given).errors);
}

TEST(CrossValidation, SamplesOfZeroWeightAreNotThere) {
  const DataSet data = load("diabetes");
  const Eigen::VectorXd weight = cyclic_weights(data.y.size()).array() - 1;
  std::vector<Eigen::Index> present;
  for (Eigen::Index i = 0; i < weight.size(); ++i) {
    if (weight(i) > 0) present.push_back(i);
  }
  const Eigen::MatrixXd x = data.x(present, Eigen::all);
  const Eigen::VectorXd y = data.y(present);
  const CrossValidation with = cross_validate(Lasso{}, data.x, data.y, {.n_folds = 5}, {.sample_weight = weight});
  const CrossValidation without = cross_validate(Lasso{}, x, y, {.n_folds = 5}, {.sample_weight = weight(present)});
  EXPECT_EQ(with.alphas, without.alphas);
  EXPECT_EQ(with.errors, without.errors);
  EXPECT_EQ(with.fold_weights, without.fold_weights);

  const std::vector<Split> folds = folds_of_every(data.y.size(), 3);
  EXPECT_TRUE(cross_validate(Ridge{}, data.x, data.y, {.folds = folds}, {.sample_weight = weight}).mean.allFinite());
}

TEST(CrossValidation, TheUnitOfWeightsDoesNotMatter) {
  const DataSet data = load("diabetes");
  const Eigen::VectorXd weight = cyclic_weights(data.y.size());
  const CrossValidation once = cross_validate(Ridge{}, data.x, data.y, {}, {.sample_weight = weight});
  const CrossValidation twice = cross_validate(Ridge{}, data.x, data.y, {}, {.sample_weight = 2 * weight});
  EXPECT_EQ(once.errors, twice.errors);
}

TEST(CrossValidation, SeveralTargetsAreAveraged) {
  const DataSet data = load("diabetes");
  Eigen::MatrixXd y(data.y.size(), 2);
  y << data.y, data.x.col(2).cwiseAbs2();
  const CrossValidationOptions options{.path = {.alphas = Eigen::Vector2d(100, 1)}};
  const CrossValidation both = cross_validate(Ridge{}, data.x, y, options);
  const CrossValidation first = cross_validate(Ridge{}, data.x, Eigen::VectorXd(y.col(0)), options);
  const CrossValidation second = cross_validate(Ridge{}, data.x, Eigen::VectorXd(y.col(1)), options);
  EXPECT_LT((both.errors - (first.errors + second.errors) / 2).norm(), 1e-9 * both.errors.norm());
}

TEST(CrossValidation, TakesFloatsBlocksAndRowMajorData) {
  const DataSet data = load("diabetes");
  const CrossValidationOptions options{.path = {.n_alphas = 5, .alpha_min_ratio = 0.01}};
  const CrossValidation plain = cross_validate(Lasso{}, data.x, data.y, options);
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = data.x;
  EXPECT_LT((cross_validate(Lasso{}, rows, data.y, options).errors - plain.errors).norm(), 1e-3 * plain.errors.norm());
  Eigen::MatrixXd wider(data.x.rows(), data.x.cols() + 2);
  wider << data.y, data.x, data.y;
  EXPECT_EQ(cross_validate(Lasso{}, wider.middleCols(1, data.x.cols()), data.y, options).errors, plain.errors);
  const Eigen::MatrixXf single = data.x.cast<float>();
  const Eigen::VectorXf target = data.y.cast<float>();
  EXPECT_LT((cross_validate(Lasso{}, single, target, options).errors - plain.errors).norm(),
            1e-3 * plain.errors.norm());
}

TEST(CrossValidation, SparseXGivesTheErrorsOfDenseX) {
  const DataSet digits = load("digits");
  const Eigen::MatrixXd x = digits.x.topRows(200);
  const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = x.sparseView();
  const Eigen::VectorXd y = digits.y.head(200);
  const Eigen::VectorXi even = y.cast<int>().unaryExpr([](int digit) { return digit % 2; });
  CrossValidationOptions options{.n_folds = 3, .path = {.n_alphas = 5, .alpha_min_ratio = 0.01}};
  const auto expect_near = [](const CrossValidation& a, const CrossValidation& b) {
    EXPECT_LT((a.alphas - b.alphas).norm(), 1e-10 * a.alphas.norm());
    EXPECT_LT((a.errors - b.errors).norm(), 1e-6 * a.errors.norm());
  };
  expect_near(cross_validate(Ridge{}, x, y, options), cross_validate(Ridge{}, sparse, y, options));
  const Lasso lasso{.tol = 1e-13};
  expect_near(cross_validate(lasso, x, y, options), cross_validate(lasso, sparse, y, options));
  const LogisticRegression logistic{.tol = 1e-11};
  expect_near(cross_validate(logistic, x, even, options), cross_validate(logistic, sparse, even, options));
}

TEST(CrossValidation, BestAndOneStandardError) {
  CrossValidation found;
  found.mean.resize(5);
  found.standard_error.resize(5);
  found.mean << 9, 4.9, 4.4, 4.0, 4.0;
  found.standard_error << 1, 1, 1, 0.5, 2;
  EXPECT_EQ(found.best(), 3);                // of equals the strongest penalty
  EXPECT_EQ(found.one_standard_error(), 2);  // 4.4 <= 4.0 + 0.5 < 4.9
  found.standard_error(3) = 0;
  EXPECT_EQ(found.one_standard_error(), 3);
  found.mean << INFINITY, std::nan(""), 5, 3, 4;
  EXPECT_EQ(found.best(), 3);
  found.mean.setConstant(std::nan(""));
  EXPECT_LT(found.one_standard_error(), 5);
}

TEST(CrossValidatedFit, IsTheFitWithTheChosenPenalty) {
  const DataSet data = load("diabetes");
  for (const SelectionRule rule : {SelectionRule::best, SelectionRule::one_standard_error}) {
    const CrossValidationOptions options{.n_folds = 5, .seed = 1, .rule = rule};
    const auto selected = cross_validated_fit(Lasso{}, data.x, data.y, options);
    const CrossValidation& found = selected.validation;
    EXPECT_EQ(selected.chosen, rule == SelectionRule::best ? found.best() : found.one_standard_error());
    EXPECT_EQ(selected.fit.estimator.alpha, found.alphas(selected.chosen));
    const auto again = Lasso{.alpha = found.alphas(selected.chosen)}.fit(data.x, data.y);
    EXPECT_EQ(selected.fit.model.coefficients(), again.model.coefficients());
    EXPECT_LE(found.mean(selected.chosen), found.mean(found.best()) + found.standard_error(found.best()));
  }
}

TEST(CrossValidatedFit, ChoosesCOfAClassifierByStratifiedFolds) {
  const DataSet data = load("digits");
  const Eigen::Index n = 300;
  const Eigen::VectorXi labels = data.y.head(n).cast<int>();
  const Eigen::MatrixXd x = data.x.topRows(n);
  const auto selected =
      cross_validated_fit(LogisticRegression{}, x, labels, {.n_folds = 3, .path = {.n_alphas = 4}}, {.threads = 2});
  const Eigen::VectorXd& c = selected.validation.alphas;
  EXPECT_TRUE((c.tail(3).array() > c.head(3).array()).all());  // strongest penalty first
  EXPECT_EQ(selected.fit.estimator.C, c(selected.chosen));
  EXPECT_LT(selected.validation.mean(selected.chosen), 0.5 * std::log(10.0));
  EXPECT_GT(accuracy_score(labels, selected.fit.model.predict(x)), 0.95);
}

/// An estimator without `path`, which tells of its progress.
struct TellingRidge {
  double alpha = 1.0;

  [[nodiscard]] Fit<TellingRidge, LinearModel<double>> fit(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                                           const FitOptions& options) const {
    const bool stopped = options.progress && !options.progress({.iterations = 1});
    auto fit = Ridge{.alpha = alpha}.fit(x, y, {.sample_weight = options.sample_weight});
    fit.report.stopped = stopped;
    return {fit.model, fit.report, *this};
  }
  [[nodiscard]] Eigen::VectorXd penalty_grid(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                             const PathOptions& path, const FitOptions& options) const {
    return Ridge{}.penalty_grid(x, y, path, options);
  }
};

TEST(CrossValidation, TellsHowFarItIsAndStopsWhenAsked) {
  const DataSet data = load("diabetes");
  const CrossValidationOptions options{.n_folds = 3, .path = {.n_alphas = 2}};
  std::vector<std::int64_t> told;
  FitOptions fit;
  fit.progress = [&](const FitProgress& progress) {
    EXPECT_EQ(progress.n_fits, 6);
    told.push_back(progress.fit);
    return told.size() < 100;
  };
  const CrossValidation whole = cross_validate(TellingRidge{}, data.x, data.y, options, fit);
  EXPECT_EQ(told, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_FALSE(whole.stopped);
  EXPECT_LT((whole.errors - cross_validate(Ridge{}, data.x, data.y, options).errors).norm(),
            1e-10 * whole.errors.norm());

  told.assign(95, 0);
  const CrossValidation part = cross_validate(TellingRidge{}, data.x, data.y, options, fit);
  EXPECT_EQ(told.size(), 100u);  // in the first fit of the third fold
  EXPECT_TRUE(part.stopped);
  EXPECT_EQ(part.errors, whole.errors.topRows(2));
}

// Of an answer that was not waited for nobody may believe that it is the chosen one.
TEST(CrossValidation, ThatIsStoppedEndsInAFitThatSaysSo) {
  const DataSet data = load("diabetes");
  const CrossValidationOptions options{.n_folds = 3, .path = {.n_alphas = 5}};
  for (const std::int64_t last : {0, 2, 4, 7, 14, 15}) {
    FitOptions fit;
    fit.progress = [&](const FitProgress& progress) {
      return progress.n_fits == 15 ? progress.fit < last : last == 15;
    };
    const auto lasso = cross_validated_fit(Lasso{}, data.x, data.y, options, fit);
    EXPECT_EQ(lasso.fit.report.stopped, last < 15) << last;
    EXPECT_EQ(lasso.validation.stopped, last < 15) << last;
    EXPECT_EQ(lasso.validation.errors.rows(), last / 5);
    if (last < 5) {  // no fold has an error yet: the strongest penalty
      EXPECT_EQ(lasso.chosen, 0);
    }
  }
}

TEST(CrossValidation, OptionsOutOfRangeAreRefused) {
  Random random(1);
  const Eigen::MatrixXd x = random.matrix(20, 3);
  const Eigen::VectorXd y = random.vector(20);
  const auto with = [&](const CrossValidationOptions& options, const FitOptions& fit = {}) {
    return refusal([&] { (void)cross_validate(Ridge{}, x, y, options, fit); });
  };
  EXPECT_EQ(with({.n_folds = 1}), "n_folds is 1, expected 2 to 20, the number of samples");
  EXPECT_EQ(with({.n_folds = 21}), "n_folds is 21, expected 2 to 20, the number of samples");
  EXPECT_EQ(with({.n_folds = -1}), "n_folds is -1, expected 2 to 20, the number of samples");
  EXPECT_EQ(with({.n_folds = 20}), "accepted");
  EXPECT_EQ(with({.folds = {{{0, 1}, {2}}}}), "number of folds is 1, expected at least 2");
  EXPECT_EQ(with({.folds = {{{0, 1}, {2}}, {{0, 20}, {1}}}}), "a row of fold 1 is 20, expected 0 to 19");
  EXPECT_EQ(with({.folds = {{{0, -1}, {2}}, {{0, 2}, {1}}}}), "a row of fold 0 is -1, expected 0 to 19");
  EXPECT_EQ(with({.folds = {{{0, 1}, {1}}, {{0, 2}, {1}}}}),
            "a row of fold 0 that is given twice is 1, expected each row once");
  EXPECT_EQ(with({.folds = {{{0, 1}, {}}, {{0, 2}, {1}}}}),
            "samples left out of fold 0 is 0, expected at least one of positive weight");
  EXPECT_EQ(with({.folds = {{{0, 1}, {3}}, {{}, {1}}}}),
            "samples to train on in fold 1 is 0, expected at least one of positive weight");
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(20);
  weight(3) = 0;
  EXPECT_EQ(with({.folds = {{{0, 1}, {3}}, {{0, 2}, {1}}}}, {.sample_weight = weight}),
            "samples left out of fold 0 is 0, expected at least one of positive weight");
  EXPECT_EQ(with({.n_folds = 20}, {.sample_weight = weight}), "n_folds is 20, expected 2 to 19, the number of samples");
  EXPECT_EQ(with({}, {.threads = 0}), "threads is 0, expected at least 1");
  weight(4) = -1;
  EXPECT_EQ(with({}, {.sample_weight = weight}), "sample_weight(4) is -1, expected a finite number >= 0");
}

TEST(CrossValidation, DataThatCannotBeUsedAreRefused) {
  Random random(2);
  Eigen::MatrixXd x = random.matrix(20, 3);
  Eigen::VectorXd y = random.vector(20);
  const Eigen::VectorXd short_y = y.head(19);
  EXPECT_EQ(refusal([&] { (void)cross_validate(Lasso{}, x, short_y); }), "rows of y is 19, expected 20 (rows of X)");
  y(7) = std::nan("");
  EXPECT_EQ(refusal([&] { (void)cross_validate(Lasso{}, x, y); }), "y(7) is nan, expected a finite number");
  y(7) = 0;
  x(11, 2) = INFINITY;
  EXPECT_EQ(refusal([&] { (void)cross_validate(Lasso{}, x, y); }), "X(11, 2) is inf, expected a finite number");
}

TEST(CrossValidation, EveryClassMustBeInEveryTrainingSet) {
  Random random(3);
  const Eigen::MatrixXd x = random.matrix(12, 2);
  Eigen::VectorXi labels = Eigen::VectorXi::Zero(12);
  labels.tail(5).setOnes();
  labels(2) = -4;
  const std::string said = refusal([&] { (void)cross_validate(LogisticRegression{}, x, labels, {.n_folds = 3}); });
  EXPECT_TRUE(said.starts_with("samples of class -4 to train on in fold ")) << said;
  std::vector<std::string> texts(12, "common");
  std::fill(texts.begin() + 7, texts.end(), "other");
  texts[2] = "rare";
  const std::string named = refusal([&] { (void)cross_validate(LogisticRegression{}, x, texts, {.n_folds = 3}); });
  EXPECT_TRUE(named.starts_with("samples of class rare to train on in fold ")) << named;
  labels(2) = 0;
  EXPECT_EQ(refusal([&] { (void)cross_validate(LogisticRegression{}, x, labels, {.n_folds = 3}); }), "accepted");
}

}  // namespace
}  // namespace aprender::test
