/// A manifest is the one that its values are written to.
#include "container/manifest.hpp"

#include "container/text.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto manifest = container::read_manifest(bytes, {});
  if (!manifest) {
    fuzz::require_refusal(manifest.error(), {ErrorCode::malformed_manifest, ErrorCode::unsupported_version,
                                             ErrorCode::unsupported_feature, ErrorCode::limit_exceeded});
    return 0;
  }
  fuzz::require(container::write_manifest(*manifest) == container::as_text(bytes),
                "written again, the manifest is the same");
  return 0;
}
