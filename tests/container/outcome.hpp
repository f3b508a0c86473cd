/// What a reader said, as text that a test can name.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "aprender/error.hpp"

namespace aprender {

template <class T>
[[nodiscard]] std::string outcome(const Result<T>& result) {
  return result ? std::string("accepted") : to_string(result.error());
}

/// The result is an error with this code whose context names what was found.
template <class T>
[[nodiscard]] testing::AssertionResult refused(const Result<T>& result, ErrorCode code, std::string_view context) {
  if (!result && result.error().code == code && result.error().context.find(context) != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << outcome(result) << "\n  expected " << name(code) << ": ... " << context;
}

}  // namespace aprender
