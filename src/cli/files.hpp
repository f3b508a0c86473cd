/// The files a command reads and writes, beside archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/provenance.hpp"
#include "cli/csv.hpp"
#include "cli/libsvm.hpp"

namespace aprender::cli {

/// A table and the bytes it views.
struct DataFile {
  std::vector<std::byte> bytes;
  Table table;
  TrainingData source;  ///< name, if it is text, and digest of the bytes
};

/// Samples in the format of LIBSVM.
struct SparseFile {
  SparseSamples samples;
  TrainingData source;
};

/// Reads a CSV file, "-" for standard input, of at most 4 GiB. Throws Failure: file, unusable_data.
[[nodiscard]] DataFile read_data(const std::string& path);

/// The same of sparse samples with n_features features, 0 for the largest index that occurs.
[[nodiscard]] SparseFile read_sparse_data(const std::string& path, std::int64_t n_features);

/// Throws Failure before any work is done if `out` could not be written: no directory, no right, no regular file.
/// Throws Failure(usage) if writing it would replace `input`.
void check_destination(const std::filesystem::path& out, const std::filesystem::path& input,
                       std::string_view option = "--out");

/// Replaces a file atomically. Throws Failure(file).
void write_file(const std::string& file, std::string_view text);

}  // namespace aprender::cli
