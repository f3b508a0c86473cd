/// How a command gives up: one exception, which main turns into a message and an exit code.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "cli/exit_code.hpp"

namespace aprender::cli {

struct Failure : std::runtime_error {
  Failure(ExitCode exit_code, const std::string& message, std::string what_to_do = {})
      : std::runtime_error(message), code(exit_code), advice(std::move(what_to_do)) {}

  ExitCode code;
  std::string advice;  ///< what to do next, a sentence, or empty
};

/// The error as a Failure about an archive, or another file, with the advice that fits its code.
[[nodiscard]] Failure failure(const Error& error, const std::string& file = {});

/// The context of an error without the name of the file, where it begins with that.
[[nodiscard]] std::string context_without(const Error& error, const std::string& file);

template <class T>
T value_or_fail(Result<T>&& result, const std::string& file = {}) {
  if (!result) throw failure(result.error(), file);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace aprender::cli
