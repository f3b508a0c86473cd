// What share of the processor's limits the solvers reach: of the peak of fused multiply-adds in double precision, and
// of the bandwidth of memory, both measured here by loops that do nothing else. For 1 thread and for 2.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "aprender/models.hpp"

namespace {

using aprender::FitOptions;
using aprender::simd::Target;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median of nine, after one that does not count.
double median_of(const std::function<void()>& work) {
  work();
  std::vector<double> seconds(9);
  for (double& each : seconds) each = seconds_of(work);
  std::sort(seconds.begin(), seconds.end());
  return seconds[4];
}

/// Runs work(member) on so many threads.
void on_threads(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> others;
  for (int member = 1; member < threads; ++member) others.emplace_back(work, member);
  work(0);
  for (std::thread& other : others) other.join();
}

constexpr long rounds = 5'000'000;

// `rounds` times 24 independent multiply-adds of a vector of so many doubles.
#define MULTIPLY_ADDS(name, lanes)                                                               \
  double name(double factor, double term) {                                                      \
    using V = double __attribute__((vector_size(8 * (lanes))));                                  \
    V sum[24];                                                                                   \
    for (int i = 0; i < 24; ++i) sum[i] = V{} + term * i;                                        \
    for (long k = 0; k < rounds; ++k) {                                                          \
      _Pragma("GCC unroll 24") for (int i = 0; i < 24; ++i) { sum[i] = sum[i] * factor + term; } \
    }                                                                                            \
    double total = 0;                                                                            \
    for (int i = 0; i < 24; ++i) total += sum[i][0];                                             \
    return total;                                                                                \
  }

MULTIPLY_ADDS(baseline_peak, 2)
#if APRENDER_SIMD_X86
__attribute__((target("avx2,fma"))) MULTIPLY_ADDS(avx2_peak, 4) __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
MULTIPLY_ADDS(avx512_peak, 8)
#endif

    /// GFLOP/s of all threads together.
    double peak(int threads) {
  const Target target = aprender::simd::kernels().target;
  double (*loop)(double, double) = baseline_peak;
  int lanes = 2;
#if APRENDER_SIMD_X86
  if (target == Target::avx2) loop = avx2_peak, lanes = 4;
  if (target == Target::avx512) loop = avx512_peak, lanes = 8;
#endif
  std::vector<double> results(static_cast<std::size_t>(threads));
  const double seconds = median_of([&] {
    on_threads(threads, [&](int member) { results[static_cast<std::size_t>(member)] = loop(0.999999, 1e-9 * member); });
  });
  return threads * 2.0 * 24 * lanes * static_cast<double>(rounds) / seconds / 1e9;
}

/// GB/s of all threads together, each reading four streams.
double bandwidth(int threads, const Eigen::VectorXd& memory) {
  const Eigen::Index quarter = memory.size() / threads / 4;
  std::vector<double> results(static_cast<std::size_t>(threads));
  const double seconds = median_of([&] {
    on_threads(threads, [&](int member) {
      const auto stream = [&](Eigen::Index k) { return memory.segment((4 * member + k) * quarter, quarter); };
      results[static_cast<std::size_t>(member)] = (stream(0) + stream(1) + stream(2) + stream(3)).sum();
    });
  });
  return static_cast<double>(4 * threads * quarter) * 8 / seconds / 1e9;
}

void row(const std::string& name, int threads, double seconds, double flops, double bytes, double peak, double speed) {
  std::printf("%-46s %2d %10.2f", name.c_str(), threads, seconds * 1e3);
  if (flops > 0) std::printf(" %9.1f %5.0f %%", flops / seconds / 1e9, 100 * flops / seconds / 1e9 / peak);
  if (flops == 0) std::printf(" %9s %7s", "", "");
  std::printf(" %9.1f %5.0f %%\n", bytes / seconds / 1e9, 100 * bytes / seconds / 1e9 / speed);
  std::fflush(stdout);
}

}  // namespace

int main() {
  const Eigen::VectorXd memory = Eigen::VectorXd::Ones(50'000'000);
  std::printf("instruction set: %s\n\n", to_string(aprender::simd::kernels().target));
  std::printf("%-46s %2s %10s %9s %7s %9s %7s\n", "", "", "ms", "GFLOP/s", "of peak", "GB/s", "of peak");
  for (const int threads : {1, 2}) {
    const double flop_limit = peak(threads), byte_limit = bandwidth(threads, memory);
    std::printf("%-46s %2d %10s %9.1f %7s %9.1f\n", "the processor", threads, "", flop_limit, "", byte_limit);
    const FitOptions options{.threads = threads};
    for (const auto& [n, p] : {std::pair(200'000, 100), std::pair(20'000, 1'000)}) {
      const RowMajor x = RowMajor::Random(n, p);
      const Eigen::VectorXd y = x.rowwise().sum() + Eigen::VectorXd::Random(n);
      const Eigen::VectorXi labels = (y.array() > 0).cast<int>();
      const double entries = static_cast<double>(n) * p;
      const std::string size = std::to_string(n / 1000) + "k x " + std::to_string(p);
      const double linear = median_of([&] { static_cast<void>(aprender::LinearRegression{}.fit(x, y, options)); });
      row("LinearRegression " + size + ", Gram, two passes", threads, linear, entries * p, 2 * 8 * entries, flop_limit,
          byte_limit);
      if (p > 100) continue;
      aprender::FitReport report;
      const double logistic =
          median_of([&] { report = aprender::LogisticRegression{}.fit(x, labels, options).report; });
      const auto steps = static_cast<double>(report.iterations);
      row("LogisticRegression " + size + ", " + std::to_string(report.iterations) + " steps", threads, logistic, 0,
          (steps + 3) * 8 * entries, flop_limit, byte_limit);  // ranges, start and certificate besides
    }
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(10'000, 1'000);
    const Eigen::VectorXd y = x.leftCols(50).rowwise().sum() + Eigen::VectorXd::Random(x.rows());
    const double alpha = 0.5 * aprender::Lasso{}.penalty_grid(x, y, {.n_alphas = 2})(0);
    const double lasso = median_of([&] { static_cast<void>(aprender::Lasso{.alpha = alpha}.fit(x, y, options)); });
    row("Lasso 10k x 1000, alpha_max / 2, two passes", threads, lasso, 0, 2 * 8.0 * static_cast<double>(x.size()),
        flop_limit, byte_limit);
    if (threads > 1) continue;
    const RowMajor rows = RowMajor::Random(1'000'000, 100);
    const auto model = aprender::Ridge{}.fit(rows.topRows(1000), rows.col(0).head(1000)).model;
    Eigen::VectorXd predicted(rows.rows());
    const double predict = median_of([&] { predicted = model.predict(rows); });
    row("predict 1M x 100", threads, predict, 0, 8 * static_cast<double>(rows.size() + rows.rows()), flop_limit,
        byte_limit);
  }
}
