// What becomes of text from outside on its way to a terminal, into JSON and into markup.
#include <unistd.h>

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/json_text.hpp"
#include "cli/markup.hpp"
#include "cli/pseudo_terminal.hpp"
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

/// What is written to standard error, a terminal, while it lives.
class TerminalForErrors {
 public:
  TerminalForErrors() : saved_(::dup(STDERR_FILENO)) { ::dup2(terminal_.descriptor(), STDERR_FILENO); }
  ~TerminalForErrors() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
  }
  TerminalForErrors(const TerminalForErrors&) = delete;
  TerminalForErrors& operator=(const TerminalForErrors&) = delete;

  [[nodiscard]] std::string written() const { return terminal_.written(); }

 private:
  PseudoTerminal terminal_;
  int saved_;
};

TEST(Progress, SaysWhichFitIsBeingDone) {
  const TerminalForErrors terminal;
  std::string before;
  {
    Progress progress("fitting the path");
    progress.at(3, 100);
    std::this_thread::sleep_for(std::chrono::milliseconds(1400));
    before = terminal.written();
    progress.at(40, 100);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
  }
  const std::string after = terminal.written();
  EXPECT_TRUE(before.starts_with("\rfitting the path ... fit 3 of 100, 1 s")) << before;
  EXPECT_LE(std::count(before.begin(), before.end(), '\r'), 3) << before;  // not as often as it is told
  EXPECT_NE(after.find("\rfitting the path ... fit 40 of 100, "), std::string::npos) << after;
  EXPECT_TRUE(after.ends_with("\r\033[K")) << after;  // and erased
}

TEST(Progress, DoesNotNumberASingleFit) {
  const TerminalForErrors terminal;
  {
    Progress progress("fitting");
    progress.at(1, 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1400));
  }
  EXPECT_TRUE(terminal.written().starts_with("\rfitting ... 1 s"));
}

}  // namespace
}  // namespace aprender::cli
