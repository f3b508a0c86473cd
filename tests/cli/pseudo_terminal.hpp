/// A terminal of the tests' own.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

namespace aprender::cli {

/// A pseudo-terminal; what a process wrote to it can be read once.
class PseudoTerminal {
 public:
  PseudoTerminal() : primary_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (primary_ < 0 || ::grantpt(primary_) != 0 || ::unlockpt(primary_) != 0) throw std::runtime_error("no terminal");
    secondary_ = ::open(::ptsname(primary_), O_RDWR | O_NOCTTY);
    ::fcntl(primary_, F_SETFL, O_NONBLOCK);
  }
  ~PseudoTerminal() {
    ::close(primary_);
    ::close(secondary_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  [[nodiscard]] int descriptor() const { return secondary_; }
  [[nodiscard]] std::string written() const {
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t n = 0; (n = ::read(primary_, chunk.data(), chunk.size())) > 0;) {
      text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  int primary_, secondary_ = -1;
};

}  // namespace aprender::cli
