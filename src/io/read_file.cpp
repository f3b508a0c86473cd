#include "io/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "in_memory.hpp"
#include "io/again.hpp"
#include "io/descriptor.hpp"

namespace aprender::io {
namespace {

tl::unexpected<Error> refuse(ErrorCode code, const std::filesystem::path& file, const std::string& what) {
  return tl::unexpected(Error{code, file.string() + ": " + what});
}

std::string reason() { return std::generic_category().message(errno); }

ssize_t read_some(int descriptor, std::span<std::byte> into) {
  return again([&] { return ::read(descriptor, into.data(), into.size()); });
}

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// An open file, and what it was when it was opened.
struct Opened {
  Descriptor descriptor;
  struct stat status;

  [[nodiscard]] std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(status.st_size); }
};

Result<Opened> open_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
  if (file.native().find('\0') != std::string::npos) {
    return refuse(ErrorCode::cannot_open, file, "a path cannot hold a zero byte");
  }
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Opened opened{Descriptor(again([&] { return ::open(file.c_str(), flags); })), {}};
  if (!opened.descriptor.valid()) {
    if (errno == ENXIO) return refuse(ErrorCode::not_regular_file, file, "not a regular file");
    if (errno == ELOOP) return refuse(ErrorCode::cannot_open, file, "a symbolic link, which is not followed");
    return refuse(ErrorCode::cannot_open, file, reason());
  }
  if (::fstat(opened.descriptor.number(), &opened.status) != 0) return refuse(ErrorCode::cannot_read, file, reason());
  if (!S_ISREG(opened.status.st_mode)) return refuse(ErrorCode::not_regular_file, file, "not a regular file");
  const std::uint64_t most = std::min<std::uint64_t>(max_bytes, PTRDIFF_MAX);  // of 32 bits, where those are addresses
  if (opened.size() > most) {
    return refuse(ErrorCode::limit_exceeded, file,
                  std::to_string(opened.size()) + " bytes, at most " + std::to_string(most));
  }
  return opened;
}

/// Where the next bytes of a file are read to, and who is told of them.
class Progress {
 public:
  Progress(const Watch* watch, std::span<std::byte> pages) : watch_(watch), pages_(pages) {
    if (watch == nullptr) prefer_large_pages(pages);
  }

  [[nodiscard]] std::span<std::byte> next() const {
    constexpr std::size_t first_steps = std::size_t{64} << 10;
    constexpr std::size_t step = std::size_t{256} << 10;  // which is in the cache when it is told of
    if (watch_ == nullptr) return pages_.subspan(read_);
    return from(read_, undecided_ ? first_steps : step);
  }

  void has_read(std::size_t count) {
    read_ += count;
    if (watch_ == nullptr) return;
    if (undecided_) ask();
    if (undecided_ && read_ < pages_.size()) return;
    while (told_ < read_) {
      const auto part = from(told_, read_ - told_);
      told_ += part.size();
      watch_->next(part);
    }
  }

 private:
  /// Memory of the bytes from `offset` on that lie together, at most `most`.
  [[nodiscard]] std::span<std::byte> from(std::size_t offset, std::size_t most) const {
    const std::size_t begin = diversion_.offset;
    const std::size_t end = begin + diversion_.memory.size();
    std::span<std::byte> together = pages_.subspan(offset);
    if (offset < begin) together = together.first(begin - offset);
    if (offset >= begin && offset < end) together = diversion_.memory.subspan(offset - begin);
    return together.first(std::min(together.size(), most));
  }

  void ask() {
    const auto diversion = watch_->divert(pages_, read_);
    if (!diversion) return;
    undecided_ = false;
    if (diversion->memory.empty()) {
      prefer_large_pages(pages_.subspan(read_));
      return;
    }
    diversion_ = *diversion;
    if (read_ <= diversion_.offset) return;
    const auto early = pages_.first(read_).subspan(diversion_.offset);
    std::copy_n(early.begin(), std::min(early.size(), diversion_.memory.size()), diversion_.memory.begin());
  }

  const Watch* watch_;
  std::span<std::byte> pages_;
  Diversion diversion_;
  bool undecided_ = true;
  std::size_t read_ = 0;
  std::size_t told_ = 0;
};

/// Reads the whole file, which must stay as it is meanwhile.
Result<void> fill(const std::filesystem::path& file, const Opened& opened, std::span<std::byte> bytes,
                  const Watch* watch) {
  const int descriptor = opened.descriptor.number();
  Progress progress(watch, bytes);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = read_some(descriptor, progress.next());
    if (count < 0) return refuse(ErrorCode::cannot_read, file, reason());
    if (count == 0) return refuse(ErrorCode::cannot_read, file, "became shorter while it was read");
    done += static_cast<std::size_t>(count);
    progress.has_read(static_cast<std::size_t>(count));
  }
  std::byte behind{};
  const ssize_t more = read_some(descriptor, {&behind, 1});
  if (more < 0) return refuse(ErrorCode::cannot_read, file, reason());
  struct stat after {};
  if (::fstat(descriptor, &after) != 0) return refuse(ErrorCode::cannot_read, file, reason());
  if (more != 0 || !same_content(opened.status, after)) {
    return refuse(ErrorCode::cannot_read, file, "changed while it was read");
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
  return open_file(file, max_bytes).and_then([&](const Opened& opened) {
    std::vector<std::byte> bytes(in_memory(opened.size()));
    return fill(file, opened, bytes, nullptr).map([&] { return std::move(bytes); });
  });
}

Result<void> read_pages(const std::filesystem::path& file, std::uint64_t max_bytes, const Watch* watch, Pages& pages) {
  return open_file(file, max_bytes).and_then([&](const Opened& opened) {
    pages = Pages(opened.size());
    return fill(file, opened, pages.writable(), watch);
  });
}

Result<Pages> map_pages(const std::filesystem::path& file, std::uint64_t max_bytes) {
  return open_file(file, max_bytes).map([](const Opened& opened) {
    return Pages(opened.descriptor.number(), opened.size());
  });
}

}  // namespace aprender::io
