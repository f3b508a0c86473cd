/// What a ModelArchive holds.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aprender/archive.hpp"
#include "archive/metadata.hpp"

namespace aprender {

struct ModelArchive::Contents {
  /// A member under ext/: hashed and kept, not understood.
  struct Extension {
    std::string name;
    std::vector<std::byte> bytes;
  };

  archive::Metadata metadata;
  std::shared_ptr<const AnyModel> model;  ///< shared by archives that differ in attachments and signatures alone
  std::string metadata_bytes;
  std::string manifest;
  std::vector<Extension> extensions;
  std::vector<Member> members;
  std::string id;
  std::optional<std::string> signature = {};  ///< signature.sigstore.json
  std::optional<std::string> signed_by = {};  ///< the trusted key
};

}  // namespace aprender
