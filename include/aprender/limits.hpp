/// Upper bounds on what a reader accepts, checked before anything is allocated for it.
#pragma once

#include <cstdint>

namespace aprender {

struct Limits {
  std::uint64_t archive_bytes = std::uint64_t{16} << 30;            ///< whole file
  std::uint64_t manifest_bytes = std::uint64_t{64} << 10;           ///< manifest.json
  std::uint64_t signature_bytes = std::uint64_t{64} << 10;          ///< a bundle, embedded or beside the archive
  std::uint64_t metadata_bytes = std::uint64_t{1} << 20;            ///< metadata.pb
  std::uint64_t safetensors_header_bytes = std::uint64_t{1} << 20;  ///< JSON header of weights.safetensors
  std::uint32_t entries = 32;                                       ///< members of the container
  std::uint32_t tensors = 4096;                                     ///< tensors in weights.safetensors
  std::uint32_t rank = 8;                                           ///< dimensions of a tensor
  std::uint32_t name_bytes = 256;                                   ///< an entry's, tensor's or feature's name
  std::uint32_t json_depth = 8;                                     ///< nesting of JSON objects and arrays
  std::uint32_t protobuf_depth = 16;                                ///< nesting of protobuf messages
};

}  // namespace aprender
