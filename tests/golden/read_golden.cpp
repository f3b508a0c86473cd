// read_golden DIR: the golden archives that write_golden has left there, on this machine or another, loaded and held
// against those made here: the same weights, bit for bit, and for how many files the same bytes. Exit status 1 if one
// is refused or differs.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "golden/models.hpp"

int main(int argc, char** argv) {
  using namespace aprender;
  if (argc != 2) {
    std::cerr << "usage: read_golden DIR\n";
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  int loaded = 0, same_bytes = 0, wrong = 0;
  const auto read = [&](const std::string& name, const ModelArchive& expected, const LoadOptions& options) {
    const auto file = directory / (name + ".aprender");
    const auto found = ModelArchive::load(file, options);
    if (!found || !samples::same_bits(found->any_model(), expected.any_model())) {
      std::cerr << file.string() << ": " << (found ? "other weights" : to_string(found.error())) << "\n";
      ++wrong;
      return;
    }
    ++loaded;
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto made_here = expected.to_bytes();
    same_bytes += std::ranges::equal(std::as_bytes(std::span(bytes)), made_here) ? 1 : 0;
  };
  const auto archives = golden::archives();
  for (const auto& [name, archive] : archives) read(name, archive, {});
  const PublicKey key = PublicKey::load(directory / "signed.pub.pem").value();
  read("signed", archives.front().second, {.trust = {.keys = {key}}});
  std::cout << loaded << " loaded, " << same_bytes << " the same bytes as here\n";
  return wrong == 0 ? 0 : 1;
}
