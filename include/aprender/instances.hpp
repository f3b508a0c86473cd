/// For programs that fit in several source files: declares that the solvers are compiled elsewhere, once.
///
/// Optional. Include this before any fit in every source file, and in exactly one define what is declared here:
///
///     APRENDER_INSTANTIATE_KERNELS                                 // at namespace scope: what depends on no X
///     APRENDER_INSTANTIATE_DENSE(double)                           // and for each scalar and kind of X in use
///     APRENDER_INSTANTIATE_SPARSE(double)
///
/// or link a library that does. Nothing but the time to compile changes.
#pragma once

#include "aprender/models.hpp"

namespace aprender::solver {

template <class Scalar>
using SparseOf = SparseDesign<Scalar, int>;  // a macro takes no comma

}  // namespace aprender::solver

// NOLINTBEGIN(bugprone-macro-parentheses): what is declared takes none
#define APRENDER_INSTANCES(storage, ...)                                                                               \
  namespace aprender::solver {                                                                                         \
  storage template class CentredColumns<__VA_ARGS__>;                                                                  \
  storage template class LeastSquaresProblem<__VA_ARGS__>;                                                             \
  storage template class LogisticProblem<__VA_ARGS__>;                                                                 \
  storage template class LogisticErrors<__VA_ARGS__>;                                                                  \
  storage template StandardErrors least_squares_errors(const CentredColumns<__VA_ARGS__>&, const InverseGram<>&,       \
                                                       double, int);                                                   \
  storage template InverseGram<> inverse_gram(const CentredColumns<__VA_ARGS__>&, double);                             \
  storage template SolutionOf<__VA_ARGS__> least_squares(const LinearSamples<__VA_ARGS__>&, bool, Team&, Telling&);    \
  storage template SolutionOf<__VA_ARGS__> ridge(const LinearSamples<__VA_ARGS__>&, double, bool, Team&, Telling&);    \
  storage template SolutionOf<__VA_ARGS__> elastic_net(const LinearSamples<__VA_ARGS__>&, Penalty, bool, Stopping&,    \
                                                       const Eigen::MatrixXd&, Team&);                                 \
  storage template std::vector<SolutionOf<__VA_ARGS__>> ridge_path(const LinearSamples<__VA_ARGS__>&,                  \
                                                                   const Eigen::VectorXd&, bool, Team&, Telling&);     \
  storage template std::vector<SolutionOf<__VA_ARGS__>> elastic_net_path(const LinearSamples<__VA_ARGS__>&,            \
                                                                         const std::vector<Penalty>&, bool, Stopping&, \
                                                                         const Eigen::MatrixXd&, Team&);               \
  storage template LeftOut leave_one_out(const LinearSamples<__VA_ARGS__>&, const Eigen::VectorXd&, bool, Team&,       \
                                         Telling&);                                                                    \
  storage template double largest_l1(const LinearSamples<__VA_ARGS__>&, bool, bool, Team&);                            \
  storage template double squared_norm(const __VA_ARGS__&, const Eigen::VectorXd&, bool, Team&);                       \
  storage template LogisticSolution<__VA_ARGS__::Scalar> smooth_logistic(const LogisticProblem<__VA_ARGS__>&,          \
                                                                         Eigen::MatrixXd, Stopping&);                  \
  storage template LogisticSolution<__VA_ARGS__::Scalar> lasso_logistic(const LogisticProblem<__VA_ARGS__>&,           \
                                                                        Eigen::MatrixXd, Stopping&);                   \
  }
#define APRENDER_SCORES(storage, scalar, outputs)                                                \
  namespace aprender::solver {                                                                   \
  storage template Eigen::Matrix<scalar, Eigen::Dynamic, outputs> dense_scores<scalar, outputs>( \
      const DenseDesign<scalar>&, const Eigen::Matrix<scalar, Eigen::Dynamic, outputs>&,         \
      const Eigen::Matrix<scalar, 1, outputs>&, int);                                            \
  }
#define APRENDER_KERNELS(storage)                                                                       \
  namespace aprender::simd {                                                                            \
  storage template const Kernels& kernels<void>(Target);                                                \
  }                                                                                                     \
  namespace aprender::solver {                                                                          \
  storage template class Cholesky<>;                                                                    \
  storage template class RaisedCholesky<>;                                                              \
  storage template class InverseGram<>;                                                                 \
  storage template class MinimumNorm<>;                                                                 \
  storage template class PivotedQr<>;                                                                   \
  storage template LeftSingular<> left_singular(const Eigen::MatrixXd&);                                \
  storage template double triangular_condition<Eigen::Lower>(const Eigen::Ref<const Eigen::MatrixXd>&); \
  storage template double triangular_condition<Eigen::Upper>(const Eigen::Ref<const Eigen::MatrixXd>&); \
  }
// NOLINTEND(bugprone-macro-parentheses)
#define APRENDER_INSTANTIATE_KERNELS APRENDER_KERNELS()
#define APRENDER_INSTANTIATE_DENSE(Scalar)  \
  APRENDER_INSTANCES(, DenseDesign<Scalar>) \
  APRENDER_SCORES(, Scalar, 1)              \
  APRENDER_SCORES(, Scalar, Eigen::Dynamic)
#define APRENDER_INSTANTIATE_SPARSE(Scalar) APRENDER_INSTANCES(, SparseOf<Scalar>)

APRENDER_KERNELS(extern)
APRENDER_SCORES(extern, double, 1)
APRENDER_SCORES(extern, double, Eigen::Dynamic)
APRENDER_SCORES(extern, float, 1)
APRENDER_SCORES(extern, float, Eigen::Dynamic)
APRENDER_INSTANCES(extern, DenseDesign<double>)
APRENDER_INSTANCES(extern, DenseDesign<float>)
APRENDER_INSTANCES(extern, SparseOf<double>)
APRENDER_INSTANCES(extern, SparseOf<float>)
