/// Every fault at every call of every operation, each row of the table in processes of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace aprender::faults {

struct Row {
  std::string operation, fault;
  std::uint64_t tried = 0;      ///< calls that were made to fail
  std::uint64_t succeeded = 0;  ///< and the operation did what it should all the same
  std::uint64_t refused = 0;    ///< or there was a typed error, and everything was as before
  std::uint64_t lost = 0;       ///< anything else: it is said on standard error
};

class Table {
 public:
  void add(const Row& row);
  void end(const std::string& remark) const;
  [[nodiscard]] bool sound() const noexcept { return total_.tried != 0 && total_.lost == 0; }

 private:
  Row total_;
};

/// Every system call of every operation fails, is interrupted, done by half, or the last thing that the process does.
void system_calls(const std::filesystem::path& directory, Table& table);

/// Every allocation, or one in `step`, fails: that one, or it and all that follow.
void allocations(const std::filesystem::path& directory, Table& table, std::uint64_t step = 1);

/// Processes that write the same file again and again, and processes that read it meanwhile.
void writers_and_readers(const std::filesystem::path& directory, int rounds, Table& table);

/// Saves over a file with every amount of space left on this small file system, until there is enough.
void full_disk(const std::filesystem::path& directory, Table& table);

}  // namespace aprender::faults
