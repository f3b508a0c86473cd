/// An accepted container is the one that its entries are written to, and libzip sees the same entries in it.
#include "container/zip.hpp"

#include <algorithm>

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto file = std::as_bytes(std::span(data, size));
  const auto entries = container::read_zip(file, {});
  if (!entries) return 0;
  std::vector<container::Part> parts;
  for (const auto& entry : *entries) parts.push_back({entry.name, entry.bytes});
  fuzz::require(std::ranges::equal(container::write_zip(parts).joined(), file),
                "written again, the container is the same");
  const auto confirmed = container::confirm_with_libzip(file, *entries);
  fuzz::require(confirmed.has_value(), confirmed ? "" : confirmed.error().context.c_str());
  return 0;
}
