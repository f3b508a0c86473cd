/// A key is written and read back as the same key; what a private key signs, its public key verifies.
#include "aprender/trust.hpp"

#include <algorithm>

#include "container/base64.hpp"
#include "container/ecdsa.hpp"
#include "fuzz/numbers.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace aprender;

void require_public(const PublicKey& key) {
  const auto again = PublicKey::from_pem(key.pem());
  fuzz::require(again.has_value(), "a key that was read is read again");
  fuzz::require(again->pem() == key.pem() && again->fingerprint() == key.fingerprint() && again->curve() == key.curve(),
                "it is the same key");
  const std::array<std::byte, 8> no_signature{};
  fuzz::require(container::verify(key, "message", no_signature) == container::Verdict::forged,
                "zeros are no signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto refusals = {ErrorCode::malformed_key, ErrorCode::wrong_curve};
  if (const auto key = PublicKey::from_pem(text)) {
    require_public(*key);
  } else {
    fuzz::require_refusal(key.error(), refusals);
  }
  if (const auto key = PrivateKey::from_pem(text)) {
    require_public(key->public_key());
    fuzz::require(container::verify(key->public_key(), "message", key->sign("message")) == container::Verdict::genuine,
                  "what it signs is genuine");
    const auto again = PrivateKey::from_pem(key->to_pem());
    fuzz::require(again && again->public_key().pem() == key->public_key().pem(),
                  "written and read, it is the same key");
  } else {
    fuzz::require_refusal(key.error(), refusals);
  }
  return 0;
}

/// Mutates what is encoded in PEM.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  fuzz::Random random(seed);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t begin = std::min(text.find('\n'), size);
  const std::size_t end = std::max(std::min(text.rfind("\n-----END"), size), begin);
  std::string digits(text.substr(begin, end - begin));
  std::erase(digits, '\n');
  auto der = container::from_base64(digits);
  if (random.one_in(8) || !der || der->empty()) return LLVMFuzzerMutate(data, size, max_size);
  fuzz::mutate_bytes(*der);
  std::string mutated(text.substr(0, begin));
  const std::string encoded = container::to_base64(*der);
  for (std::size_t at = 0; at < encoded.size(); at += 64) mutated += "\n" + encoded.substr(at, 64);
  mutated += text.substr(end);
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::copy(mutated, data);
  return mutated.size();
}
