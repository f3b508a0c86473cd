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

/// `work` with the first allocation failing, then one that is `step` later, until there is none left; what it returns,
/// unless it ends in std::bad_alloc, has to stand before `check`. How many allocations there were.
template <class Work, class Check>
std::uint64_t where_each_allocation_fails(Fault fault, std::uint64_t step, const Work& work, const Check& check) {
  static_cast<void>(work());  // what libcrypto keeps from its first use on is there then
  bool struck = true;
  std::uint64_t at = 0;
  for (; struck; at += step) {
    std::optional<decltype(work())> result;
    arm(fault, at);
    try {
      result.emplace(work());
    } catch (const std::bad_alloc&) {
      result.reset();
    }
    struck = disarm().struck;
    if (result) check(*result, at);
  }
  return at - step;
}

/// The same for one allocation at a time, for eight in a row, every one of which is in two such rows, and for all from
/// there on.
template <class Work, class Check>
std::uint64_t wherever_allocations_fail(const Work& work, const Check& check) {
  for (const Fault fault : {Fault::allocation_burst, Fault::allocations}) {
    where_each_allocation_fails(fault, 4, work, check);
  }
  return where_each_allocation_fails(Fault::allocation, 1, work, check);
}

constexpr std::array curves = {Curve::p256, Curve::p384, Curve::p521};

TEST(Faults, WhatIsSignedIsGenuineWhicheverAllocationFails) {
  for (const Curve curve : curves) {
    const PrivateKey key = PrivateKey::generate(curve);
    const std::uint64_t tried = wherever_allocations_fail(
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
    const std::uint64_t tried = wherever_allocations_fail(
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
  EXPECT_GT(wherever_allocations_fail([&] { return PublicKey::from_pem(public_pem); }, accepted), 100U);
  const std::string private_pem = key.to_pem();
  EXPECT_GT(wherever_allocations_fail([&] { return PrivateKey::from_pem(private_pem); }, accepted), 100U);
}

/// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=aprender -days 36500
constexpr const char* certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfTCCASOgAwIBAgIUeB9cwNJL6ArJZAWsJfMuYwOQAY0wCgYIKoZIzj0EAwIw\n"
    "EzERMA8GA1UEAwwIYXByZW5kZXIwIBcNMjYxMTI5MDYzNTE3WhgPMjEyNjExMDUw\n"
    "NjM1MTdaMBMxETAPBgNVBAMMCGFwcmVuZGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE8YHrt7uxZk6SPTzXoWVCa1ettIN9sOCliO5QrcyBxbUbWDk5sCouvalQ\n"
    "/1tS32KBq/XVg3oJvrhN4Rwoh4ZoR6NTMFEwHQYDVR0OBBYEFNJgVDFTRg2vcu7E\n"
    "0Fnlx9vmVcTCMB8GA1UdIwQYMBaAFNJgVDFTRg2vcu7E0Fnlx9vmVcTCMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgaW46BPFEVb34gEqEsYO+iD8/\n"
    "BEfvEliloUftzTNMEJwCIQDRJ6fIlZ01bAJI+8nSjMPexdsBE+yWSHqCXEi6rW9Q\n"
    "tw==\n"
    "-----END CERTIFICATE-----\n";

TEST(Faults, AGoodCertificateIsAcceptedWithItsPeriodOrNotAtAll) {
  const PublicKey whole = PublicKey::from_pem(certificate).value();
  const auto accepted = [&](const Result<PublicKey>& result, std::uint64_t at) {
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::out_of_memory) << "allocation " << at << ": " << result.error().context;
      return;
    }
    EXPECT_EQ(result->fingerprint(), whole.fingerprint()) << "allocation " << at;
    EXPECT_EQ(result->valid_from(), whole.valid_from()) << "allocation " << at;
    EXPECT_EQ(result->valid_until(), whole.valid_until()) << "allocation " << at;
  };
  EXPECT_GT(wherever_allocations_fail([&] { return PublicKey::from_pem(certificate); }, accepted), 100U);
}

TEST(Faults, WritersAndReadersAtOnceMeetWholeFilesOnly) {
  const support::TemporaryDirectory directory;
  Table table;
  writers_and_readers(directory.path(), 100, table);
  EXPECT_TRUE(table.sound());
}

}  // namespace
}  // namespace aprender::faults
