// One fit for bench/compare: reads X and y, fits once unmeasured and then several times, writes the coefficients and
// prints the times as JSON.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "aprender/models.hpp"
#include "aprender/simd/kernels.hpp"
#include "aprender/version.hpp"

namespace aprender::bench {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// An array of doubles as numpy stores it.
struct Array {
  std::vector<double> values;
  Eigen::Index rows = 0, cols = 1;
  bool row_major = true;
};

Array read_npy(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string magic(10, '\0');
  file.read(magic.data(), 10);
  std::string header(static_cast<std::size_t>(static_cast<unsigned char>(magic[8])) +
                         256 * static_cast<std::size_t>(static_cast<unsigned char>(magic[9])),
                     '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  std::smatch shape;
  if (!file || !std::regex_search(header, shape, std::regex(R"(\((\d+), ?(\d*)\))")) ||
      header.find("'<f8'") == std::string::npos) {
    throw std::runtime_error(name + " is no array of doubles");
  }
  Array array;
  array.rows = std::stol(shape[1]);
  array.cols = shape[2].length() > 0 ? std::stol(shape[2]) : 1;
  array.row_major = header.find("'fortran_order': False") != std::string::npos;
  array.values.resize(static_cast<std::size_t>(array.rows * array.cols));
  file.read(reinterpret_cast<char*>(array.values.data()),
            static_cast<std::streamsize>(array.values.size() * sizeof(double)));
  if (!file) throw std::runtime_error(name + " ends early");
  return array;
}

/// fit: () -> Fit.
template <class Fit>
void measure(const Fit& fit, const std::string& out) {
  using Clock = std::chrono::steady_clock;
  const auto time = [&] {
    const auto start = Clock::now();
    const auto result = fit();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::pair(result, seconds);
  };
  const auto timed = time();
  const auto& result = timed.first;
  const double first = timed.second;
  std::vector<double> seconds;
  double total = 0;
  if (first > 6) seconds.push_back(first);
  while (first <= 6 && seconds.size() < 9 && (seconds.size() < 3 || total < 6)) {
    seconds.push_back(time().second);
    total += seconds.back();
  }

  Eigen::VectorXd intercept;
  RowMajor coefficients;
  using Model = std::remove_cvref_t<decltype(result.model)>;
  if constexpr (requires(const Model& model) { model.classes(); }) {
    coefficients = result.model.coefficients();
    intercept = result.model.intercept();
  } else {
    coefficients = result.model.coefficients().transpose();
    intercept.setConstant(1, result.model.intercept());
  }
  std::ofstream file(out, std::ios::binary);
  file.write(reinterpret_cast<const char*>(intercept.data()),
             intercept.size() * static_cast<std::streamsize>(sizeof(double)));
  file.write(reinterpret_cast<const char*>(coefficients.data()),
             coefficients.size() * static_cast<std::streamsize>(sizeof(double)));
  std::cout << R"({"outputs": )" << intercept.size() << R"(, "version": "aprender )" << APRENDER_VERSION << ", "
            << to_string(simd::kernels().target) << R"(", "converged": )"
            << (result.report.converged ? "true" : "false") << R"(, "iterations": )" << result.report.iterations
            << R"(, "seconds": [)";
  for (std::size_t i = 0; i < seconds.size(); ++i) std::cout << (i > 0 ? ", " : "") << seconds[i];
  std::cout << "]}\n";
}

template <class X>
void run(const std::string& estimator, const X& x, const Eigen::VectorXd& y, const std::string& out, double alpha,
         double l1_ratio, double tol, int threads) {
  const FitOptions options{.threads = threads};
  if (estimator == "linear") return measure([&] { return LinearRegression{}.fit(x, y, options); }, out);
  if (estimator == "ridge") return measure([&] { return Ridge{.alpha = alpha}.fit(x, y, options); }, out);
  if (estimator == "logistic") {
    const Eigen::VectorXi labels = y.cast<int>();
    return measure([&] { return LogisticRegression{.tol = tol}.fit(x, labels, options); }, out);
  }
  measure([&] { return ElasticNet{.alpha = alpha, .l1_ratio = l1_ratio, .tol = tol}.fit(x, y, options); }, out);
}

}  // namespace
}  // namespace aprender::bench

int main(int argc, char** argv) {
  using namespace aprender::bench;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 7) {
    std::cerr << "usage: bench_solve ESTIMATOR DATA OUT ALPHA L1_RATIO TOL THREADS\n";
    return 2;
  }
  try {
    const Array x = read_npy(words[1] + "-X.npy");
    const Array y = read_npy(words[1] + "-y.npy");
    const auto go = [&](const auto& matrix) {
      run(words[0], matrix, Eigen::Map<const Eigen::VectorXd>(y.values.data(), y.rows), words[2], std::stod(words[3]),
          std::stod(words[4]), std::stod(words[5]), std::stoi(words[6]));
    };
    if (x.row_major) {
      go(Eigen::Map<const RowMajor>(x.values.data(), x.rows, x.cols));
    } else {
      go(Eigen::Map<const Eigen::MatrixXd>(x.values.data(), x.rows, x.cols));
    }
  } catch (const std::exception& error) {
    std::cerr << "bench_solve: " << error.what() << "\n";
    return 1;
  }
}
