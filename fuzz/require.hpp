/// What must hold of accepted input; a fuzzer takes an abort as a finding.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace aprender::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace aprender::fuzz
