#include "faults/campaign.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/operations.hpp"

namespace aprender::faults {
namespace {

struct Kind {
  const char* name;
  Fault fault;
};
constexpr Kind kinds[] = {{"one allocation fails", Fault::allocation},
                          {"eight allocations in a row fail", Fault::allocation_burst},
                          {"allocations fail from there on", Fault::allocations},
                          {"a call fails: EIO", Fault::io_error},
                          {"a call fails: ENOSPC", Fault::no_space},
                          {"a call is interrupted: EINTR", Fault::interrupted},
                          {"half is read or written", Fault::partial},
                          {"killed before a call", Fault::killed_before},
                          {"killed half way of a write", Fault::killed_half_way},
                          {"killed after a call", Fault::killed_after}};

/// What a row's process has done so far, in memory that outlives it.
struct Progress {
  std::uint64_t at = 0;  ///< is being tried
  bool finished = false;
  bool applies = true;
  std::uint64_t tried = 0, succeeded = 0, refused = 0, lost = 0;
  char operation[40] = {};
};

/// A fault after which the operation cannot have done what it says.
bool must_be_reported(Fault fault, std::string_view call) {
  if (fault != Fault::io_error && fault != Fault::no_space) return false;
  return call != "close" && call != "unlinkat" && call != "lstat" && call != "fstat";
}

std::optional<ErrorCode> as_refusal(const Ending& ending) {
  return ending.error ? std::optional(ending.error->code) : std::nullopt;
}

/// Whether the attempt may end in its error: the one without a fault, or the one that says what failed.
bool is_named(const Operation& operation, Fault fault, const Ending& ending) {
  const ErrorCode code = ending.error->code;
  if (code == operation.refusal) return true;
  const bool memory = is_allocation(fault) || std::string_view(ending.counted.call) == "mmap";
  if (memory && code == ErrorCode::out_of_memory) return true;
  return !is_allocation(fault) && std::ranges::find(operation.io_errors, code) != operation.io_errors.end();
}

std::string verdict(const Operation& operation, Fault fault, const Ending& ending) {
  if (!ending.lost.empty()) return ending.lost;
  if (ending.counted.descriptors != 0) return std::to_string(ending.counted.descriptors) + " descriptors are left open";
  const bool harmless = fault == Fault::interrupted || fault == Fault::partial;
  if (harmless && as_refusal(ending) != operation.refusal) {
    return "no fault, and yet it " + (ending.error ? to_string(*ending.error) : std::string("succeeds"));
  }
  if (ending.error && !is_named(operation, fault, ending)) return "the failure is called " + to_string(*ending.error);
  if (!ending.error && must_be_reported(fault, ending.counted.call)) return "the failure is not reported";
  return {};
}

void report(const Operation& operation, const Kind& kind, std::uint64_t at, const char* call, const std::string& lost) {
  std::fprintf(stderr, "LOST: %s, %s (number %llu, %s): %s\n", operation.name.c_str(), kind.name,
               static_cast<unsigned long long>(at), call, lost.c_str());
}

/// In a process of its own. True if there was such a call at all, whether or not it can fail in that way.
bool die_at(const Operation& operation, const Kind& kind, Progress& progress) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    const Ending ending = operation.attempt(kind.fault, progress.at);
    ::_exit(ending.counted.calls > progress.at ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status) != 0;
  ++progress.tried;
  std::string lost = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? operation.aftermath() : "it crashes";
  ++(lost.empty() ? progress.succeeded : progress.lost);
  if (!lost.empty()) report(operation, kind, progress.at, "", lost);
  return true;
}

/// One attempt; another two where memory is left, which may have been the first use of something that is kept.
bool fail_at(const Operation& operation, const Kind& kind, Progress& progress) {
  Ending ending = operation.attempt(kind.fault, progress.at);
  if (!ending.counted.struck) return ending.counted.calls > progress.at;
  ++progress.tried;
  std::string lost = verdict(operation, kind.fault, ending);
  for (int again = 0; again < 2 && lost.empty() && ending.counted.blocks_held > 0; ++again) {
    ending = operation.attempt(kind.fault, progress.at);
    lost = verdict(operation, kind.fault, ending);
  }
  if (lost.empty() && ending.counted.blocks_held > 0) {
    lost = std::to_string(ending.counted.blocks_held) + " blocks of memory are left";
  }
  ++(!lost.empty() ? progress.lost : ending.error ? progress.refused : progress.succeeded);
  if (!lost.empty()) report(operation, kind, progress.at, ending.counted.call, lost);
  return true;
}

/// Of an operation that allocates more often than can be tried, 200 attempts spread over it: a key under a passphrase,
/// for which OpenSSL allocates in each of its hundred thousands of rounds.
std::uint64_t stride(const Operation& operation, const Kind& kind, std::uint64_t step) {
  if (!is_allocation(kind.fault)) return step;
  const std::uint64_t calls = operation.attempt(kind.fault, UINT64_MAX).counted.calls;
  return calls <= 20'000 ? step : step * (calls / 200);
}

void work(const Operation& operation, const Kind& kind, std::uint64_t step, Progress& progress) {
  std::snprintf(progress.operation, sizeof progress.operation, "%s", operation.name.c_str());
  progress.applies = !is_death(kind.fault) || operation.aftermath;
  if (progress.applies) {
    for (int warm = 0; warm < 2; ++warm) {
      const Ending ending = operation.attempt(Fault::none, 0);
      if (!ending.lost.empty() || as_refusal(ending) != operation.refusal) {
        throw std::runtime_error(operation.name + " does not work without a fault: " + ending.lost);
      }
    }
    const std::uint64_t apart = stride(operation, kind, step);
    while (is_death(kind.fault) ? die_at(operation, kind, progress) : fail_at(operation, kind, progress)) {
      progress.at += apart;
    }
  }
  progress.finished = true;
}

/// Runs it in a child; one that crashes is a loss, and another goes on behind the call where it did.
void run_row(const std::filesystem::path& directory, std::size_t index, const Kind& kind, std::uint64_t step,
             Progress& progress) {
  while (!progress.finished) {
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) {
      try {
        const auto every = operations(directory);
        work(every.at(index), kind, step, progress);
        std::exit(0);  // with the leak check of a sanitizer
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::_Exit(2);
      }
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) throw std::runtime_error("faults cannot be injected");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    std::fprintf(stderr, "LOST: %s, %s (number %llu): the process ends with status %d\n", progress.operation, kind.name,
                 static_cast<unsigned long long>(progress.at), status);
    ++progress.lost;
    if (!progress.finished) ++progress.tried;
    progress.at += step;
  }
}

template <class Wanted>
void run_rows(const std::filesystem::path& directory, Table& table, std::uint64_t step, Wanted wanted) {
  void* memory = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  for (std::size_t index = 0; index < n_operations; ++index) {
    for (const Kind& kind : kinds) {
      if (!wanted(kind.fault)) continue;
      Progress& progress = *new (memory) Progress;
      run_row(directory, index, kind, step, progress);
      if (!progress.applies || progress.tried == 0) continue;
      table.add({progress.operation, kind.name, progress.tried, progress.succeeded, progress.refused, progress.lost});
    }
  }
  ::munmap(memory, sizeof(Progress));
}

}  // namespace

void Table::add(const Row& row) {
  if (total_.tried == 0 && total_.lost == 0) {
    std::printf("%-22s %-32s %7s %9s %8s %5s\n", "operation", "fault", "tried", "succeeded", "refused", "lost");
  }
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%-22s %-32s %7llu %9llu %8llu %5llu\n", row.operation.c_str(), row.fault.c_str(), number(row.tried),
              number(row.succeeded), number(row.refused), number(row.lost));
  std::fflush(stdout);
  total_.tried += row.tried;
  total_.succeeded += row.succeeded;
  total_.refused += row.refused;
  total_.lost += row.lost;
}

void Table::end(const std::string& remark) const {
  std::printf("\n%s\n%llu faults tried, %llu survived, %llu lost\n", remark.c_str(),
              static_cast<unsigned long long>(total_.tried),
              static_cast<unsigned long long>(total_.succeeded + total_.refused),
              static_cast<unsigned long long>(total_.lost));
}

void system_calls(const std::filesystem::path& directory, Table& table) {
  run_rows(directory, table, 1, [](Fault fault) { return !is_allocation(fault); });
}

void allocations(const std::filesystem::path& directory, Table& table, std::uint64_t step) {
  run_rows(directory, table, step, is_allocation);
}

}  // namespace aprender::faults
