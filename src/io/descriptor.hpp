/// A file descriptor that closes itself.
#pragma once

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

  /// What close(2) says, for those who wrote; the descriptor is gone afterwards whatever it says.
  [[nodiscard]] int close() noexcept { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

}  // namespace aprender::io
