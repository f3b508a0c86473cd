#include "cli/samples.hpp"

#include <fmt/format.h>

namespace aprender::cli {
namespace {

/// Throws Failure(unusable_data) for so many classes that a classifier's memory would have no end.
void check_size(const Samples& samples, std::size_t n_classes) {
  // A number for each row and class, and for each feature and class.
  constexpr std::size_t most = std::size_t{1} << 29;  // 4 GiB
  if (n_classes == 2 || samples.rows() + samples.n_features() <= most / n_classes) return;
  throw Failure(ExitCode::unusable_data,
                fmt::format("{}: {} classes, {} rows and {} features are more than fit into {} GiB",
                            samples.file_name(), n_classes, samples.rows(), samples.n_features(), most >> 27),
                "Use fewer classes: is the target a column of identifiers?");
}

}  // namespace

Samples::Samples(const DataOptions& options)
    : data_(read(options)), targets_(options.target_names()), sample_weight_(options.sample_weight) {}

std::variant<Samples::TableFile, SparseFile> Samples::read(const DataOptions& options) {
  if (options.sparse) return read_sparse_data(options.data, options.n_features.value_or(0));
  DataFile file = read_data(options.data);
  Roles roles = assign_roles(file.table, options.targets, options.sample_weight, options.features);
  return TableFile{std::move(file), std::move(roles)};
}

const std::string& Samples::file_name() const {
  const auto* table = std::get_if<TableFile>(&data_);
  return table != nullptr ? table->file.table.file_name() : std::get<SparseFile>(data_).samples.file_name();
}

const TrainingData& Samples::source() const {
  const auto* table = std::get_if<TableFile>(&data_);
  return table != nullptr ? table->file.source : std::get<SparseFile>(data_).source;
}

std::size_t Samples::rows() const {
  const auto* table = std::get_if<TableFile>(&data_);
  return table != nullptr ? table->file.table.rows() : std::get<SparseFile>(data_).samples.rows();
}

std::size_t Samples::n_features() const {
  const auto* table = std::get_if<TableFile>(&data_);
  return table != nullptr ? table->roles.features.size()
                          : static_cast<std::size_t>(std::get<SparseFile>(data_).samples.x().cols());
}

std::vector<std::string> Samples::feature_labels() const {
  std::vector<std::string> labels;
  if (const auto* table = std::get_if<TableFile>(&data_)) {
    for (const std::size_t column : table->roles.features) labels.emplace_back(table->file.table.columns()[column]);
  } else {
    for (std::size_t j = 1; j <= n_features(); ++j) labels.push_back(std::to_string(j));
  }
  return labels;
}

Labels Samples::labels(const Eigen::VectorXd& sample_weight) const {
  if (const auto* sparse = std::get_if<SparseFile>(&data_)) {
    Labels labels =
        check_labels(value_or_fail(sparse->samples.integer_labels()), file_name() + ": labels", sample_weight);
    check_size(*this, labels.n_classes);
    return labels;
  }
  const auto& [file, roles] = std::get<TableFile>(data_);
  const Table& table = file.table;
  const std::size_t target = roles.targets.front();
  std::vector<std::string_view> texts;
  for (std::size_t row = 0; row < table.rows(); ++row) texts.push_back(table.field(row, target));
  Labels labels = read_labels(
      texts, fmt::format("{}: column {}", table.file_name(), in_quotes(table.columns()[target])),
      [&table, target](std::size_t row) { return table.where(row, target); }, sample_weight);
  check_size(*this, labels.n_classes);
  return labels;
}

Eigen::VectorXd Samples::weights() const {
  const auto* table_file = std::get_if<TableFile>(&data_);
  if (table_file == nullptr || !table_file->roles.sample_weight) return {};
  const Table& table = table_file->file.table;
  const std::size_t column = *table_file->roles.sample_weight;
  const std::vector<double> weights = number_column(table, column);
  double sum = 0.0;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] < 0) {
      throw Failure(ExitCode::unusable_data,
                    fmt::format("{}: the sample weight {} is negative", table.where(row, column),
                                in_quotes(table.field(row, column))));
    }
    sum += weights[row];
  }
  if (!(sum > 0) || !std::isfinite(sum)) {
    throw Failure(ExitCode::unusable_data, fmt::format("{}: column {}: sample weights with the sum {}",
                                                       table.file_name(), in_quotes(table.columns()[column]), sum));
  }
  return Eigen::Map<const Eigen::VectorXd>(weights.data(), static_cast<Eigen::Index>(weights.size()));
}

void Samples::refuse_float(std::size_t row, const std::string& what) const {
  throw Failure(ExitCode::unusable_data, fmt::format("{}: the {} is beyond the range of float",
                                                     std::get<SparseFile>(data_).samples.where(row), what));
}

}  // namespace aprender::cli
