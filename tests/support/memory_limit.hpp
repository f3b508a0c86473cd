/// While one lives, the process can ask for this much more memory and then no more. Without effect under
/// AddressSanitizer, which has reserved the whole address space.
#pragma once

#include <cstddef>
#include <cstdio>
#include <stdexcept>

#include <sys/resource.h>
#include <unistd.h>

namespace aprender::support {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitizer = true;
#elif defined(__has_feature)
inline constexpr bool address_sanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool address_sanitizer = false;
#endif

class MemoryLimit {
 public:
  explicit MemoryLimit(std::size_t bytes) {
    if (::getrlimit(RLIMIT_AS, &before_) != 0) throw std::runtime_error("no RLIMIT_AS");
    if (address_sanitizer) return;
    rlimit limit = before_;
    limit.rlim_cur = in_use() + bytes;
    if (::setrlimit(RLIMIT_AS, &limit) != 0) throw std::runtime_error("cannot set RLIMIT_AS");
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  static std::size_t in_use() {
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) throw std::runtime_error("no /proc/self/statm");
    std::fclose(file);
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  }

  rlimit before_{};
};

}  // namespace aprender::support
