// The elastic net on 53,940 diamonds, whose weight, length, width and depth all say the same: size.
//
// Shows: the grouping effect (Zou and Hastie 2005). Under the lasso, one of several correlated columns does the work;
// a little of the ridge penalty shares it out, and a slip in that one column does less harm. The target is an Eigen
// expression: the logarithm of the price.
// Checks: the elastic net uses all four measures of size, the lasso does not; the elastic net explains nine tenths of
// held-out log-prices, and errs less about the stone whose width is most likely wrong.

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <aprender/models.hpp>

#include "read_csv.hpp"
#include "standardize.hpp"

int main() {
  const Table diamonds = read_csv(data_folder / "diamonds.csv");
  const Eigen::VectorXd log_price = diamonds.y().array().log();

  const auto [train, test] = aprender::train_test_split(log_price.size(), 0.25, /*seed=*/1);
  const Standardization standardize(diamonds.X(train, Eigen::all));
  const Eigen::MatrixXd X_train = standardize(diamonds.X(train, Eigen::all));
  const Eigen::MatrixXd X_test = standardize(diamonds.X(test, Eigen::all));

  const auto lasso = aprender::Lasso{.alpha = 0.1}.fit(X_train, log_price(train));
  const auto elastic_net = aprender::ElasticNet{.alpha = 0.1, .l1_ratio = 0.5}.fit(X_train, log_price(train));

  std::printf("%-12s %12s %12s\n", "", "lasso", "elastic net");
  for (Eigen::Index j = 0; j < X_train.cols(); ++j) {
    std::printf("%-12s %12.3f %12.3f\n", diamonds.features[static_cast<std::size_t>(j)].c_str(),
                lasso.model.coefficients()(j), elastic_net.model.coefficients()(j));
  }
  const double r2_lasso = aprender::r2_score(log_price(test), lasso.model.predict(X_test));
  const double r2_elastic_net = aprender::r2_score(log_price(test), elastic_net.model.predict(X_test));
  std::printf("%-12s %12.3f %12.3f\n", "R2 held out", r2_lasso, r2_elastic_net);
  std::printf("%-12s %12.1e %12.1e\n", "duality gap", *lasso.report.duality_gap, *elastic_net.report.duality_gap);

  // The widest of the held-out stones, in the data as somebody once mistyped it.
  Eigen::Index widest = 0;
  diamonds.X(test, 7).maxCoeff(&widest);
  const double price = diamonds.y()(test[static_cast<std::size_t>(widest)]);
  const double lasso_price = std::exp(lasso.model.predict(X_test)(widest));
  const double elastic_net_price = std::exp(elastic_net.model.predict(X_test)(widest));
  std::printf("sold at $%.0f, although %.1f mm wide: $%.1e by the lasso, $%.1e by the elastic net\n", price,
              diamonds.X(test, 7)(widest), lasso_price, elastic_net_price);

  const auto measures_of_size = [](const auto& model) {
    return (model.coefficients()({0, 6, 7, 8}).array() != 0.0).count();  // carat, x, y, z
  };
  const auto lasso_uses = measures_of_size(lasso.model);
  const auto elastic_net_uses = measures_of_size(elastic_net.model);
  const bool fine = lasso.report.converged && elastic_net.report.converged && lasso_uses < 4 && elastic_net_uses == 4 &&
                    r2_elastic_net > 0.9 && std::abs(elastic_net_price - price) < std::abs(lasso_price - price);
  std::printf("measures of size in use: lasso %td, elastic net %td, %s\n", lasso_uses, elastic_net_uses,
              fine ? "as it should be" : "WRONG");
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
