/// The solvers, for the source files of a program that compile them for all others (instances.hpp):
///
///     #include "aprender/instantiate.hpp"
///
///     APRENDER_INSTANTIATE_KERNELS                  // at namespace scope, in one file: what depends on no X
///     APRENDER_INSTANTIATE_DENSE(double)            // and for each scalar, kind of X and type of its indices in use
///     APRENDER_INSTANTIATE_SPARSE(double, int)
#pragma once

#include "aprender/instances.hpp"
#include "aprender/solvers/elastic_net_path.hpp"
#include "aprender/solvers/leave_one_out.hpp"
#include "aprender/solvers/logistic_fit.hpp"
#include "aprender/solvers/penalty_grid.hpp"
#include "aprender/solvers/summaries.hpp"

namespace aprender::solver {

template <class Design>
using FitOf = Fit<LinearRegression, LinearModel<typename Design::Scalar>>;
template <class Design>
using LogisticModelOf = LogisticModel<typename Design::Scalar>;
template <class Design>
using LogisticFitOf = Fit<LogisticRegression, LogisticModelOf<Design>>;

}  // namespace aprender::solver

// NOLINTBEGIN(bugprone-macro-parentheses): what is instantiated takes none
#define APRENDER_INSTANTIATE(...)                                                                                     \
  namespace aprender::solver {                                                                                        \
  template SolutionOf<__VA_ARGS__> least_squares(const LinearSamples<__VA_ARGS__>&, bool, Team&, Telling&);           \
  template SolutionOf<__VA_ARGS__> ridge(const LinearSamples<__VA_ARGS__>&, double, bool, Team&, Telling&);           \
  template SolutionOf<__VA_ARGS__> elastic_net(const LinearSamples<__VA_ARGS__>&, Penalty, bool, Stopping&,           \
                                               const Eigen::MatrixXd&, Team&);                                        \
  template std::vector<SolutionOf<__VA_ARGS__>> ridge_path(const LinearSamples<__VA_ARGS__>&, const Eigen::VectorXd&, \
                                                           bool, Team&, Telling&);                                    \
  template std::vector<SolutionOf<__VA_ARGS__>> elastic_net_path(const LinearSamples<__VA_ARGS__>&,                   \
                                                                 const std::vector<Penalty>&, bool, Stopping&,        \
                                                                 const Eigen::MatrixXd&, Team&);                      \
  template LeftOut leave_one_out(const LinearSamples<__VA_ARGS__>&, const Eigen::VectorXd&, bool, Team&, Telling&);   \
  template double largest_l1(const LinearSamples<__VA_ARGS__>&, bool, bool, Team&);                                   \
  template double squared_norm(const __VA_ARGS__&, const Eigen::VectorXd&, bool, Team&);                              \
  template LogisticSolution<__VA_ARGS__::Scalar> logistic(const ClassifiedSamples<__VA_ARGS__>&, LogisticPenalty,     \
                                                          bool, const Eigen::MatrixXd&, Stopping&, Team&);            \
  template double steepest_at_zero(const ClassifiedSamples<__VA_ARGS__>&, bool, Team&);                               \
  template LinearSummary linear_summary<__VA_ARGS__>(const FitOf<__VA_ARGS__>&, const __VA_ARGS__&,                   \
                                                     const Eigen::MatrixXd&, const FitOptions&, double);              \
  template LogisticSummary logistic_summary<__VA_ARGS__>(const LogisticFitOf<__VA_ARGS__>&, const __VA_ARGS__&,       \
                                                         const LogisticModelOf<__VA_ARGS__>::Labels&,                 \
                                                         const FitOptions&, double);                                  \
  }
#define APRENDER_KERNELS(storage)                                                                       \
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
#define APRENDER_INSTANTIATE_KERNELS             \
  namespace aprender::simd {                     \
  template const Kernels& kernels<void>(Target); \
  }                                              \
  APRENDER_KERNELS()
#define APRENDER_INSTANTIATE_DENSE(Scalar)  \
  APRENDER_INSTANTIATE(DenseDesign<Scalar>) \
  APRENDER_SCORES(, Scalar, 1)              \
  APRENDER_SCORES(, Scalar, Eigen::Dynamic)
#define APRENDER_INSTANTIATE_SPARSE(Scalar, Index) APRENDER_INSTANTIATE(SparseDesign<Scalar, Index>)

APRENDER_KERNELS(extern)
