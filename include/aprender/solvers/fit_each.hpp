/// A path by one fit a penalty.
#pragma once

#include <cstdint>
#include <vector>

#include "aprender/fitted.hpp"

namespace aprender::solver {

/// The estimator with its alpha, or C, replaced.
template <class Estimator>
[[nodiscard]] Estimator with_penalty(Estimator estimator, double penalty) {
  if constexpr (requires { estimator.C; }) {
    estimator.C = penalty;
  } else {
    estimator.alpha = penalty;
  }
  return estimator;
}

/// A fit for each penalty, or those finished when options.progress asks to end. go_on(last fit, options of the next) is
/// called between two.
template <class Estimator, class X, class Y, class GoOn>
[[nodiscard]] auto fit_each(const Estimator& estimator, const X& x, const Y& y, const Eigen::VectorXd& penalties,
                            const FitOptions& options, const GoOn& go_on) {
  std::vector<decltype(estimator.fit(x, y, options))> fits;
  FitOptions told = options;
  if (options.progress) {
    told.progress = [&](FitProgress progress) {
      progress.fit = static_cast<std::int64_t>(fits.size());
      progress.n_fits = penalties.size();
      return options.progress(progress);
    };
  }
  for (const double penalty : penalties) {
    fits.push_back(with_penalty(estimator, penalty).fit(x, y, told));
    if (fits.back().report.stopped) break;
    go_on(fits.back(), told);
  }
  return fits;
}
template <class Estimator, class X, class Y>
[[nodiscard]] auto fit_each(const Estimator& estimator, const X& x, const Y& y, const Eigen::VectorXd& penalties,
                            const FitOptions& options) {
  return fit_each(estimator, x, y, penalties, options, [](const auto&, FitOptions&) {});
}

}  // namespace aprender::solver
