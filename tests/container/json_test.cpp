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
    const std::string place = "no JSON at byte " + std::to_string(text.find('\0') + 1) + ", a zero byte";
    EXPECT_TRUE(refused(parse_json(as_bytes(text), part), ErrorCode::malformed_manifest, place));
  }
}

TEST(Json, IntegersAreExactAndWrittenAsSuch) {
  const auto integer = [](const std::string& text) { return parse_json(as_bytes(text), part)->integer(); };
  EXPECT_EQ(integer("0"), 0U);
  EXPECT_EQ(integer("9007199254740991"), 9007199254740991U);
  for (const char* text : {"9007199254740992", "18446744073709551615", "18446744073709551616", "-1", "-0", "1.0", "1e0",
                           "\"1\"", "true", "null", "[1]"}) {
    EXPECT_EQ(integer(text), std::nullopt) << text;
  }
}

TEST(Json, MembersAreFoundByTheirKeysAndTheLastOfAKeyIsKept) {
  const char* text = R"({"b":1,"a":{"c":"x"},"b":2,"":[true,null,0.5],"b":3})";
  const auto json = parse_json(as_bytes(text), part);
  ASSERT_TRUE(json);
  const auto* object = json->as<Json::Object>();
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->size(), 3U);
  EXPECT_EQ(find(*object, "b")->integer(), 3U);
  EXPECT_EQ(find(*object, "c"), nullptr);
  EXPECT_EQ(*find(*find(*object, "a")->as<Json::Object>(), "c")->as<std::string>(), "x");
  const auto& list = *find(*object, "")->as<Json::List>();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_TRUE(*list[0].as<bool>());
  EXPECT_NE(list[1].as<std::nullptr_t>(), nullptr);
  EXPECT_EQ(*list[2].as<double>(), 0.5);

  const JsonPart unique{"part", ErrorCode::malformed_manifest, 3, true};
  EXPECT_TRUE(refused(parse_json(as_bytes(text), unique), ErrorCode::malformed_manifest, "the key \"b\" twice"));
  EXPECT_TRUE(parse_json(as_bytes(R"([{"a":1},{"a":1}])"), unique));
}

TEST(Json, StringsAreWrittenAsNlohmannWritesThem) {
  std::string text;
  for (char c = 1; c != 127; ++c) text += c;
  text += std::string("\x7f\0", 2) + "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(json_string(text), nlohmann::json(text).dump());
  EXPECT_EQ(json_string("\xc3\xa9 \x80\xff"), "\"\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\"");
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
  EXPECT_TRUE(refused(check("[1" + std::string(40, '2') + "]", "[1]"), ErrorCode::malformed_manifest,
                      "found \"" + std::string(16, '2') + "\", expected \"]\""));
}

}  // namespace
}  // namespace aprender::container
