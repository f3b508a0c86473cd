#include "container/zip.hpp"

#include <algorithm>
#include <array>

#include "container/text.hpp"
#include "in_memory.hpp"
#include "kernel/text.h"
#include "kernel/zip_framing.h"

namespace aprender::container {
namespace {

constexpr std::array<std::string_view, 3> required_names{manifest_name, metadata_name, weights_name};
constexpr std::size_t weights_index = 2;

tl::unexpected<Error> refuse(ErrorCode code, std::string context) {
  return tl::unexpected(Error{code, std::move(context)});
}

const std::uint8_t* raw(const void* bytes) { return static_cast<const std::uint8_t*>(bytes); }

/// Fields whose value is compared with another.
struct Spelling {
  aprender_zip_field field;
  std::string_view text;
};

constexpr Spelling spellings[] = {
    {APRENDER_ZIP_END_DISK, "end record: number of this disk"},
    {APRENDER_ZIP_END_DIRECTORY_DISK, "end record: disk of the directory"},
    {APRENDER_ZIP_END_ENTRIES_ON_DISK, "end record: entries on this disk"},
    {APRENDER_ZIP_END_DIRECTORY_END, "end record: end of the directory"},
    {APRENDER_ZIP_END_COMMENT_SIZE, "end record: length of the comment"},
    {APRENDER_ZIP_DIRECTORY_SPACE, "central header: bytes left in the directory"},
    {APRENDER_ZIP_DIRECTORY_REST, "directory: bytes behind the last header"},
    {APRENDER_ZIP_CENTRAL_SIGNATURE_FIELD, "central header: signature"},
    {APRENDER_ZIP_CENTRAL_MADE_BY, "central header: version made by"},
    {APRENDER_ZIP_CENTRAL_VERSION, "central header: version needed"},
    {APRENDER_ZIP_CENTRAL_FLAGS, "central header: flags"},
    {APRENDER_ZIP_CENTRAL_METHOD, "central header: method"},
    {APRENDER_ZIP_CENTRAL_TIME, "central header: time"},
    {APRENDER_ZIP_CENTRAL_DATE, "central header: date"},
    {APRENDER_ZIP_CENTRAL_COMPRESSED_SIZE, "central header: compressed size"},
    {APRENDER_ZIP_CENTRAL_NAME_SIZE, "central header: length of the name, of the bytes left"},
    {APRENDER_ZIP_CENTRAL_EXTRA_SIZE, "central header: length of the extra field"},
    {APRENDER_ZIP_CENTRAL_COMMENT_SIZE, "central header: length of the comment"},
    {APRENDER_ZIP_CENTRAL_DISK, "central header: disk"},
    {APRENDER_ZIP_CENTRAL_INTERNAL_ATTRIBUTES, "central header: internal attributes"},
    {APRENDER_ZIP_CENTRAL_OFFSET, "central header: offset of the local header"},
    {APRENDER_ZIP_LOCAL_SPACE, "local header: bytes left before the directory"},
    {APRENDER_ZIP_LOCAL_SIGNATURE_FIELD, "local header: signature"},
    {APRENDER_ZIP_LOCAL_SHARED_FIELDS, "local header: a byte that the central header repeats"},
    {APRENDER_ZIP_LOCAL_REST, "bytes between the last entry and the directory"},
};

std::string explain(const aprender_zip_verdict& verdict) {
  const std::string found = std::to_string(verdict.found);
  const std::string expected = std::to_string(verdict.expected);
  std::string text = "container: ";
  if (verdict.entry != UINT32_MAX) text += "entry " + std::to_string(verdict.entry) + ": ";
  switch (verdict.field) {
    case APRENDER_ZIP_TOO_MANY:
      return text + found + " entries, at most " + expected;
    case APRENDER_ZIP_FILE_SIZE:
      return text + "not an archive: " + found + " bytes, expected at least " + expected;
    case APRENDER_ZIP_END_SIGNATURE_FIELD:
      return text + "no end record in the last 22 bytes: cut off, extended, or not an archive";
    case APRENDER_ZIP_LOCAL_NAME:
      return text + "local header: name is not the one in the central header";
    case APRENDER_ZIP_LOCAL_EXTRA_FIELD:
      return text + "local header: extra fields are not one alignment field of zeros, behind ZIP64 sizes if needed";
    case APRENDER_ZIP_CENTRAL_EXTRA_FIELD:
      return text + "central header: the extra field does not hold the ZIP64 sizes and offset that 32 bits cannot";
    case APRENDER_ZIP_ZIP64_END:
      return text + "the ZIP64 end record and its locator are not those of this directory";
    default:
      break;
  }
  const auto* spelling = std::ranges::find(spellings, verdict.field, &Spelling::field);
  if (spelling != std::end(spellings)) text += spelling->text;
  return text + " is " + found + ", expected " + expected;
}

Error framing_error(const aprender_zip_verdict& verdict) {
  switch (verdict.field) {
    case APRENDER_ZIP_ZIP64:
      return {ErrorCode::unsupported_feature,
              "container: the number of entries and the size of the directory need no ZIP64"};
    case APRENDER_ZIP_TOO_MANY:
      return {ErrorCode::limit_exceeded, explain(verdict)};
    default:
      return {ErrorCode::malformed_container, explain(verdict)};
  }
}

Result<std::vector<aprender_zip_entry>> walk(std::span<const std::byte> file, const Limits& limits) {
  std::vector<aprender_zip_entry> records(std::min<std::uint32_t>(limits.entries, UINT16_MAX));
  std::uint32_t count = 0;
  const auto verdict = aprender_zip_walk(raw(file.data()), file.size(), records.data(),
                                         static_cast<std::uint32_t>(records.size()), &count);
  if (verdict.field != APRENDER_ZIP_ACCEPTED) return tl::unexpected(framing_error(verdict));
  records.resize(count);
  return records;
}

/// The name at `index` is the one that belongs there; `previous` is the name before it.
Result<void> check_name(std::size_t index, std::string_view name, std::string_view previous, const Limits& limits) {
  const auto wrong = [&](const std::string& expected) {
    return refuse(ErrorCode::wrong_entries,
                  "container: entry " + std::to_string(index) + " is " + in_quotes(name) + ", expected " + expected);
  };
  if (index < required_names.size()) {
    if (name != required_names[index]) return wrong(in_quotes(required_names[index]));
    return {};
  }
  if (previous == signature_name) return wrong("no entry behind " + in_quotes(signature_name));
  if (name == signature_name) return {};
  if (name.size() > limits.name_bytes) {
    return refuse(ErrorCode::limit_exceeded, "container: entry " + std::to_string(index) + ": name of " +
                                                 std::to_string(name.size()) + " bytes, at most " +
                                                 std::to_string(limits.name_bytes));
  }
  if (!is_extension_name(name)) return wrong("ext/ and a portable name, or " + in_quotes(signature_name));
  if (index > required_names.size() && name <= previous) return wrong("a name behind " + in_quotes(previous));
  return {};
}

Result<void> check_attributes(std::string_view name, const aprender_zip_entry& entry) {
  if (entry.external_attributes != regular_file) {
    return refuse(ErrorCode::wrong_entries, "container: " + std::string(name) + ": external attributes are " +
                                                std::to_string(entry.external_attributes) + ", expected " +
                                                std::to_string(regular_file) + " (regular file 0644)");
  }
  const std::uint16_t padding =
      name == weights_name
          ? aprender_zip_padding(entry.header_offset, std::uint32_t{entry.name_size} + entry.local_zip64_size)
          : std::uint16_t{0};
  if (entry.padding != padding) {
    return refuse(ErrorCode::wrong_entries, "container: " + std::string(name) + ": alignment field of " +
                                                std::to_string(entry.padding) + " bytes, expected " +
                                                std::to_string(padding));
  }
  return {};
}

Result<void> check_size(const Entry& entry, std::uint64_t most) {
  if (entry.bytes.size() <= most) return {};
  return refuse(ErrorCode::limit_exceeded,
                entry.name + ": " + std::to_string(entry.bytes.size()) + " bytes, at most " + std::to_string(most));
}

}  // namespace

bool is_extension_name(std::string_view name) {
  if (!name.starts_with(extension_prefix)) return false;
  const auto rest = name.substr(extension_prefix.size());
  return aprender_is_portable_name(raw(rest.data()), rest.size()) != 0;
}

std::optional<Guess> guess_members(std::span<const std::byte> start, std::uint64_t size) {
  Guess guess;
  std::uint64_t at = 0;
  for (std::size_t index = 0;; ++index) {
    if (start.size() - at < APRENDER_ZIP_LOCAL_SIZE) return {};
    const std::uint8_t* header = raw(start.data()) + at;
    const std::uint64_t name_size = aprender_load_u16(header + 26);
    const std::uint64_t extra_size = aprender_load_u16(header + 28);
    std::uint64_t data_size = aprender_load_u32(header + 22);
    at += APRENDER_ZIP_LOCAL_SIZE + name_size + extra_size;
    if (at > start.size()) return {};
    if (data_size == UINT32_MAX && extra_size >= aprender_zip64_local_size(1)) {
      data_size = aprender_load_u64(header + APRENDER_ZIP_LOCAL_SIZE + name_size + APRENDER_ZIP_EXTRA_SIZE);
    }
    if (index == weights_index) {
      if (data_size > size - at) return {};
      guess.weights = {at, data_size};
      return guess;
    }
    if (data_size > start.size() - at) return {};
    if (index + 1 == weights_index) guess.metadata = {at, data_size};
    at += data_size;
  }
}

std::optional<Extent> framed_weights(std::span<const std::byte> file, const Limits& limits) {
  const auto records = walk(file, limits);
  if (!records || records->size() <= weights_index) return {};
  return Extent{(*records)[weights_index].data_offset, (*records)[weights_index].data_size};
}

Result<std::vector<Entry>> read_zip(std::span<const std::byte> file, const Limits& limits,
                                    const ChecksumsOf& checksums) {
  if (file.size() > limits.archive_bytes) {
    return refuse(ErrorCode::limit_exceeded, "container: " + std::to_string(file.size()) + " bytes, at most " +
                                                 std::to_string(limits.archive_bytes));
  }
  const auto records = walk(file, limits);
  if (!records) return tl::unexpected(records.error());

  std::vector<Entry> entries;
  for (const aprender_zip_entry& record : *records) {
    const auto name = as_text(file.subspan(in_memory(record.name_offset), record.name_size));
    const auto bytes = file.subspan(in_memory(record.data_offset), in_memory(record.data_size));
    const Checksums found = checksums(bytes);
    if (found.crc32 != record.crc32) {
      return refuse(ErrorCode::malformed_container, "container: " + in_quotes(name) + ": CRC-32 of the data is " +
                                                        std::to_string(found.crc32) + ", expected " +
                                                        std::to_string(record.crc32));
    }
    entries.push_back({std::string(name), bytes, record.crc32, found.sha256});
  }

  std::string_view previous;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view name = entries[i].name;
    const auto checked =
        check_name(i, name, previous, limits).and_then([&] { return check_attributes(name, (*records)[i]); });
    if (!checked) return tl::unexpected(checked.error());
    previous = name;
  }
  if (entries.size() < required_names.size()) {
    return refuse(ErrorCode::wrong_entries, "container: entry " + std::to_string(entries.size()) +
                                                " is missing, expected " + in_quotes(required_names[entries.size()]));
  }
  auto sizes = check_size(entries[0], limits.manifest_bytes).and_then([&] {
    return check_size(entries[1], limits.metadata_bytes);
  });
  if (sizes && entries.back().name == signature_name) sizes = check_size(entries.back(), limits.signature_bytes);
  if (!sizes) return tl::unexpected(sizes.error());
  return entries;
}

}  // namespace aprender::container
