/// Accepted tensors fill the file without hole or overlap, and are written to the very same file.
#include "container/safetensors.hpp"

#include <algorithm>

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto tensors = container::read_safetensors(bytes, {});
  if (!tensors) return 0;
  const std::byte* next = tensors->empty() ? nullptr : tensors->front().bytes.data();
  for (const auto& tensor : *tensors) {
    fuzz::require(tensor.bytes.data() == next, "no hole or overlap before a tensor");
    next += tensor.bytes.size();
  }
  fuzz::require(tensors->empty() || next == bytes.data() + bytes.size(), "no bytes behind the last tensor");
  fuzz::require(std::ranges::equal(container::write_safetensors(*tensors).joined(), bytes),
                "written again, the file is the same");
  return 0;
}
