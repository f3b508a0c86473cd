// Logistic regression with two classes, malignant and benign tumours, and with ten, handwritten digits.
//
// Shows: labels are integers; probabilities, labels and scores; the same estimator for two classes and for many.
// Checks: at least 95 % of the held-out tumours and 93 % of the held-out digits are recognised; probabilities sum to 1.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <aprender/models.hpp>

#include "read_csv.hpp"
#include "standardize.hpp"

namespace {

bool tumours() {
  const Table table = read_csv(data_folder / "breast_cancer.csv");
  Eigen::VectorXi malignant(table.X.rows());
  std::ranges::transform(table.labels, malignant.begin(), [](const auto& label) { return label == "malignant"; });

  const auto [train, test] = aprender::train_test_split(malignant, 0.25, /*seed=*/1);
  const Standardization standardize(table.X(train, Eigen::all));
  const Eigen::MatrixXd X_test = standardize(table.X(test, Eigen::all));
  const auto [model, report, estimator] =
      aprender::LogisticRegression{.C = 1.0}.fit(standardize(table.X(train, Eigen::all)), malignant(train));

  const Eigen::MatrixXd proba = model.predict_proba(X_test);
  const double accuracy = aprender::accuracy_score(malignant(test), model.predict(X_test));
  std::printf("tumours: %td held out, accuracy %.3f, log loss %.3f, gradient %.0e\n", X_test.rows(), accuracy,
              aprender::log_loss(malignant(test), proba, model.classes()), report.gradient_norm.value());
  std::printf("the first of them is malignant with probability %.4f, and it is %s\n\n", proba(0, 1),
              table.labels[static_cast<std::size_t>(test.front())].c_str());
  return report.converged && accuracy >= 0.95;
}

bool digits() {
  const Table table = read_csv(data_folder / "digits.csv");
  const Eigen::VectorXi digit = table.y().cast<int>();
  const Eigen::MatrixXd X = table.X / 16.0;  // share of black pixels

  const auto [train, test] = aprender::train_test_split(digit, 0.25, /*seed=*/1);
  const auto [model, report, estimator] = aprender::LogisticRegression{}.fit(X(train, Eigen::all), digit(train));

  const Eigen::MatrixXd X_test = X(test, Eigen::all);
  const Eigen::MatrixXd proba = model.predict_proba(X_test);
  const Eigen::VectorXi predicted = model.predict(X_test).cast<int>();
  const double accuracy = aprender::accuracy_score(digit(test), predicted);
  std::printf("digits: %td held out, accuracy %.3f, log loss %.3f, gradient %.0e\n", X_test.rows(), accuracy,
              aprender::log_loss(digit(test), proba, model.classes()), report.gradient_norm.value());

  // The digit that the model is least sure of.
  Eigen::Index hardest = 0;
  proba.rowwise().maxCoeff().minCoeff(&hardest);
  for (Eigen::Index pixel = 0; pixel < 64; ++pixel) {
    const char ink = " .:-=+*#%@"[std::lround(9.0 * X_test(hardest, pixel))];
    std::printf("%c%c%s", ink, ink, pixel % 8 == 7 ? "\n" : "");
  }
  std::printf("a %d, taken for a %d with probability %.2f\n", digit(test[static_cast<std::size_t>(hardest)]),
              predicted(hardest), proba.row(hardest).maxCoeff());

  const double largest_excess = (proba.rowwise().sum().array() - 1.0).abs().maxCoeff();
  return report.converged && accuracy >= 0.93 && largest_excess < 1e-12;
}

}  // namespace

int main() {
  const bool tumours_fine = tumours();
  const bool fine = digits() && tumours_fine;
  std::printf("%s\n", fine ? "as it should be" : "WRONG");
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
