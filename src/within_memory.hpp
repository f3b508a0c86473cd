/// Where the library runs out of memory, its callers get an error like any other.
#pragma once

#include <new>

#include "aprender/error.hpp"

namespace aprender {

/// What compute() returns, or out_of_memory, for which nothing is allocated.
template <class Compute>
auto within_memory(const Compute& compute) -> decltype(compute()) {
  try {
    return compute();
  } catch (const std::bad_alloc&) {
    return tl::unexpected(Error{ErrorCode::out_of_memory, {}});
  }
}

}  // namespace aprender
