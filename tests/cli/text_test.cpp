// What becomes of text from outside on its way to a terminal, into JSON and into markup.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/json_text.hpp"
#include "cli/markup.hpp"
#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

/// ESC, DEL, CSI of C1, a right-to-left override, an isolate, an Arabic letter mark, a line separator.
const std::string hostile =
    "a\x1b[2J\x7f\xC2\x9B"
    "b\xE2\x80\xAE\xE2\x81\xA6\xD8\x9C\xE2\x80\xA8";
const std::string harmless = "\xE6\x97\xA5\xE6\x9C\xAC \xC3\xA9 \xF0\x9F\x99\x82 \xC2\xA0";

TEST(PrintableText, NeitherMovesTheCursorNorTurnsAround) {
  EXPECT_EQ(printable(hostile), "a\\x1b[2J\\x7f\\u009bb\\u202e\\u2066\\u061c\\u2028");
  EXPECT_EQ(printable(harmless), harmless);
  for (const char* cut : {"\xC2", "\xE2\x80", "\xE2", "\xff\x80"}) EXPECT_EQ(printable(cut), cut);
}

TEST(PrintableText, InJsonIsTheSameText) {
  const nlohmann::ordered_json json = {{hostile, {hostile, harmless}}};
  const std::string text = to_text(json);
  EXPECT_EQ(nlohmann::ordered_json::parse(text), json);
  for (const char* bad : {"\x1b", "\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xD8\x9C", "\xE2\x80\xA8"}) {
    EXPECT_EQ(text.find(bad), std::string::npos) << bad;
  }
  EXPECT_NE(text.find(harmless), std::string::npos);
}

TEST(PrintableText, InMarkupIsTextToo) {
  EXPECT_EQ(escaped("<" + hostile + "&'\">"),
            "&lt;a\\x1b[2J\\x7f\\u009bb\\u202e\\u2066\\u061c\\u2028&amp;&#39;&quot;&gt;");
}

}  // namespace
}  // namespace aprender::cli
