/// A member of an archive's container as its manifest lists it.
#pragma once

#include <cstdint>
#include <string>

namespace aprender {

struct Member {
  std::string name;
  std::uint64_t size = 0;  ///< bytes
  std::string sha256;      ///< 64 lower-case hex digits

  friend bool operator==(const Member&, const Member&) = default;
};

}  // namespace aprender
