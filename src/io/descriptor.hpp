/// A file descriptor that closes itself.
#pragma once

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace aprender::io {

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;

  [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }
  [[nodiscard]] int number() const noexcept { return number_; }

  /// What close(2) says, for those who wrote; the descriptor is gone afterwards whatever it says. A signal that
  /// interrupted it, once there was nothing left to write, takes nothing back.
  [[nodiscard]] int close() noexcept {
    const int answer = ::close(std::exchange(number_, -1));
    return answer < 0 && errno == EINTR ? 0 : answer;
  }

 private:
  int number_;
};

}  // namespace aprender::io
