// One measurement of archives for bench/archives, printed as JSON:
//
//   bench_archive save FEATURES FILE REPEATS   writes a model of so many weights in double precision
//   bench_archive load FILE REPEATS [map]      loads it, with every check
//   bench_archive limits FILE REPEATS          read(2), SHA-256 and memcpy of the same bytes, into memory new each time
//
// Times in seconds. `held` is the resident memory in bytes before the first call, `peak` the most during it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aprender/archive.hpp"

namespace {

using aprender::ModelArchive;

/// A line of /proc/self/status, in bytes.
double memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != name + ":") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median, and its neighbours' range in the middle half.
void print(const char* name, int repeats, const std::function<void()>& work, const char* end = ", ") {
  std::vector<double> seconds(static_cast<std::size_t>(repeats));
  for (double& each : seconds) each = seconds_of(work);
  std::sort(seconds.begin(), seconds.end());
  std::printf("\"%s\": %.9f%s", name, seconds[seconds.size() / 2], end);
}

template <class T>
T value_or_exit(const aprender::Result<T>& result) {
  if (result) return *result;
  std::fprintf(stderr, "%s\n", result.error().context.c_str());
  std::exit(1);
}

ModelArchive example(Eigen::Index features) {
  Eigen::VectorXd w(features);
  std::uint64_t state = 1;
  for (double& each : w) {  // xorshift64 (Marsaglia 2003)
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    each = static_cast<double>(state >> 11) * 0x1p-53 - 0.5;
  }
  aprender::FitReport report{.solver = "none", .n_samples = 1, .n_features = features, .converged = true};
  return ModelArchive(
      aprender::Fit<aprender::Ridge, aprender::LinearModel<double>>{aprender::LinearModel<double>(std::move(w), 0.5),
                                                                    std::move(report), aprender::Ridge{}},
      {.name = "example"});
}

void save(Eigen::Index features, const std::string& file, int repeats) {
  const ModelArchive archive = example(features);
  std::printf("{\"held\": %.0f, ", memory("VmRSS"));
  print("seconds", repeats, [&] { static_cast<void>(value_or_exit(archive.save(file))); });
  std::printf("\"peak\": %.0f}\n", memory("VmHWM"));
}

void load(const std::string& file, int repeats, bool map) {
  std::printf("{\"held\": %.0f, ", memory("VmRSS"));
  const auto once = [&] { static_cast<void>(value_or_exit(ModelArchive::load(file, {.map_file = map}))); };
  once();
  std::printf("\"peak\": %.0f, ", memory("VmHWM"));
  print("seconds", repeats, once, "}\n");
}

void limits(const std::string& file, int repeats) {
  const int descriptor = ::open(file.c_str(), O_RDONLY);
  const auto size = static_cast<std::size_t>(::lseek(descriptor, 0, SEEK_END));
  const auto fresh = [&] {
    return static_cast<char*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  };
  const auto read_into = [&](char* bytes) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t count = ::pread(descriptor, bytes + done, size - done, static_cast<off_t>(done));
      if (count <= 0) std::exit(1);
      done += static_cast<std::size_t>(count);
    }
  };
  char* const whole = fresh();
  read_into(whole);
  std::printf("{\"size\": %zu, ", size);
  const auto new_each_time = [&](const std::function<void(char*)>& work) {
    return [&, work] {
      char* const bytes = fresh();
      work(bytes);
      ::munmap(bytes, size);
    };
  };
  print("read", repeats, new_each_time(read_into));
  print("memcpy", repeats, new_each_time([&](char* bytes) { std::memcpy(bytes, whole, size); }));
  print(
      "sha256", repeats,
      [&] {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int length = 0;
        EVP_Digest(whole, size, digest, &length, EVP_sha256(), nullptr);
      },
      "}\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "save") {
    save(std::atoll(words[1].c_str()), words[2], std::atoi(words[3].c_str()));
  } else if (words.size() >= 3 && words[0] == "load") {
    load(words[1], std::atoi(words[2].c_str()), words.size() == 4 && words[3] == "map");
  } else if (words.size() == 3 && words[0] == "limits") {
    limits(words[1], std::atoi(words[2].c_str()));
  } else {
    std::fprintf(stderr,
                 "usage: bench_archive save FEATURES FILE REPEATS | load FILE REPEATS [map] | limits FILE REPEATS\n");
    return 2;
  }
}
