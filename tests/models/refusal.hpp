#pragma once

#include <stdexcept>
#include <string>

namespace aprender::test {

/// What `call` says of an argument it does not take, or "accepted".
template <class Call>
[[nodiscard]] std::string refusal(const Call& call) {
  try {
    (void)call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace aprender::test
