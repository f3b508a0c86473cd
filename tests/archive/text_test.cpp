#include "archive/text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace aprender::archive {
namespace {

// Examples of https://semver.org/spec/v2.0.0.html and its test page.
TEST(Text, SemanticVersions) {
  for (const char* version :
       {"0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.0.0-alpha", "1.0.0-alpha.beta.1",
        "1.0.0-alpha+001", "1.0.0-0A.is.legal", "1.0.0-rc.1+build.1", "1.2.3----RC-SNAPSHOT.12.9.1--.12",
        "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "99999999999999999999.9.9", "1.0.0-azAZ09-"}) {
    EXPECT_TRUE(is_semantic_version(version)) << version;
  }
  for (const char* version :
       {"",         "1",       "1.2",        "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid",
        "-invalid", "alpha",   "01.1.1",     "1.01.1",     "1.1.01",          "1.2.3.DEV",  "1.2-SNAPSHOT",
        "1.2.3-",   "1.2.3+",  "1.2.3-a..b", "1.2.3-ä",    "v1.2.3",          " 1.2.3",     "1.2.3 ",
        "1.2.3-`",  "1.2.3-{", "1.2.3-@",    "1.2.3-[",    "1.2.3-/",         "1.2.3-:"}) {
    EXPECT_FALSE(is_semantic_version(version)) << version;
  }
}

TEST(Text, Names) {
  EXPECT_TRUE(is_name("größe", 256));
  EXPECT_TRUE(is_name(std::string(256, 'x'), 256));
  EXPECT_FALSE(is_name(std::string(257, 'x'), 256));
  EXPECT_FALSE(is_name("", 256));
  EXPECT_FALSE(is_name("a\tb", 256));
  EXPECT_FALSE(is_name("a\x7f", 256));
  EXPECT_FALSE(is_name(std::string_view("a\0b", 3), 256));
  EXPECT_FALSE(is_name("\xc0\xaf", 256)) << "overlong";
  EXPECT_FALSE(is_name("\xed\xa0\x80", 256)) << "surrogate";
}

TEST(Text, FreeText) {
  EXPECT_TRUE(is_text(""));
  EXPECT_TRUE(is_text("two\nlines\tand a tab"));
  EXPECT_FALSE(is_text("\r\n"));
  EXPECT_FALSE(is_text("\x1b[1m"));
}

TEST(Text, Hexadecimal) {
  EXPECT_TRUE(is_hex("00ff", 4));
  EXPECT_FALSE(is_hex("00fF", 4));
  EXPECT_FALSE(is_hex("00f", 4));
  EXPECT_FALSE(is_hex("00fg", 4));
}

}  // namespace
}  // namespace aprender::archive
