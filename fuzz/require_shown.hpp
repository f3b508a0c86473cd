/// What a reader of tables must say as the command prints it.
#pragma once

#include "cli/terminal.hpp"
#include "fuzz/require.hpp"

namespace aprender::fuzz {

/// The error quotes names and values as they are in the table; printed, it is a refusal like any other.
inline void require_shown(const Error& error) {
  require_refusal({error.code, cli::printable(error.context)}, {ErrorCode::unusable_data});
}

}  // namespace aprender::fuzz
