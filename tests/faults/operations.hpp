/// What is done while something fails, and what must be true afterwards.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aprender/error.hpp"
#include "faults/calls.hpp"

namespace aprender::faults {

/// How one attempt went.
struct Ending {
  Counted counted;
  std::optional<Error> error;  ///< none: it succeeded
  std::string lost;            ///< why this must not be, or nothing
};

struct Operation {
  std::string name;
  std::optional<ErrorCode> refusal;                        ///< without a fault; none: it succeeds
  std::vector<ErrorCode> io_errors;                        ///< what a system call that fails may be called
  std::function<Ending(Fault, std::uint64_t at)> attempt;  ///< from the same beginning each time
  /// For those that write: what is lost after the process was killed meanwhile, or nothing.
  std::function<std::string()> aftermath = {};
};

/// Writes what the operations need into an empty directory.
void furnish(const std::filesystem::path& directory);

/// Loading, saving and signing there, in a fixed order.
[[nodiscard]] std::vector<Operation> operations(const std::filesystem::path& directory);
inline constexpr std::size_t n_operations = 15;

}  // namespace aprender::faults
