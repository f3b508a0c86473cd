/// For programs that fit in several source files: declares that the solvers are compiled elsewhere, once.
///
/// Optional. Include this before any fit in every source file, and in exactly one define what is declared here:
///
///     APRENDER_INSTANTIATE(aprender::solver::DenseDesign<double>)    // at namespace scope, for each design in use
///
/// or link a library that does. Nothing but the time to compile changes.
#pragma once

#include "aprender/models.hpp"

namespace aprender::solver {

using SparseDouble = SparseDesign<double, int>;
using SparseFloat = SparseDesign<float, int>;

}  // namespace aprender::solver

#define APRENDER_INSTANCES(storage, ...)                                                                               \
  namespace aprender::solver {                                                                                         \
  storage template class CentredColumns<__VA_ARGS__>;                                                                  \
  storage template class LeastSquaresProblem<__VA_ARGS__>;                                                             \
  storage template class LogisticProblem<__VA_ARGS__>;                                                                 \
  storage template SolutionOf<__VA_ARGS__> least_squares(const LinearSamples<__VA_ARGS__>&, bool, Team&);              \
  storage template SolutionOf<__VA_ARGS__> ridge(const LinearSamples<__VA_ARGS__>&, double, bool, Team&);              \
  storage template SolutionOf<__VA_ARGS__> elastic_net(const LinearSamples<__VA_ARGS__>&, Penalty, bool, Stopping&,    \
                                                       const Eigen::MatrixXd&, Team&);                                 \
  storage template std::vector<SolutionOf<__VA_ARGS__>> ridge_path(const LinearSamples<__VA_ARGS__>&,                  \
                                                                   const Eigen::VectorXd&, bool, Team&);               \
  storage template std::vector<SolutionOf<__VA_ARGS__>> elastic_net_path(const LinearSamples<__VA_ARGS__>&,            \
                                                                         const std::vector<Penalty>&, bool, Stopping&, \
                                                                         const Eigen::MatrixXd&, Team&);               \
  storage template LogisticSolution<__VA_ARGS__::Scalar> smooth_logistic(const LogisticProblem<__VA_ARGS__>&,          \
                                                                         Eigen::MatrixXd, Stopping&);                  \
  storage template LogisticSolution<__VA_ARGS__::Scalar> lasso_logistic(const LogisticProblem<__VA_ARGS__>&,           \
                                                                        Eigen::MatrixXd, Stopping&);                   \
  }
#define APRENDER_INSTANTIATE(...) APRENDER_INSTANCES(, __VA_ARGS__)

APRENDER_INSTANCES(extern, DenseDesign<double>)
APRENDER_INSTANCES(extern, DenseDesign<float>)
APRENDER_INSTANCES(extern, SparseDouble)
APRENDER_INSTANCES(extern, SparseFloat)
