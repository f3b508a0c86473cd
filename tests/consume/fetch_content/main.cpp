// A user who fetches the sources, for a model that was fitted elsewhere; fits are the business of ../models.
#include <cstdio>

#include "aprender/linear_model.hpp"

int main() {
  const aprender::LinearModel<double> model(Eigen::VectorXd::Constant(1, 2.0), 1.0);
  const double prediction = model.predict(Eigen::MatrixXd::Constant(1, 1, 3.0))(0);
  std::printf("f(3) = %.12g\n", prediction);
  return prediction == 7.0 ? 0 : 1;
}
