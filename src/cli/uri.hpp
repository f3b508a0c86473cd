/// What was recorded about where something comes from, as URIs (RFC 3986) that other tools take.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aprender::cli {

/// A URI with a scheme: "https://example.org/a", "urn:example:a"; no file name, no relative reference.
[[nodiscard]] bool is_uri(std::string_view text);

/// A URI that names a host: "SCHEME://...".
[[nodiscard]] bool is_address(std::string_view text);

/// All but letters, digits and - . _ ~ / as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// A remote of git as a URI: an address as it is, HOST:PATH, which scp and git know, as ssh://HOST/PATH; nothing for a
/// path on this machine.
[[nodiscard]] std::optional<std::string> uri_of_remote(std::string_view remote);

}  // namespace aprender::cli
