// Choosing the lasso's penalty on the diabetes study: a path, cross-validation that can be stopped, a warm start, and
// standard errors.
//
// Shows: Lasso::path, cross_validated_fit with the one-standard-error rule, FitOptions::progress and
// initial_coefficients, a sparse X, and the summary of a least squares fit.
// Checks: that the model chosen by one standard error is no larger than that of least error; that a stopped fit says
// so; that a fit that starts at its solution has nothing to do; and that the four measurements whose t statistic
// exceeds 2 are those of R's lm on the same data: sex, bmi, bp and s5.

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <Eigen/SparseCore>
#include <aprender/models.hpp>

#include "read_csv.hpp"
#include "standardize.hpp"

namespace {

Eigen::Index count_nonzero(const auto& model) { return (model.coefficients().array() != 0.0).count(); }

}  // namespace

int main() {
  const Table diabetes = read_csv(data_folder / "diabetes.csv");
  const Eigen::VectorXd y = diabetes.y();
  const Eigen::MatrixXd X = Standardization(diabetes.X)(diabetes.X);

  // One fit an alpha, each started at the one before; the grid begins where the first coefficient appears.
  const auto path = aprender::Lasso{}.path(X, y, {.n_alphas = 20});
  std::printf("path: alpha %.2f to %.3f, %td to %td measurements\n", path.front().estimator.alpha,
              path.back().estimator.alpha, count_nonzero(path.front().model), count_nonzero(path.back().model));

  // The same grid on ten folds, seen from outside: the library prints nothing and asks whether to go on.
  aprender::FitOptions options;
  long fits = 0;
  options.progress = [&](const aprender::FitProgress& progress) {
    if (progress.n_fits > 1) fits = static_cast<long>(progress.fit) + 1;
    return true;  // false ends it
  };
  const auto chosen = aprender::cross_validated_fit(
      aprender::Lasso{}, X, y,
      {.n_folds = 10, .path = {.n_alphas = 20}, .rule = aprender::SelectionRule::one_standard_error}, options);
  const Eigen::Index best = chosen.validation.best();
  std::printf("cross-validation: %ld fits, least error %.0f at alpha %.2f, within one standard error up to %.2f\n",
              fits, chosen.validation.mean(best), chosen.validation.alphas(best), chosen.fit.estimator.alpha);
  const auto of_least_error = aprender::Lasso{.alpha = chosen.validation.alphas(best)}.fit(X, y);
  bool fine = fits == 200 && chosen.fit.report.converged &&
              count_nonzero(chosen.fit.model) <= count_nonzero(of_least_error.model);

  // Stopped after the first iteration: a report that says so. Started at the solution: nothing to do. Sparse: the same.
  options.progress = [](const aprender::FitProgress& progress) { return progress.iterations == 0; };
  const aprender::Lasso lasso{.alpha = 0.1, .tol = 1e-12};
  const auto stopped = lasso.fit(X, y, options);
  const auto cold = lasso.fit(X, y);
  const auto warm = lasso.fit(X, y, {.initial_coefficients = cold.model.coefficients()});
  const auto sparse = lasso.fit(Eigen::SparseMatrix<double>(X.sparseView()), y);
  std::printf("iterations: %ld, stopped early %ld, from the solution %ld\n", static_cast<long>(cold.report.iterations),
              static_cast<long>(stopped.report.iterations), static_cast<long>(warm.report.iterations));
  fine = fine && stopped.report.stopped && !stopped.report.converged && warm.report.iterations == 0 &&
         (sparse.model.coefficients() - cold.model.coefficients()).norm() <= 1e-6 * cold.model.coefficients().norm();

  // What can be said of the population: least squares, as a penalised fit has no textbook standard errors.
  const aprender::LinearSummary summary = aprender::summary(aprender::LinearRegression{}.fit(X, y), X, y);
  std::string significant;
  for (std::size_t j = 0; j < summary.coefficients.size(); ++j) {
    const auto& estimate = summary.coefficients[j];
    std::printf("%-4s %8.2f +- %5.2f  t %6.2f  p %.1e\n", diabetes.features[j].c_str(), estimate.value,
                estimate.standard_error, estimate.statistic, estimate.p_value);
    if (std::abs(estimate.statistic) > 2) significant += " " + diabetes.features[j];
  }
  fine = fine && significant == " sex bmi bp s5";
  std::printf("significant:%s, %s\n", significant.c_str(), fine ? "as it should be" : "WRONG");
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
