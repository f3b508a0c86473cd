/// What must hold of accepted and of refused input; a fuzzer takes an abort as a finding.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>

#include "aprender/error.hpp"
#include "kernel/text.h"

namespace aprender::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline void require(bool holds, const std::string& what) { require(holds, what.c_str()); }

/// The error is of a kind that bytes can cause, and says in short what is wrong.
inline void require_error(const Error& error, std::initializer_list<ErrorCode> expected) {
  bool known = false;
  for (const ErrorCode code : expected) known = known || code == error.code;
  require(known, "an error of the reader, not " + to_string(error));
  require(!error.context.empty(), "an error says what is wrong");
  require(error.context.size() < 4096, "an error is short, however long what it is about");
  const auto* text = reinterpret_cast<const std::uint8_t*>(error.context.data());
  require(aprender_is_utf8(text, error.context.size()) != 0, "an error is UTF-8");
}

/// And it is one line without control characters, however the bytes tried to speak to a terminal through it.
inline void require_refusal(const Error& error, std::initializer_list<ErrorCode> expected) {
  require_error(error, expected);
  for (const char character : error.context) {
    require(static_cast<unsigned char>(character) >= 0x20 && character != 0x7f, "an error has no control characters");
  }
}

}  // namespace aprender::fuzz
