#include "fuzz/mutate_zip.hpp"

#include <string>
#include <utility>

#include "container/zip.hpp"
#include "tests/container/forged_zip.hpp"

namespace aprender::fuzz {
namespace {

using Bytes = std::vector<std::byte>;

template <class Integer>
void lie(Integer& value, Random& random) {
  value = static_cast<Integer>(other_integer(random, value));
}

template <class Integer>
void lie(std::optional<Integer>& value, Random& random) {
  value = static_cast<Integer>(other_integer(random, value.value_or(0)));
}

void lie(test::SharedFields& fields, Random& random) {
  switch (random.below(8)) {
    case 0:
      return lie(fields.version, random);
    case 1:
      return lie(fields.flags, random);
    case 2:
      return lie(fields.method, random);
    case 3:
      return lie(fields.time, random);
    case 4:
      return lie(fields.date, random);
    case 5:
      return lie(fields.crc, random);
    case 6:
      return lie(fields.compressed_size, random);
    default:
      return lie(fields.size, random);
  }
}

void lie(test::ForgedEntry& entry, Random& random) {
  switch (random.below(14)) {
    case 0:
      return mutate_bytes(entry.local_name, 8);
    case 1:
      return mutate_bytes(entry.central_name, 8);
    case 2:
      return mutate_bytes(entry.before, 8);
    case 3:
      entry.aligned = false;
      return mutate_bytes(entry.local_extra, 80);
    case 4:
      return mutate_bytes(entry.central_extra, 32);
    case 5:
      return mutate_bytes(entry.comment, 4);
    case 6:
      return lie(entry.made_by, random);
    case 7:
      return lie(entry.disk, random);
    case 8:
      return lie(entry.internal_attributes, random);
    case 9:
      return lie(entry.external_attributes, random);
    case 10:
      return lie(entry.offset, random);
    case 11:
      (random.one_in(2) ? entry.in_file : entry.in_directory) = false;
      return;
    case 12: {
      test::SharedFields fields = entry.local;
      lie(fields, random);
      entry.local = entry.central = fields;
      return;
    }
    default:
      return lie(random.one_in(2) ? entry.local : entry.central, random);
  }
}

void lie(test::ForgedZip& zip, Random& random) {
  switch (random.below(20)) {
    case 0:
      return mutate_bytes(zip.before_directory, 60);
    case 1:
      return mutate_bytes(zip.behind_directory, 60);
    case 2:
      return mutate_bytes(zip.comment, 8);
    case 3:
      return mutate_bytes(zip.behind, 8);
    case 4:
      return lie(zip.disk, random);
    case 5:
      return lie(zip.directory_disk, random);
    case 6:
      return lie(zip.entries_on_disk, random);
    case 7:
      return lie(zip.entry_count, random);
    case 8:
      return lie(zip.directory_size, random);
    case 9:
      return lie(zip.directory_offset, random);
    case 10:
      return lie(zip.comment_size, random);
    default:
      return lie(random.of(zip.entries), random);
  }
}

test::ForgedZip forged(Random& random) {
  test::ForgedZip zip;
  for (std::size_t k = random.below(3); k > 0; --k) {
    zip.entries.emplace_back("ext/" + std::string(1, static_cast<char>('c' - k)), std::string(random.below(70), 'e'));
  }
  if (random.one_in(4)) zip.entries.emplace_back(std::string(container::signature_name), "{}");
  if (random.one_in(4)) std::swap(random.of(zip.entries), random.of(zip.entries));
  if (random.one_in(4)) {
    auto& entry = random.of(zip.entries);
    mutate_bytes(entry.data, 70);
    entry.redigest();
  }
  while (!random.one_in(3)) lie(zip, random);
  return zip;
}

/// The entries with one changed, added or taken out.
Bytes with_other_entries(const std::vector<container::Entry>& entries, Random& random) {
  std::vector<std::pair<std::string, Bytes>> members;
  members.reserve(entries.size());
  for (const auto& entry : entries) members.emplace_back(entry.name, Bytes(entry.bytes.begin(), entry.bytes.end()));
  const std::size_t chosen = random.below(members.size());
  switch (random.below(5)) {
    case 0:
      mutate_bytes(members[chosen].first, 8);
      break;
    case 1:
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(chosen));
      break;
    case 2:
      members.emplace_back("ext/" + std::string(random.below(260), 'e'), Bytes(random.below(70)));
      break;
    default:
      mutate_bytes(members[chosen].second, 70);
  }
  std::vector<container::Part> parts;
  parts.reserve(members.size());
  for (const auto& [name, bytes] : members) parts.emplace_back(name, bytes);
  return container::write_zip(parts).joined();
}

}  // namespace

Bytes mutate_zip(std::span<const std::byte> file, Random& random) {
  if (random.one_in(3)) {
    const std::string bytes = forged(random).bytes();
    const auto view = test::as_bytes(bytes);
    return {view.begin(), view.end()};
  }
  const auto entries = container::read_zip(file, {});
  if (!entries || random.one_in(2)) return {};
  return with_other_entries(*entries, random);
}

}  // namespace aprender::fuzz
