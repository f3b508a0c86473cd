/// For programs that fit in several source files: the solvers are compiled elsewhere, once.
///
/// Optional. Include this before any other header of the library in every source file, or define
/// APRENDER_SOLVERS_ELSEWHERE for the whole program; in one source file of its own instantiate what is in use
/// (instantiate.hpp), or link a library that does. Nothing but the time to compile changes: the headers then declare
/// the solvers and do not define them. A program that loads and predicts but fits nothing needs no more than that
/// macro. What nobody instantiates is an undefined reference.
#pragma once

#ifndef APRENDER_SOLVERS_ELSEWHERE
#define APRENDER_SOLVERS_ELSEWHERE
#endif

#include "aprender/models.hpp"

// NOLINTBEGIN(bugprone-macro-parentheses): what is declared takes none
#define APRENDER_SCORES(storage, scalar, outputs)                                                \
  namespace aprender::solver {                                                                   \
  storage template Eigen::Matrix<scalar, Eigen::Dynamic, outputs> dense_scores<scalar, outputs>( \
      const DenseDesign<scalar>&, const Eigen::Matrix<scalar, Eigen::Dynamic, outputs>&,         \
      const Eigen::Matrix<scalar, 1, outputs>&, int);                                            \
  }
// NOLINTEND(bugprone-macro-parentheses)

namespace aprender::simd {
extern template const Kernels& kernels<void>(Target);
}
APRENDER_SCORES(extern, double, 1)
APRENDER_SCORES(extern, double, Eigen::Dynamic)
APRENDER_SCORES(extern, float, 1)
APRENDER_SCORES(extern, float, Eigen::Dynamic)
