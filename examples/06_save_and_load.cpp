// A model goes to disk and comes back: as the same bits, in single precision, or not at all.
//
// Shows: ModelArchive, save, load, model<M>(), the archive's id, and how a Result is asked.
// Checks: the loaded model is the saved one bit for bit, and so are its predictions; the id is the one that save gave.

#include <cstdlib>
#include <iostream>

#include <aprender/archive.hpp>

#include "read_csv.hpp"

int main() {
  const Table diabetes = read_csv(data_folder / "diabetes.csv");
  const auto fit = aprender::Ridge{.alpha = 1.0}.fit(diabetes.X, diabetes.y());

  // Train, describe, save. What save writes it has loaded back and checked before it replaces the file.
  const aprender::ModelArchive archive(
      fit, {.name = "diabetes", .version = "1.0.0", .features = diabetes.features, .targets = {diabetes.target}});
  const auto id = archive.save("diabetes.aprender");
  if (!id) {
    std::cout << "not saved: " << to_string(id.error()) << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "saved diabetes.aprender, id " << *id << "\n";

  // Somewhere else, some other day.
  const auto loaded = aprender::ModelArchive::load("diabetes.aprender");
  if (!loaded) {
    std::cout << "refused: " << to_string(loaded.error()) << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "loaded " << loaded->description().name << " " << loaded->description().version << ", id "
            << loaded->id() << "\n";

  // A program knows which model it wants, and gets that one or an error.
  const auto model = loaded->model<aprender::LinearModel<double>>().value();
  const auto narrow = loaded->model<aprender::LinearModel<float>>().value();
  const auto classifier = loaded->model<aprender::LogisticModel<double>>();

  const Eigen::VectorXd before = fit.model.predict(diabetes.X);
  const Eigen::VectorXd after = model.predict(diabetes.X);
  const Eigen::VectorXf rounded = narrow.predict(diabetes.X.cast<float>().eval());
  std::cout.precision(17);
  std::cout << "patient 1: " << before(0) << " before, " << after(0) << " after, " << rounded(0)
            << " in single precision\n";
  std::cout << "asked for a classifier: " << (classifier ? "WRONG" : to_string(classifier.error())) << "\n";

  const bool same = model.coefficients() == fit.model.coefficients() && model.intercept() == fit.model.intercept() &&
                    before == after && rounded.cast<double>().isApprox(after, 1e-4) && loaded->id() == *id &&
                    !classifier;
  std::cout << after.size() << " predictions, " << (same ? "the same bits" : "WRONG") << "\n";
  return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
