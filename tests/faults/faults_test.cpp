// A part of what scripts/faults tries: every system call, and few of the allocations.
#include <cstdint>
#include <filesystem>
#include <new>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "aprender/trust.hpp"
#include "container/ecdsa.hpp"
#include "faults/calls.hpp"
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

TEST(Faults, WhatIsSignedIsGenuineWhicheverAllocationFails) {
  constexpr std::string_view message = "message";
  for (const Curve curve : {Curve::p256, Curve::p384, Curve::p521}) {
    const PrivateKey key = PrivateKey::generate(curve);
    const auto genuine = [&](const std::vector<std::byte>& signature) {
      return container::verify(key.public_key(), message, signature) == container::Verdict::genuine;
    };
    ASSERT_TRUE(genuine(key.sign(message)));  // and what libcrypto keeps from its first use on is there
    bool struck = true;
    std::uint64_t at = 0;
    for (; struck; ++at) {
      std::vector<std::byte> signature;
      arm(Fault::allocation, at);
      try {
        signature = key.sign(message);
      } catch (const std::bad_alloc&) {
        signature.clear();
      }
      struck = disarm().struck;
      EXPECT_TRUE(signature.empty() || genuine(signature)) << name(curve) << ", allocation " << at;
    }
    EXPECT_GT(at, 10U) << "allocations of a signature";
  }
}

TEST(Faults, WritersAndReadersAtOnceMeetWholeFilesOnly) {
  const support::TemporaryDirectory directory;
  Table table;
  writers_and_readers(directory.path(), 100, table);
  EXPECT_TRUE(table.sound());
}

}  // namespace
}  // namespace aprender::faults
