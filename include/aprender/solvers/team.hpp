/// Threads that work on one fit.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace aprender::solver {

/// A fixed number of members, of which the calling thread is one; the others wait between tasks.
class Team {
 public:
  explicit Team(int size = 1) {
    errors_.resize(static_cast<std::size_t>(size));
    for (int member = 1; member < size; ++member) threads_.emplace_back([this, member] { serve(member); });
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() {
    task_ = nullptr;
    announce();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] int size() const noexcept { return static_cast<int>(threads_.size()) + 1; }

  /// Calls task(member) for each member, 0 to size() - 1, at the same time, and waits for all; then rethrows the
  /// exception of the first member that ended with one.
  template <class Task>
  void run(const Task& task) {
    if (threads_.empty()) return task(0);
    context_ = &task;
    task_ = [](const void* context, int member) { (*static_cast<const Task*>(context))(member); };
    pending_.store(static_cast<int>(threads_.size()), std::memory_order_relaxed);
    announce();
    perform(0);
    spin([this] { return pending_.load(std::memory_order_acquire) == 0; });
    for (int pending = pending_.load(std::memory_order_acquire); pending != 0;
         pending = pending_.load(std::memory_order_acquire)) {
      pending_.wait(pending, std::memory_order_acquire);
    }
    for (std::exception_ptr& error : errors_) {
      if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }
  }

  struct Share {
    Eigen::Index begin, end;
  };
  /// The member's part of 0 ... count, starting at a multiple of `grain`.
  [[nodiscard]] Share share(Eigen::Index count, int member, Eigen::Index grain = 1) const noexcept {
    const Eigen::Index grains = (count + grain - 1) / grain;
    const auto start = [&](int m) { return std::min(count, grains * m / size() * grain); };
    return {start(member), start(member + 1)};
  }

 private:
  /// Looks again for some microseconds: tasks often follow one another sooner than a thread is woken up.
  template <class Done>
  static void spin(const Done& done) {
    for (int k = 0; k < 2000 && !done(); ++k) {
#if defined(__x86_64__) && defined(__GNUC__)
      __builtin_ia32_pause();
#endif
    }
  }

  void announce() {
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
  }
  void perform(int member) noexcept {
    try {
      task_(context_, member);
    } catch (...) {
      errors_[static_cast<std::size_t>(member)] = std::current_exception();
    }
  }
  void serve(int member) {
    for (std::uint32_t seen = 0;; ++seen) {
      spin([&] { return generation_.load(std::memory_order_acquire) != seen; });
      generation_.wait(seen, std::memory_order_acquire);
      if (task_ == nullptr) return;
      perform(member);
      if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) pending_.notify_one();
    }
  }

  std::vector<std::thread> threads_;
  std::vector<std::exception_ptr> errors_;
  std::atomic<std::uint32_t> generation_ = 0;
  std::atomic<int> pending_ = 0;
  void (*task_)(const void*, int) = nullptr;
  const void* context_ = nullptr;
};

}  // namespace aprender::solver
