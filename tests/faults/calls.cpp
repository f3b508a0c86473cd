#include "faults/calls.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <new>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What malloc and its like are called where they are not replaced.
#if defined(__SANITIZE_ADDRESS__)
#define FAULTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAULTS_SANITIZED 1
#endif
#endif
#ifdef FAULTS_SANITIZED
#define FAULTS_REAL(name) __interceptor_##name
#else
#define FAULTS_REAL(name) __libc_##name
#endif
extern "C" {
void* FAULTS_REAL(malloc)(std::size_t) noexcept;
void* FAULTS_REAL(calloc)(std::size_t, std::size_t) noexcept;
void* FAULTS_REAL(realloc)(void*, std::size_t) noexcept;
void FAULTS_REAL(free)(void*) noexcept;
}

namespace aprender::faults {
namespace {

enum Call : std::uint8_t {
  open_call,
  openat_call,
  read_call,
  write_call,
  fsync_call,
  close_call,
  fstat_call,
  fstatat_call,
  lstat_call,
  fchmod_call,
  renameat_call,
  linkat_call,
  unlinkat_call,
  mmap_call,
  allocation_call,
  n_calls
};
constexpr std::array<const char*, n_calls> names = {"open",     "openat", "read",     "write", "fsync",
                                                    "close",    "fstat",  "fstatat",  "lstat", "fchmod",
                                                    "renameat", "linkat", "unlinkat", "mmap",  "allocation"};

using Strikes = std::array<std::atomic<std::uint64_t>, n_calls>;
Strikes strikes_of_this_process{};
Strikes* all_strikes = &strikes_of_this_process;

std::atomic<bool> armed = false;
std::atomic<std::uint64_t> counted = 0;
std::atomic<std::int64_t> blocks = 0, descriptors = 0;
std::atomic<bool> struck = false;
std::atomic<const char*> struck_call = "";
Fault wanted = Fault::none;
std::uint64_t wanted_at = 0;

void strike(Call call) noexcept {
  struck = true;
  struck_call = names[call];
  ++(*all_strikes)[call];
}

[[noreturn]] void die() noexcept {
  ::kill(::getpid(), SIGKILL);
  std::abort();
}

/// Whether that call can fail in that way; `size` of a read or write, else 0.
bool can_be(Fault fault, Call call, std::size_t size) noexcept {
  switch (fault) {
    case Fault::io_error:
    case Fault::killed_before:
    case Fault::killed_after:
      return true;
    case Fault::no_space:
      return call == openat_call || call == write_call || call == fsync_call || call == close_call ||
             call == renameat_call || call == linkat_call;
    case Fault::interrupted:
      return call <= close_call || call == fchmod_call || call == renameat_call || call == linkat_call;
    case Fault::partial:
      return size >= 2;
    case Fault::killed_half_way:
      return size >= 2 && call == write_call;
    default:
      return false;
  }
}

/// The Fault of this very call, or none.
Fault fate(Call call, std::size_t size = 0) noexcept {
  if (!armed || is_allocation(wanted)) return Fault::none;
  if (counted++ != wanted_at || !can_be(wanted, call, size)) return Fault::none;
  strike(call);
  return wanted;
}

long failed(Fault fault) noexcept {
  errno = fault == Fault::io_error ? EIO : fault == Fault::no_space ? ENOSPC : EINTR;
  return -1;
}

/// make() unless it is this call's turn.
template <class Make>
long decide(Call call, Make make) noexcept {
  const Fault fault = fate(call);
  if (fault == Fault::none) return make();
  if (fault == Fault::killed_before) die();
  if (fault == Fault::killed_after) {
    make();
    die();
  }
  return failed(fault);
}

/// make(size) of a read or write unless it is this call's turn.
template <class Make>
long decide(Call call, std::size_t size, Make make) noexcept {
  const Fault fault = fate(call, size);
  switch (fault) {
    case Fault::none:
      return make(size);
    case Fault::partial:
      return make(size / 2);
    case Fault::killed_before:
      die();
    case Fault::killed_half_way:
      make(size / 2);
      die();
    case Fault::killed_after:
      make(size);
      die();
    default:
      return failed(fault);
  }
}

long opened(long descriptor) noexcept {
  if (armed && descriptor >= 0) ++descriptors;
  return descriptor;
}

thread_local bool spared = false;  // what this thread allocates is none of ours

bool allocation_fails() noexcept {
  if (!armed || spared) return false;
  if (!is_allocation(wanted)) return false;
  const std::uint64_t number = counted++;
  const std::uint64_t last = wanted == Fault::allocation         ? wanted_at
                             : wanted == Fault::allocation_burst ? wanted_at + 7
                                                                 : UINT64_MAX;
  const bool fails = number >= wanted_at && number <= last;
  if (fails && number == wanted_at) strike(allocation_call);
  if (fails) errno = ENOMEM;
  return fails;
}

void* held(void* block) noexcept {
  if (armed && !spared && block != nullptr) ++blocks;
  return block;
}

}  // namespace

void arm(Fault fault, std::uint64_t at) noexcept {
  wanted = fault;
  wanted_at = at;
  counted = 0;
  blocks = descriptors = 0;
  struck = false;
  struck_call = "";
  armed = true;
}

Counted disarm() noexcept {
  armed = false;
  return {counted, struck, struck_call, blocks, descriptors};
}

void share_strikes() {
  void* memory = ::mmap(nullptr, sizeof(Strikes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  all_strikes = new (memory) Strikes{};
}

std::string strikes() {
  std::string text;
  for (std::size_t i = 0; i < n_calls; ++i) {
    text += (text.empty() ? "" : ", ") + std::string(names[i]) + " " + std::to_string((*all_strikes)[i]);
  }
  return text;
}

bool all_were_struck() {
  return std::all_of(all_strikes->begin(), all_strikes->end(), [](const auto& times) { return times != 0; });
}

}  // namespace aprender::faults

using namespace aprender::faults;

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  const auto make = [&] { return opened(::syscall(SYS_openat, AT_FDCWD, path, flags, mode)); };
  return static_cast<int>(decide(open_call, make));
}

int openat(int directory, const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  const auto make = [&] { return opened(::syscall(SYS_openat, directory, path, flags, mode)); };
  return static_cast<int>(decide(openat_call, make));
}

ssize_t read(int file, void* to, std::size_t size) {
  return decide(read_call, size, [&](std::size_t n) { return ::syscall(SYS_read, file, to, n); });
}

ssize_t write(int file, const void* from, std::size_t size) {
  return decide(write_call, size, [&](std::size_t n) { return ::syscall(SYS_write, file, from, n); });
}

int fsync(int file) {
  return static_cast<int>(decide(fsync_call, [&] { return ::syscall(SYS_fsync, file); }));
}

// Whatever it answers, the descriptor is gone, as on Linux.
int close(int file) {
  const auto make = [&] {
    if (armed) --descriptors;
    return ::syscall(SYS_close, file);
  };
  const long answer = decide(close_call, make);
  if (answer < 0 && errno != EBADF) {
    const int why = errno;
    make();
    errno = why;
  }
  return static_cast<int>(answer);
}

int fstat(int file, struct stat* status) noexcept {
  return static_cast<int>(decide(fstat_call, [&] { return ::syscall(SYS_fstat, file, status); }));
}

int fstatat(int directory, const char* path, struct stat* status, int flags) noexcept {
  return static_cast<int>(
      decide(fstatat_call, [&] { return ::syscall(SYS_newfstatat, directory, path, status, flags); }));
}

int lstat(const char* path, struct stat* status) noexcept {
  return static_cast<int>(
      decide(lstat_call, [&] { return ::syscall(SYS_newfstatat, AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }));
}

int fchmod(int file, mode_t mode) noexcept {
  return static_cast<int>(decide(fchmod_call, [&] { return ::syscall(SYS_fchmod, file, mode); }));
}

int renameat(int from, const char* old, int to, const char* name) noexcept {
  return static_cast<int>(decide(renameat_call, [&] { return ::syscall(SYS_renameat2, from, old, to, name, 0); }));
}

int linkat(int from, const char* old, int to, const char* name, int flags) noexcept {
  return static_cast<int>(decide(linkat_call, [&] { return ::syscall(SYS_linkat, from, old, to, name, flags); }));
}

int unlinkat(int directory, const char* name, int flags) noexcept {
  return static_cast<int>(decide(unlinkat_call, [&] { return ::syscall(SYS_unlinkat, directory, name, flags); }));
}

void* mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  const auto make = [&] { return ::syscall(SYS_mmap, at, size, protection, flags, file, offset); };
  return reinterpret_cast<void*>(decide(mmap_call, make));  // NOLINT(performance-no-int-to-ptr): what the kernel gives
}

void* malloc(std::size_t size) noexcept { return allocation_fails() ? nullptr : held(FAULTS_REAL(malloc)(size)); }

void* calloc(std::size_t count, std::size_t size) noexcept {
  return allocation_fails() ? nullptr : held(FAULTS_REAL(calloc)(count, size));
}

void* realloc(void* block, std::size_t size) noexcept {
  if (allocation_fails()) return nullptr;
  void* moved = FAULTS_REAL(realloc)(block, size);
  if (block == nullptr) held(moved);
  return moved;
}

void free(void* block) noexcept {
  if (armed && !spared && block != nullptr) --blocks;
  FAULTS_REAL(free)(block);
}

#ifdef FAULTS_SANITIZED
// AddressSanitizer asks for it where a thread begins, and ends the process if there is no memory for the answer.
int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) noexcept {
  using Function = int (*)(pthread_t, pthread_attr_t*);
  spared = true;
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "pthread_getattr_np"));
  const int error = real(thread, attributes);
  spared = false;
  return error;
}
#endif
}

// Those of a sanitizer do not call malloc.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is what manages memory
void* operator new(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { std::free(block); }
// NOLINTEND(cppcoreguidelines-no-malloc)
