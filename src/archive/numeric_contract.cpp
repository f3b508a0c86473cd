#include "archive/numeric_contract.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

#include <Eigen/SparseCore>

#include "aprender/ulp.hpp"
#include "archive/compensated.hpp"
#include "archive/linear_map.hpp"

namespace aprender::archive {
namespace {

constexpr std::uint64_t seed = 0x6170'7265'6e64'6572;  // "aprender"
constexpr std::size_t least_rows = 8;
constexpr std::size_t max_unit_rows = 8;
constexpr Eigen::Index random_rows = 8;
constexpr Eigen::Index boundary_rows = 4;
constexpr Eigen::Index max_values = 1024;           // of a row: wider models are probed on blocks of their features
constexpr Eigen::Index most_dense_features = 4096;  // beyond these, rows are sparse

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
 public:
  /// As if so many numbers had been drawn already.
  explicit Random(std::uint64_t drawn) : state_(seed + drawn * step) {}

  /// Uniform in [0, 1) with 24 bits: exact in float.
  double uniform() noexcept {
    std::uint64_t z = (state_ += step);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return static_cast<double>((z ^ (z >> 31)) >> 40) * 0x1p-24;
  }

 private:
  static constexpr std::uint64_t step = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t state_;
};

template <class Model>
class Prober {
 public:
  using Scalar = typename Model::Scalar;
  using Values = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

  /// A row of X: zero but for `values` from feature `first` on.
  struct Row {
    Eigen::Index first = 0;
    Values values = {};
  };

  Prober(const Model& model, const Features& features)
      : model_(model), p_(model.n_features()), outputs_(n_outputs(model)) {
    for (const Feature& feature : features.list()) {
      std::pair<Scalar, Scalar> range = unit_range;
      if (feature.range && std::isfinite(feature.range->min) && std::isfinite(feature.range->max)) {
        range = {clamped(feature.range->min), clamped(feature.range->max)};
      }
      ranges_.push_back(range);
    }
  }

  NumericContract make() {
    std::vector<std::function<Row()>> rows = {[this] { return block(0, [](Eigen::Index) { return Scalar{0}; }); }};
    for (const Eigen::Index j : unit_features()) {
      rows.push_back([this, j] { return p_ <= max_values ? Row{0, Values::Unit(p_, j)} : Row{j, Values::Ones(1)}; });
    }
    const auto weights = coefficients_of(model_, 0);
    const auto lower = [this](Eigen::Index j) { return range(j).first; };
    const auto upper = [this](Eigen::Index j) { return range(j).second; };
    rows.push_back([&] { return block(0, lower); });
    rows.push_back([&] { return block(0, upper); });
    rows.push_back([&] { return block(0, [&](Eigen::Index j) { return weights(j) > 0 ? lower(j) : upper(j); }); });
    rows.push_back([&] { return block(0, [&](Eigen::Index j) { return weights(j) > 0 ? upper(j) : lower(j); }); });
    for (Eigen::Index k = 0; k < random_rows; ++k) rows.push_back([this, k] { return random_row(k, k); });
    if constexpr (is_classifier<Model>) {
      for (Eigen::Index k = 0; k < boundary_rows; ++k) {
        rows.push_back([this, k] { return at_boundary(random_row(k, random_rows + k)); });
      }
    }
    const std::size_t count = std::clamp(affordable_rows(), least_rows, rows.size());
    for (std::size_t i = 0; i < count; ++i) add(rows[i * (rows.size() - 1) / (count - 1)]());
    return std::move(contract_);
  }

 private:
  static constexpr std::pair<Scalar, Scalar> unit_range = {Scalar{-1}, Scalar{1}};

  static Scalar clamped(double value) {
    constexpr double largest = std::numeric_limits<Scalar>::max();
    return static_cast<Scalar>(std::clamp(value, -largest, largest));
  }

  /// Lowest and highest value of a feature.
  [[nodiscard]] std::pair<Scalar, Scalar> range(Eigen::Index j) const {
    return j < static_cast<Eigen::Index>(ranges_.size()) ? ranges_[static_cast<std::size_t>(j)] : unit_range;
  }

  /// Rows whose answers take no more than half of what the metadata may.
  [[nodiscard]] std::size_t affordable_rows() const {
    const Eigen::Index numbers = outputs_ * (is_classifier<Model> ? 2 : 1) + 2 * std::min(p_, max_values);
    return Limits{}.metadata_bytes / 2 / (sizeof(double) * static_cast<std::size_t>(numbers));
  }

  /// The first, the last and the heaviest features.
  [[nodiscard]] std::vector<Eigen::Index> unit_features() const {
    const auto weights = coefficients_of(model_, 0);
    const auto ends = [&](Eigen::Index j) { return j == 0 || j == p_ - 1; };
    const auto before = [&](Eigen::Index a, Eigen::Index b) {
      return ends(a) != ends(b) ? ends(a) : std::abs(weights(a)) > std::abs(weights(b));
    };
    std::vector<Eigen::Index> order;
    for (Eigen::Index j = 0; j < p_; ++j) {
      if (order.size() == max_unit_rows && !before(j, order.back())) continue;
      if (order.size() == max_unit_rows) order.pop_back();
      order.insert(std::ranges::upper_bound(order, j, before), j);
    }
    return order;
  }

  /// A row of the k-th block of features, or of all if they are few.
  template <class ValueOf>
  [[nodiscard]] Row block(Eigen::Index k, const ValueOf& value_of) const {
    Row row;
    if (p_ > max_values) {
      const Eigen::Index blocks = (p_ + max_values - 1) / max_values;
      row.first = blocks <= random_rows ? (k % blocks) * max_values : k * (p_ / random_rows);
    }
    row.values.resize(std::min(max_values, p_ - row.first));
    for (Eigen::Index i = 0; i < row.values.size(); ++i) row.values(i) = value_of(row.first + i);
    return row;
  }

  /// Numbers from draw `draw` of as many as there are features.
  [[nodiscard]] Row random_row(Eigen::Index k, Eigen::Index draw) const {
    std::optional<Random> random;
    return block(k, [&](Eigen::Index j) {
      if (!random)
        random.emplace(static_cast<std::uint64_t>(draw) * static_cast<std::uint64_t>(p_) +
                       static_cast<std::uint64_t>(j));
      const auto u = static_cast<Scalar>(random->uniform());
      const auto [lower, upper] = range(j);
      return lower * (Scalar{1} - u) + upper * u;
    });
  }

  /// The coefficients that a row meets.
  [[nodiscard]] auto weights_at(const Row& row, Eigen::Index output) const {
    return Eigen::Map<const Values>(coefficients_of(model_, output).data() + row.first, row.values.size());
  }

  /// Moves a row along the normal of the boundary between its two best classes until it is close to it.
  [[nodiscard]] Row at_boundary(Row row) const {
    Eigen::Matrix<double, Eigen::Dynamic, 1> normal = weights_at(row, 0).template cast<double>();
    double distance = static_cast<double>(score(row, 0));
    if (outputs_ > 1) {
      std::array<Eigen::Index, 2> best = {0, 1};
      if (score(row, 1) > score(row, 0)) std::swap(best[0], best[1]);
      for (Eigen::Index o = 2; o < outputs_; ++o) {
        if (score(row, o) > score(row, best[0]))
          best = {o, best[0]};
        else if (score(row, o) > score(row, best[1]))
          best[1] = o;
      }
      normal = weights_at(row, best[0]).template cast<double>() - weights_at(row, best[1]).template cast<double>();
      distance = static_cast<double>(score(row, best[0])) - static_cast<double>(score(row, best[1]));
    }
    normal = (row.values.array() != Scalar{0}).select(normal, 0.0);
    const double step = distance / normal.squaredNorm();
    const Values moved = (row.values.template cast<double>() - step * normal).template cast<Scalar>();
    return moved.allFinite() ? Row{row.first, moved} : row;
  }

  [[nodiscard]] Scalar score(const Row& row, Eigen::Index output) const {
    const auto weights = weights_at(row, output);
    CompensatedSum sum;
    for (Eigen::Index i = 0; i < row.values.size(); ++i) {
      if (row.values(i) != Scalar{0}) {
        sum.add_product(static_cast<double>(row.values(i)), static_cast<double>(weights(i)));
      }
    }
    sum.add(static_cast<double>(intercept_of(model_, output)));
    return sum.rounded<Scalar>();
  }

  /// Appends the row with the model's answer, halved until no intermediate sum overflows.
  void add(Row row) {
    const auto overflows = [&] {
      for (Eigen::Index o = 0; o < outputs_; ++o) {
        const auto size = (row.values.cwiseAbs().array() * weights_at(row, o).cwiseAbs().array()).sum() +
                          std::abs(intercept_of(model_, o));
        if (!(size <= std::numeric_limits<Scalar>::max() / 4)) return true;
      }
      return false;
    };
    while (overflows() && !row.values.isZero(Scalar{0})) row.values *= Scalar{0.5};

    Probe probe;
    const bool sparse = (row.values.array() != Scalar{0}).count() * 2 <= p_;
    if (!sparse) probe.values.resize(static_cast<std::size_t>(p_));
    for (Eigen::Index i = 0; i < row.values.size(); ++i) {
      const Eigen::Index j = row.first + i;
      if (!sparse) {
        probe.values[static_cast<std::size_t>(j)] = static_cast<double>(row.values(i));
      } else if (row.values(i) != Scalar{0}) {
        probe.indices.push_back(static_cast<std::uint32_t>(j));
        probe.values.push_back(static_cast<double>(row.values(i)));
      }
    }
    Eigen::Array<double, Eigen::Dynamic, 1> scores(outputs_);
    for (Eigen::Index o = 0; o < outputs_; ++o) scores(o) = static_cast<double>(score(row, o));
    probe.scores.assign(scores.begin(), scores.end());
    if constexpr (is_classifier<Model>) probe.probabilities = probabilities(scores);
    contract_.probes.push_back(std::move(probe));
  }

  /// In double from the scores, rounded once to the scalar.
  [[nodiscard]] static std::vector<double> probabilities(const Eigen::Array<double, Eigen::Dynamic, 1>& scores) {
    std::vector<double> result;
    const auto rounded = [](double value) { return static_cast<double>(static_cast<Scalar>(value)); };
    if (scores.size() == 1) {
      const double small = std::exp(-std::abs(scores(0))) / (1.0 + std::exp(-std::abs(scores(0))));
      const double large = 1.0 / (1.0 + std::exp(-std::abs(scores(0))));
      result = {rounded(scores(0) > 0.0 ? small : large), rounded(scores(0) > 0.0 ? large : small)};
    } else {
      const Eigen::ArrayXd powers = (scores - scores.maxCoeff()).unaryExpr([](double s) { return std::exp(s); });
      for (const double power : powers) result.push_back(rounded(power / powers.sum()));
    }
    return result;
  }

  const Model& model_;
  Eigen::Index p_;
  Eigen::Index outputs_;
  std::vector<std::pair<Scalar, Scalar>> ranges_;  ///< of the named features
  NumericContract contract_;
};

std::string describe(std::string_view what, std::size_t row, std::size_t output, double expected, double actual,
                     std::uint64_t distance) {
  std::ostringstream text;
  text.precision(17);
  text << "metadata.pb: numeric_contract: probe " << row << ", " << what << " " << output << ": expected " << expected
       << ", this machine computes " << actual << ", " << distance << " ULP apart";
  return text.str();
}

template <class Model>
class Checker {
 public:
  using Scalar = typename Model::Scalar;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  Checker(const NumericContract& contract, const Model& model) : contract_(contract), model_(model) {}

  Result<void> check() {
    const auto rows = static_cast<Eigen::Index>(contract_.probes.size());
    Eigen::SparseMatrix<Scalar, Eigen::RowMajor, Eigen::Index> x(rows, model_.n_features());
    for (Eigen::Index i = 0; i < rows; ++i) {
      const Probe& probe = contract_.probes[static_cast<std::size_t>(i)];
      x.startVec(i);
      for (std::size_t k = 0; k < probe.values.size(); ++k) {
        if (probe.values[k] != 0.0) x.insertBack(i, feature(probe, k)) = static_cast<Scalar>(probe.values[k]);
      }
    }
    x.finalize();
    if (model_.n_features() > most_dense_features) return check(x);
    return check(Matrix(x));
  }

 private:
  using Column = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

  static Eigen::Index feature(const Probe& probe, std::size_t k) {
    return static_cast<Eigen::Index>(probe.indices.empty() ? k : probe.indices[k]);
  }

  /// By the code path for such an X: every row, and each alone if the rows are dense.
  template <class X>
  Result<void> check(const X& x) {
    const Matrix scores = scores_of(model_, x);
    Matrix probabilities;
    if constexpr (is_classifier<Model>) probabilities = model_.predict_proba(x);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      Column row;  // stays empty if X is sparse
      if constexpr (std::same_as<X, Matrix>) row = x.row(i).transpose();
      Column of_row;  // stays empty for a regression, whose matrix has no rows to point to
      if constexpr (is_classifier<Model>) of_row = probabilities.row(i).transpose();
      auto ok = check_row(static_cast<std::size_t>(i), row, scores.row(i).transpose(), of_row);
      if (!ok) return ok;
    }
    return {};
  }

  Result<void> check_row(std::size_t i, const Column& row, const Column& scores, const Column& probabilities) {
    const Probe& probe = contract_.probes[i];
    const bool alone = row.size() != 0;
    const std::span<const Scalar> single_row(row.data(), static_cast<std::size_t>(row.size()));
    const auto nonzero =
        static_cast<std::uint64_t>(std::ranges::count_if(probe.values, [](double value) { return value != 0.0; }));
    const double share = relative_error_bound<Scalar>(nonzero + 2);
    double largest_bound = 0.0;
    for (Eigen::Index o = 0; o < scores.size(); ++o) {
      const auto k = static_cast<std::size_t>(o);
      const double bound = share * size(probe, o) + static_cast<double>(nonzero) * tiny;
      largest_bound = std::max(largest_bound, bound + 4.0 * unit * std::abs(probe.scores[k]));
      if (auto ok = accept("score", i, k, probe.scores[k], scores(o), bound); !ok) return ok;
      if constexpr (requires {
                      { model_.predict_one(std::span<const Scalar>{}) } -> std::same_as<Scalar>;
                    }) {
        if (!alone) continue;
        const Scalar one = model_.predict_one(single_row);
        if (auto ok = accept("score of the single row", i, k, probe.scores[k], one, bound); !ok) return ok;
      }
    }
    // |d log p| <= 2 max |d score| for logit and softmax, and exp itself may be a few units off. A probability that is
    // stored as 0 may have been anything below the smallest normal number.
    constexpr double smallest = static_cast<double>(std::numeric_limits<Scalar>::min());
    const double relative = std::expm1(2.0 * largest_bound) + (static_cast<double>(probabilities.size()) + 16.0) * unit;
    Column single(probabilities.size());
    if constexpr (is_classifier<Model>) {
      if (alone)
        model_.predict_proba_one(single_row, std::span<Scalar>(single.data(), static_cast<std::size_t>(single.size())));
    }
    for (Eigen::Index c = 0; c < probabilities.size(); ++c) {
      const auto k = static_cast<std::size_t>(c);
      const double bound = relative * (probe.probabilities[k] + smallest) + smallest;
      if (auto ok = accept("probability", i, k, probe.probabilities[k], probabilities(c), bound); !ok) return ok;
      if (!alone) continue;
      if (auto ok = accept("probability of the single row", i, k, probe.probabilities[k], single(c), bound); !ok)
        return ok;
    }
    return {};
  }

  /// sum |w_i x_i| + |b|
  [[nodiscard]] double size(const Probe& probe, Eigen::Index output) const {
    const auto weights = coefficients_of(model_, output);
    double sum = std::abs(static_cast<double>(intercept_of(model_, output)));
    for (std::size_t k = 0; k < probe.values.size(); ++k) {
      sum += std::abs(probe.values[k] * static_cast<double>(weights(feature(probe, k))));
    }
    return sum;
  }

  [[nodiscard]] Result<void> accept(std::string_view what, std::size_t row, std::size_t output, double expected,
                                    Scalar actual, double bound) const {
    const std::uint64_t distance = ulp_distance(static_cast<Scalar>(expected), actual);
    const double difference = std::abs(static_cast<double>(actual) - expected);
    if (std::isfinite(actual) && (distance <= contract_.max_ulp || difference <= bound)) return {};
    return tl::unexpected(Error{ErrorCode::numeric_contract_broken,
                                describe(what, row, output, expected, static_cast<double>(actual), distance)});
  }

  static constexpr double unit = static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
  static constexpr double tiny = static_cast<double>(std::numeric_limits<Scalar>::denorm_min());

  const NumericContract& contract_;
  const Model& model_;
};

}  // namespace

NumericContract make_contract(const AnyModel& model, const Features& features) {
  return std::visit([&](const auto& m) { return Prober(m, features).make(); }, model);
}

Result<void> check_contract(const NumericContract& contract, const AnyModel& model) {
  return std::visit([&](const auto& m) { return Checker(contract, m).check(); }, model);
}

}  // namespace aprender::archive
