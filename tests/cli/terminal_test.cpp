// Terminals, pipes that close, disks that are full.
#include <fcntl.h>

#include <array>

#include "cli/process.hpp"
#include "cli/pseudo_terminal.hpp"

namespace aprender::cli {
namespace {

using Terminal = Command;

std::string shown(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  const PseudoTerminal terminal;
  run(arguments,
      {.environment = environment, .standard_output = terminal.descriptor(), .standard_error = terminal.descriptor()});
  return terminal.written();
}

TEST_F(Terminal, ColoursAreForTerminalsThatWantThem) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const std::vector<std::string> verify = {"verify", model_file(), path("missing")};
  const auto coloured = [](const std::string& text) { return text.find('\033') != std::string::npos; };
  EXPECT_TRUE(coloured(shown(verify, {{"TERM", "xterm"}, {"NO_COLOR", ""}})));
  EXPECT_FALSE(coloured(shown(verify, {{"TERM", "xterm"}, {"NO_COLOR", "1"}})));
  EXPECT_FALSE(coloured(shown(verify, {{"TERM", "dumb"}, {"NO_COLOR", ""}})));
  EXPECT_FALSE(coloured(run(verify, {.environment = {{"TERM", "xterm"}, {"NO_COLOR", ""}}}).out));
  EXPECT_TRUE(coloured(shown({"inspect", path("missing")}, {{"TERM", "xterm"}, {"NO_COLOR", ""}})));
  EXPECT_FALSE(coloured(run({"inspect", path("missing")}, {.environment = {{"TERM", "xterm"}}}).err));
}

TEST_F(Terminal, WorkOfMoreThanASecondIsAnnounced) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  std::thread slow([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1600));
    constexpr std::string_view table = "x,y\n1,2\n2,3\n3,5\n";
    EXPECT_EQ(::write(pipe[1], table.data(), table.size()), static_cast<ssize_t>(table.size()));
    ::close(pipe[1]);
  });
  ::fcntl(pipe[1], F_SETFD, FD_CLOEXEC);
  const PseudoTerminal terminal;
  const Outcome outcome =
      train("linear", "-", "y", {}, {.standard_input = pipe[0], .standard_error = terminal.descriptor()});
  slow.join();
  ::close(pipe[0]);
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string said = terminal.written();
  EXPECT_NE(said.find("\rreading standard input ... 1 s"), std::string::npos) << said;
  EXPECT_TRUE(said.ends_with("\r\033[K")) << said;  // and erased
}

TEST_F(Terminal, ShortWorkAndFilesSeeNoProgress) {
  EXPECT_EQ(train("ridge", data("longley.csv"), "employed").err, "");
  const PseudoTerminal terminal;
  const Setting quiet{.standard_error = terminal.descriptor()};
  EXPECT_EQ(train("ridge", data("longley.csv"), "employed", {}, quiet).exit_code, 0);
  EXPECT_EQ(terminal.written(), "");
}

TEST_F(Terminal, AReaderThatGoesAwayIsNoError) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  ::close(pipe[0]);
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"predict", model_file(), "--data", data("longley.csv")}, {"inspect", model_file()}, {"--help"}}) {
    const Outcome outcome = run(arguments, {.standard_output = pipe[1]});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.exit_code;
    EXPECT_EQ(outcome.err.find("error"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(run({"verify", path("missing")}, {.standard_output = pipe[1]}).exit_code, 3);
  ::close(pipe[1]);
}

TEST_F(Terminal, AFullDiskIsAFileThatCannotBeWritten) {
  ASSERT_EQ(train("ridge", data("longley.csv"), "employed").exit_code, 0);
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"predict", model_file(), "--data", data("longley.csv")},
                                             {"inspect", model_file()},
                                             {"verify", model_file()},
                                             {"--help"},
                                             {"--version"}}) {
    const Outcome outcome = run(arguments, {.standard_output = full});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_NE(outcome.err.find("standard output: No space left on device"), std::string::npos) << outcome.err;
  }
  ::close(full);
}

TEST_F(Terminal, AClosedStandardOutputIsNotReplacedByAFile) {
  const Outcome outcome = train("ridge", data("longley.csv"), "employed", {}, {.close_standard_output = true});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("standard output: Bad file descriptor"), std::string::npos) << outcome.err;
  EXPECT_EQ(run({"verify", model_file()}).exit_code, 0);  // the archive was written, and nothing but the archive
}

TEST_F(Terminal, MessagesCannotMoveTheCursor) {
  const Outcome outcome = run({"inspect", path("evil\033[2J\nname")});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.err.find('\033'), std::string::npos);
  EXPECT_NE(outcome.err.find("evil\\x1b[2J\\x0aname"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace aprender::cli
