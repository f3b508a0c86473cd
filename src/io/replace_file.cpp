#include "io/replace_file.hpp"

#include <cerrno>
#include <optional>
#include <random>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include "io/again.hpp"
#include "io/descriptor.hpp"

namespace aprender::io {
namespace {

constexpr int attempts = 16;

std::string temporary_name() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;
  std::string name = ".aprender-";
  for (int i = 0; i < 16; ++i) name += digits[random() % digits.size()];
  return name + ".tmp";
}

/// A new file in a directory, removed again unless it was kept.
class Temporary {
 public:
  Temporary(int directory, mode_t mode) : directory_(directory), file_(create(directory, mode, name_)) {}
  ~Temporary() {
    if (!name_.empty()) ::unlinkat(directory_, name_.c_str(), 0);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  [[nodiscard]] Descriptor& file() noexcept { return file_; }

  /// rename(2) over `name` in the same directory.
  [[nodiscard]] bool become(const std::string& name) {
    const auto rename = [&] { return ::renameat(directory_, name_.c_str(), directory_, name.c_str()); };
    if (again(rename) != 0) return false;
    name_.clear();
    return true;
  }

  /// The same unless there is a file of that name.
  [[nodiscard]] bool become_new(const std::string& name) {
    const auto link = [&] { return ::linkat(directory_, name_.c_str(), directory_, name.c_str(), 0); };
    if (again(link) != 0) return false;
    ::unlinkat(directory_, name_.c_str(), 0);
    name_.clear();
    return true;
  }

 private:
  static int create(int directory, mode_t mode, std::string& name) {
    for (int i = 0; i < attempts; ++i) {
      name = temporary_name();
      constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      const int file = again([&] { return ::openat(directory, name.c_str(), flags, mode); });
      if (file >= 0) return file;
      if (errno != EEXIST) break;
    }
    name.clear();
    return -1;
  }

  int directory_;
  std::string name_;
  Descriptor file_;
};

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = again([&] { return ::write(file, bytes.data(), bytes.size()); });
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool sync(int file) {
  return again([&] { return ::fsync(file); }) == 0;
}

/// permissions: of a file that must be new; none: whatever is there is replaced.
Result<void> write_file(const std::filesystem::path& file, std::span<const std::span<const std::byte>> pieces,
                        const Check& check, std::optional<mode_t> permissions) {
  const auto refuse = [&](const std::string& what) {
    return tl::unexpected(Error{ErrorCode::cannot_write, file.string() + ": " + what});
  };
  const auto failed = [&](const char* step) {
    return refuse(std::string(step) + ": " + std::generic_category().message(errno));
  };
  const std::string name = file.filename().string();
  if (name.empty() || name == "." || name == "..") return refuse("not the name of a file");
  if (file.native().find('\0') != std::string::npos) return refuse("a path cannot hold a zero byte");

  const std::string parent = file.has_parent_path() ? file.parent_path().string() : ".";
  const Descriptor directory(again([&] { return ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!directory.valid()) return failed("cannot open the directory");

  struct stat old {};
  const bool exists = ::fstatat(directory.number(), name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT) return failed("cannot look at the destination");
  if (exists && permissions) return refuse("there is a file of that name already");
  if (exists && !S_ISREG(old.st_mode)) return refuse("the destination is not a regular file");

  // Nobody else may open what replaces a file before it has that file's mode.
  Temporary temporary(directory.number(), exists ? 0600 : permissions.value_or(0666));
  if (!temporary.file().valid()) return failed("cannot create a temporary file beside it");
  const auto keep_mode = [&] { return ::fchmod(temporary.file().number(), old.st_mode & 0777); };
  if (exists && again(keep_mode) != 0) return failed("cannot set the mode");
  std::uint64_t size = 0;
  for (const auto& bytes : pieces) {
    if (!write_all(temporary.file().number(), bytes)) return failed("cannot write");
    size += bytes.size();
  }
  if (check) {
    if (auto ok = check(Pages(temporary.file().number(), size)); !ok) return ok;
  }
  if (!sync(temporary.file().number())) return failed("cannot fsync");
  if (temporary.file().close() != 0) return failed("cannot close");
  const bool renamed = permissions ? temporary.become_new(name) : temporary.become(name);
  if (!renamed) return failed("cannot rename");
  if (!sync(directory.number())) return failed("written, but the directory cannot be fsynced");
  return {};
}

}  // namespace

Result<void> replace_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  return write_file(file, {&bytes, 1}, {}, std::nullopt);
}

Result<void> replace_file(const std::filesystem::path& file, std::span<const std::span<const std::byte>> pieces,
                          const Check& check) {
  return write_file(file, pieces, check, std::nullopt);
}

Result<void> create_file(const std::filesystem::path& file, std::span<const std::byte> bytes,
                         unsigned int permissions) {
  return write_file(file, {&bytes, 1}, {}, static_cast<mode_t>(permissions));
}

}  // namespace aprender::io
