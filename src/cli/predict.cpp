/// aprender predict MODEL.aprender --data FILE.csv [--proba] [--out FILE.csv] [--trust KEY.pub.pem ...]

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <type_traits>

#include <fmt/format.h>

#include "cli/binding.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/model_view.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

struct PredictArguments {
  std::string model, data, out;
  TrustOptions trust;
  bool proba = false, sparse = false;
};

/// A header, then a line a row of `values`, numbers in the shortest digits that round-trip.
template <class Matrix, class Rows>
std::string number_lines(const std::vector<std::string>& header, const Matrix& values, const Rows& rows) {
  std::string text;
  for (std::size_t k = 0; k < header.size(); ++k) text += (k == 0 ? "" : ",") + csv_field(header[k]);
  text += '\n';
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    for (Eigen::Index k = 0; k < values.cols(); ++k) {
      if (!std::isfinite(values(i, k))) {
        throw Failure(ExitCode::unusable_data, rows.where(static_cast<std::size_t>(i)) + ": the prediction overflows",
                      "The values are far from those seen in training; 'aprender inspect' shows their ranges.");
      }
      fmt::format_to(std::back_inserter(text), "{}{}", k == 0 ? "" : ",", values(i, k));
    }
    text += '\n';
  }
  return text;
}

std::string label_lines(const Schema& schema, const std::vector<std::int64_t>& classes,
                        const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 1>& labels) {
  std::vector<std::string> fields;  // in the order of the model's classes
  for (const std::string& name : class_names(schema)) fields.push_back(csv_field(name));
  std::string text = csv_field(schema.targets.front()) + '\n';
  for (const std::int64_t label : labels) {
    const auto at = std::lower_bound(classes.begin(), classes.end(), label);
    text += fields[static_cast<std::size_t>(at - classes.begin())] + '\n';
  }
  return text;
}

/// `rows` is what the rows of X were read from.
template <class Model, class X, class Rows>
std::string predictions(const Model& model, const Schema& schema, const X& x, const Rows& rows, bool proba) {
  if constexpr (requires { model.classes(); }) {
    if (!proba) return label_lines(schema, model.classes(), model.predict(x));
    std::vector<std::string> header;
    for (const std::string& name : class_names(schema)) header.push_back("probability_" + name);
    return number_lines(header, model.predict_proba(x), rows);
  } else {
    return number_lines(schema.targets, model.predict(x), rows);
  }
}

std::string predictions(const ModelArchive& archive, const Table& table, bool proba) {
  const std::vector<std::size_t> columns = bind(archive.schema(), table);
  const Progress progress("predicting");
  const auto predict = [&](const auto& model) {
    const auto x = number_matrix<typename std::decay_t<decltype(model)>::Scalar>(table, columns);
    return predictions(model, archive.schema(), x, table, proba);
  };
  return std::visit(predict, archive.any_model());
}

/// The feature of index j is the j-th of the model.
std::string predictions(const ModelArchive& archive, const SparseSamples& samples, bool proba) {
  const Progress progress("predicting");
  const auto predict = [&](const auto& model) {
    using Scalar = typename std::decay_t<decltype(model)>::Scalar;
    const Eigen::SparseMatrix<Scalar, Eigen::RowMajor> x = samples.x().cast<Scalar>();
    return predictions(model, archive.schema(), x, samples, proba);
  };
  return std::visit(predict, archive.any_model());
}

ExitCode run_predict(const PredictArguments& options) {
  const bool to_file = !options.out.empty() && options.out != "-";
  if (to_file) {
    check_destination(options.out, options.data);
    check_destination(options.out, options.model);
  }
  const ModelArchive archive = load(options.model, load_options(options.trust));
  if (options.proba && !archive.schema().classes) {
    throw Failure(ExitCode::usage,
                  fmt::format("--proba: {} holds a regression, which predicts no probabilities", options.model));
  }
  const std::string text =
      options.sparse
          ? predictions(archive, read_sparse_data(options.data, archive.schema().n_features).samples, options.proba)
          : predictions(archive, read_data(options.data).table, options.proba);
  if (to_file) {
    write_file(options.out, text);
  } else {
    print(text);
  }
  return ExitCode::fine;
}

constexpr const char* predict_examples = R"(  aprender predict houses.aprender --data new.csv --out prices.csv
  aprender predict tumours.aprender --data new.csv --proba
  zcat new.csv.gz | aprender predict houses.aprender --data - | head)";

}  // namespace

void add_predict(CLI::App& app, Run& run_later) {
  const auto options = std::make_shared<PredictArguments>();
  CLI::App& command = add_command(app, "predict", "Predict the rows of a CSV file with an archived model",
                                  "MODEL.aprender --data FILE.csv [options]", predict_examples);
  command.add_option("MODEL.aprender", options->model, "The archive, verified before use")->type_name("");
  command
      .add_option("--data", options->data,
                  "Rows to predict, - for standard input; columns are\nbound by name, those the model does not know "
                  "are\nignored with a note")
      ->type_name("FILE.csv");
  command.add_flag("--sparse", options->sparse,
                   "The data are in LIBSVM format: INDEX stands for the\nmodel's feature of that place, the number "
                   "before them\nis not looked at");
  command.add_flag("--proba", options->proba, "Probabilities, one column a class, instead of\nlabels (classifiers)");
  command.add_option("--out", options->out, "Where to write the predictions, atomically\n(default: standard output)")
      ->type_name("FILE.csv");
  add_trust(command, options->trust);
  run_with(command, run_later, options, {"MODEL.aprender", "--data"}, run_predict);
}

}  // namespace aprender::cli
