/// Memory for the large intermediate results of a fit.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include <Eigen/Core>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace aprender::solver {

/// A matrix by columns whose entries are undefined at first. A large one lies on huge pages if the system has them, of
/// which each costs one page fault instead of 512; numpy asks for them in the same way (NUMPY_MADVISE_HUGEPAGE).
template <class Scalar>
class Workspace {
 public:
  using Matrix = Eigen::Map<Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>;

  Workspace() = default;
  Workspace(Eigen::Index rows, Eigen::Index cols) : rows_(rows), cols_(cols) {
    const std::size_t bytes = static_cast<std::size_t>(rows * cols) * sizeof(Scalar);
    const std::size_t unit = bytes >= huge_page / 2 ? huge_page : std::size_t{64};
    const std::size_t whole = (bytes + unit - 1) / unit * unit;
    data_.reset(static_cast<Scalar*>(::operator new (whole, std::align_val_t{unit})));
    data_.get_deleter().alignment = std::align_val_t{unit};
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (unit == huge_page) static_cast<void>(madvise(data_.get(), whole, MADV_HUGEPAGE));  // advice, no more
#endif
  }

  [[nodiscard]] bool empty() const noexcept { return data_ == nullptr; }
  [[nodiscard]] Scalar* data() noexcept { return data_.get(); }
  [[nodiscard]] Matrix matrix() noexcept { return {data_.get(), rows_, cols_}; }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21;

  struct Delete {
    std::align_val_t alignment{64};
    void operator()(Scalar* data) const noexcept { ::operator delete(data, alignment); }
  };

  std::unique_ptr<Scalar, Delete> data_;
  Eigen::Index rows_ = 0, cols_ = 0;
};

}  // namespace aprender::solver
