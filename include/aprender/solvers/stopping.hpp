/// When an iterative solver ends.
#pragma once

#include <cstdint>

#include "aprender/solvers/telling.hpp"

namespace aprender::solver {

/// The tolerance and the most iterations of a fit, and who is told of its progress and may stop it.
class Stopping {
 public:
  /// options outlives this object.
  Stopping(double tol, std::int64_t max_iter, const FitOptions& options, std::int64_t n_fits = 1)
      : tol_(tol), max_iter_(max_iter), telling_(options, n_fits) {}

  [[nodiscard]] double tol() const noexcept { return tol_; }
  [[nodiscard]] std::int64_t max_iter() const noexcept { return max_iter_; }

  [[nodiscard]] Telling& telling() noexcept { return telling_; }

  /// Whether the caller asked to stop.
  [[nodiscard]] bool stopped() const noexcept { return telling_.stopped(); }

  /// The next fit of a path begins.
  void next_fit() noexcept { telling_.next_fit(); }

  /// Tells where the fit is; false if it is to end: the certificate meets the tolerance, max_iter is reached, or the
  /// caller asked to stop.
  [[nodiscard]] bool proceed(std::int64_t iterations, double certificate) {
    return telling_.go_on(iterations, certificate, tol_) && iterations < max_iter_ && !(certificate <= tol_);
  }

 private:
  double tol_;
  std::int64_t max_iter_;
  Telling telling_;
};

}  // namespace aprender::solver
