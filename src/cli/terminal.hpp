/// What the command says: results on standard output, everything else on standard error.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace aprender::cli {

/// Makes standard streams that are closed unusable but taken, so that no file is ever opened in their place, and
/// turns SIGPIPE and SIGXFSZ (`ulimit -f`) into errors of write(2), after which temporary files are removed. To be
/// called first.
void prepare_streams();

/// Writes results to standard output. A reader that went away is no error; anything else throws Failure.
void print(std::string_view text);

/// "aprender: error: ..." and so on, on standard error; what cannot be written there is lost.
void print_error(std::string_view text);
void print_warning(std::string_view text);
void print_note(std::string_view text);
void print_advice(std::string_view text);  ///< what to do next, below an error; nothing if empty

/// Columns of the terminal on standard output, 80 if it is none.
[[nodiscard]] std::size_t terminal_width();

/// Text from outside made safe for a terminal: control characters become \xNN, those of C1 and what turns the direction
/// of text or ends a line \uNNNN, so that a name in a file cannot move the cursor, fake a line or hide what it is.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for JSON, which stays JSON of the same meaning.
[[nodiscard]] std::string printable_json(std::string_view json);

/// Colours for results: empty strings unless standard output is a terminal that wants them (NO_COLOR, TERM).
struct Style {
  std::string_view heading, good, bad, dim, reset;
};
[[nodiscard]] Style output_style();

/// Says on standard error, if that is a terminal, what is being done, which fit of how many, and for how long, from the
/// first second on and some times a second.
class Progress {
 public:
  explicit Progress(std::string_view what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  ///< erases the line

  /// Which fit is being done, from 1; nothing is said of a single one. May be called as often as you like.
  void at(std::int64_t fit, std::int64_t n_fits) noexcept;

 private:
  void show();

  std::string what_;
  std::atomic<std::int64_t> fit_ = 0, n_fits_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace aprender::cli
