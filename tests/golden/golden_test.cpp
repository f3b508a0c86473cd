// Archives of every schema version that was ever released, and the schema as it was (docs/format.md, section 9).

#include <fstream>
#include <iterator>
#include <regex>

#include <gtest/gtest.h>

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

TEST(Golden, WhatWasWrittenIsReadToTheSameBits) {
  for (const auto& [name, archive] : golden::archives()) {
    const auto loaded = ModelArchive::load(golden / version_directory() / (name + ".aprender"));
    ASSERT_TRUE(loaded) << name << ": " << loaded.error().context;
    EXPECT_TRUE(samples::same_bits(loaded->any_model(), archive.any_model())) << name;
  }
}

TEST(Golden, ASignatureOfThenIsTrustedNow) {
  const auto directory = golden / version_directory();
  const PublicKey key = PublicKey::load(directory / "signed.pub.pem").value();
  const auto loaded = ModelArchive::load(directory / "signed.aprender", {.trust = {.keys = {key}}});
  ASSERT_TRUE(loaded) << loaded.error().context;
  EXPECT_EQ(loaded->signed_by(), key.fingerprint());
}

}  // namespace
}  // namespace aprender
