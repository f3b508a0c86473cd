/// The files a command reads and writes, beside archives.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/provenance.hpp"
#include "cli/csv.hpp"

namespace aprender::cli {

/// A table and the bytes it views.
struct DataFile {
  std::vector<std::byte> bytes;
  Table table;
};

/// Reads a CSV file, "-" for standard input, of at most 4 GiB. Throws Failure: file, unusable_data.
[[nodiscard]] DataFile read_data(const std::string& path);

/// Name, if it is text, and digest of the bytes that were read.
[[nodiscard]] TrainingData describe(const DataFile& data);

/// Throws Failure before any work is done if `out` could not be written: no directory, no right, no regular file.
/// Throws Failure(usage) if writing it would replace `input`.
void check_destination(const std::filesystem::path& out, const std::filesystem::path& input,
                       std::string_view option = "--out");

/// Replaces a file atomically. Throws Failure(file).
void write_file(const std::string& file, std::string_view text);

}  // namespace aprender::cli
