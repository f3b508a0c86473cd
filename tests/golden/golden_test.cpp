// Archives of every schema version that was ever released, and the schema as it was (docs/format.md, section 9).

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "container/digest.hpp"
#include "golden/models.hpp"

namespace aprender {
namespace {

const std::filesystem::path golden = std::filesystem::path(APRENDER_SOURCE_DIR) / "tests/golden";

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string version_directory() { return "v" + std::to_string(golden::archives().front().second.schema_version()); }

/// Directories of versions, by number.
std::map<std::uint32_t, std::filesystem::path> versions() {
  std::map<std::uint32_t, std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(golden)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && std::regex_match(name, std::regex("v[0-9]+"))) {
      found[static_cast<std::uint32_t>(std::stoul(name.substr(1)))] = entry.path();
    }
  }
  return found;
}

/// What a reader makes of a schema: its words, without comments and layout.
std::string words_of_schema(const std::filesystem::path& file) {
  const std::string text = std::regex_replace(read(file), std::regex("//[^\n]*"), "");
  return std::regex_replace(text, std::regex("\\s+"), " ");
}

constexpr const char* procedure = "docs/format.md, section 9, says what a change of the format takes";

TEST(Golden, TheSchemaIsThatOfItsVersion) {
  EXPECT_EQ(words_of_schema(std::filesystem::path(APRENDER_SOURCE_DIR) / "proto/metadata.proto"),
            words_of_schema(golden / version_directory() / "metadata.proto"))
      << procedure;
}

TEST(Golden, WhatIsWrittenTodayIsWhatWasWritten) {
  for (const auto& [name, archive] : golden::archives()) {
    if (archive.schema().classes) continue;  // the last bit of a probability is the mathematical library's
    const std::string kept = read(golden / version_directory() / (name + ".aprender"));
    const auto bytes = archive.to_bytes();
    ASSERT_EQ(bytes.size(), kept.size()) << name << ": " << procedure;
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span(kept)).begin()))
        << name << ": " << procedure;
  }
}

TEST(Golden, WhatAnyVersionWroteIsReadToTheSameBits) {
  ASSERT_TRUE(versions().contains(golden::archives().front().second.schema_version()));
  std::map<std::string, ModelArchive> expected;
  for (auto& [name, archive] : golden::archives()) expected.emplace(name, archive);
  for (const auto& [version, directory] : versions()) {
    std::set<std::string> read_ones;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() != ".aprender") continue;
      const std::string name = entry.path().stem().string();
      const auto loaded = ModelArchive::load(entry.path());
      ASSERT_TRUE(loaded) << entry.path() << ": " << loaded.error().context;
      EXPECT_EQ(loaded->schema_version(), version) << entry.path();
      const auto same = expected.find(name);
      if (same == expected.end()) continue;
      EXPECT_TRUE(samples::same_bits(loaded->any_model(), same->second.any_model())) << entry.path();
      EXPECT_EQ(loaded->estimator().index(), same->second.estimator().index()) << entry.path();
      read_ones.insert(name);
    }
    if (directory.filename() == version_directory()) {
      EXPECT_EQ(read_ones.size(), expected.size());
    }
  }
}

// Nothing that was ever released changes: neither an archive, nor the schema of its version together with today's.
TEST(Golden, WhatIsKeptIsWhatWasReleased) {
  std::map<std::string, std::string> kept, released;
  for (const auto& [version, directory] : versions()) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string bytes = read(entry.path());
      kept[directory.filename().string() + "/" + entry.path().filename().string()] =
          container::hex(container::sha256(std::as_bytes(std::span(bytes))));
    }
  }
  std::istringstream list(read(golden / "SHA256SUMS"));
  for (std::string digest, name; list >> digest >> name;) released[name] = digest;
  EXPECT_EQ(kept, released) << procedure;
}

TEST(Golden, ASignatureOfThenIsTrustedNow) {
  for (const auto& [version, directory] : versions()) {
    for (const std::string name : {"signed", "detached"}) {
      const PublicKey key = PublicKey::load(directory / (name + ".pub.pem")).value();
      const auto loaded = ModelArchive::load(directory / (name + ".aprender"), {.trust = {.keys = {key}}});
      ASSERT_TRUE(loaded) << name << ": " << loaded.error().context;
      EXPECT_EQ(loaded->signed_by(), key.fingerprint());
    }
  }
}

}  // namespace
}  // namespace aprender
