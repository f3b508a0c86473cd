// write_golden DIR: the golden archives of this schema version, for a new one (docs/format.md, section 9). What is
// there already is left alone.

#include <filesystem>
#include <fstream>
#include <iostream>

#include "golden/models.hpp"

int main(int argc, char** argv) {
  using namespace aprender;
  if (argc != 2) {
    std::cerr << "usage: write_golden DIR\n";
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  const auto write = [&](const std::string& name, const ModelArchive& archive) {
    const auto file = directory / (name + ".aprender");
    if (std::filesystem::exists(file)) return;
    std::cout << file.string() << "  " << archive.save(file).value() << "\n";
  };
  const auto archives = golden::archives();
  for (const auto& [name, archive] : archives) write(name, archive);
  if (!std::filesystem::exists(directory / "signed.pub.pem")) {
    const PrivateKey key = PrivateKey::generate(Curve::p256);  // nobody keeps it
    std::ofstream(directory / "signed.pub.pem") << key.public_key().pem();
    write("signed", archives.front().second.sign(key));
  }
  if (!std::filesystem::exists(directory / "detached.pub.pem")) {
    const PrivateKey key = PrivateKey::generate(Curve::p384);
    std::ofstream(directory / "detached.pub.pem") << key.public_key().pem();
    write("detached", archives.front().second);
    std::cout << sign_file(directory / "detached.aprender", key).value().string() << "\n";
  }
}
