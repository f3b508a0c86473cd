/// What a verified archive is told to other tools as. A format is a function from an archive's file to JSON; export.cpp
/// lists them.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "aprender/archive.hpp"

namespace aprender::cli {

/// An archive and the file it was loaded from.
struct ArchiveFile {
  ModelArchive archive;
  std::string name;    ///< of the file, without its directory
  std::string sha256;  ///< of its bytes, 64 lower-case hex digits
};

/// A bill of materials, CycloneDX 1.6 (ECMA-424), with a model card. Depends on the archive alone, but for the version
/// of this program among the tools and whether a signature was verified.
[[nodiscard]] nlohmann::ordered_json to_cyclonedx(const ArchiveFile& file);

/// The provenance of a build, SLSA v1 in an in-toto statement about the file. Depends on the file alone.
[[nodiscard]] nlohmann::ordered_json to_slsa(const ArchiveFile& file);

}  // namespace aprender::cli
