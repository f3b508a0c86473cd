// One measurement of archives for bench/archives, printed as JSON:
//
//   bench_archive save FEATURES FILE REPEATS   writes a model of so many weights in double precision
//   bench_archive load FILE REPEATS            loads it, with every check; and before each load what bounds it:
//                                              read(2), memcpy and SHA-256 of the same bytes, into memory that is new
//                                              each time, in pages that were in use just before
//   bench_archive map FILE REPEATS             the same, but maps the file
//   bench_archive verify FILE REPEATS          the same, but signs the file first and trusts that key alone, so that
//                                              the signature is verified too (ECDSA P-256)
//
// Medians of times in seconds; `share` is that of the time of the slower of read(2) and SHA-256 over that of the load
// next to it. `held` is the resident memory in bytes before the first call, `peak` the most during it.

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

using Times = std::vector<double>;

double median(Times times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
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
  Times times;
  for (int k = 0; k < repeats; ++k) {
    times.push_back(seconds_of([&] { static_cast<void>(value_or_exit(archive.save(file))); }));
  }
  std::printf("\"seconds\": %.9f, \"peak\": %.0f}\n", median(times), memory("VmHWM"));
}

/// New memory, in large pages where it is large.
class Memory {
 public:
  explicit Memory(std::size_t size)
      : length_(size + large),
        start_(
            static_cast<char*>(::mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    ::madvise(bytes(), size / large * large, MADV_HUGEPAGE);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::munmap(start_, length_); }

  [[nodiscard]] char* bytes() const { return start_ + (large - reinterpret_cast<std::uintptr_t>(start_) % large); }

 private:
  static constexpr std::size_t large = std::size_t{2} << 20;
  std::size_t length_;
  char* start_;
};

/// The bytes of a file, and what takes as long as anything that handles them must.
class Limits {
 public:
  explicit Limits(const std::string& file)
      : descriptor_(::open(file.c_str(), O_RDONLY)),
        size_(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END))),
        whole_(size_) {
    read_into(whole_);
  }

  [[nodiscard]] double read() const {
    return seconds_of([this] { read_into(Memory(size_)); });
  }
  [[nodiscard]] double copy() const {
    return seconds_of([this] { std::memcpy(Memory(size_).bytes(), whole_.bytes(), size_); });
  }
  /// Memory that is free again afterwards.
  void use_as_much() const { std::memset(Memory(size_).bytes(), 1, size_); }
  [[nodiscard]] double sha256() const {
    return seconds_of([this] {
      unsigned char digest[EVP_MAX_MD_SIZE];
      unsigned int length = 0;
      EVP_Digest(whole_.bytes(), size_, digest, &length, EVP_sha256(), nullptr);
    });
  }

 private:
  void read_into(const Memory& memory) const {
    for (std::size_t done = 0; done < size_;) {
      const ssize_t count = ::pread(descriptor_, memory.bytes() + done, size_ - done, static_cast<off_t>(done));
      if (count <= 0) std::exit(1);
      done += static_cast<std::size_t>(count);
    }
  }

  int descriptor_;
  std::size_t size_;
  Memory whole_;
};

void load(const std::string& file, int repeats, const aprender::LoadOptions& options) {
  std::printf("{\"held\": %.0f, ", memory("VmRSS"));
  const auto once = [&] { static_cast<void>(value_or_exit(ModelArchive::load(file, options))); };
  once();
  std::printf("\"peak\": %.0f, ", memory("VmHWM"));
  const Limits limits(file);
  Times loads, reads, copies, digests, shares;
  // A hypervisor may take free memory back, a second or two later, and to find it again takes longer than to read.
  const auto after_a_digest = [&](Times& times, const auto& time) {
    digests.push_back(limits.sha256());
    limits.use_as_much();
    times.push_back(time());
  };
  for (int k = 0; k < repeats; ++k) {
    after_a_digest(copies, [&] { return limits.copy(); });
    after_a_digest(reads, [&] { return limits.read(); });
    after_a_digest(loads, [&] { return seconds_of(once); });
  }
  for (std::size_t k = 0; k < loads.size(); ++k) {
    shares.push_back((median(reads) > median(digests) ? reads[k] : digests[3 * k + 2]) / loads[k]);
  }
  std::printf("\"seconds\": %.9f, \"read\": %.9f, \"memcpy\": %.9f, \"sha256\": %.9f, \"share\": %.4f}\n",
              median(loads), median(reads), median(copies), median(digests), median(shares));
}

/// Signs a file beside it; how to load it so that this is demanded.
aprender::LoadOptions demand_signature(const std::string& file) {
  const auto key = aprender::PrivateKey::generate(aprender::Curve::p256);
  static_cast<void>(value_or_exit(aprender::sign_file(file, key)));
  return {.trust = {.keys = {key.public_key()}}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "save") {
    save(std::atoll(words[1].c_str()), words[2], std::atoi(words[3].c_str()));
  } else if (words.size() == 3 && words[0] == "load") {
    load(words[1], std::atoi(words[2].c_str()), {});
  } else if (words.size() == 3 && words[0] == "map") {
    load(words[1], std::atoi(words[2].c_str()), {.map_file = true});
  } else if (words.size() == 3 && words[0] == "verify") {
    load(words[1], std::atoi(words[2].c_str()), demand_signature(words[1]));
  } else {
    std::fprintf(stderr, "usage: bench_archive save FEATURES FILE REPEATS | load|map|verify FILE REPEATS\n");
    return 2;
  }
}
