// Two processes that write one file, and two that read it meanwhile; and a disk that has less and less space.
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/samples.hpp"
#include "faults/campaign.hpp"

namespace aprender::faults {
namespace {

ModelArchive one() { return {samples::binary<double>(), samples::description()}; }
ModelArchive other() { return {samples::ridge<double>(), samples::description()}; }

/// A process that ends with 0 if work() returns true.
pid_t start(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child != 0) return child;
  try {
    std::_Exit(work() ? 0 : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(2);
  }
}

bool ends_well(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void fill(const std::filesystem::path& file, std::uint64_t bytes) {
  std::ofstream out(file, std::ios::binary);
  out << std::string(bytes, 'x');
  if (!out.flush()) throw std::runtime_error("cannot fill the disk");
}

std::uint64_t space_left(const std::filesystem::path& directory, std::uint64_t& block) {
  struct statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0) throw std::runtime_error("no statvfs");
  block = status.f_bsize;
  return status.f_bavail * status.f_bsize;
}

}  // namespace

void writers_and_readers(const std::filesystem::path& directory, int rounds, Table& table) {
  std::filesystem::create_directory(directory / "race");
  const std::filesystem::path file = directory / "race/model.aprender";
  const ModelArchive archives[] = {one(), other()};
  archives[0].save(file).value();
  const auto write = [&](const ModelArchive& archive) {
    return [&, rounds] {
      for (int i = 0; i < rounds; ++i) {
        if (const auto saved = archive.save(file); !saved || *saved != archive.id()) return false;
      }
      return true;
    };
  };
  const auto read = [&, rounds] {
    for (int i = 0; i < rounds; ++i) {
      const auto loaded = ModelArchive::load(file, {.threads = 1, .map_file = i % 2 == 1});
      if (!loaded) {
        std::fprintf(stderr, "LOST: a reader meets %s\n", to_string(loaded.error()).c_str());
        return false;
      }
      if (loaded->id() != archives[0].id() && loaded->id() != archives[1].id()) return false;
    }
    return true;
  };
  const std::vector<pid_t> all = {start(write(archives[0])), start(write(archives[1])), start(read), start(read)};
  std::uint64_t lost = 0;
  for (const pid_t each : all) lost += ends_well(each) ? 0 : 1;
  const auto left = std::distance(std::filesystem::directory_iterator(directory / "race"), {});
  if (left != 1) ++lost;
  const auto tried = static_cast<std::uint64_t>(rounds) * all.size();
  table.add({"save and load", "2 writers and 2 readers at once", tried, tried - lost, 0, lost});
}

void full_disk(const std::filesystem::path& directory, Table& table) {
  const ModelArchive before = one(), after = other();
  const std::filesystem::path file = directory / "model.aprender", filler = directory / "filler";
  const std::string old = [&] {
    before.save(file).value();
    return contents(file);
  }();
  Row row{"save over a file", "disk full: tmpfs", 0, 0, 0, 0};
  std::uint64_t block = 0;
  const std::uint64_t space = space_left(directory, block);
  if (space > (std::uint64_t{16} << 20)) throw std::runtime_error(directory.string() + " is no small file system");
  for (std::uint64_t left = 0; left <= space && row.succeeded < 3; left += block) {
    fill(filler, space - left);
    const auto saved = after.save(file);
    ++row.tried;
    const bool whole = saved ? ModelArchive::load(file).has_value() && contents(file) != old : contents(file) == old;
    const auto files = std::distance(std::filesystem::directory_iterator(directory), {});
    if (!whole || files != 2 || (!saved && saved.error().code != ErrorCode::cannot_write)) {
      std::fprintf(stderr, "LOST: %llu bytes left: %s\n", static_cast<unsigned long long>(left),
                   saved ? "saved" : to_string(saved.error()).c_str());
      ++row.lost;
    } else {
      ++(saved ? row.succeeded : row.refused);
    }
    std::filesystem::remove(filler);
    before.save(file).value();
  }
  if (row.refused == 0 || row.succeeded == 0) throw std::runtime_error("the disk was never full, or always");
  table.add(row);
}

}  // namespace aprender::faults
