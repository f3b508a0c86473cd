/// The system calls and allocations of this very program, counted, and one of them made to fail.
///
/// The program defines open, read, malloc and their like itself. That takes precedence over the C library for all of
/// its libraries, shared ones too, so that every call is reached but for those that the C library makes of its own.
#pragma once

#include <cstdint>
#include <string>

namespace aprender::faults {

enum class Fault : std::uint8_t {
  none,              ///< calls are counted
  allocation,        ///< an allocation fails
  allocation_burst,  ///< it and the seven that follow: what is tried in another way fails too
  allocations,       ///< it and all that follow
  io_error,          ///< a call fails with EIO
  no_space,          ///< with ENOSPC
  interrupted,       ///< with EINTR
  partial,           ///< read and write do half of what was asked for
  killed_before,     ///< SIGKILL instead of the call
  killed_half_way,   ///< SIGKILL after half of a write
  killed_after,      ///< SIGKILL once it has been made
};

[[nodiscard]] constexpr bool is_allocation(Fault fault) {
  return fault == Fault::allocation || fault == Fault::allocation_burst || fault == Fault::allocations;
}
[[nodiscard]] constexpr bool is_death(Fault fault) { return fault >= Fault::killed_before; }

/// From here to `disarm` the fault strikes at the allocation or system call of that number; the first is 0.
void arm(Fault fault, std::uint64_t at) noexcept;

struct Counted {
  std::uint64_t calls = 0;       ///< or allocations
  bool struck = false;           ///< there was such a call, and it can fail in that way
  const char* call = "";         ///< which one it was
  std::int64_t blocks_held = 0;  ///< allocated and not freed
  std::int64_t descriptors = 0;  ///< opened and not closed
};
Counted disarm() noexcept;

/// From here on strikes are counted in all processes that are forked.
void share_strikes();

/// "read 12, write 30 ...": how often each call was struck.
[[nodiscard]] std::string strikes();

/// Whether each of them was.
[[nodiscard]] bool all_were_struck();

}  // namespace aprender::faults
