// Time of a prediction: a batch, and a single row.

#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "aprender/fitted.hpp"
#include "problem.hpp"

namespace aprender::bench {
namespace {

LinearModel<double> linear_model(Eigen::Index n_features) {
  return {Eigen::VectorXd::LinSpaced(n_features, -1, 1), 0.5};
}

LogisticModel<double> logistic_model(Eigen::Index n_features, Eigen::Index n_classes) {
  using Model = LogisticModel<double>;
  const Eigen::Index rows = n_classes == 2 ? 1 : n_classes;
  Model::Coefficients coefficients(rows, n_features);
  for (Eigen::Index k = 0; k < rows; ++k) {
    coefficients.row(k) = Eigen::RowVectorXd::LinSpaced(n_features, -1, static_cast<double>(k + 1));
  }
  std::vector<std::int64_t> classes;
  for (Eigen::Index k = 0; k < n_classes; ++k) classes.push_back(k);
  return {coefficients, Model::Intercept::Zero(rows), classes};
}

void predict(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  const auto model = linear_model(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(model.predict(problem.x));
  state.SetBytesProcessed(state.iterations() * problem.x.size() * static_cast<std::int64_t>(sizeof(double)));
}
BENCHMARK(predict)->Args({100'000, 100})->Unit(benchmark::kMillisecond);

void predict_proba(benchmark::State& state) {
  const Problem problem = make_problem(state.range(0), state.range(1));
  const auto model = logistic_model(state.range(1), state.range(2));
  for (auto _ : state) benchmark::DoNotOptimize(model.predict_proba(problem.x));
}
BENCHMARK(predict_proba)->Args({100'000, 100, 2})->Args({100'000, 100, 10})->Unit(benchmark::kMillisecond);

void predict_one(benchmark::State& state) {
  const std::vector<double> row(static_cast<std::size_t>(state.range(0)), 0.5);
  const auto model = linear_model(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(model.predict_one(row));
}
BENCHMARK(predict_one)->Arg(10)->Arg(100);

void predict_proba_one(benchmark::State& state) {
  const std::vector<double> row(static_cast<std::size_t>(state.range(0)), 0.5);
  std::vector<double> probabilities(static_cast<std::size_t>(state.range(1)));
  const auto model = logistic_model(state.range(0), state.range(1));
  for (auto _ : state) {
    model.predict_proba_one(row, probabilities);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(predict_proba_one)->Args({100, 2})->Args({100, 10});

}  // namespace
}  // namespace aprender::bench
