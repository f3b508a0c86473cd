// A part of what scripts/faults tries: every system call, and few of the allocations.
#include <filesystem>

#include <gtest/gtest.h>

#include "faults/campaign.hpp"
#include "faults/operations.hpp"
#include "support/temporary_directory.hpp"

namespace aprender::faults {
namespace {

TEST(Faults, ASystemCallThatFailsIsAnErrorAndNothingElse) {
  const support::TemporaryDirectory directory;
  furnish(directory.path());
  Table table;
  system_calls(directory.path(), table);
  EXPECT_TRUE(table.sound());
}

TEST(Faults, AnAllocationThatFailsIsAnErrorAndNothingElse) {
  const support::TemporaryDirectory directory;
  furnish(directory.path());
  Table table;
  allocations(directory.path(), table, 23);
  EXPECT_TRUE(table.sound());
}

TEST(Faults, WritersAndReadersAtOnceMeetWholeFilesOnly) {
  const support::TemporaryDirectory directory;
  Table table;
  writers_and_readers(directory.path(), 100, table);
  EXPECT_TRUE(table.sound());
}

}  // namespace
}  // namespace aprender::faults
