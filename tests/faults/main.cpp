// faults DIRECTORY SMALL: makes every allocation and every system call of loading, saving and signing fail, in an empty
// directory, and fills SMALL, an empty directory on a file system of a few hundred kilobytes. Prints a table; exit
// status 1 if anything is lost.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "faults/calls.hpp"
#include "faults/campaign.hpp"
#include "faults/operations.hpp"

int main(int argc, char** argv) {
  using namespace aprender::faults;
  if (argc != 3) {
    std::fprintf(stderr, "usage: faults DIRECTORY SMALL\n");
    return 2;
  }
  try {
    const std::filesystem::path directory = argv[1];
    furnish(directory);
    share_strikes();
    Table table;
    system_calls(directory, table);
    allocations(directory, table);
    writers_and_readers(directory, 2000, table);
    full_disk(argv[2], table);
    table.end("struck: " + strikes());
    return table.sound() && all_were_struck() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "faults: %s\n", error.what());
    return 2;
  }
}
