// Ordinary least squares on Longley's data, so nearly collinear that they have tried least-squares programs since 1967.
//
// Shows: an estimator, its fit, the model, the report that says how good the solution is, and a prediction.
// Checks: coefficients and R2 against the values certified by NIST (Statistical Reference Datasets, "Longley").

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <aprender/models.hpp>

#include "read_csv.hpp"

int main() {
  const Table longley = read_csv(data_folder / "longley.csv");
  const Eigen::VectorXd y = longley.y();

  const auto [model, report, estimator] = aprender::LinearRegression{}.fit(longley.X, y);

  const Eigen::VectorXd certified{{15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
                                   -0.0511041056535807, 1829.15146461355}};
  const double certified_intercept = -3482258.63459582;
  const double certified_r2 = 0.995479004577296;

  std::printf("%-14s %22s %22s\n", "", "aprender", "certified by NIST");
  for (Eigen::Index j = 0; j < model.n_features(); ++j) {
    std::printf("%-14s %22.12f %22.12f\n", longley.features[static_cast<std::size_t>(j)].c_str(),
                model.coefficients()(j), certified(j));
  }
  std::printf("%-14s %22.8f %22.8f\n", "intercept", model.intercept(), certified_intercept);

  const double r2 = aprender::r2_score(y, model.predict(longley.X));
  std::printf("%-14s %22.15f %22.15f\n\n", "R2", r2, certified_r2);
  std::printf("solver %s, backward error %.1e, condition of the scaled columns %.0f\n", report.solver.c_str(),
              report.backward_error.value(), report.condition_estimate.value());

  // 1962 without unemployment, a single row: no matrix, no allocation.
  const std::array row{116.9, 554894.0, 0.0, 2827.0, 130081.0, 1962.0};
  std::printf("employed in 1962: %.0f thousand; without unemployment, says the model: %.0f thousand\n", y(y.size() - 1),
              model.predict_one(row));

  const double error = ((model.coefficients() - certified).array() / certified.array()).abs().maxCoeff();
  const bool agrees = report.converged && error < 1e-9 && std::abs(r2 - certified_r2) < 1e-12 &&
                      std::abs(model.intercept() / certified_intercept - 1.0) < 1e-9;
  std::printf("largest relative error of a coefficient: %.1e, %s\n", error, agrees ? "as certified" : "WRONG");
  return agrees ? EXIT_SUCCESS : EXIT_FAILURE;
}
