#include "cli/differences.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <type_traits>
#include <variant>

#include "aprender/ulp.hpp"
#include "cli/binding.hpp"
#include "cli/columns.hpp"
#include "cli/failure.hpp"
#include "cli/model_view.hpp"

namespace aprender::cli {
namespace {

struct Answers {
  Eigen::MatrixXd outputs;                                ///< rows x targets or classes
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1> labels;  ///< none of a regression
  bool single = false;                                    ///< the numbers are floats
};

template <class Model, class X>
Answers answers(const Model& model, const X& x) {
  Answers all{.outputs = {}, .labels = {}, .single = std::same_as<typename Model::Scalar, float>};
  if constexpr (requires { model.classes(); }) {
    all.outputs = model.predict_proba(x).template cast<double>();
    all.labels = model.predict(x);
  } else {
    all.outputs = model.predict(x).template cast<double>();
  }
  return all;
}

/// The value that a share of the sorted ones does not exceed.
template <class T>
T quantile(const std::vector<T>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::ceil(share * last))];
}

template <class Rows>
Differences compare(const Answers& before, const Answers& after, const std::vector<std::string>& names,
                    const Rows& rows) {
  const bool single = before.single || after.single;
  Differences all{.rows = rows.rows(), .outputs = {}, .labels_changed = 0};
  all.labels_changed = static_cast<std::size_t>((before.labels.array() != after.labels.array()).count());
  for (Eigen::Index k = 0; k < before.outputs.cols(); ++k) {
    OutputDifferences output;
    output.name = names[static_cast<std::size_t>(k)];
    std::vector<double> distance;
    std::vector<std::uint64_t> ulp;
    for (Eigen::Index i = 0; i < before.outputs.rows(); ++i) {
      const double was = before.outputs(i, k), is = after.outputs(i, k);
      if (!std::isfinite(was) || !std::isfinite(is)) {
        throw Failure(ExitCode::unusable_data, rows.where(static_cast<std::size_t>(i)) + ": the prediction overflows",
                      "The values are far from those seen in training; 'aprender inspect' shows their ranges.");
      }
      distance.push_back(std::abs(is - was));
      ulp.push_back(single ? ulp_distance(static_cast<float>(was), static_cast<float>(is)) : ulp_distance(was, is));
      const auto* bound = std::ranges::lower_bound(OutputDifferences::ulp_bounds, ulp.back());
      ++output.by_ulp[static_cast<std::size_t>(bound - OutputDifferences::ulp_bounds.begin())];
    }
    const auto furthest = std::ranges::max_element(distance);
    output.largest_at = rows.where(static_cast<std::size_t>(furthest - distance.begin()));
    std::ranges::sort(distance);
    std::ranges::sort(ulp);
    output.median = quantile(distance, 0.5);
    output.p99 = quantile(distance, 0.99);
    output.largest = distance.back();
    output.median_ulp = quantile(ulp, 0.5);
    output.p99_ulp = quantile(ulp, 0.99);
    output.largest_ulp = ulp.back();
    all.outputs.push_back(std::move(output));
  }
  return all;
}

template <class Rows, class Predict>
Differences differences(const ModelArchive& before, const ModelArchive& after, const Rows& rows,
                        const Predict& predict) {
  if (rows.rows() == 0) throw Failure(ExitCode::unusable_data, rows.file_name() + ": no rows to compare answers on");
  const std::vector<std::string> classes = class_names(after.schema());
  return compare(std::visit(predict, before.any_model()), std::visit(predict, after.any_model()),
                 classes.empty() ? after.schema().targets : classes, rows);
}

}  // namespace

Differences differences(const ModelArchive& before, const ModelArchive& after, const Table& table) {
  const std::vector<std::size_t> columns = bind(after.schema(), table);
  return differences(before, after, table, [&](const auto& model) {
    return answers(model, number_matrix<typename std::decay_t<decltype(model)>::Scalar>(table, columns));
  });
}

Differences differences(const ModelArchive& before, const ModelArchive& after, const SparseSamples& samples) {
  return differences(before, after, samples, [&](const auto& model) {
    using Scalar = typename std::decay_t<decltype(model)>::Scalar;
    const Eigen::SparseMatrix<Scalar, Eigen::RowMajor> x = samples.x().cast<Scalar>();
    return answers(model, x);
  });
}

}  // namespace aprender::cli
