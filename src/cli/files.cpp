#include "cli/files.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "archive/text.hpp"
#include "cli/failure.hpp"
#include "cli/terminal.hpp"
#include "container/digest.hpp"
#include "io/read_file.hpp"
#include "io/replace_file.hpp"

namespace aprender::cli {
namespace {

constexpr std::size_t max_bytes = std::size_t{4} << 30;
constexpr std::string_view standard_input = "standard input";

Failure too_large(const std::string& name) {
  return Failure(ExitCode::unusable_data, fmt::format("{}: larger than {} GiB", name, max_bytes >> 30),
                 "The table is held in memory; train on a sample of its rows.");
}

std::vector<std::byte> read_standard_input() {
  constexpr std::size_t block = std::size_t{1} << 20;
  std::vector<std::byte> bytes;
  std::size_t size = 0;
  while (true) {
    if (bytes.size() < size + block) bytes.resize(2 * size + block);
    const ssize_t count = ::read(STDIN_FILENO, bytes.data() + size, block);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure(ExitCode::file, fmt::format("{}: {}", standard_input, std::strerror(errno)));
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) throw too_large(std::string(standard_input));
  }
  bytes.resize(size);
  return bytes;
}

std::vector<std::byte> read_bytes(const std::string& path) {
  if (path == "-") return read_standard_input();
  // A data file may well be named through a symbolic link; what the name means is resolved once, here.
  std::error_code problem;
  const std::filesystem::path resolved = std::filesystem::canonical(path, problem);
  auto bytes = io::read_file(problem ? std::filesystem::path(path) : resolved, max_bytes);
  if (bytes) return std::move(*bytes);
  if (bytes.error().code == ErrorCode::limit_exceeded) throw too_large(path);
  const std::string why = context_without(bytes.error(), problem ? path : resolved.string());
  throw Failure(ExitCode::file, fmt::format("{}: {}", path, why),
                bytes.error().code == ErrorCode::not_regular_file ? "Pipe data in with '--data -'." : "");
}

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string name_of(const std::string& path) { return path == "-" ? std::string(standard_input) : path; }

TrainingData describe(const std::string& path, const std::vector<std::byte>& bytes, std::size_t rows,
                      std::int64_t columns) {
  const std::string name = std::filesystem::path(name_of(path)).filename().string();
  return {.uri = archive::is_text(name) ? name : "",
          .sha256 = container::hex(container::sha256(bytes)),
          .rows = static_cast<std::int64_t>(rows),
          .columns = columns};
}

}  // namespace

DataFile read_data(const std::string& path) {
  const Progress progress("reading " + name_of(path));
  std::vector<std::byte> bytes = read_bytes(path);
  Table table = value_or_fail(read_csv(text_of(bytes), name_of(path)));
  TrainingData source = describe(path, bytes, table.rows(), static_cast<std::int64_t>(table.columns().size()));
  return {std::move(bytes), std::move(table), std::move(source)};
}

SparseFile read_sparse_data(const std::string& path, std::int64_t n_features) {
  const Progress progress("reading " + name_of(path));
  const std::vector<std::byte> bytes = read_bytes(path);
  SparseSamples samples = value_or_fail(read_libsvm(text_of(bytes), name_of(path), n_features));
  TrainingData source = describe(path, bytes, samples.rows(), samples.x().cols() + 1);
  return {std::move(samples), std::move(source)};
}

void check_destination(const std::filesystem::path& out, const std::filesystem::path& input, std::string_view option) {
  const auto fail = [&](std::string_view why) {
    throw Failure(ExitCode::file, fmt::format("{} {}: {}", option, out.string(), why));
  };
  std::error_code problem;
  const std::filesystem::path directory = out.has_parent_path() ? out.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(directory, problem)) {
    fail(fmt::format("there is no directory {}", directory.string()));
  }
  if (!out.has_filename()) fail("a directory, expected the name of a file");
  const std::filesystem::file_status status = std::filesystem::symlink_status(out, problem);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    fail("exists and is not a regular file");
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    fail(fmt::format("cannot write to directory {}: {}", directory.string(), std::strerror(errno)));
  }
  if (std::filesystem::exists(status) && std::filesystem::equivalent(out, input, problem)) {
    throw Failure(ExitCode::usage,
                  fmt::format("{} {} would replace the input {}", option, out.string(), input.string()));
  }
}

void write_file(const std::string& file, std::string_view text) {
  value_or_fail(io::replace_file(file, std::as_bytes(std::span(text))), file);
}

}  // namespace aprender::cli
