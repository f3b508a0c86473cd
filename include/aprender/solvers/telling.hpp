/// Who is told of the progress of a fit and may stop it.
#pragma once

#include <cstdint>
#include <utility>

#include "aprender/fitted.hpp"

namespace aprender::solver {

/// Tells FitOptions::progress where the fits of a call are, and remembers that it asked to stop.
class Telling {
 public:
  /// options outlives this object.
  explicit Telling(const FitOptions& options, std::int64_t n_fits = 1) : options_(options), n_fits_(n_fits) {}

  /// Whether the caller asked to stop.
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// The next fit of a path begins.
  void next_fit() noexcept { ++fit_; }

  /// Tells where the fit is; false if the caller asks to stop, or did so before.
  bool go_on(std::int64_t iterations, double certificate, double tolerance) {
    if (options_.progress && !stopped_) {
      stopped_ = !options_.progress({.fit = fit_,
                                     .n_fits = n_fits_,
                                     .iterations = iterations,
                                     .certificate = certificate,
                                     .tolerance = tolerance});
    }
    return !stopped_;
  }

 private:
  const FitOptions& options_;
  std::int64_t n_fits_;
  std::int64_t fit_ = 0;
  bool stopped_ = false;
};

/// A certified solution of least squares or ridge, whose end is told.
template <class Solution>
[[nodiscard]] Solution told(Solution solution, Telling& telling) {
  FitReport& report = solution.report;
  telling.go_on(report.iterations, *report.backward_error, report.tolerance);
  report.stopped = telling.stopped();
  return solution;
}

}  // namespace aprender::solver
