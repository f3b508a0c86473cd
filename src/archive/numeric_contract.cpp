#include "archive/numeric_contract.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <numeric>
#include <span>
#include <sstream>

#include "aprender/ulp.hpp"
#include "archive/compensated.hpp"
#include "archive/linear_map.hpp"

namespace aprender::archive {
namespace {

constexpr std::uint64_t seed = 0x6170'7265'6e64'6572;  // "aprender"
constexpr Eigen::Index max_unit_rows = 8;
constexpr Eigen::Index random_rows = 8;
constexpr Eigen::Index boundary_rows = 4;
constexpr Eigen::Index max_values = 1024;  // of a row: wider models are probed on blocks of their features

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
 public:
  /// Uniform in [0, 1) with 24 bits: exact in float.
  double uniform() noexcept {
    std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return static_cast<double>((z ^ (z >> 31)) >> 40) * 0x1p-24;
  }

 private:
  std::uint64_t state_ = seed;
};

template <class Model>
class Prober {
 public:
  using Scalar = typename Model::Scalar;
  using Row = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

  Prober(const Model& model, const Features& features)
      : model_(model),
        p_(model.n_features()),
        outputs_(n_outputs(model)),
        lower_(Row::Constant(p_, Scalar{-1})),
        upper_(Row::Constant(p_, Scalar{1})) {
    Eigen::Index j = 0;
    for (const Feature& feature : features.list()) {
      if (j == p_) break;
      if (feature.range && std::isfinite(feature.range->min) && std::isfinite(feature.range->max)) {
        lower_(j) = clamped(feature.range->min);
        upper_(j) = clamped(feature.range->max);
      }
      ++j;
    }
  }

  NumericContract make() {
    add(Row::Zero(p_));
    for (const Eigen::Index j : unit_features()) add(Row::Unit(p_, j));
    const auto positive = coefficients_of(model_, 0).array() > Scalar{0};
    add(block(lower_, 0));
    add(block(upper_, 0));
    add(block(positive.select(lower_, upper_), 0));
    add(block(positive.select(upper_, lower_), 0));
    for (Eigen::Index k = 0; k < random_rows; ++k) add(random_row(k));
    if constexpr (is_classifier<Model>) {
      for (Eigen::Index k = 0; k < boundary_rows; ++k) add(at_boundary(random_row(k)));
    }
    return std::move(contract_);
  }

 private:
  static Scalar clamped(double value) {
    constexpr double largest = std::numeric_limits<Scalar>::max();
    return static_cast<Scalar>(std::clamp(value, -largest, largest));
  }

  /// The first, the last and the heaviest features.
  [[nodiscard]] std::vector<Eigen::Index> unit_features() const {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(p_));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    const auto weights = coefficients_of(model_, 0);
    const auto ends = [&](Eigen::Index j) { return j == 0 || j == p_ - 1; };
    std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
      return ends(a) != ends(b) ? ends(a) : std::abs(weights(a)) > std::abs(weights(b));
    });
    if (p_ > max_unit_rows) order.resize(max_unit_rows);
    return order;
  }

  /// The row where it belongs to the k-th block of features, zero elsewhere.
  [[nodiscard]] Row block(Row row, Eigen::Index k) const {
    if (p_ <= max_values) return row;
    const Eigen::Index blocks = (p_ + max_values - 1) / max_values;
    const Eigen::Index first = blocks <= random_rows ? (k % blocks) * max_values : k * (p_ / random_rows);
    row.head(first).setZero();
    row.tail(std::max<Eigen::Index>(p_ - first - max_values, 0)).setZero();
    return row;
  }

  [[nodiscard]] Row random_row(Eigen::Index k) {
    Row row(p_);
    for (Eigen::Index j = 0; j < p_; ++j) {
      const auto u = static_cast<Scalar>(random_.uniform());
      row(j) = lower_(j) * (Scalar{1} - u) + upper_(j) * u;
    }
    return block(std::move(row), k);
  }

  /// Moves a row along the normal of the boundary between its two best classes until it is close to it.
  [[nodiscard]] Row at_boundary(Row row) const {
    Eigen::Matrix<double, Eigen::Dynamic, 1> normal = coefficients_of(model_, 0).template cast<double>();
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
      normal = coefficients_of(model_, best[0]).template cast<double>() -
               coefficients_of(model_, best[1]).template cast<double>();
      distance = static_cast<double>(score(row, best[0])) - static_cast<double>(score(row, best[1]));
    }
    normal = (row.array() != Scalar{0}).select(normal, 0.0);
    const double step = distance / normal.squaredNorm();
    const Row moved = (row.template cast<double>() - step * normal).template cast<Scalar>();
    return moved.allFinite() ? moved : row;
  }

  [[nodiscard]] Scalar score(const Row& row, Eigen::Index output) const {
    const auto weights = coefficients_of(model_, output);
    CompensatedSum sum;
    for (Eigen::Index j = 0; j < p_; ++j) {
      if (row(j) != Scalar{0}) sum.add_product(static_cast<double>(row(j)), static_cast<double>(weights(j)));
    }
    sum.add(static_cast<double>(intercept_of(model_, output)));
    return sum.rounded<Scalar>();
  }

  /// Appends the row with the model's answer, halved until no intermediate sum overflows.
  void add(Row row) {
    const auto overflows = [&] {
      for (Eigen::Index o = 0; o < outputs_; ++o) {
        const auto size = (row.cwiseAbs().array() * coefficients_of(model_, o).cwiseAbs().array()).sum() +
                          std::abs(intercept_of(model_, o));
        if (!(size <= std::numeric_limits<Scalar>::max() / 4)) return true;
      }
      return false;
    };
    while (overflows() && !row.isZero(Scalar{0})) row *= Scalar{0.5};

    Probe probe;
    if (const auto nonzero = (row.array() != Scalar{0}).count(); nonzero * 2 > p_) {
      for (const Scalar value : row) probe.values.push_back(static_cast<double>(value));
    } else {
      for (Eigen::Index j = 0; j < p_; ++j) {
        if (row(j) == Scalar{0}) continue;
        probe.indices.push_back(static_cast<std::uint32_t>(j));
        probe.values.push_back(static_cast<double>(row(j)));
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
  Row lower_;
  Row upper_;
  Random random_;
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

/// Forward error bound of a sum of n terms in any order: gamma_n = n u / (1 - n u) (Higham 2002, section 3.1).
template <class Scalar>
double gamma(Eigen::Index n) {
  const double nu = static_cast<double>(n) * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
  return nu < 1.0 ? nu / (1.0 - nu) : std::numeric_limits<double>::infinity();
}

template <class Model>
class Checker {
 public:
  using Scalar = typename Model::Scalar;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  Checker(const NumericContract& contract, const Model& model) : contract_(contract), model_(model) {}

  Result<void> check() {
    const auto rows = static_cast<Eigen::Index>(contract_.probes.size());
    Matrix x = Matrix::Zero(rows, model_.n_features());
    for (Eigen::Index i = 0; i < rows; ++i) {
      const Probe& probe = contract_.probes[static_cast<std::size_t>(i)];
      for (std::size_t k = 0; k < probe.values.size(); ++k) {
        const auto j = probe.indices.empty() ? k : probe.indices[k];
        x(i, static_cast<Eigen::Index>(j)) = static_cast<Scalar>(probe.values[k]);
      }
    }
    const Matrix scores = scores_of(model_, x);
    Matrix probabilities;
    if constexpr (is_classifier<Model>) probabilities = model_.predict_proba(x);

    for (Eigen::Index i = 0; i < rows; ++i) {
      Column of_row;  // stays empty for a regression, whose matrix has no rows to point to
      if constexpr (is_classifier<Model>) of_row = probabilities.row(i).transpose();
      auto ok = check_row(static_cast<std::size_t>(i), x.row(i).transpose(), scores.row(i).transpose(), of_row);
      if (!ok) return ok;
    }
    return {};
  }

 private:
  using Column = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

  Result<void> check_row(std::size_t i, const Column& row, const Column& scores, const Column& probabilities) {
    const Probe& probe = contract_.probes[i];
    const std::span<const Scalar> single_row(row.data(), static_cast<std::size_t>(row.size()));
    const double gamma_n = gamma<Scalar>(model_.n_features() + 2);
    double largest_bound = 0.0;
    for (Eigen::Index o = 0; o < scores.size(); ++o) {
      const auto k = static_cast<std::size_t>(o);
      const double bound = gamma_n * size(row, o) + static_cast<double>(row.size()) * tiny;
      largest_bound = std::max(largest_bound, bound + 4.0 * unit * std::abs(probe.scores[k]));
      if (auto ok = accept("score", i, k, probe.scores[k], scores(o), bound); !ok) return ok;
      if constexpr (requires {
                      { model_.predict_one(std::span<const Scalar>{}) } -> std::same_as<Scalar>;
                    }) {
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
      model_.predict_proba_one(single_row, std::span<Scalar>(single.data(), static_cast<std::size_t>(single.size())));
    }
    for (Eigen::Index c = 0; c < probabilities.size(); ++c) {
      const auto k = static_cast<std::size_t>(c);
      const double bound = relative * (probe.probabilities[k] + smallest) + smallest;
      if (auto ok = accept("probability", i, k, probe.probabilities[k], probabilities(c), bound); !ok) return ok;
      if (auto ok = accept("probability of the single row", i, k, probe.probabilities[k], single(c), bound); !ok)
        return ok;
    }
    return {};
  }

  /// sum |w_i x_i| + |b|
  [[nodiscard]] double size(const Column& row, Eigen::Index output) const {
    return row.template cast<double>().cwiseAbs().dot(
               coefficients_of(model_, output).template cast<double>().cwiseAbs()) +
           std::abs(static_cast<double>(intercept_of(model_, output)));
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
