#include "cli/trained.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/columns.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/page.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

void save(const ModelArchive& archive, const std::string& file) {
  const Progress progress("verifying and saving " + file);
  auto saved = archive.save(file);
  if (saved) return;
  // An archive that no reader would take is the fault of what went into it.
  if (saved.error().code == ErrorCode::limit_exceeded) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: too much for an archive: {}", file, saved.error().context));
  }
  throw failure(saved.error(), file);
}

std::string training_report(const ModelArchive& archive, const Samples& samples, const std::string& file) {
  const FitReport& fit = archive.report();
  const Description& said = archive.description();
  const TrainingData& data = *said.provenance.data;
  Page page(output_style(), terminal_width());
  page.section(said.name + " " + said.version);
  page.row("estimator", to_string(archive.estimator()));
  page.row("data", fmt::format("{}, {} rows", data.uri.empty() ? samples.file_name() : data.uri, data.rows));
  page.row("features", std::to_string(fit.n_features));
  page.row(samples.targets().size() == 1 ? "target" : "targets", fmt::format("{}", fmt::join(samples.targets(), ", ")));
  page.row("solver", solver_in_words(fit));
  page.row("converged", fit.converged ? "yes" : "NO");
  page.row("certificate", certificate(fit));
  if (fit.rank) page.row("rank", rank_in_words(fit));
  page.row("metrics", metrics_in_words(said));
  page.row("archive", file);
  page.row("archive id", archive.id());
  return page.text();
}

void warn_of(const ModelArchive& archive, const Samples& samples) {
  const FitReport& report = archive.report();
  if (!archive.schema().classes) {
    const Eigen::MatrixXd y = samples.y<double, Eigen::Dynamic>();
    for (Eigen::Index k = 0; k < y.cols(); ++k) {
      if (y.col(k).minCoeff() != y.col(k).maxCoeff()) continue;
      print_note(fmt::format("{}: the target {} is {} in every row, a constant", samples.file_name(),
                             in_quotes(samples.targets()[static_cast<std::size_t>(k)]), y(0, k)));
    }
  }
  if (report.converged) return;
  if (report.iterations == 0) {
    print_warning(fmt::format("not solved to the tolerance: {}", certificate(report)));
  } else {
    print_warning(fmt::format("not converged after {} iterations: {}; raise --max-iter or --tol", report.iterations,
                              certificate(report)));
  }
}

}  // namespace aprender::cli
