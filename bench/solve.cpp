// One fit for bench/compare: reads X and y, fits once unmeasured and then several times, writes the coefficients and
// prints the times as JSON.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aprender/models.hpp"
#include "aprender/simd/kernels.hpp"
#include "aprender/version.hpp"

namespace aprender::bench {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// An array as numpy stores it, of doubles or floats.
template <class Scalar>
struct Array {
  std::vector<Scalar> values;
  Eigen::Index rows = 0, cols = 1;
  bool row_major = true;
};

/// The header of a .npy file, version 1, and the stream behind it.
std::string read_header(std::ifstream& file) {
  std::string magic(10, '\0');
  file.read(magic.data(), 10);
  std::string header(static_cast<std::size_t>(static_cast<unsigned char>(magic[8])) +
                         256 * static_cast<std::size_t>(static_cast<unsigned char>(magic[9])),
                     '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  return header;
}

bool holds_floats(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return read_header(file).find("'<f4'") != std::string::npos;
}

template <class Scalar>
Array<Scalar> read_npy(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  const std::string header = read_header(file);
  std::smatch shape;
  const std::string type = sizeof(Scalar) == 8 ? "'<f8'" : "'<f4'";
  if (!file || !std::regex_search(header, shape, std::regex(R"(\((\d+), ?(\d*)\))")) ||
      header.find(type) == std::string::npos) {
    throw std::runtime_error(name + " is no array of " + type);
  }
  Array<Scalar> array;
  array.rows = std::stol(shape[1]);
  array.cols = shape[2].length() > 0 ? std::stol(shape[2]) : 1;
  array.row_major = header.find("'fortran_order': False") != std::string::npos;
  array.values.resize(static_cast<std::size_t>(array.rows * array.cols));
  file.read(reinterpret_cast<char*>(array.values.data()),
            static_cast<std::streamsize>(array.values.size() * sizeof(Scalar)));
  if (!file) throw std::runtime_error(name + " ends early");
  return array;
}

/// Rows of (row, column, value) as a matrix.
Eigen::SparseMatrix<double, Eigen::RowMajor> sparse(const Array<double>& entries, Eigen::Index rows) {
  const Eigen::Map<const RowMajor> table(entries.values.data(), entries.rows, entries.cols);
  std::vector<Eigen::Triplet<double>> triplets;
  for (const auto& entry : table.rowwise()) {
    triplets.emplace_back(static_cast<int>(entry(0)), static_cast<int>(entry(1)), entry(2));
  }
  Eigen::SparseMatrix<double, Eigen::RowMajor> x(rows, static_cast<Eigen::Index>(table.col(1).maxCoeff()) + 1);
  x.setFromTriplets(triplets.begin(), triplets.end());
  return x;
}

/// Intercepts and coefficients, one row an output.
struct Answer {
  Eigen::VectorXd intercept;
  RowMajor coefficients;
};

template <class Estimator, class Scalar>
Answer answer(const Fit<Estimator, LinearModel<Scalar>>& fit) {
  return {Eigen::VectorXd::Constant(1, static_cast<double>(fit.model.intercept())),
          fit.model.coefficients().transpose().template cast<double>()};
}
Answer answer(const Fit<LogisticRegression, LogisticModel<double>>& fit) {
  return {fit.model.intercept(), fit.model.coefficients()};
}
template <class Scalar>
Answer answer(const std::vector<Fit<Lasso, LinearModel<Scalar>>>& path) {
  const auto count = static_cast<Eigen::Index>(path.size());
  Answer all{Eigen::VectorXd(count), RowMajor(count, path.front().model.n_features())};
  for (Eigen::Index k = 0; k < count; ++k) {
    const Answer one = answer(path[static_cast<std::size_t>(k)]);
    all.intercept(k) = one.intercept(0);
    all.coefficients.row(k) = one.coefficients;
  }
  return all;
}
Answer answer(const Eigen::VectorXd& predictions) { return {Eigen::VectorXd::Zero(1), predictions.transpose()}; }

/// A line of /proc/self/status in MB: VmRSS is what the process holds, VmHWM the most it held.
double megabytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  return 0;
}

/// work: () -> something that has an answer.
template <class Work>
void measure(const Work& work, const std::string& out) {
  using Clock = std::chrono::steady_clock;
  const auto time = [&] {
    const auto start = Clock::now();
    auto result = work();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::pair(std::move(result), seconds);
  };
  const double before = megabytes("VmRSS");
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins here
  const auto timed = time();
  const double memory = megabytes("VmHWM") - before;
  const double first = timed.second;
  std::vector<double> seconds;
  double total = 0;
  if (first > 6) seconds.push_back(first);
  while (first <= 6 && seconds.size() < 9 && (seconds.size() < 3 || total < 6)) {
    seconds.push_back(time().second);
    total += seconds.back();
  }

  const Answer result = answer(timed.first);
  std::ofstream file(out, std::ios::binary);
  file.write(reinterpret_cast<const char*>(result.intercept.data()),
             result.intercept.size() * static_cast<std::streamsize>(sizeof(double)));
  file.write(reinterpret_cast<const char*>(result.coefficients.data()),
             result.coefficients.size() * static_cast<std::streamsize>(sizeof(double)));
  std::cout << R"({"outputs": )" << result.intercept.size() << R"(, "version": "aprender )" << APRENDER_VERSION << ", "
            << to_string(simd::kernels().target) << R"(", "megabytes": )" << memory << R"(, "seconds": [)";
  for (std::size_t i = 0; i < seconds.size(); ++i) std::cout << (i > 0 ? ", " : "") << seconds[i];
  std::cout << "]}\n";
}

/// The predictions of every row by itself; the first entries of y are the model.
template <class X>
Eigen::VectorXd one_by_one(const X& x, const Eigen::VectorXd& y) {
  const LinearModel<double> model(y.head(x.cols()), y(0));
  Eigen::VectorXd predictions(x.rows());
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    predictions(i) = model.predict_one({x.data() + i * x.outerStride(), static_cast<std::size_t>(x.cols())});
  }
  return predictions;
}

struct Arguments {
  std::string estimator, data, out;
  double alpha = 0, l1_ratio = 0, tol = 0;
  int threads = 1;
};

template <class X>
void run(const Arguments& given, const X& x, const Eigen::VectorXd& y) {
  const FitOptions options{.threads = given.threads};
  const std::string& estimator = given.estimator;
  if constexpr (SparseMatrix<X>) {
    const Eigen::VectorXi labels = y.cast<int>();
    const LogisticRegression logistic{.fit_intercept = false, .tol = given.tol};
    return measure([&] { return logistic.fit(x, labels, options); }, given.out);
  } else if constexpr (std::same_as<typename X::Scalar, double>) {
    if (estimator == "linear") return measure([&] { return LinearRegression{}.fit(x, y, options); }, given.out);
    if (estimator == "ridge") return measure([&] { return Ridge{.alpha = given.alpha}.fit(x, y, options); }, given.out);
    if (estimator == "logistic") {
      const Eigen::VectorXi labels = y.cast<int>();
      return measure([&] { return LogisticRegression{.tol = given.tol}.fit(x, labels, options); }, given.out);
    }
    if (estimator == "lasso-path") {  // alpha is the first, l1_ratio the share of the last
      PathOptions path;
      path.alphas = Eigen::VectorXd::NullaryExpr(
          100, [&](Eigen::Index k) { return given.alpha * std::pow(given.l1_ratio, static_cast<double>(k) / 99.0); });
      return measure([&] { return Lasso{.tol = given.tol}.path(x, y, path, options); }, given.out);
    }
    if (estimator == "predict") {
      const LinearModel<double> model(y.head(x.cols()), y(0));
      return measure([&] { return Eigen::VectorXd(model.predict(x, given.threads)); }, given.out);
    }
    if constexpr (X::IsRowMajor) {
      if (estimator == "predict-one") return measure([&] { return one_by_one(x, y); }, given.out);
    }
  }
  const ElasticNet net{.alpha = given.alpha, .l1_ratio = given.l1_ratio, .tol = given.tol};
  measure([&] { return net.fit(x, y, options); }, given.out);
}

template <class Scalar>
void run_dense(const Arguments& given, const Eigen::VectorXd& y) {
  const Array<Scalar> x = read_npy<Scalar>(given.data + "-X.npy");
  if (x.row_major) {
    using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    run(given, Eigen::Map<const Rows>(x.values.data(), x.rows, x.cols), y);
  } else {
    run(given, Eigen::Map<const Eigen::MatrixX<Scalar>>(x.values.data(), x.rows, x.cols), y);
  }
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
    const Arguments given{
        words[0],           words[1], words[2], std::stod(words[3]), std::stod(words[4]), std::stod(words[5]),
        std::stoi(words[6])};
    const Array<double> targets = read_npy<double>(given.data + "-y.npy");
    const Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(targets.values.data(), targets.rows);
    if (given.estimator == "sparse-logistic") {
      run(given, sparse(read_npy<double>(given.data + "-X.npy"), y.size()), y);
    } else if (holds_floats(given.data + "-X.npy")) {
      run_dense<float>(given, y);
    } else {
      run_dense<double>(given, y);
    }
  } catch (const std::exception& error) {
    std::cerr << "bench_solve: " << error.what() << "\n";
    return 1;
  }
}
