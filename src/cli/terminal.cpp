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

/// DEL and the controls of C1; marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9),
/// line and paragraph separator, and the two code points of the basic plane that XML 1.0 excludes.
bool deceives(unsigned code) {
  return (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFFFE || code == 0xFFFF;
}

/// The code point of one to three bytes of UTF-8 at i, 0 for any other byte; `size` is how many.
unsigned code_point(std::string_view text, std::size_t i, std::size_t& size) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(text[k])); };
  const auto continues = [&](std::size_t k) { return k < text.size() && (byte(k) & 0xC0U) == 0x80; };
  size = 1;
  if ((byte(i) & 0xE0U) == 0xC0 && continues(i + 1)) {
    size = 2;
    return (byte(i) & 0x1FU) << 6U | (byte(i + 1) & 0x3FU);
  }
  if ((byte(i) & 0xF0U) == 0xE0 && continues(i + 1) && continues(i + 2)) {
    size = 3;
    return (byte(i) & 0x0FU) << 12U | (byte(i + 1) & 0x3FU) << 6U | (byte(i + 2) & 0x3FU);
  }
  return byte(i) < 0x80 ? byte(i) : 0;
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
  std::size_t size = 1;
  for (std::size_t i = 0; i < text.size(); i += size) {
    const unsigned code = code_point(text, i, size);
    if (const auto byte = static_cast<unsigned char>(text[i]); byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (deceives(code)) {
      result += fmt::format("\\u{:04x}", code);
    } else {
      result += text.substr(i, size);
    }
  }
  return result;
}

std::string printable_json(std::string_view json) {
  std::string result;
  std::size_t size = 1;
  for (std::size_t i = 0; i < json.size(); i += size) {
    const unsigned code = code_point(json, i, size);
    result += deceives(code) ? fmt::format("\\u{:04x}", code) : std::string(json.substr(i, size));
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

void Progress::at(std::int64_t fit, std::int64_t n_fits) noexcept {
  n_fits_ = n_fits;
  fit_ = fit;
}

void Progress::show() {
  using namespace std::chrono_literals;
  const auto started = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, 1s, [this] { return done_; })) return;
  do {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    const std::string fits = n_fits_ > 1 ? fmt::format("fit {} of {}, ", fit_.load(), n_fits_.load()) : "";
    write_all(STDERR_FILENO, fmt::format("\r{} ... {}{:.0f} s", what_, fits, elapsed.count()));
  } while (!changed_.wait_for(lock, 250ms, [this] { return done_; }));
  write_all(STDERR_FILENO, "\r\033[K");
}

}  // namespace aprender::cli
