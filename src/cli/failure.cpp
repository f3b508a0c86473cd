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
  const std::string text = to_string({error.code, context_without(error, file)});
  return Failure(code, file.empty() ? text : file + ": " + text, advice(error.code));
}

std::string context_without(const Error& error, const std::string& file) {
  const std::string prefix = file + ": ";
  return error.context.starts_with(prefix) ? error.context.substr(prefix.size()) : error.context;
}

}  // namespace aprender::cli
