// An archive says what its columns mean and where the model comes from, years after everybody has forgotten.
//
// Shows: units and ranges of features, text labels of classes, measured metrics, digest of the training data, seed,
// and what is recorded without asking: library, compiler, processor, platform, commit of the training code.
// Checks: all of it comes back; the digest is the published one of the data file.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <aprender/archive.hpp>

#include "read_csv.hpp"

namespace {

/// The digest that examples/data/SHA256SUMS gives for that file.
std::string published_sha256(const std::string& file) {
  std::ifstream sums(data_folder / "SHA256SUMS");
  for (std::string digest, name; sums >> digest >> name;) {
    if (name == file) return digest;
  }
  return {};
}

/// What is known about three columns of the tumours: how long, how grey, how smooth.
std::vector<aprender::Feature> describe(const Eigen::MatrixXd& X) {
  std::vector<aprender::Feature> features{{.name = "mean_radius", .unit = "image units"},
                                          {.name = "mean_texture", .unit = "grey level"},
                                          {.name = "mean_smoothness"}};
  for (std::size_t j = 0; j < features.size(); ++j) {
    const auto column = X.col(static_cast<Eigen::Index>(j));
    features[j].range = aprender::Range{.min = column.minCoeff(), .max = column.maxCoeff()};
  }
  return features;
}

/// Everything there is to know about a model, from its archive alone.
void print(const aprender::ModelArchive& archive) {
  const auto& about = archive.description();
  std::cout << about.name << " " << about.version << ": " << about.description << ". " << about.intended_use << ".\n";
  for (const auto& [name, unit, range] : about.features.list()) {
    std::cout << "  " << name << " from " << range->min << " to " << range->max << " " << unit << "\n";
  }
  std::cout << "  gives " << about.targets.front() << ":";
  for (const auto& label : about.classes) std::cout << " " << label;
  std::cout << "\n";
  for (const auto& [metric, value] : about.metrics) std::cout << "  " << metric << " " << value << "\n";

  const auto& origin = archive.provenance();
  std::cout << "data: " << origin.data->uri << ", " << origin.data->rows << " x " << origin.data->columns
            << ", SHA-256 " << origin.data->sha256 << ", seed " << origin.seed.value() << "\n";
  std::cout << "code: " << (origin.code ? origin.code->git_commit : "not in a git repository") << "\n";
  std::cout << "trained by " << origin.library << ", " << origin.compiler << ", " << origin.blas << " on "
            << origin.platform << "\n";
}

}  // namespace

int main() {
  const auto started = std::chrono::steady_clock::now();
  const auto file = data_folder / "breast_cancer.csv";
  const Table table = read_csv(file);

  const Eigen::MatrixXd X = table.X(Eigen::all, {0, 1, 4});
  Eigen::VectorXi malignant(X.rows());
  for (Eigen::Index i = 0; i < X.rows(); ++i) {
    malignant(i) = table.labels[static_cast<std::size_t>(i)] == "malignant";
  }

  const std::uint64_t seed = 2024;
  const auto [train, test] = aprender::train_test_split(malignant, 0.25, seed);
  const auto fit = aprender::LogisticRegression{}.fit(X(train, Eigen::all), malignant(train));
  const double accuracy = aprender::accuracy_score(malignant(test), fit.model.predict(X(test, Eigen::all)));

  const auto data = aprender::describe_training_data(file, X.rows(), X.cols());
  if (!data) {
    std::cout << "no training data: " << to_string(data.error()) << "\n";
    return EXIT_FAILURE;
  }
  auto provenance = aprender::capture_provenance();
  provenance.data = *data;
  provenance.seed = seed;
  provenance.generator = "splitmix64";
  provenance.annotations = {{"procedure", "fine needle aspirate"}};
  aprender::record_duration(provenance, started);

  const aprender::ModelArchive written(fit, {.name = "tumours",
                                             .version = "2.1.0",
                                             .features = describe(X),
                                             .targets = {table.target},
                                             .classes = {"benign", "malignant"},
                                             .description = "Diagnosis from three measurements of cell nuclei",
                                             .licence = "CC-BY-4.0",
                                             .intended_use = "For teaching, not for patients",
                                             .metrics = {{"accuracy_test", accuracy}},
                                             .provenance = provenance});
  const auto archive = aprender::ModelArchive::from_bytes(written.to_bytes());
  if (!archive) {
    std::cout << "refused: " << to_string(archive.error()) << "\n";
    return EXIT_FAILURE;
  }
  print(*archive);

  const auto& origin = archive->provenance();
  const bool fine = origin.data->sha256 == published_sha256("breast_cancer.csv") && origin.seed == seed &&
                    origin.annotations == provenance.annotations &&
                    archive->description().classes == written.description().classes &&
                    archive->description().features.list().size() == 3 &&
                    archive->description().metrics.at("accuracy_test") == accuracy;
  std::cout << (fine ? "all of it came back" : "WRONG") << "\n";
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
