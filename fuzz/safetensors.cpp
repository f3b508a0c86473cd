/// Tensors fill the file without hole or overlap, and are written to the very same file.
#include "container/safetensors.hpp"

#include <algorithm>
#include <cstring>

#include "fuzz/mutate_safetensors.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto tensors = container::read_safetensors(bytes, {});
  if (!tensors) {
    fuzz::require_refusal(tensors.error(), {ErrorCode::malformed_safetensors, ErrorCode::limit_exceeded});
    return 0;
  }
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

/// Mutates tensors, or the header with its length and the size of the data behind it put right.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  aprender::fuzz::Random random(seed);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> file(bytes, bytes + size);
  if (random.one_in(4)) return LLVMFuzzerMutate(data, size, max_size);
  if (random.one_in(2)) {
    aprender::fuzz::mutate_safetensors(file, random);
  } else {
    aprender::fuzz::mutate_safetensors_header(file, random);
  }
  if (file.empty() || file.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}
