/// A trained model: saved, and what is said of it.
#pragma once

#include <cstddef>
#include <string>

#include "aprender/archive.hpp"
#include "cli/samples.hpp"

namespace aprender::cli {

/// Replaces the file. A signature beside it, FILE.sig, that was of other bytes is removed, with a note: whoever demands
/// a signature would refuse the new file for it. Throws Failure.
void save(const ModelArchive& archive, const std::string& file);

/// What a command says once the archive is there.
[[nodiscard]] std::string training_report(const ModelArchive& archive, const Samples& samples, const std::string& file);

/// Notes and warnings that a user should know: a constant target, a fit that did not converge.
void warn_of(const ModelArchive& archive, const Samples& samples);

}  // namespace aprender::cli
