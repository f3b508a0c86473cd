/// What the linear regressions ask of their solvers: declarations. The definitions are in other headers of this
/// directory, which a program may compile in one source file alone (instances.hpp).
#pragma once

#include <vector>

#include <Eigen/Core>

#include "aprender/fitted.hpp"
#include "aprender/solvers/samples.hpp"
#include "aprender/solvers/stopping.hpp"
#include "aprender/solvers/team.hpp"

namespace aprender::solver {

/// y has a column a target.
template <class Design>
using LinearSamples = Samples<Design, Eigen::MatrixXd>;

/// Coefficients rounded once to Scalar, n_features x n_targets, and what is known about them.
template <Real Scalar>
struct LinearSolution {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> coefficients;
  Eigen::Matrix<Scalar, 1, Eigen::Dynamic> intercept;
  FitReport report;
};

template <class Design>
using SolutionOf = LinearSolution<typename Design::Scalar>;

/// Weights of the penalties, per unit of n: l1 > 0, l2 >= 0.
struct Penalty {
  double l1 = 0.0;
  double l2 = 0.0;
  bool positive = false;  ///< coefficients are constrained to be >= 0
};

/// least_squares.hpp
template <class Design>
[[nodiscard]] SolutionOf<Design> least_squares(const LinearSamples<Design>& samples, bool fit_intercept, Team& team,
                                               Telling& telling);

/// ridge.hpp
template <class Design>
[[nodiscard]] SolutionOf<Design> ridge(const LinearSamples<Design>& samples, double alpha, bool fit_intercept,
                                       Team& team, Telling& telling);

/// ridge_path.hpp
template <class Design>
[[nodiscard]] std::vector<SolutionOf<Design>> ridge_path(const LinearSamples<Design>& samples,
                                                         const Eigen::VectorXd& alphas, bool fit_intercept, Team& team,
                                                         Telling& telling);

struct LeftOut {
  Eigen::MatrixXd squared_error;       ///< n x n_alphas: of the sample left out, mean over targets
  Eigen::VectorXd gcv;                 ///< n_alphas
  Eigen::VectorXd degrees_of_freedom;  ///< n_alphas: trace of the matrix that maps y to the fitted values
};

/// leave_one_out.hpp
template <class Design>
[[nodiscard]] LeftOut leave_one_out(const LinearSamples<Design>& samples, const Eigen::VectorXd& alphas,
                                    bool fit_intercept, Team& team, Telling& telling);

/// coordinate_descent.hpp
template <class Design>
[[nodiscard]] SolutionOf<Design> elastic_net(const LinearSamples<Design>& samples, Penalty penalty, bool fit_intercept,
                                             Stopping& stopping, const Eigen::MatrixXd& initial, Team& team);

/// elastic_net_path.hpp
template <class Design>
[[nodiscard]] std::vector<SolutionOf<Design>> elastic_net_path(const LinearSamples<Design>& samples,
                                                               const std::vector<Penalty>& penalties,
                                                               bool fit_intercept, Stopping& stopping,
                                                               const Eigen::MatrixXd& initial, Team& team);

/// penalty_grid.hpp
template <class Design>
[[nodiscard]] double largest_l1(const LinearSamples<Design>& samples, bool fit_intercept, bool positive, Team& team);

/// penalty_grid.hpp
template <class Design>
[[nodiscard]] double squared_norm(const Design& x, const Eigen::VectorXd& weight, bool centre, Team& team);

}  // namespace aprender::solver
