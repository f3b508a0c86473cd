/// The hot loops of the solvers, compiled for several instruction sets of which the best is chosen at run time, so that
/// a program built with default flags is about as fast as one built for the machine it runs on.
#pragma once

#include <concepts>
#include <cstddef>

#include "aprender/simd/target.hpp"

namespace aprender::simd {

using Index = std::ptrdiff_t;

/// Columns of a panel of doubles or floats, whatever the instruction set: 64 bytes a row.
template <class Element>
inline constexpr int panel_width = 64 / static_cast<int>(sizeof(Element));

template <class Element>
[[nodiscard]] constexpr Index panels_of(Index columns) noexcept {
  return (columns + panel_width<Element> - 1) / panel_width<Element>;
}
/// Columns of the panels of so many, those of zeros included.
template <class Element>
[[nodiscard]] constexpr Index padded(Index columns) noexcept {
  return panels_of<Element>(columns) * panel_width<Element>;
}

/// What is known of a column after one pass (columns.inc).
struct Range {
  enum : int { low, high, sum, magnitude, square, product, count };
};

}  // namespace aprender::simd

#define APRENDER_SIMD_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define APRENDER_SIMD_PRAGMA(text) _Pragma(#text)
#define APRENDER_SIMD_BEGIN(isa) \
  APRENDER_SIMD_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define APRENDER_SIMD_END _Pragma("clang attribute pop")
#else
#define APRENDER_SIMD_PRAGMA(text) _Pragma(#text)
#define APRENDER_SIMD_BEGIN(isa) _Pragma("GCC push_options") APRENDER_SIMD_PRAGMA(GCC target(isa))
#define APRENDER_SIMD_END _Pragma("GCC pop_options")
#endif

namespace aprender::simd::baseline {
#define APRENDER_SIMD_LANES 2
#include "aprender/simd/for_target.inc"
}  // namespace aprender::simd::baseline

#if APRENDER_SIMD_X86
APRENDER_SIMD_BEGIN("avx2,fma")
namespace aprender::simd::avx2 {
#define APRENDER_SIMD_LANES 4
#include "aprender/simd/for_target.inc"
}  // namespace aprender::simd::avx2
APRENDER_SIMD_END

APRENDER_SIMD_BEGIN("avx2,fma,avx512f,avx512vl,avx512dq")
namespace aprender::simd::avx512 {
#define APRENDER_SIMD_LANES 8
#include "aprender/simd/for_target.inc"
}  // namespace aprender::simd::avx512
APRENDER_SIMD_END
#endif

#undef APRENDER_SIMD_INLINE
#undef APRENDER_SIMD_PRAGMA
#undef APRENDER_SIMD_BEGIN
#undef APRENDER_SIMD_END

namespace aprender::simd {

/// One instruction set's functions; what they do is said in panels.inc, columns.inc, rows.inc, exact.inc and
/// logistic.inc.
struct Kernels {
  Target target;
  decltype(&baseline::pack<double, double>) pack_double;
  decltype(&baseline::pack<float, double>) pack_float;
  decltype(&baseline::pack<double, float>) pack_double_into_floats;
  decltype(&baseline::pack<float, float>) pack_float_into_floats;
  decltype(&baseline::column_range<double>) column_range_double;
  decltype(&baseline::column_range<float>) column_range_float;
  decltype(&baseline::rows_range<double>) rows_range_double;
  decltype(&baseline::rows_range<float>) rows_range_float;
  decltype(&baseline::dots<double>) dots_double;
  decltype(&baseline::dots<float>) dots_float;
  decltype(&baseline::combine<double>) combine_double;
  decltype(&baseline::combine<float>) combine_float;
  decltype(&baseline::row_products<double>) row_products_double;
  decltype(&baseline::row_products<float>) row_products_float;
  decltype(&baseline::row_sums<double>) row_sums_double;
  decltype(&baseline::row_sums<float>) row_sums_float;
  decltype(&baseline::dot) dot;
  decltype(&baseline::add_scaled) add_scaled;
  decltype(&baseline::scale_rows<double>) scale_rows_double;
  decltype(&baseline::scale_rows<float>) scale_rows_float;
  decltype(&baseline::multiply<double>) multiply_double;
  decltype(&baseline::multiply<float>) multiply_float;
  decltype(&baseline::correlate<double>) correlate_double;
  decltype(&baseline::correlate<float>) correlate_float;
  decltype(&baseline::exact_add) exact_add;
  decltype(&baseline::exact_dot) exact_dot;
  decltype(&baseline::logistic) logistic;

  template <class Scalar, class Element>
  void pack(const Scalar* x, Index row_stride, Index column_stride, const Index* columns, Index n_columns, Index rows,
            const double* factor, const double* mean, const double* scale, Element* panels) const {
    const auto run = [&](auto function) {
      function(x, row_stride, column_stride, columns, n_columns, rows, factor, mean, scale, panels);
    };
    constexpr bool from_double = std::same_as<Scalar, double>;
    if constexpr (std::same_as<Element, double>) {
      if constexpr (from_double) run(pack_double);
      if constexpr (!from_double) run(pack_float);
    } else {
      if constexpr (from_double) run(pack_double_into_floats);
      if constexpr (!from_double) run(pack_float_into_floats);
    }
  }
  void scale_rows(const double* panels, auto... arguments) const { scale_rows_double(panels, arguments...); }
  void scale_rows(const float* panels, auto... arguments) const { scale_rows_float(panels, arguments...); }
  void multiply(const double* a, auto... arguments) const { multiply_double(a, arguments...); }
  void multiply(const float* a, auto... arguments) const { multiply_float(a, arguments...); }
  void correlate(const double* panels, auto... arguments) const { correlate_double(panels, arguments...); }
  void correlate(const float* panels, auto... arguments) const { correlate_float(panels, arguments...); }
  void column_range(const double* x, auto... arguments) const { column_range_double(x, arguments...); }
  void column_range(const float* x, auto... arguments) const { column_range_float(x, arguments...); }
  void rows_range(const double* x, auto... arguments) const { rows_range_double(x, arguments...); }
  void rows_range(const float* x, auto... arguments) const { rows_range_float(x, arguments...); }
  void dots(const double* x, auto... arguments) const { dots_double(x, arguments...); }
  void dots(const float* x, auto... arguments) const { dots_float(x, arguments...); }
  void combine(const double* x, auto... arguments) const { combine_double(x, arguments...); }
  void combine(const float* x, auto... arguments) const { combine_float(x, arguments...); }
  void row_products(const double* x, auto... arguments) const { row_products_double(x, arguments...); }
  void row_products(const float* x, auto... arguments) const { row_products_float(x, arguments...); }
  void row_sums(const double* x, auto... arguments) const { row_sums_double(x, arguments...); }
  void row_sums(const float* x, auto... arguments) const { row_sums_float(x, arguments...); }
};

#define APRENDER_SIMD_TABLE(isa)                                                                                       \
  {                                                                                                                    \
    Target::isa, isa::pack<double, double>, isa::pack<float, double>, isa::pack<double, float>,                        \
        isa::pack<float, float>, isa::column_range<double>, isa::column_range<float>, isa::rows_range<double>,         \
        isa::rows_range<float>, isa::dots<double>, isa::dots<float>, isa::combine<double>, isa::combine<float>,        \
        isa::row_products<double>, isa::row_products<float>, isa::row_sums<double>, isa::row_sums<float>, isa::dot,    \
        isa::add_scaled, isa::scale_rows<double>, isa::scale_rows<float>, isa::multiply<double>, isa::multiply<float>, \
        isa::correlate<double>, isa::correlate<float>, isa::exact_add, isa::exact_dot, isa::logistic                   \
  }

/// Of an instruction set that is available. A template so that a program may have it, and with it all kernels, compiled
/// once (instances.hpp).
template <class Unused = void>
[[nodiscard]] const Kernels& kernels(Target target) {
#if APRENDER_SIMD_X86
  static constexpr Kernels avx2_kernels = APRENDER_SIMD_TABLE(avx2);
  static constexpr Kernels avx512_kernels = APRENDER_SIMD_TABLE(avx512);
  if (target == Target::avx2) return avx2_kernels;
  if (target == Target::avx512) return avx512_kernels;
#endif
  static constexpr Kernels baseline_kernels = APRENDER_SIMD_TABLE(baseline);
  static_cast<void>(target);
  return baseline_kernels;
}

#undef APRENDER_SIMD_TABLE

/// Those of the best instruction set that this processor has.
[[nodiscard]] inline const Kernels& kernels() {
  static const Kernels& best = kernels(best_target());
  return best;
}

}  // namespace aprender::simd
