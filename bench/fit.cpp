// Time of a fit. Each row also counts the certificate reached: a time says nothing without it.

#include <benchmark/benchmark.h>

#include "aprender/models.hpp"
#include "problem.hpp"

namespace aprender::bench {
namespace {

/// Fits `estimator` until the time is known; reports iterations and the certificate.
template <class Estimator, class Target>
void run(benchmark::State& state, const Estimator& estimator, const Eigen::MatrixXd& x, const Target& y) {
  FitReport report;
  for (auto _ : state) {
    report = estimator.fit(x, y).report;
    benchmark::DoNotOptimize(report.objective);
  }
  state.counters["iterations"] = static_cast<double>(report.iterations);
  state.counters["certificate"] =
      report.duality_gap.value_or(report.gradient_norm.value_or(report.backward_error.value_or(-1)));
  if (!report.converged) state.SkipWithError("not converged");
}

void linear_regression(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  run(state, LinearRegression{}, problem.x, problem.y);
}
BENCHMARK(linear_regression)->Args({20'000, 100})->Args({2'000, 200})->Unit(benchmark::kMillisecond);

void ridge(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  run(state, Ridge{}, problem.x, problem.y);
}
BENCHMARK(ridge)->Args({20'000, 100})->Args({2'000, 500})->Args({500, 5'000})->Unit(benchmark::kMillisecond);

/// alpha as a share, in thousandths, of the largest that leaves a coefficient.
double alpha(const Problem& problem, std::int64_t thousandths) {
  const Eigen::VectorXd y = problem.y.array() - problem.y.mean();
  const double largest = (problem.x.transpose() * y).cwiseAbs().maxCoeff() / static_cast<double>(y.size());
  return largest * static_cast<double>(thousandths) / 1000;
}

void lasso(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  run(state, Lasso{.alpha = alpha(problem, state.range(2))}, problem.x, problem.y);
}
BENCHMARK(lasso)
    ->Args({20'000, 100, 10})
    ->Args({2'000, 500, 100})
    ->Args({2'000, 500, 10})
    ->Args({500, 5'000, 100})
    ->Args({500, 5'000, 10})
    ->Unit(benchmark::kMillisecond);

void elastic_net(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  run(state, ElasticNet{.alpha = alpha(problem, state.range(2))}, problem.x, problem.y);
}
BENCHMARK(elastic_net)->Args({20'000, 100, 10})->Args({500, 5'000, 100})->Unit(benchmark::kMillisecond);

void logistic_regression(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1), static_cast<int>(state.range(2)));
  run(state, LogisticRegression{}, problem.x, problem.labels);
}
BENCHMARK(logistic_regression)->Args({20'000, 100, 2})->Args({5'000, 50, 5})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aprender::bench
