/// System calls that signals interrupt.
#pragma once

#include <cerrno>

namespace aprender::io {

/// What call() answers, made again as long as that is EINTR. Not for close(2), which has closed all the same.
template <class Call>
auto again(const Call& call) {
  for (;;) {
    const auto answer = call();
    if (answer >= 0 || errno != EINTR) return answer;
  }
}

}  // namespace aprender::io
