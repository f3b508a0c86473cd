/// Accepted metadata is the one encoding of its message and holds no unknown field.
#include "container/message.hpp"

#include "container/text.hpp"
#include "fuzz/require.hpp"
#include "metadata.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto bytes = std::as_bytes(std::span(data, size));
  format::Metadata message;
  if (!container::read_message(bytes, {}, message)) return 0;
  fuzz::require(container::write_message(message) == container::as_text(bytes),
                "written again, the message is the same");
  format::Metadata copy = message;
  copy.DiscardUnknownFields();
  fuzz::require(copy.ByteSizeLong() == size, "no unknown field was kept");
  return 0;
}
