#include "cli/trained.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/columns.hpp"
#include "cli/estimator.hpp"
#include "cli/failure.hpp"
#include "cli/page.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {

namespace {

/// Whether the file holds the bytes that the archive will be saved as. A signature inside never comes out the same.
bool is_saved_as(const ModelArchive& archive, const std::string& file) {
  const auto before = ModelArchive::load(file);
  return before && before->id() == archive.id() && !archive.has_signature();
}

void remove_signature(const std::filesystem::path& signature) {
  std::error_code problem;
  if (!std::filesystem::remove(signature, problem)) {
    throw Failure(ExitCode::file, fmt::format("{}: cannot be removed: {}", signature.string(), problem.message()),
                  "It signs the archive that was replaced: readers that demand a signature will refuse the new one.");
  }
  print_note(fmt::format("removed {}, the signature of the archive that was replaced", signature.string()));
}

}  // namespace

void save(const ModelArchive& archive, const std::string& file) {
  const Progress progress("verifying and saving " + file);
  const std::filesystem::path signature = file + ".sig";
  std::error_code none;
  const bool outdated =
      std::filesystem::is_regular_file(std::filesystem::symlink_status(signature, none)) && !is_saved_as(archive, file);
  auto saved = archive.save(file);
  if (saved && outdated) remove_signature(signature);
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
