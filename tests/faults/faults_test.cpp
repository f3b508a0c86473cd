// A part of what scripts/faults tries: every system call, and few of the allocations.
#include <array>
#include <cstdint>
#include <filesystem>
#include <new>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "aprender/error.hpp"
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

/// `work` with the first allocation failing, then the second, until there is none left; what it returns, unless it ends
/// in std::bad_alloc, has to stand before `check`. How many allocations that were.
template <class Work, class Check>
std::uint64_t where_each_allocation_fails(const Work& work, const Check& check) {
  static_cast<void>(work());  // what libcrypto keeps from its first use on is there then
  bool struck = true;
  std::uint64_t at = 0;
  for (; struck; ++at) {
    std::optional<decltype(work())> result;
    arm(Fault::allocation, at);
    try {
      result.emplace(work());
    } catch (const std::bad_alloc&) {
      result.reset();
    }
    struck = disarm().struck;
    if (result) check(*result, at);
  }
  return at - 1;
}

constexpr std::array curves = {Curve::p256, Curve::p384, Curve::p521};

TEST(Faults, WhatIsSignedIsGenuineWhicheverAllocationFails) {
  for (const Curve curve : curves) {
    const PrivateKey key = PrivateKey::generate(curve);
    const std::uint64_t tried = where_each_allocation_fails(
        [&] { return key.sign("message"); },
        [&](const auto& signature, std::uint64_t at) {
          EXPECT_EQ(container::verify(key.public_key(), "message", signature), container::Verdict::genuine)
              << name(curve) << ", allocation " << at;
        });
    EXPECT_GT(tried, 10U) << name(curve);
  }
}

TEST(Faults, AGenuineSignatureIsNeverCalledForgedForLackOfMemory) {
  for (const Curve curve : curves) {
    const PrivateKey key = PrivateKey::generate(curve);
    const auto signature = key.sign("message");
    const std::uint64_t tried = where_each_allocation_fails(
        [&] { return container::verify(key.public_key(), "message", signature); },
        [&](container::Verdict verdict, std::uint64_t at) {
          EXPECT_EQ(verdict, container::Verdict::genuine) << name(curve) << ", allocation " << at;
        });
    EXPECT_GT(tried, 100U) << name(curve);
  }
}

TEST(Faults, AGoodKeyIsNeverCalledAnotherForLackOfMemory) {
  const PrivateKey key = PrivateKey::generate(Curve::p384);  // of which libcrypto went wrong in most places
  const auto accepted = [&](const auto& result, std::uint64_t at) {
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::out_of_memory) << "allocation " << at << ": " << result.error().context;
    }
  };
  const auto& public_pem = key.public_key().pem();
  EXPECT_GT(where_each_allocation_fails([&] { return PublicKey::from_pem(public_pem); }, accepted), 100U);
  const std::string private_pem = key.to_pem();
  EXPECT_GT(where_each_allocation_fails([&] { return PrivateKey::from_pem(private_pem); }, accepted), 100U);
}

TEST(Faults, WritersAndReadersAtOnceMeetWholeFilesOnly) {
  const support::TemporaryDirectory directory;
  Table table;
  writers_and_readers(directory.path(), 100, table);
  EXPECT_TRUE(table.sound());
}

}  // namespace
}  // namespace aprender::faults
