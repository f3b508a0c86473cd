/// What logistic regression asks of its solvers: declarations, as in linear_solvers.hpp.
#pragma once

#include <Eigen/Core>

#include "aprender/fitted.hpp"
#include "aprender/solvers/classified_samples.hpp"
#include "aprender/solvers/stopping.hpp"
#include "aprender/solvers/team.hpp"

namespace aprender::solver {

/// Coefficients rounded once to Scalar, one row (two classes) or one a class, and what is known about them.
template <Real Scalar>
struct LogisticSolution {
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> coefficients;
  Eigen::Matrix<Scalar, 1, Eigen::Dynamic> intercept;
  FitReport report;
};

/// weight (l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||^2)
struct LogisticPenalty {
  double weight = 0.0;
  double l1_ratio = 0.0;
};

/// logistic_fit.hpp
template <class Design>
[[nodiscard]] LogisticSolution<typename Design::Scalar> logistic(const ClassifiedSamples<Design>& samples,
                                                                 LogisticPenalty penalty, bool fit_intercept,
                                                                 const Eigen::MatrixXd& initial, Stopping& stopping,
                                                                 Team& team);

/// logistic_fit.hpp
template <class Design>
[[nodiscard]] double steepest_at_zero(const ClassifiedSamples<Design>& samples, bool fit_intercept, Team& team);

}  // namespace aprender::solver
