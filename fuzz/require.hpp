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

/// The code point at the start of well-formed UTF-8 of so many bytes.
inline unsigned code_point(const std::uint8_t* text, std::uint64_t length) {
  unsigned code = length == 1 ? text[0] : text[0] & (0xffU >> (length + 1));
  for (std::uint64_t k = 1; k < length; ++k) code = code << 6 | (text[k] & 0x3fU);
  return code;
}

/// A control character of C0 or C1, DEL, or one of the bidirectional algorithm (UAX 9), which turns text around.
inline bool moves_text(unsigned code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/// The error is of a kind that bytes can cause, and says in short what is wrong: one line of UTF-8 without anything
/// that speaks to a terminal, however the bytes tried to.
inline void require_refusal(const Error& error, std::initializer_list<ErrorCode> expected) {
  bool known = false;
  for (const ErrorCode code : expected) known = known || code == error.code;
  require(known, "an error of the reader, not " + to_string(error));
  require(!error.context.empty(), "an error says what is wrong");
  require(error.context.size() < 4096, "an error is short, however long what it is about");
  const auto* text = reinterpret_cast<const std::uint8_t*>(error.context.data());
  for (std::uint64_t at = 0, length = 0; at < error.context.size(); at += length) {
    length = aprender_utf8_sequence(text + at, error.context.size() - at);
    require(length != 0, "an error is UTF-8");
    require(!moves_text(code_point(text + at, length)), "an error has no control characters");
  }
}

}  // namespace aprender::fuzz
