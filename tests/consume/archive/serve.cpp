// The other translation unit: loads and predicts.
#include <cmath>
#include <cstdio>

#include "aprender/archive.hpp"
#include "aprender/models.hpp"
#include "aprender/ulp.hpp"

double serve(const std::filesystem::path& file, double x) {
  const auto archive = aprender::ModelArchive::load(file);
  if (!archive) {
    std::fprintf(stderr, "%s\n", aprender::to_string(archive.error()).c_str());
    return std::nan("");
  }
  return archive->model<aprender::LinearModel<double>>().value().predict(Eigen::MatrixXd::Constant(1, 1, x))(0);
}
