#include "io/pages.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "in_memory.hpp"

namespace aprender::io {
namespace {

constexpr std::uintptr_t large_page = std::uintptr_t{2} << 20;
constexpr std::uint64_t most = PTRDIFF_MAX;                ///< bytes that one mapping may have
constexpr std::uint64_t small = std::uint64_t{128} << 10;  // what malloc has in store: no page fault

/// The part of [data, data + size) between multiples of `page`.
std::span<std::byte> whole_pages(const std::byte* data, std::size_t size, std::uintptr_t page) {
  const auto first = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t begin = (first + page - 1) / page * page;
  const std::uintptr_t end = (first + size) / page * page;
  if (begin >= end) return {};
  return {const_cast<std::byte*>(data) + (begin - first), end - begin};
}

}  // namespace

Pages::Pages(std::uint64_t size) {
  if (size == 0) return;
  if (size > most) throw std::bad_alloc();
  if (size < small) {
    start_ = std::calloc(in_memory(size), 1);  // NOLINT(cppcoreguidelines-no-malloc): this class is what owns it
    if (start_ == nullptr) throw std::bad_alloc();
    bytes_ = {static_cast<std::byte*>(start_), in_memory(size)};
    return;
  }
  length_ = in_memory(size) + (size < 2 * large_page ? 0 : large_page);
  start_ = ::mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start_ == MAP_FAILED) throw std::bad_alloc();
  auto* first = static_cast<std::byte*>(start_);
  if (length_ != size) first = whole_pages(first, length_, large_page).data();
  bytes_ = {first, in_memory(size)};
}

Pages::Pages(int descriptor, std::uint64_t size) {
  if (size == 0) return;
  if (size > most) throw std::bad_alloc();
  length_ = in_memory(size);
  start_ = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (start_ == MAP_FAILED) throw std::bad_alloc();
  bytes_ = {static_cast<std::byte*>(start_), length_};
}

Pages::Pages(Pages&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)),
      length_(std::exchange(other.length_, 0)),
      bytes_(std::exchange(other.bytes_, {})) {}

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(length_, other.length_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Pages::~Pages() {
  if (length_ == 0) {
    std::free(start_);  // NOLINT(cppcoreguidelines-no-malloc)
  } else {
    ::munmap(start_, length_);
  }
}

void Pages::release(std::span<const std::byte> part) const noexcept {
  if (length_ == 0) return;
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto pages = whole_pages(part.data(), part.size(), page);
  if (!pages.empty()) ::madvise(pages.data(), pages.size(), MADV_DONTNEED);
}

void prefer_large_pages(std::span<std::byte> memory) noexcept {
#ifdef MADV_HUGEPAGE
  const auto pages = whole_pages(memory.data(), memory.size(), large_page);
  if (!pages.empty()) ::madvise(pages.data(), pages.size(), MADV_HUGEPAGE);
#else
  (void)memory;
#endif
}

PagesAhead::PagesAhead(std::span<std::byte> memory) noexcept
    : missing_(whole_pages(memory.data(), memory.size(), large_page)) {}

bool PagesAhead::find_next() noexcept {
#ifdef MADV_POPULATE_WRITE
  if (missing_.empty()) return false;
  const auto last = missing_.last(large_page);
  if (::madvise(last.data(), last.size(), MADV_POPULATE_WRITE) != 0) return false;
  missing_ = missing_.first(missing_.size() - last.size());
  return !missing_.empty();
#else
  return false;
#endif
}

}  // namespace aprender::io
