// The lasso on the diabetes study: which measurements matter, and in which order they come in.
//
// Shows: a sparse model, and the duality gap, a proof that the solution is optimal to the tolerance asked for.
// Checks: every gap; no coefficient at all from the penalty on that is known to remove them, and the first two to
// enter below it are body mass index and s5, as in Efron, Hastie, Johnstone and Tibshirani (2004), figure 1.

#include <cstdio>
#include <cstdlib>

#include <aprender/models.hpp>

#include "read_csv.hpp"
#include "standardize.hpp"

int main() {
  const Table diabetes = read_csv(data_folder / "diabetes.csv");
  const Eigen::VectorXd y = diabetes.y();
  const Eigen::MatrixXd X = Standardization(diabetes.X)(diabetes.X);

  // The smallest penalty with w = 0: max_j |x_j'(y - mean y)| / n.
  const double alpha_max =
      (X.transpose() * (y.array() - y.mean()).matrix()).cwiseAbs().maxCoeff() / static_cast<double>(y.size());

  bool fine = true;
  std::string first;
  std::printf("%8s %12s %8s  %s\n", "alpha", "duality gap", "R2", "measurements in use");
  for (const double share : {1.01, 0.7, 0.5, 0.2, 0.05, 0.01}) {
    const auto [model, report, lasso] = aprender::Lasso{.alpha = share * alpha_max}.fit(X, y);

    std::string in_use;
    for (Eigen::Index j = 0; j < model.n_features(); ++j) {
      if (model.coefficients()(j) != 0.0) in_use += " " + diabetes.features[static_cast<std::size_t>(j)];
    }
    if (share == 0.7) first = in_use;
    if (share > 1.0) fine = fine && in_use.empty();
    fine = fine && report.converged && report.duality_gap.value() <= lasso.tol;
    std::printf("%8.3f %12.1e %8.3f %s\n", lasso.alpha, *report.duality_gap, aprender::r2_score(y, model.predict(X)),
                in_use.empty() ? " none" : in_use.c_str());
  }

  fine = fine && first == " bmi s5";
  std::printf("first to enter:%s, %s\n", first.c_str(), fine ? "as published" : "WRONG");
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
