#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

std::string advice(ErrorCode code) {
  switch (exit_code(code)) {
    case ExitCode::malformed_archive:
      return code == ErrorCode::limit_exceeded
                 ? ""
                 : "The file is no archive or was damaged; get it again from where it was made.";
    case ExitCode::unsupported:
      return "A newer aprender may read it.";
    case ExitCode::numeric_contract:
      return "The weights were edited or this machine computes differently; do not use the model.";
    default:
      return {};
  }
}

}  // namespace

Failure failure(const Error& error, const std::string& file) {
  const ExitCode code = exit_code(error.code);
  // What is wrong with a file or with data is said in full by the context; the codes name what is wrong with an
  // archive.
  if (code == ExitCode::file || code == ExitCode::unusable_data)
    return Failure(code, error.context, advice(error.code));
  const std::string prefix = file.empty() ? "" : file + ": ";
  const bool named = !prefix.empty() && error.context.starts_with(prefix);
  return Failure(code, prefix + to_string({error.code, named ? error.context.substr(prefix.size()) : error.context}),
                 advice(error.code));
}

}  // namespace aprender::cli
