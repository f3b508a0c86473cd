// Speed of each kernel in each instruction set of this processor, on data that stay in the second-level cache:
// multiply-adds count as two operations, bytes are those read and written.
//
//     bench_kernels --benchmark_filter=multiply

#include <string>

#include <benchmark/benchmark.h>

#include "aprender/models.hpp"

namespace aprender::bench {
namespace {

using simd::Index;
using simd::Kernels;
using simd::Target;
using Counter = benchmark::Counter;

constexpr Index rows = 1024, columns = 48;

/// Times run(), with what one call does.
template <class Run>
void measure(benchmark::State& state, double operations, double bytes, const Run& run) {
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
  const auto calls = static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = Counter(operations * calls, Counter::kIsRate);
  state.counters["B/s"] = Counter(bytes * calls, Counter::kIsRate, Counter::kIs1024);
}

/// A column-major matrix with what the kernels want to know of it.
template <class Scalar>
struct Columns {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> x = decltype(x)::Random(rows, columns);
  Eigen::VectorXd factor = Eigen::VectorXd::Ones(columns), mean = Eigen::VectorXd::Random(columns);
  Eigen::VectorXd of_rows = Eigen::VectorXd::Random(rows), of_columns = Eigen::VectorXd::Random(columns);
  double bytes = static_cast<double>(rows * columns * static_cast<Index>(sizeof(Scalar)));
  double entries = static_cast<double>(rows * columns);
};

template <class Element>
void multiply(benchmark::State& state, const Kernels& kernels) {
  const Index n_panels = simd::panels_of<Element>(columns), width = simd::padded<Element>(columns);
  const Eigen::VectorX<Element> panels = Eigen::VectorX<Element>::Random(width * rows);
  Eigen::MatrixXd product = Eigen::MatrixXd::Zero(width, width);
  const auto square = static_cast<double>(width * width);
  measure(state, 2 * static_cast<double>(rows) * square,
          2 * static_cast<double>(panels.size() * Index{sizeof(Element)}), [&] {
            kernels.multiply(panels.data(), n_panels, panels.data(), n_panels, rows, product.data(), width, -n_panels);
          });
}

template <class Scalar, class Element>
void pack(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorX<Element> panels(simd::padded<Element>(columns) * rows);
  measure(state, 2 * data.entries, data.bytes + static_cast<double>(panels.size() * Index{sizeof(Element)}), [&] {
    kernels.pack(data.x.data(), Index{1}, rows, nullptr, columns, rows, data.factor.data(), data.mean.data(), nullptr,
                 panels.data());
  });
}

template <class Element>
void correlate(benchmark::State& state, const Kernels& kernels) {
  const Index width = simd::padded<Element>(columns);
  const Eigen::VectorX<Element> panels = Eigen::VectorX<Element>::Random(width * rows);
  const Eigen::VectorXd r = Eigen::VectorXd::Random(rows);
  Eigen::VectorXd out = Eigen::VectorXd::Zero(width);
  measure(state, 2.0 * static_cast<double>(panels.size()), static_cast<double>(panels.size() * Index{sizeof(Element)}),
          [&] { kernels.correlate(panels.data(), simd::panels_of<Element>(columns), rows, r.data(), out.data()); });
}

template <class Scalar>
void dots(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorXd out = Eigen::VectorXd::Zero(columns);
  measure(state, 4 * data.entries, data.bytes, [&] {
    kernels.dots(data.x.data(), rows, nullptr, columns, rows, data.factor.data(), data.mean.data(), data.of_rows.data(),
                 rows, Index{1}, out.data(), columns);
  });
}

template <class Scalar>
void combine(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorXd out = Eigen::VectorXd::Zero(rows);
  measure(state, 4 * data.entries, data.bytes, [&] {
    kernels.combine(data.x.data(), rows, nullptr, columns, rows, data.factor.data(), data.mean.data(),
                    data.of_columns.data(), out.data());
  });
}

template <class Scalar>
void column_range(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorXd out(+simd::Range::count);
  measure(state, 8 * data.entries, data.bytes, [&] {
    for (Index j = 0; j < columns; ++j) {
      kernels.column_range(data.x.col(j).data(), rows, nullptr, data.of_rows.data(), 0.5, out.data(), Index{1});
    }
  });
}

/// X as rows: the transpose.
template <class Scalar>
void row_products(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorXd out = Eigen::VectorXd::Zero(rows);
  measure(state, 2 * data.entries, data.bytes, [&] {
    kernels.row_products(data.x.data(), columns, columns, rows, nullptr, nullptr, data.of_columns.data(), out.data());
  });
}

template <class Scalar>
void row_sums(benchmark::State& state, const Kernels& kernels) {
  const Columns<Scalar> data;
  Eigen::VectorXd out = Eigen::VectorXd::Zero(columns);
  measure(state, 4 * data.entries, data.bytes, [&] {
    kernels.row_sums(data.x.data(), columns, columns, rows, data.factor.data(), data.mean.data(), data.of_rows.data(),
                     out.data());
  });
}

void add_scaled(benchmark::State& state, const Kernels& kernels) {
  const Columns<double> data;
  Eigen::VectorXd out = Eigen::VectorXd::Zero(rows);
  measure(state, 2.0 * rows, 24.0 * rows, [&] { kernels.add_scaled(data.x.data(), rows, 1e-9, out.data()); });
}

void dot(benchmark::State& state, const Kernels& kernels) {
  constexpr Index features = 100;
  const Eigen::VectorXd x = Eigen::VectorXd::Random(features), w = Eigen::VectorXd::Random(features);
  measure(state, 2.0 * features, 16.0 * features,
          [&] { benchmark::DoNotOptimize(kernels.dot(x.data(), w.data(), features)); });
}

void exact_dot(benchmark::State& state, const Kernels& kernels) {
  const Columns<double> data;
  const Eigen::VectorXd low = Eigen::VectorXd::Zero(rows);
  double high_sum = 0.0, low_sum = 0.0;
  measure(state, 2.0 * rows, 24.0 * rows, [&] {
    kernels.exact_dot(data.x.data(), rows, 0.5, data.of_rows.data(), low.data(), &high_sum, &low_sum);
    benchmark::DoNotOptimize(high_sum);
  });
}

/// Loss, slope and curvature of a sample take an exponential and a logarithm; operations are not counted.
void logistic(benchmark::State& state, const Kernels& kernels) {
  const Eigen::VectorXd z = 8 * Eigen::VectorXd::Random(rows), ones = Eigen::VectorXd::Ones(rows);
  const Eigen::VectorXd sign = (z.array() + 1 > 0).select(ones, -1.0);
  Eigen::VectorXd slope(rows), curvature(rows);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        kernels.logistic(z.data(), sign.data(), ones.data(), rows, slope.data(), curvature.data()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * rows);
}

void add(const std::string& name, void (*run)(benchmark::State&, const Kernels&)) {
  for (const Target target : {Target::baseline, Target::avx2, Target::avx512}) {
    if (!simd::available(target)) continue;
    benchmark::RegisterBenchmark((name + "/" + simd::to_string(target)).c_str(),
                                 [run, target](benchmark::State& state) { run(state, simd::kernels(target)); });
  }
}

template <class Scalar>
void add_all(const std::string& scalar) {
  add("multiply<" + scalar + ">", multiply<Scalar>);
  add("pack<" + scalar + ", double>", pack<Scalar, double>);
  add("pack<" + scalar + ", float>", pack<Scalar, float>);
  add("correlate<" + scalar + ">", correlate<Scalar>);
  add("dots<" + scalar + ">", dots<Scalar>);
  add("combine<" + scalar + ">", combine<Scalar>);
  add("column_range<" + scalar + ">", column_range<Scalar>);
  add("row_products<" + scalar + ">", row_products<Scalar>);
  add("row_sums<" + scalar + ">", row_sums<Scalar>);
}

}  // namespace
}  // namespace aprender::bench

int main(int argc, char** argv) {
  using namespace aprender::bench;
  add_all<double>("double");
  add_all<float>("float");
  add("add_scaled", add_scaled);
  add("dot", dot);
  add("exact_dot", exact_dot);
  add("logistic", logistic);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
