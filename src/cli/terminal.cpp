#include "cli/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cli/failure.hpp"

namespace aprender::cli {
namespace {

/// 0 or the errno of the first write that failed.
int write_all(int stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(stream, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

bool wants_colours(int stream) {
  const char* const no_color = std::getenv("NO_COLOR");  // https://no-color.org
  const char* const term = std::getenv("TERM");
  return ::isatty(stream) == 1 && (no_color == nullptr || *no_color == '\0') && term != nullptr &&
         std::strcmp(term, "dumb") != 0;
}

void say(std::string_view colour, std::string_view kind, std::string_view text) {
  const bool colours = wants_colours(STDERR_FILENO);
  write_all(STDERR_FILENO, fmt::format("aprender: {}{}:{} {}\n", colours ? colour : "", kind, colours ? "\033[0m" : "",
                                       printable(text)));
}

}  // namespace

void prepare_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // Opened the wrong way round, so that using it fails as it should.
    if (::fcntl(stream, F_GETFD) == -1) ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void print(std::string_view text) {
  const int problem = write_all(STDOUT_FILENO, text);
  if (problem != 0 && problem != EPIPE) {
    throw Failure(ExitCode::file, fmt::format("standard output: {}", std::strerror(problem)));
  }
}

void print_error(std::string_view text) { say("\033[1;31m", "error", text); }
void print_warning(std::string_view text) { say("\033[1;33m", "warning", text); }
void print_note(std::string_view text) { say("\033[1m", "note", text); }
void print_advice(std::string_view text) {
  if (!text.empty()) write_all(STDERR_FILENO, fmt::format("          {}\n", printable(text)));
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C0 and DEL, and C1 in its UTF-8 form.
    if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++i]));
    } else {
      result += text[i];
    }
  }
  return result;
}

Style output_style() {
  if (!wants_colours(STDOUT_FILENO)) return {};
  return {.heading = "\033[1m", .good = "\033[32m", .bad = "\033[1;31m", .dim = "\033[2m", .reset = "\033[0m"};
}

Progress::Progress(std::string_view what) : what_(printable(what)) {
  if (::isatty(STDERR_FILENO) == 1) thread_ = std::thread(&Progress::show, this);
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Progress::show() {
  using namespace std::chrono_literals;
  const auto started = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, 1s, [this] { return done_; })) return;
  do {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    write_all(STDERR_FILENO, fmt::format("\r{} ... {:.0f} s", what_, elapsed.count()));
  } while (!changed_.wait_for(lock, 250ms, [this] { return done_; }));
  write_all(STDERR_FILENO, "\r\033[K");
}

}  // namespace aprender::cli
