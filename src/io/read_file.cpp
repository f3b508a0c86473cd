#include "io/read_file.hpp"

#include <cerrno>
#include <span>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include "io/descriptor.hpp"

namespace aprender::io {
namespace {

tl::unexpected<Error> refuse(ErrorCode code, const std::filesystem::path& file, const std::string& what) {
  return tl::unexpected(Error{code, file.string() + ": " + what});
}

std::string reason() { return std::generic_category().message(errno); }

/// read(2), again if a signal interrupted it.
ssize_t read_some(int descriptor, std::span<std::byte> into) {
  for (;;) {
    const ssize_t count = ::read(descriptor, into.data(), into.size());
    if (count >= 0 || errno != EINTR) return count;
  }
}

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
  if (file.native().find('\0') != std::string::npos) {
    return refuse(ErrorCode::cannot_open, file, "a path cannot hold a zero byte");
  }
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.valid()) {
    if (errno == ENXIO) return refuse(ErrorCode::not_regular_file, file, "not a regular file");
    if (errno == ELOOP) return refuse(ErrorCode::cannot_open, file, "a symbolic link, which is not followed");
    return refuse(ErrorCode::cannot_open, file, reason());
  }
  struct stat before {};
  if (::fstat(opened.number(), &before) != 0) return refuse(ErrorCode::cannot_read, file, reason());
  if (!S_ISREG(before.st_mode)) return refuse(ErrorCode::not_regular_file, file, "not a regular file");
  const auto size = static_cast<std::uint64_t>(before.st_size);
  if (size > max_bytes) {
    return refuse(ErrorCode::limit_exceeded, file,
                  std::to_string(size) + " bytes, at most " + std::to_string(max_bytes));
  }

  std::vector<std::byte> bytes(size);
  for (std::span<std::byte> rest(bytes); !rest.empty();) {
    const ssize_t count = read_some(opened.number(), rest);
    if (count < 0) return refuse(ErrorCode::cannot_read, file, reason());
    if (count == 0) return refuse(ErrorCode::cannot_read, file, "became shorter while it was read");
    rest = rest.subspan(static_cast<std::size_t>(count));
  }
  std::byte behind{};
  const ssize_t more = read_some(opened.number(), {&behind, 1});
  if (more < 0) return refuse(ErrorCode::cannot_read, file, reason());
  struct stat after {};
  if (::fstat(opened.number(), &after) != 0) return refuse(ErrorCode::cannot_read, file, reason());
  if (more != 0 || !same_content(before, after)) {
    return refuse(ErrorCode::cannot_read, file, "changed while it was read");
  }
  return bytes;
}

}  // namespace aprender::io
