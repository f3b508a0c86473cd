#include <cstdint>
#include <span>

#include "aprender/trust.hpp"
#include "io/read_file.hpp"
#include "io/replace_file.hpp"
#include "within_memory.hpp"

namespace aprender {
namespace {

constexpr std::uint64_t largest_key_file = std::uint64_t{64} << 10;

/// Calls decode(text of the file); what it refuses is said of that file.
template <class Decode>
auto decoded(const std::filesystem::path& file, const Decode& decode) -> decltype(decode(std::string_view())) {
  return within_memory([&]() -> decltype(decode(std::string_view())) {
    auto bytes = io::read_file(file, largest_key_file);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    auto key = decode(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
    for (volatile std::byte& each : *bytes) each = std::byte{0};  // it may have been a secret
    if (!key) key.error().context = file.string() + ": " + key.error().context;
    return key;
  });
}

}  // namespace

Result<PublicKey> PublicKey::load(const std::filesystem::path& file) {
  return decoded(file, [](std::string_view pem) { return from_pem(pem); });
}

Result<PrivateKey> PrivateKey::load(const std::filesystem::path& file, std::string_view passphrase) {
  return decoded(file, [&](std::string_view pem) { return from_pem(pem, passphrase); });
}

Result<void> PrivateKey::save(const std::filesystem::path& file, std::string_view passphrase) const {
  return within_memory([&] {
    std::string pem = to_pem(passphrase);
    auto saved = io::create_file(file, std::as_bytes(std::span(pem)), 0600);
    for (volatile char& each : pem) each = 0;
    return saved;
  });
}

}  // namespace aprender
