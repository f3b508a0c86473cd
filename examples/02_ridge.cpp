// Ridge regression on the diabetes study: how the penalty shrinks the coefficients, and what that does to new patients.
//
// Shows: a hyperparameter, rows held out of training, a score.
// Checks: a larger penalty gives smaller coefficients and a worse fit to the training rows, as it must; the best model
// explains at least a third of the variance in patients it has never seen.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <aprender/models.hpp>

#include "read_csv.hpp"
#include "standardize.hpp"

int main() {
  const Table diabetes = read_csv(data_folder / "diabetes.csv");
  const Eigen::VectorXd y = diabetes.y();

  const auto [train, test] = aprender::train_test_split(y.size(), 0.25, /*seed=*/1);
  const Standardization standardize(diabetes.X(train, Eigen::all));
  const Eigen::MatrixXd X_train = standardize(diabetes.X(train, Eigen::all));
  const Eigen::MatrixXd X_test = standardize(diabetes.X(test, Eigen::all));

  std::printf("%8s %12s %12s %12s\n", "alpha", "|w|", "R2 training", "R2 held out");
  bool monotone = true;
  double norm = std::numeric_limits<double>::infinity();
  double r2_train = 1.0;
  double best = -1.0;
  for (const double alpha : {0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0}) {
    const auto fit = aprender::Ridge{.alpha = alpha}.fit(X_train, y(train));
    const double r2_test = aprender::r2_score(y(test), fit.model.predict(X_test));

    const double previous_norm = std::exchange(norm, fit.model.coefficients().norm());
    const double previous_r2 = std::exchange(r2_train, aprender::r2_score(y(train), fit.model.predict(X_train)));
    monotone = monotone && fit.report.converged && norm < previous_norm && r2_train < previous_r2;
    best = std::max(best, r2_test);
    std::printf("%8g %12.2f %12.3f %12.3f\n", alpha, norm, r2_train, r2_test);
  }

  const bool fine = monotone && best > 1.0 / 3.0;
  std::printf("best R2 on %td held-out patients: %.3f, %s\n", std::ssize(test), best,
              fine ? "as it should be" : "WRONG");
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
