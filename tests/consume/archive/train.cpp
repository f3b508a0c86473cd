// One of two translation units that see every header: trains, saves, and asks the other one to predict.
#include <cmath>
#include <cstdio>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "aprender/ulp.hpp"

double serve(const std::filesystem::path& file, double x);

int main() {
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(20, 0.0, 1.0);
  const Eigen::VectorXd y = (2.0 * x).array() + 1.0;
  const auto fit = aprender::Ridge{.alpha = 1e-9}.fit(x, y);

  const aprender::ModelArchive archive(fit, {.name = "line", .features = std::vector<std::string>{"x"}});
  const auto id = archive.save("line.aprender");
  if (!id) {
    std::fprintf(stderr, "%s\n", aprender::to_string(id.error()).c_str());
    return 1;
  }
  const double here = fit.model.predict(Eigen::MatrixXd::Constant(1, 1, 3.0))(0);
  const double there = serve("line.aprender", 3.0);
  std::printf("%s: f(3) = %.12g\n", id->c_str(), there);
  return aprender::ulp_distance(here, there) == 0 && std::abs(there - 7.0) < 1e-6 ? 0 : 1;
}
