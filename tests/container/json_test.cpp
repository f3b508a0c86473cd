#include "container/json.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"

namespace aprender::container {
namespace {

using test::as_bytes;

constexpr JsonPart part{"part", ErrorCode::malformed_manifest, 3};

TEST(Json, DepthIsTheNumberOfOpenBrackets) {
  EXPECT_TRUE(parse_json(as_bytes("[[[]]]"), part));
  EXPECT_TRUE(parse_json(as_bytes("{\"a\":{\"b\":[1]}}"), part));
  EXPECT_TRUE(parse_json(as_bytes("[[[]],[[]]]"), part));
  EXPECT_TRUE(refused(parse_json(as_bytes("[[[[]]]]"), part), ErrorCode::limit_exceeded, "deeper than 3 levels"));
  EXPECT_TRUE(refused(parse_json(as_bytes("{\"a\":{\"b\":{\"c\":{}}}}"), part), ErrorCode::limit_exceeded, "part"));
  const std::string deep = std::string(60'000, '[') + std::string(60'000, ']');
  EXPECT_TRUE(refused(parse_json(as_bytes(deep), part), ErrorCode::limit_exceeded, "deeper than 3 levels"));
}

TEST(Json, WhatIsNoJsonIsRefusedWithItsPlace) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "'a'", "[1] [2]", "[01]", "[+1]", "[.5]", "[NaN]",
                           "// a\n1", "\"\\ud800\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\t\""}) {
    EXPECT_TRUE(refused(parse_json(as_bytes(text), part), ErrorCode::malformed_manifest, "part: no JSON at byte "))
        << text;
  }
  EXPECT_TRUE(
      refused(parse_json(as_bytes("[1e999]"), part), ErrorCode::malformed_manifest, "part: a number out of range"));
  EXPECT_TRUE(refused(parse_json(as_bytes("\xef\xbb\xbf{}"), part), ErrorCode::malformed_manifest, "byte order mark"));
}

TEST(Json, AZeroByteIsNoEnd) {
  for (const std::string_view text : {std::string_view("{}\0", 3), std::string_view("{}\0{\"a\":1}", 10),
                                      std::string_view("\0", 1), std::string_view("[1\0]", 4)}) {
    EXPECT_TRUE(refused(parse_json(as_bytes(text), part), ErrorCode::malformed_manifest, "a zero byte"));
  }
}

TEST(Json, IntegersAreExactAndWrittenAsSuch) {
  const auto integer = [](const std::string& text) { return json_integer(*parse_json(as_bytes(text), part)); };
  EXPECT_EQ(integer("0"), 0U);
  EXPECT_EQ(integer("9007199254740991"), 9007199254740991U);
  for (const char* text : {"9007199254740992", "18446744073709551615", "18446744073709551616", "-1", "-0", "1.0", "1e0",
                           "\"1\"", "true", "null", "[1]"}) {
    EXPECT_EQ(integer(text), std::nullopt) << text;
  }
}

TEST(Json, CanonicalMeansTheSameBytes) {
  const auto check = [](const std::string& found, const std::string& canonical) {
    return require_canonical(as_bytes(found), canonical, part);
  };
  EXPECT_TRUE(check("[1]", "[1]"));
  EXPECT_TRUE(refused(check("[ 1]", "[1]"), ErrorCode::malformed_manifest,
                      "part: not canonical at byte 1: found \" 1]\", expected \"1]\""));
  EXPECT_TRUE(refused(check("[1]\n", "[1]"), ErrorCode::malformed_manifest, "found \"\\x0a\", expected the end"));
  EXPECT_TRUE(refused(check("[1", "[1]"), ErrorCode::malformed_manifest, "found the end, expected \"]\""));
}

}  // namespace
}  // namespace aprender::container
