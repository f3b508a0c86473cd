// A user of the models alone: y = 2 x + 1 is found again.
#include <cmath>
#include <cstdio>

#include "aprender/models.hpp"

int main() {
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(20, 0.0, 1.0);
  const Eigen::VectorXd y = (2.0 * x).array() + 1.0;
  const auto fit = aprender::LinearRegression{}.fit(x, y);
  const double prediction = fit.model.predict(Eigen::MatrixXd::Constant(1, 1, 3.0))(0);
  std::printf("f(3) = %.12g\n", prediction);
  return std::abs(prediction - 7.0) < 1e-10 ? 0 : 1;
}
