// Every instruction set of this machine against the definition of what a kernel computes, in long double.

#include "aprender/simd/kernels.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace aprender::simd {
namespace {

using test::Random;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

std::vector<Target> available_targets() {
  std::vector<Target> targets;
  for (const Target target : {Target::baseline, Target::avx2, Target::avx512}) {
    if (available(target)) targets.push_back(target);
  }
  return targets;
}

class Simd : public ::testing::TestWithParam<Target> {
 protected:
  const Kernels& kernels_ = kernels(GetParam());
  Random random_{7};
};

INSTANTIATE_TEST_SUITE_P(Targets, Simd, ::testing::ValuesIn(available_targets()), [](const auto& instance) {
  return std::string(instance.param == Target::baseline ? "Baseline"
                     : instance.param == Target::avx2   ? "Avx2"
                                                        : "Avx512");
});

constexpr double eps = std::numeric_limits<double>::epsilon();

/// Panels as they should be, entry by entry.
template <class Element>
Eigen::VectorX<Element> panels_of_matrix(const Matrix& matrix) {
  constexpr Index wide = panel_width<Element>;
  Eigen::VectorX<Element> panels = Eigen::VectorX<Element>::Zero(padded<Element>(matrix.cols()) * matrix.rows());
  for (Index c = 0; c < matrix.cols(); ++c) {
    for (Index k = 0; k < matrix.rows(); ++k) {
      panels((c / wide * matrix.rows() + k) * wide + c % wide) = static_cast<Element>(matrix(k, c));
    }
  }
  return panels;
}

/// The rounding error of an Element at 1.
template <class Element>
constexpr double unit = std::numeric_limits<Element>::epsilon();

template <class Element, class Scalar, int Layout>
void expect_packed(const Kernels& kernels, Random& random, Index rows, Index cols, bool chosen, bool scaled) {
  const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Layout> x =
      random.matrix(rows, cols + 3).template cast<Scalar>();
  const Vector factor = random.vector(cols + 3), mean = random.vector(cols + 3), scale = random.vector(rows);
  std::vector<Index> columns;
  for (Index c = 0; c < cols; ++c) columns.push_back(chosen ? (c * 5 + 2) % (cols + 3) : c);
  const Index row_stride = Layout == Eigen::RowMajor ? x.outerStride() : 1;
  const Index column_stride = Layout == Eigen::RowMajor ? 1 : x.outerStride();
  Eigen::VectorX<Element> panels = Eigen::VectorX<Element>::Constant(padded<Element>(cols) * rows + 1, 1e30F);
  kernels.pack(x.data(), row_stride, column_stride, chosen ? columns.data() : nullptr, cols, rows, factor.data(),
               mean.data(), scaled ? scale.data() : nullptr, panels.data());
  EXPECT_EQ(panels(panels.size() - 1), 1e30F) << "written beyond the end";
  Matrix z(rows, cols);
  for (Index c = 0; c < cols; ++c) {
    const Index j = columns[static_cast<std::size_t>(c)];
    z.col(c) = (x.col(j).template cast<double>().array() * factor(j) - mean(j)) *
               (scaled ? scale : Vector::Ones(rows)).array();
  }
  const Eigen::VectorX<Element> expected = panels_of_matrix<Element>(z);
  EXPECT_LE((panels.head(expected.size()) - expected).cwiseAbs().maxCoeff(), 4 * unit<Element>) << rows << "x" << cols;
}

template <class Element>
void expect_packed_from_anything(const Kernels& kernels, Random& random) {
  for (const Index rows : {1, 3, 8, 13, 40}) {
    for (const Index cols : {1, 7, 8, 9, 24, 29, 32}) {
      for (const bool chosen : {false, true}) {
        for (const bool scaled : {false, true}) {
          expect_packed<Element, double, Eigen::ColMajor>(kernels, random, rows, cols, chosen, scaled);
          expect_packed<Element, double, Eigen::RowMajor>(kernels, random, rows, cols, chosen, scaled);
          expect_packed<Element, float, Eigen::ColMajor>(kernels, random, rows, cols, chosen, scaled);
          expect_packed<Element, float, Eigen::RowMajor>(kernels, random, rows, cols, chosen, scaled);
        }
      }
    }
  }
}

TEST_P(Simd, PacksAnyLayoutAndSize) {
  expect_packed_from_anything<double>(kernels_, random_);
  expect_packed_from_anything<float>(kernels_, random_);
}

template <class Element>
void expect_product(const Kernels& kernels, Random& random, Index rows, Index cols_a, Index cols_b) {
  const Matrix a = random.matrix(rows, cols_a), b = random.matrix(rows, cols_b);
  Matrix product = Matrix::Constant(padded<Element>(cols_a), padded<Element>(cols_b), 0.5);
  const Eigen::VectorX<Element> left = panels_of_matrix<Element>(a), right = panels_of_matrix<Element>(b);
  kernels.multiply(left.data(), panels_of<Element>(cols_a), right.data(), panels_of<Element>(cols_b), rows,
                   product.data(), product.rows(), -panels_of<Element>(cols_b));
  const Matrix expected = (a.transpose() * b).array() + 0.5;
  EXPECT_LE((product.topLeftCorner(cols_a, cols_b) - expected).cwiseAbs().maxCoeff(),
            4 * unit<Element> * static_cast<double>(rows + 1));
}

TEST_P(Simd, Multiplies) {
  for (const Index rows : {1, 5, 64}) {
    for (const auto& [cols_a, cols_b] : {std::pair<Index, Index>{1, 1}, {8, 24}, {30, 17}, {70, 9}, {250, 20}}) {
      expect_product<double>(kernels_, random_, rows, cols_a, cols_b);
      expect_product<float>(kernels_, random_, rows, cols_a, cols_b);
    }
  }
}

template <class Element>
void expect_lower_triangle(const Kernels& kernels, Random& random, Index cols) {
  const Index rows = 33;
  const Matrix a = random.matrix(rows, cols);
  const Eigen::VectorX<Element> panels = panels_of_matrix<Element>(a);
  const Index n_panels = panels_of<Element>(cols);
  Matrix product = Matrix::Zero(padded<Element>(cols), padded<Element>(cols));
  kernels.multiply(panels.data(), n_panels, panels.data(), n_panels, rows, product.data(), product.rows(), Index{0});
  Matrix difference = product.topLeftCorner(cols, cols) - a.transpose() * a;
  difference.triangularView<Eigen::StrictlyUpper>().setZero();
  EXPECT_LE(difference.cwiseAbs().maxCoeff(), 4 * unit<Element> * static_cast<double>(rows));
}

TEST_P(Simd, MultipliesTheLowerTriangleAlone) {
  for (const Index cols : {1, 9, 24, 100, 203}) {
    expect_lower_triangle<double>(kernels_, random_, cols);
    expect_lower_triangle<float>(kernels_, random_, cols);
  }
}

template <class Element>
void expect_correlated_and_scaled(const Kernels& kernels, Random& random, Index rows, Index cols) {
  // Rounded before, so that what is left is the sums' own error.
  const Matrix a = random.matrix(rows, cols).cast<Element>().template cast<double>();
  const Vector r = random.vector(rows).cast<Element>().template cast<double>(), v = random.vector(cols);
  const Eigen::VectorX<Element> panels = panels_of_matrix<Element>(a);
  Vector sums = Vector::Zero(padded<Element>(cols));
  sums.head(cols) = v;
  kernels.correlate(panels.data(), panels_of<Element>(cols), rows, r.data(), sums.data());
  EXPECT_LE((sums.head(cols) - (v + a.transpose() * r)).cwiseAbs().maxCoeff(), 4 * eps * static_cast<double>(rows + 1));

  Eigen::VectorX<Element> scaled(panels.size());
  kernels.scale_rows(panels.data(), panels_of<Element>(cols), rows, r.data(), scaled.data());
  EXPECT_EQ(scaled, panels_of_matrix<Element>(Matrix(r.asDiagonal() * a)));
}

TEST_P(Simd, CorrelatesAndScales) {
  for (const Index rows : {1, 7, 8, 30, 65}) {
    for (const Index cols : {1, 8, 21, 64}) {
      expect_correlated_and_scaled<double>(kernels_, random_, rows, cols);
      expect_correlated_and_scaled<float>(kernels_, random_, rows, cols);
    }
  }
}

template <class Scalar>
void expect_columns(const Kernels& kernels, Random& random, Index rows, Index cols, bool chosen) {
  const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> x = random.matrix(rows, cols + 3).cast<Scalar>();
  const Vector factor = random.vector(cols + 3), mean = random.vector(cols + 3), r = random.vector(rows);
  std::vector<Index> columns;
  for (Index c = 0; c < cols; ++c) columns.push_back(chosen ? (c * 5 + 2) % (cols + 3) : c);
  Matrix z(rows, cols);
  for (Index c = 0; c < cols; ++c) {
    const Index j = columns[static_cast<std::size_t>(c)];
    z.col(c) = x.col(j).template cast<double>().array() * factor(j) - mean(j);
  }
  const Vector v = random.vector(cols);
  const Matrix targets = random.matrix(rows, 3);
  Matrix sums = Matrix::Constant(cols, 3, 0.5);
  kernels.dots(x.data(), x.outerStride(), chosen ? columns.data() : nullptr, cols, rows, factor.data(), mean.data(),
               targets.data(), rows, Index{3}, sums.data(), cols);
  const Matrix products = (z.transpose() * targets).array() + 0.5;
  EXPECT_LE((sums - products).cwiseAbs().maxCoeff(), 8 * eps * static_cast<double>(rows + 1));
  Vector combined = r;
  kernels.combine(x.data(), x.outerStride(), chosen ? columns.data() : nullptr, cols, rows, factor.data(), mean.data(),
                  v.data(), combined.data());
  EXPECT_LE((combined - (r + z * v)).cwiseAbs().maxCoeff(), 8 * eps * static_cast<double>(cols + 1));
}

TEST_P(Simd, TakesColumnsAsTheyLie) {
  for (const Index rows : {1, 5, 8, 31, 64}) {
    for (const Index cols : {1, 3, 4, 11}) {
      for (const bool chosen : {false, true}) {
        expect_columns<double>(kernels_, random_, rows, cols, chosen);
        expect_columns<float>(kernels_, random_, rows, cols, chosen);
      }
    }
    const Vector x = random_.vector(rows);
    Vector to = Vector::Ones(rows + 1);
    kernels_.add_scaled(x.data(), rows, -0.5, to.data());
    EXPECT_EQ(to.head(rows), Vector(1 - 0.5 * x.array()));
    EXPECT_EQ(to(rows), 1) << "written beyond the end";
  }
}

TEST_P(Simd, MultipliesASingleRow) {
  for (Index count = 0; count <= 70; ++count) {
    const Vector x = random_.vector(count + 1), v = random_.vector(count + 1);
    long double expected = 0, magnitude = 0;
    for (Index j = 0; j < count; ++j) {
      expected += static_cast<long double>(x(j)) * v(j);
      magnitude += std::abs(x(j) * v(j));
    }
    // Higham (2002), section 3.1.
    EXPECT_LE(std::abs(kernels_.dot(x.data(), v.data(), count) - expected),
              eps * static_cast<double>(count) * magnitude)
        << count;
  }
}

template <class Scalar>
void expect_rows(const Kernels& kernels, Random& random, Index rows, Index cols, bool centred) {
  const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x =
      random.matrix(rows, cols + 2).template cast<Scalar>();
  const Vector factor = random.vector(cols), mean = random.vector(cols);
  const Vector v = random.vector(cols), r = random.vector(rows);
  const Matrix raw = x.leftCols(cols).template cast<double>();
  const Matrix z = (raw * factor.asDiagonal()).rowwise() - mean.transpose();
  const double tolerance = 16 * eps * static_cast<double>((rows + 1) * (cols + 1));

  Vector products = Vector::Constant(rows + 1, 0.5);
  kernels.row_products(x.data(), x.outerStride(), cols, rows, centred ? factor.data() : nullptr, mean.data(), v.data(),
                       products.data());
  const Vector expected = (centred ? z : raw) * v;
  EXPECT_LE((products.head(rows).array() - 0.5 - expected.array()).abs().maxCoeff(), tolerance);
  EXPECT_EQ(products(rows), 0.5) << "written beyond the end";
  for (Index k = 0; k < rows; ++k) {
    double alone = 0.5;
    kernels.row_products(&x(k, 0), x.outerStride(), cols, Index{1}, centred ? factor.data() : nullptr, mean.data(),
                         v.data(), &alone);
    EXPECT_EQ(alone, products(k)) << "depends on the rows beside it";
  }

  Vector sums = Vector::Constant(cols + 1, 0.5);
  kernels.row_sums(x.data(), x.outerStride(), cols, rows, factor.data(), mean.data(), r.data(), sums.data());
  EXPECT_LE((sums.head(cols).array() - 0.5 - (z.transpose() * r).array()).abs().maxCoeff(), tolerance);
  EXPECT_EQ(sums(cols), 0.5) << "written beyond the end";
}

TEST_P(Simd, MultipliesRowByRow) {
  for (const Index rows : {1, 3, 4, 9, 31}) {
    for (const Index cols : {1, 7, 8, 9, 24, 29}) {
      for (const bool centred : {false, true}) {
        expect_rows<double>(kernels_, random_, rows, cols, centred);
        expect_rows<float>(kernels_, random_, rows, cols, centred);
      }
    }
  }
}

template <class Scalar>
void expect_ranges(const Kernels& kernels, Random& random, Index rows, bool weighted) {
  using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Index cols = 11;
  const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> x = random.matrix(rows, cols).cast<Scalar>();
  const RowMajor by_rows = x;
  const Vector weight = weighted ? Vector(random.vector(rows).cwiseAbs()) : Vector::Ones(rows);
  const Vector shift = x.row(0).template cast<double>(), r = random.vector(rows);
  Matrix found = Matrix::Zero(cols, Range::count), one_by_one = found;
  found.col(Range::low) = found.col(Range::high) = shift;
  kernels.rows_range(by_rows.data(), by_rows.outerStride(), cols, rows, weighted ? weight.data() : nullptr, r.data(),
                     shift.data(), found.data(), cols);
  for (Index j = 0; j < cols; ++j) {
    kernels.column_range(&x(0, j), rows, weighted ? weight.data() : nullptr, r.data(), shift(j), &one_by_one(j, 0),
                         cols);
  }
  for (const Matrix& range : {found, one_by_one}) {
    for (Index j = 0; j < cols; ++j) {
      const Vector column = x.col(j).template cast<double>(), difference = column.array() - shift(j);
      const double bound = 16 * eps * static_cast<double>(rows);
      EXPECT_EQ(range(j, Range::low), column.minCoeff());
      EXPECT_EQ(range(j, Range::high), column.maxCoeff());
      EXPECT_NEAR(range(j, Range::sum), weight.dot(difference), bound);
      EXPECT_NEAR(range(j, Range::magnitude), weight.dot(column.cwiseAbs()), bound);
      EXPECT_NEAR(range(j, Range::square), weight.dot(difference.cwiseAbs2()), bound);
      EXPECT_NEAR(range(j, Range::product), r.dot(difference), bound);
    }
  }
}

TEST_P(Simd, FindsRanges) {
  for (const Index rows : {1, 2, 9, 32, 75}) {
    for (const bool weighted : {false, true}) {
      expect_ranges<double>(kernels_, random_, rows, weighted);
      expect_ranges<float>(kernels_, random_, rows, weighted);
    }
  }
}

TEST_P(Simd, ASumTellsOfEveryEntryThatIsNotFinite) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    for (Index at = 0; at < 70; ++at) {
      Vector x = random_.vector(70);
      x(at) = bad;
      const double* const none = nullptr;
      Matrix range(1, Range::count);
      kernels_.column_range(x.data(), x.size(), none, none, x(0), range.data(), Index{1});
      EXPECT_FALSE(std::isfinite(range(Range::sum))) << bad << " at " << at;
      Matrix ranges = Matrix::Zero(70, Range::count);
      kernels_.rows_range(x.data(), Index{70}, Index{70}, Index{1}, none, none, x.data(), ranges.data(), Index{70});
      EXPECT_FALSE(ranges.col(Range::sum).allFinite()) << bad << " at " << at;
    }
  }
}

TEST_P(Simd, TheLogisticLossKeepsItsDigitsEverywhere) {
  std::vector<double> scores = {0.0, -0.0, 1e-300, 0.34657, 0.34658, 1.0, 36.0, 37.0, 600.0, 700.0, 1e4, 1e300};
  for (int i = 0; i < 2000; ++i) scores.push_back(std::exp(40 * random_.uniform()) * 1e-8);
  for (const double magnitude : scores) {
    for (const double z : {magnitude, -magnitude}) {
      for (const double sign : {1.0, -1.0}) {
        const double weight = 1.5;
        double slope = 0, curvature = 0;
        const double loss = kernels_.logistic(&z, &sign, &weight, 1, &slope, &curvature);
        const long double t = -static_cast<long double>(sign) * z;
        const long double e = std::exp(-std::abs(t));
        const auto near = [&](double actual, long double expected) {
          // exp(-700) and less count as exp(-700)
          EXPECT_NEAR(actual, static_cast<double>(expected), 8 * eps * static_cast<double>(std::abs(expected)) + 2e-304)
              << z << " " << sign;
        };
        near(loss, weight * (std::max(t, 0.0L) + std::log1p(e)));
        near(slope, -weight * sign * (t >= 0 ? 1 : e) / (1 + e));
        near(curvature, weight * e / ((1 + e) * (1 + e)));
      }
    }
  }
}

TEST_P(Simd, TheLogisticLossOfManyIsThatOfEach) {
  for (const Index rows : {1, 2, 5, 8, 19}) {
    const Vector z = 5 * random_.vector(rows), weight = random_.vector(rows).cwiseAbs();
    const Vector sign = (random_.vector(rows).array() > 0).select(Vector::Ones(rows), -1.0);
    Vector slope = Vector::Constant(rows + 1, 9), curvature = slope;
    const double loss = kernels_.logistic(z.data(), sign.data(), weight.data(), rows, slope.data(), curvature.data());
    double sum = 0;
    for (Index k = 0; k < rows; ++k) {
      double one_slope = 0, one_curvature = 0;
      sum += kernels_.logistic(&z(k), &sign(k), &weight(k), 1, &one_slope, &one_curvature);
      EXPECT_EQ(slope(k), one_slope);
      EXPECT_EQ(curvature(k), one_curvature);
    }
    EXPECT_NEAR(loss, sum, 8 * eps * static_cast<double>(rows));
    EXPECT_EQ(slope(rows), 9) << "written beyond the end";
    EXPECT_EQ(curvature(rows), 9) << "written beyond the end";
  }
}

#ifdef __SIZEOF_INT128__  // which compilers for 32 bits do not have
// Of integers the exact values are integers of 128 bits.
__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): g++ takes no __extension__ before using

Vector integers(Random& random, Index count, double below) {
  return Vector::NullaryExpr(count, [&] { return std::floor(below * random.uniform()); });
}

TEST_P(Simd, AddsInTwiceThePrecision) {
  for (const Index count : {8, 16, 40}) {
    const Vector x = integers(random_, count, 0x1p52);
    const Vector scale = integers(random_, 5, 0x1p44);
    Vector high = Vector::Zero(count), low = high;
    for (const double each : scale) kernels_.exact_add(x.data(), count, each, high.data(), low.data());
    for (Index k = 0; k < count; ++k) {
      Wide exact = 0;
      for (const double each : scale) exact += static_cast<Wide>(x(k)) * static_cast<Wide>(each);
      EXPECT_TRUE(static_cast<Wide>(high(k)) + static_cast<Wide>(low(k)) == exact) << k;
      EXPECT_LE(std::abs(low(k)), 0x1p-40 * std::abs(high(k)) + 0x1p50);
    }
  }
}

TEST_P(Simd, MultipliesInTwiceThePrecision) {
  for (const Index count : {8, 16, 40}) {
    const Vector x = integers(random_, count, 0x1p50), high = integers(random_, count, 0x1p50);
    const Vector low = integers(random_, count, 3.0);
    const double shift = std::floor(0x1p49 * random_.uniform());
    double out_high = 0x1p90, out_low = -7;
    Wide exact = static_cast<Wide>(out_high) - 7;
    kernels_.exact_dot(x.data(), count, shift, high.data(), low.data(), &out_high, &out_low);
    for (Index k = 0; k < count; ++k) {
      exact += (static_cast<Wide>(x(k)) - static_cast<Wide>(shift)) *
               (static_cast<Wide>(high(k)) + static_cast<Wide>(low(k)));
    }
    EXPECT_TRUE(static_cast<Wide>(out_high) + static_cast<Wide>(out_low) == exact) << count;
  }
}

#endif

TEST(SimdTarget, TheBestIsAvailable) {
  EXPECT_TRUE(available(Target::baseline));
  EXPECT_TRUE(available(best_target()));
  EXPECT_EQ(kernels().target, best_target());
}

}  // namespace
}  // namespace aprender::simd
