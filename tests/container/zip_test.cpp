#include "container/zip.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"

namespace aprender {
namespace {

using container::confirm_with_libzip;
using container::Entry;
using container::Part;
using container::read_zip;
using container::write_zip;
using test::as_bytes;
using test::ForgedZip;

std::string write(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<Part> parts;
  parts.reserve(members.size());
  for (const auto& [name, data] : members) parts.emplace_back(name, as_bytes(data));
  const auto bytes = write_zip(parts).joined();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string rewrite(const std::vector<Entry>& entries) {
  std::vector<std::pair<std::string, std::string>> members;
  members.reserve(entries.size());
  for (const Entry& entry : entries) {
    members.emplace_back(entry.name,
                         std::string(reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()));
  }
  return write(members);
}

const std::vector<std::pair<std::string, std::string>> three{
    {"manifest.json", "{}"}, {"metadata.pb", "m"}, {"weights.safetensors", "weights"}};

TEST(Zip, IsWrittenAsTheForgeryStartsFrom) { EXPECT_EQ(write(three), ForgedZip{}.bytes()); }

TEST(Zip, RoundTripReturnsNamesAndBytesInOrder) {
  auto members = three;
  members.emplace_back("ext/a", "");
  members.emplace_back("ext/a-b.json", std::string(1000, '\0'));
  members.emplace_back("ext/b_2", "PK\x05\x06");
  const std::string file = write(members);
  const auto entries = read_zip(as_bytes(file), {});
  ASSERT_EQ(outcome(entries), "accepted");
  ASSERT_EQ(entries->size(), members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_EQ(entries->at(i).name, members[i].first);
    EXPECT_TRUE(std::ranges::equal(entries->at(i).bytes, as_bytes(members[i].second)));
  }
  EXPECT_EQ(outcome(confirm_with_libzip(as_bytes(file), *entries)), "accepted");
}

TEST(Zip, WeightsStartAtAMultipleOf64WhateverComesBefore) {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string file =
        write({{"manifest.json", std::string(size, ' ')}, {"metadata.pb", ""}, {"weights.safetensors", "w"}});
    const auto entries = read_zip(as_bytes(file), {});
    ASSERT_EQ(outcome(entries), "accepted") << size;
    EXPECT_EQ((entries->at(2).bytes.data() - as_bytes(file).data()) % 64, 0) << size;
    EXPECT_EQ(outcome(confirm_with_libzip(as_bytes(file), *entries)), "accepted") << size;
  }
}

TEST(Zip, EveryBitFlipIsRefused) {
  const std::string file = write(three);
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(outcome(read_zip(as_bytes(flipped), {})), "accepted") << "bit " << bit % 8 << " of byte " << bit / 8;
  }
}

TEST(Zip, EveryByteTakesOneValueOnly) {
  const std::string file = write(three);
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string changed = file;
    for (int step = 1; step < 256; ++step) {
      changed[at] = static_cast<char>(file[at] + step);
      EXPECT_FALSE(read_zip(as_bytes(changed), {})) << "byte " << at << " is " << int{changed[at]};
    }
  }
}

TEST(Zip, EveryTruncationAndEveryExtensionIsRefused) {
  const std::string file = write(three);
  EXPECT_TRUE(
      refused(read_zip({}, {}), ErrorCode::malformed_container, "not an archive: 0 bytes, expected at least 22"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);  // a copy of its own, so that a sanitizer sees reads behind its end
    EXPECT_TRUE(refused(read_zip(as_bytes(cut), {}), ErrorCode::malformed_container, "container")) << size;
    EXPECT_FALSE(read_zip(as_bytes(file.substr(size)), {}) && size > 0) << size;
  }
  EXPECT_TRUE(refused(read_zip(as_bytes(file + '\0'), {}), ErrorCode::malformed_container,
                      "no end record in the last 22 bytes"));
  EXPECT_TRUE(refused(read_zip(as_bytes(file + file), {}), ErrorCode::malformed_container, "end of the directory"));
}

TEST(Zip, EveryBlockRemovedOrRepeatedIsRefused) {
  const std::string file = write(three);
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const std::size_t size : {1U, 2U, 4U, 22U, 30U, 46U}) {
      std::string removed = file;
      removed.erase(at, size);
      EXPECT_FALSE(read_zip(as_bytes(removed), {})) << size << " bytes removed at " << at;
      std::string repeated = file;
      repeated.insert(at, file.substr(at, size));
      EXPECT_FALSE(read_zip(as_bytes(repeated), {})) << size << " bytes repeated at " << at;
    }
  }
}

TEST(Zip, LimitsAreChecked) {
  const std::string file = write(three);
  EXPECT_TRUE(refused(read_zip(as_bytes(file), {.archive_bytes = file.size() - 1}), ErrorCode::limit_exceeded,
                      std::to_string(file.size()) + " bytes, at most " + std::to_string(file.size() - 1)));
  EXPECT_TRUE(read_zip(as_bytes(file), {.archive_bytes = file.size(), .manifest_bytes = 2, .metadata_bytes = 1}));
  EXPECT_TRUE(refused(read_zip(as_bytes(file), {.manifest_bytes = 1}), ErrorCode::limit_exceeded,
                      "manifest.json: 2 bytes, at most 1"));
  EXPECT_TRUE(refused(read_zip(as_bytes(file), {.metadata_bytes = 0}), ErrorCode::limit_exceeded,
                      "metadata.pb: 1 bytes, at most 0"));
  EXPECT_TRUE(read_zip(as_bytes(file), {.entries = 3}));
  EXPECT_TRUE(
      refused(read_zip(as_bytes(file), {.entries = 2}), ErrorCode::limit_exceeded, "container: 3 entries, at most 2"));
  ForgedZip extended;
  extended.entries.emplace_back("ext/12345", "");
  EXPECT_TRUE(read_zip(as_bytes(extended.bytes()), {.name_bytes = 9}));
  EXPECT_TRUE(refused(read_zip(as_bytes(extended.bytes()), {.name_bytes = 8}), ErrorCode::limit_exceeded,
                      "name of 9 bytes, at most 8"));
}

TEST(Zip, AnAcceptedFileIsTheOneThatItsEntriesAreWrittenTo) {
  auto members = three;
  members.emplace_back("ext/notes.txt", "free text");
  const std::string file = write(members);
  const auto entries = read_zip(as_bytes(file), {});
  ASSERT_EQ(outcome(entries), "accepted");
  EXPECT_EQ(rewrite(*entries), file);
}

TEST(Zip, WriterRefusesWhatTheFormatCannotHold) {
  const std::string longest_name(65535, 'a'), long_name = longest_name + 'a';
  EXPECT_NO_THROW((void)write_zip(std::vector<Part>{{longest_name, as_bytes("")}}));
  EXPECT_THROW((void)write_zip(std::vector<Part>{{long_name, as_bytes("")}}), std::invalid_argument);
  const std::vector<Part> many(65535, Part{"a", as_bytes("")});
  EXPECT_THROW((void)write_zip(many), std::invalid_argument);
}

/// libzip must see the very entries that were read: whatever else it is told, it disagrees.
TEST(Zip, LibzipDisagreesWithOtherEntries) {
  const std::string file = write(three);
  const auto entries = read_zip(as_bytes(file), {});
  ASSERT_EQ(outcome(entries), "accepted");
  const auto confirm = [&](void (*edit)(std::vector<Entry>&)) {
    auto edited = *entries;
    edit(edited);
    return confirm_with_libzip(as_bytes(file), edited);
  };
  constexpr auto code = ErrorCode::parsers_disagree;
  EXPECT_TRUE(refused(confirm([](std::vector<Entry>& e) { e.pop_back(); }), code, "3 entries, expected 2"));
  EXPECT_TRUE(refused(confirm([](std::vector<Entry>& e) { e.push_back(e.back()); }), code, "3 entries, expected 4"));
  EXPECT_TRUE(
      refused(confirm([](std::vector<Entry>& e) { std::swap(e[0], e[1]); }), code, "entry 0 is \"manifest.json\""));
  EXPECT_TRUE(refused(confirm([](std::vector<Entry>& e) { e[1].crc32 ^= 1; }), code, "CRC-32"));
  EXPECT_TRUE(refused(confirm([](std::vector<Entry>& e) { e[0].bytes = e[0].bytes.first(1); }), code, "2 bytes"));
}

/// What is read ahead of the checks: a guess may be wrong, not out of bounds.
TEST(GuessMembers, OfWhatIsCutOffOrTooLargeThereIsNone) {
  constexpr std::uint64_t size = 1 << 20;
  std::vector<std::byte> start(1 << 16);
  const auto put = [&](std::size_t header, std::uint32_t data_size, std::uint16_t name_size, std::uint16_t extra_size) {
    for (std::size_t i = 0; i < 4; ++i) start[header + 22 + i] = static_cast<std::byte>(data_size >> (8 * i));
    for (std::size_t i = 0; i < 2; ++i) {
      start[header + 26 + i] = static_cast<std::byte>(name_size >> (8 * i));
      start[header + 28 + i] = static_cast<std::byte>(extra_size >> (8 * i));
    }
  };
  ASSERT_TRUE(container::guess_members(start, size)) << "three headers of nothing";
  put(60, 100, 0, 0);
  const auto guess = container::guess_members(start, size);
  ASSERT_TRUE(guess);
  EXPECT_EQ(guess->weights.offset, 90);
  EXPECT_EQ(guess->weights.size, 100);
  put(60, size - 90, 0, 0);
  EXPECT_TRUE(container::guess_members(start, size));
  put(60, size - 89, 0, 0);
  EXPECT_FALSE(container::guess_members(start, size)) << "weights beyond the end of the file";
  put(60, 0xffffffff, 0, 19);
  EXPECT_FALSE(container::guess_members(start, size)) << "too short a field for the size that it should hold";
  // manifest, metadata and weights behind names, extra fields and data
  put(0, 10, 3, 2);
  put(45, 7, 1, 0);
  put(83, 100, 5, 20);
  EXPECT_EQ(container::guess_members(start, size)->metadata, (container::Extent{76, 7}));
  EXPECT_EQ(container::guess_members(start, size)->weights, (container::Extent{138, 100}));
  start[122] = std::byte{200};  // where a field of ZIP64 has the size
  EXPECT_EQ(container::guess_members(start, size)->weights, (container::Extent{138, 100}));
  put(83, 0xffffffff, 5, 20);
  EXPECT_EQ(container::guess_members(start, size)->weights, (container::Extent{138, 200}));
  put(0, 65506, 0, 0);
  EXPECT_FALSE(container::guess_members(start, size)) << "no room for another header";
  put(0, 65507, 0, 0);
  EXPECT_FALSE(container::guess_members(start, size)) << "a member beyond what has been read";
  put(0, 0, 65507, 0);
  EXPECT_FALSE(container::guess_members(start, size)) << "a name beyond what has been read";
}

/// Files that the framing check refuses before libzip is asked: its own word on them, where it has one.
TEST(Zip, LibzipDisagreesWithOtherFiles) {
  const auto confirm = [](void (*edit)(ForgedZip&)) {
    const std::string file = ForgedZip{}.bytes();
    const auto entries = read_zip(as_bytes(file), {});
    ForgedZip forged;
    edit(forged);
    return confirm_with_libzip(as_bytes(forged.bytes()), *entries);
  };
  constexpr auto code = ErrorCode::parsers_disagree;
  EXPECT_TRUE(refused(confirm([](ForgedZip& z) { z.comment = "hidden"; }), code, "comment of 6 bytes"));
  EXPECT_TRUE(refused(confirm([](ForgedZip& z) { z.entries[0].external_attributes = 0120777U << 16U; }), code,
                      "external attributes"));
  EXPECT_TRUE(refused(
      confirm([](ForgedZip& z) { z.entries[0].edit_both([](test::SharedFields& fields) { fields.method = 8; }); }),
      code, "compressed or encrypted"));
  EXPECT_TRUE(refused(
      confirm([](ForgedZip& z) { z.entries[0].edit_both([](test::SharedFields& fields) { fields.flags = 1; }); }), code,
      "compressed or encrypted"));
  EXPECT_TRUE(refused(confirm([](ForgedZip& z) { z.entries[1].local_extra = std::string("\x77\x77\0\0", 4); }), code,
                      "extra field 30583"));
  EXPECT_TRUE(refused(confirm([](ForgedZip& z) { z.entries[1].central_extra = std::string("\x77\x77\0\0", 4); }), code,
                      "extra field in the directory"));
  EXPECT_TRUE(refused(confirm([](ForgedZip& z) { z.entries.clear(); }), code, "0 entries, expected 3"));
  EXPECT_TRUE(refused(confirm_with_libzip(as_bytes("no archive"), {}), code, "Not a zip archive"));
}

}  // namespace
}  // namespace aprender
