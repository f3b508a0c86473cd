#include "container/manifest.hpp"

#include <string>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"

namespace aprender::container {
namespace {

using test::as_bytes;

const std::string digest_a(64, 'a');
const std::string digest_0(64, '0');

/// A manifest in canonical JSON, of which the parts named can be replaced.
struct Text {
  std::string format = R"("aprender")";
  std::string hash = R"("sha256")";
  std::string members = R"([{"name":"metadata.pb","sha256":")" + digest_a + R"(","size":12}])";
  std::string min_reader_version = "2";
  std::string required_features = "[]";
  std::string schema_version = "2";

  [[nodiscard]] std::string str() const {
    return R"({"format":)" + format + R"(,"hash":)" + hash + R"(,"members":)" + members + R"(,"min_reader_version":)" +
           min_reader_version + R"(,"required_features":)" + required_features + R"(,"schema_version":)" +
           schema_version + "}";
  }
};

Text with_member(const std::string& name, const std::string& sha256, const std::string& size) {
  return {.members = R"([{"name":")" + name + R"(","sha256":")" + sha256 + R"(","size":)" + size + "}]"};
}

Result<Manifest> read(const std::string& text, const Limits& limits = {}) {
  return read_manifest(as_bytes(text), limits);
}

constexpr auto malformed = ErrorCode::malformed_manifest;

TEST(Manifest, IsWrittenInCanonicalJson) {
  const Manifest manifest{.members = {{"metadata.pb", 12, digest_a}, {"weights.safetensors", 0, digest_0}}};
  EXPECT_EQ(write_manifest(manifest),
            R"({"format":"aprender","hash":"sha256","members":[{"name":"metadata.pb","sha256":")" + digest_a +
                R"(","size":12},{"name":"weights.safetensors","sha256":")" + digest_0 +
                R"(","size":0}],"min_reader_version":2,"required_features":[],"schema_version":2})");
}

TEST(Manifest, RequiredFeaturesAreWrittenForReadersThatKnowThem) {
  const std::string text = write_manifest({.required_features = {"a", "b-c"}});
  EXPECT_EQ(text, R"({"format":"aprender","hash":"sha256","members":[],"min_reader_version":2,)"
                  R"("required_features":["a","b-c"],"schema_version":2})");
  EXPECT_TRUE(refused(read(text), ErrorCode::unsupported_feature, "required feature \"a\""));
}

TEST(Manifest, RoundTrip) {
  const Manifest manifest{.members = {{"metadata.pb", 0, digest_a},
                                      {"weights.safetensors", 9007199254740991, digest_0},
                                      {"ext/a-b.c", 1, digest_0}}};
  const auto read_back = read(write_manifest(manifest));
  ASSERT_EQ(outcome(read_back), "accepted");
  EXPECT_EQ(read_back->members, manifest.members);
  EXPECT_EQ(read_back->schema_version, 2U);
  EXPECT_EQ(read_back->min_reader_version, 2U);
  EXPECT_TRUE(read_back->required_features.empty());
  EXPECT_EQ(outcome(read(Text{}.str())), "accepted");
}

TEST(Manifest, OtherVersionsAreNamed) {
  const auto refuses = [](const Text& text, const char* context) {
    return refused(read(text.str()), ErrorCode::unsupported_version, context);
  };
  EXPECT_TRUE(refuses({.schema_version = "3"}, "schema_version is 3, this reader reads 2"));
  EXPECT_TRUE(refuses({.schema_version = "1"}, "schema_version is 1, this reader reads 2"));
  EXPECT_TRUE(refuses({.schema_version = "0"}, "schema_version is 0"));
  EXPECT_TRUE(refuses({.schema_version = "4294967298"}, "schema_version is 4294967298"));
  EXPECT_TRUE(refuses({.min_reader_version = "3"}, "min_reader_version is 3, this reader is 2"));
  EXPECT_TRUE(refuses({.min_reader_version = "4294967298"}, "min_reader_version is 4294967298"));
}

/// The manifest of a later schema may look otherwise: its version is what is wrong with it, not its looks.
TEST(Manifest, ALaterSchemaIsNotCalledMalformed) {
  EXPECT_TRUE(refused(read(R"({"format":"aprender","schema_version":3,"something":{"new":[1.5]}})"),
                      ErrorCode::unsupported_version, "schema_version is 3"));
  EXPECT_TRUE(refused(read("{\"schema_version\": 3,\n \"format\": \"aprender\"}"), ErrorCode::unsupported_version,
                      "schema_version is 3"));
  EXPECT_TRUE(refused(read(R"({"format":"other","schema_version":3})"), malformed, "format is \"other\""));
  EXPECT_TRUE(refused(read(R"({"schema_version":3})"), malformed, "format is not a string"));
}

TEST(Manifest, UnknownRequiredFeaturesAreNamed) {
  EXPECT_TRUE(refused(read(Text{.required_features = R"(["quantised-weights"])"}.str()), ErrorCode::unsupported_feature,
                      "required feature \"quantised-weights\""));
  EXPECT_TRUE(refused(read(Text{.required_features = R"(["a","b"])"}.str()), ErrorCode::unsupported_feature, "\"a\""));
  EXPECT_EQ(read(Text{.required_features = R"(["signature"])"}.str()).value().required_features,
            std::vector<std::string>{"signature"});
  EXPECT_TRUE(refused(read(Text{.required_features = R"(["signature","signature"])"}.str()), malformed, "twice"));
  EXPECT_TRUE(refused(read(Text{.required_features = R"([1])"}.str()), malformed, "not a string"));
  EXPECT_TRUE(refused(read(Text{.required_features = R"({})"}.str()), malformed, "required_features is not a list"));
}

TEST(Manifest, Limits) {
  const std::string text = Text{}.str();
  EXPECT_TRUE(read(text, {.manifest_bytes = text.size(), .entries = 1, .name_bytes = 11, .json_depth = 3}));
  EXPECT_TRUE(refused(read(text, {.manifest_bytes = text.size() - 1}), ErrorCode::limit_exceeded, "at most"));
  EXPECT_TRUE(refused(read(text, {.entries = 0}), ErrorCode::limit_exceeded, "1 members, at most 0"));
  EXPECT_TRUE(refused(read(text, {.name_bytes = 10}), ErrorCode::limit_exceeded, "name of 11 bytes, at most 10"));
  EXPECT_TRUE(refused(read(text, {.json_depth = 2}), ErrorCode::limit_exceeded, "deeper than 2 levels"));
  const Text deep{.members = std::string(20'000, '[') + std::string(20'000, ']')};
  EXPECT_TRUE(refused(read(deep.str()), ErrorCode::limit_exceeded, "deeper than 8 levels"));
}

struct Case {
  const char* name;
  std::string text;
  const char* context;
};

std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name; }

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class MalformedManifest : public testing::TestWithParam<Case> {};

TEST_P(MalformedManifest, IsRefused) { EXPECT_TRUE(refused(read(GetParam().text), malformed, GetParam().context)); }

const std::string good = Text{}.str();

INSTANTIATE_TEST_SUITE_P(
    Form, MalformedManifest,
    testing::Values(
        Case{"Empty", "", "no JSON at byte 1"}, Case{"NoObject", "[]", "not a JSON object"},
        Case{"Null", "null", "not a JSON object"}, Case{"NoFields", "{}", "format is not a string"},
        Case{"Truncated", good.substr(0, good.size() - 1), "no JSON at byte"},
        Case{"ByteOrderMark", "\xef\xbb\xbf" + good, "byte order mark"},
        Case{"LeadingSpace", " " + good, "not canonical at byte 0"},
        Case{"TrailingNewline", good + "\n", "expected the end"},
        Case{"BytesBehindANul", good + std::string("\0{}", 3), "a zero byte"},
        Case{"BytesBehind", good + "x", "no JSON at byte"}, Case{"TwoDocuments", good + good, "no JSON at byte"},
        Case{"Utf16", std::string("{\0}\0", 4), "no JSON at byte"},
        Case{"SpaceInside", Text{.schema_version = " 2"}.str(), "not canonical"},
        Case{"Comment", "/* */" + good, "no JSON at byte"},
        Case{"DuplicateKey", R"({"format":"aprender",)" + good.substr(1), "not canonical"},
        Case{"DuplicateKeyWithOtherValue", R"({"format":"other",)" + good.substr(1), "not canonical"},
        Case{
            "KeysNotSorted",
            R"({"hash":"sha256","format":"aprender","members":[],"min_reader_version":2,"required_features":[],"schema_version":2})",
            "not canonical at byte 2"},
        Case{"UnknownKey", R"({"extra":1,)" + good.substr(1), "not canonical"},
        Case{"EscapedKey", R"({"\u0066ormat":"aprender")" + good.substr(20), "not canonical"},
        Case{"EscapedValue", Text{.format = R"("\u0061prender")"}.str(), "not canonical"},
        Case{"NotAscii", Text{.format = "\"aprender\xc3\xa9\""}.str(), "format is \"aprender\\xc3\\xa9\""},
        Case{"NotUtf8", Text{.format = "\"aprender\xff\""}.str(), "no JSON at byte"},
        Case{"OtherFormat", Text{.format = R"("APRENDER")"}.str(), "format is \"APRENDER\", expected \"aprender\""},
        Case{"OtherHash", Text{.hash = R"("md5")"}.str(), "hash is \"md5\", expected \"sha256\""},
        Case{"HashNotAString", Text{.hash = "256"}.str(), "hash is not a string"},
        Case{"SchemaVersionAsText", Text{.schema_version = R"("2")"}.str(), "schema_version is not an integer"},
        Case{"SchemaVersionAsFraction", Text{.schema_version = "2.0"}.str(), "schema_version is not an integer"},
        Case{"SchemaVersionWithExponent", Text{.schema_version = "2e0"}.str(), "schema_version is not an integer"},
        Case{"SchemaVersionNegative", Text{.schema_version = "-2"}.str(), "schema_version is not an integer"},
        Case{"SchemaVersionWithZero", Text{.schema_version = "02"}.str(), "no JSON at byte"},
        Case{"SchemaVersionTooLarge", Text{.schema_version = "9007199254740992"}.str(),
             "schema_version is not an integer"},
        Case{"MinReaderVersionTooOld", Text{.min_reader_version = "1"}.str(), "min_reader_version is 1, expected 2"},
        Case{"MinReaderVersionNegative", Text{.min_reader_version = "-1"}.str(),
             "min_reader_version is not an integer"},
        Case{"MinReaderVersionNull", Text{.min_reader_version = "null"}.str(), "min_reader_version is not an integer"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Members, MalformedManifest,
    testing::Values(
        Case{"NoList", Text{.members = "{}"}.str(), "members is not a list"},
        Case{"NoObject", Text{.members = "[1]"}.str(), "members: an element is not an object"},
        Case{"NoName", Text{.members = R"([{"sha256":"","size":1}])"}.str(), "name is not a string"},
        Case{"NoSize", Text{.members = R"([{"name":"a","sha256":""}])"}.str(), "size is not an integer"},
        Case{"NoDigest", Text{.members = R"([{"name":"a","size":1}])"}.str(), "sha256 is not a string"},
        Case{"UnknownKey", Text{.members = R"([{"extra":0,"name":"a","sha256":")" + digest_a + R"(","size":1}])"}.str(),
             "not canonical"},
        Case{"DuplicateKey",
             Text{.members = R"([{"name":"a","name":"a","sha256":")" + digest_a + R"(","size":1}])"}.str(),
             "not canonical"},
        Case{"NegativeSize", with_member("a", digest_a, "-1").str(), "size is not an integer"},
        Case{"NegativeZero", with_member("a", digest_a, "-0").str(), "size is not an integer"},
        Case{"SizeAsFraction", with_member("a", digest_a, "1.0").str(), "size is not an integer"},
        Case{"SizeWithExponent", with_member("a", digest_a, "1E2").str(), "size is not an integer"},
        Case{"SizeTooLarge", with_member("a", digest_a, "9007199254740992").str(), "size is not an integer"},
        Case{"SizeOf64Bits", with_member("a", digest_a, "18446744073709551616").str(), "size is not an integer"},
        Case{"UpperCaseDigest", with_member("a", std::string(64, 'A'), "1").str(), "64 lower-case hex digits"},
        Case{"ShortDigest", with_member("a", std::string(63, 'a'), "1").str(), "64 lower-case hex digits"},
        Case{"LongDigest", with_member("a", std::string(65, 'a'), "1").str(), "64 lower-case hex digits"},
        Case{"NoHexDigest", with_member("a", std::string(63, 'a') + "g", "1").str(), "64 lower-case hex digits"},
        Case{"EmptyName", with_member("", digest_a, "1").str(), "\"\" is not the name of a member"},
        Case{"ParentDirectory", with_member("../a", digest_a, "1").str(), "\"../a\" is not the name of a member"},
        Case{"AbsolutePath", with_member("/a", digest_a, "1").str(), "\"/a\" is not the name of a member"},
        Case{"TrailingSlash", with_member("a/", digest_a, "1").str(), "\"a/\" is not the name of a member"},
        Case{"TwoSlashes", with_member("a//b", digest_a, "1").str(), "\"a//b\" is not the name of a member"},
        Case{"EscapedSlash", with_member(R"(ext\/a)", digest_a, "1").str(), "not canonical"},
        Case{"QuoteInName", with_member(R"(a\"b)", digest_a, "1").str(), "is not the name of a member"}),
    name_of);

TEST(Manifest, EveryBitFlipIsRefusedOrAnotherManifest) {
  const auto original = read(good);
  ASSERT_TRUE(original);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto result = read(flipped);
    if (result) {
      EXPECT_NE(result->members, original->members) << flipped;
      EXPECT_EQ(write_manifest(*result), flipped);
    }
  }
}

TEST(Manifest, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(refused(read(good.substr(0, size)), malformed, "no JSON at byte")) << size;
  }
}

}  // namespace
}  // namespace aprender::container
