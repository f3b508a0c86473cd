/// Metadata are the one encoding of what was read from them, as a message and in the types of the interface.
#include "archive/metadata.hpp"

#include <algorithm>

#include "archive/metadata_derived.hpp"
#include "container/message.hpp"
#include "container/text.hpp"
#include "fuzz/mutate_message.hpp"
#include "fuzz/require.hpp"
#include "metadata.pb.h"

using namespace aprender;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  format::Metadata message;
  if (const auto read = container::read_message(bytes, {}, message); !read) {
    fuzz::require_refusal(read.error(), {ErrorCode::malformed_metadata, ErrorCode::limit_exceeded});
    fuzz::require(!archive::read_metadata(bytes, {}), "what is no message is no metadata");
    return 0;
  }
  fuzz::require(container::write_message(message) == container::as_text(bytes),
                "written again, the message is the same");
  format::Metadata copy = message;
  copy.DiscardUnknownFields();
  fuzz::require(copy.ByteSizeLong() == size, "no unknown field was kept");

  auto metadata = archive::read_metadata(bytes, {});
  if (!metadata) {
    fuzz::require_refusal(metadata.error(), {ErrorCode::inconsistent_metadata});
    return 0;
  }
  fuzz::require(archive::write_metadata(*metadata) == container::as_text(bytes),
                "written again, the metadata are the same");
  return 0;
}

/// Mutates the message, and mostly lets follow what follows from the rest.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  fuzz::Random random(seed);
  format::Metadata message;
  if (random.one_in(8) || !message.ParsePartialFromArray(data, static_cast<int>(size))) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  do fuzz::mutate(message, random);
  while (random.one_in(3));
  if (!random.one_in(16)) fuzz::seal(message);
  const std::string encoded = container::write_message(message);
  if (encoded.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::copy(encoded, data);
  return encoded.size();
}
