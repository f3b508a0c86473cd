// A project that has aprender as a part: the library is there, and refuses what is no archive. What is saved and loaded
// by it once installed is the business of ../archive.
#include <cstdio>
#include <filesystem>

#define APRENDER_SOLVERS_ELSEWHERE  // fits nothing
#include "aprender/archive.hpp"

int main() {
  const auto archive = aprender::ModelArchive::load(std::filesystem::temp_directory_path());
  if (archive) return 1;
  std::printf("%s\n", aprender::to_string(archive.error()).c_str());
  return archive.error().code == aprender::ErrorCode::not_regular_file ? 0 : 1;
}
