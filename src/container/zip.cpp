#include "container/zip.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include <zlib.h>

#include "container/text.hpp"
#include "kernel/text.h"
#include "kernel/zip_framing.h"

namespace aprender::container {
namespace {

constexpr std::uint32_t regular_file = 0100644U << 16U;
constexpr std::array<std::string_view, 3> required_names{manifest_name, metadata_name, weights_name};

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
    {APRENDER_ZIP_CENTRAL_EXTRA_SIZE, "central header: length of the extra fields"},
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
      return text + "local header: extra fields are not one alignment field of zeros";
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
      return {ErrorCode::unsupported_feature, "container: ZIP64 is not supported"};
    case APRENDER_ZIP_TOO_MANY:
      return {ErrorCode::limit_exceeded, explain(verdict)};
    default:
      return {ErrorCode::malformed_container, explain(verdict)};
  }
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
  if (!name.starts_with(extension_prefix)) return wrong("ext/ and a name, or " + in_quotes(signature_name));
  if (name.size() > limits.name_bytes) {
    return refuse(ErrorCode::limit_exceeded, "container: entry " + std::to_string(index) + ": name of " +
                                                 std::to_string(name.size()) + " bytes, at most " +
                                                 std::to_string(limits.name_bytes));
  }
  if (!is_extension_name(name)) return wrong("ext/ and a portable name");
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
      name == weights_name ? aprender_zip_padding(entry.header_offset, entry.name_size) : std::uint16_t{0};
  if (entry.extra_size != padding) {
    return refuse(ErrorCode::wrong_entries, "container: " + std::string(name) + ": alignment field of " +
                                                std::to_string(entry.extra_size) + " bytes, expected " +
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

Result<std::vector<Entry>> read_zip(std::span<const std::byte> file, const Limits& limits) {
  if (file.size() > limits.archive_bytes) {
    return refuse(ErrorCode::limit_exceeded, "container: " + std::to_string(file.size()) + " bytes, at most " +
                                                 std::to_string(limits.archive_bytes));
  }
  std::vector<aprender_zip_entry> records(std::min<std::uint32_t>(limits.entries, UINT16_MAX));
  std::uint32_t count = 0;
  const auto verdict = aprender_zip_walk(raw(file.data()), file.size(), records.data(),
                                         static_cast<std::uint32_t>(records.size()), &count);
  if (verdict.field != APRENDER_ZIP_ACCEPTED) return tl::unexpected(framing_error(verdict));
  records.resize(count);

  std::vector<Entry> entries;
  for (const aprender_zip_entry& record : records) {
    const auto name = as_text(file.subspan(record.name_offset, record.name_size));
    const auto bytes = file.subspan(record.data_offset, record.data_size);
    const auto crc = crc32_z(0, raw(bytes.data()), bytes.size());
    if (crc != record.crc32) {
      return refuse(ErrorCode::malformed_container, "container: " + in_quotes(name) + ": CRC-32 of the data is " +
                                                        std::to_string(crc) + ", expected " +
                                                        std::to_string(record.crc32));
    }
    entries.push_back({std::string(name), bytes, record.crc32});
  }

  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto checked =
        check_name(i, entries[i].name, i == 0 ? "" : std::string_view(entries[i - 1].name), limits).and_then([&] {
          return check_attributes(entries[i].name, records[i]);
        });
    if (!checked) return tl::unexpected(checked.error());
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

std::vector<std::byte> write_zip(std::span<const Part> parts) {
  std::vector<std::byte> out;
  std::vector<std::byte> directory;
  const auto append = [](std::vector<std::byte>& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  };
  /// Appends a record of `size` zeros and returns where it starts.
  const auto record = [](std::vector<std::byte>& to, std::size_t size) {
    to.resize(to.size() + size);
    return reinterpret_cast<std::uint8_t*>(to.data() + to.size() - size);
  };
  const auto as_u32 = [](std::size_t value) {
    if (value >= UINT32_MAX) {
      throw std::invalid_argument("archive has " + std::to_string(value) + " bytes, expected less than " +
                                  std::to_string(UINT32_MAX));
    }
    return static_cast<std::uint32_t>(value);
  };
  if (parts.size() >= UINT16_MAX) {
    throw std::invalid_argument("archive has " + std::to_string(parts.size()) + " members, expected less than " +
                                std::to_string(UINT16_MAX));
  }
  for (const Part& part : parts) {
    if (part.name.size() > UINT16_MAX) {
      throw std::invalid_argument("name of a member has " + std::to_string(part.name.size()) +
                                  " bytes, expected at most " + std::to_string(UINT16_MAX));
    }
    const auto name_size = static_cast<std::uint16_t>(part.name.size());
    const std::uint32_t offset = as_u32(out.size());
    const std::uint32_t size = as_u32(part.bytes.size());
    const auto crc = static_cast<std::uint32_t>(crc32_z(0, raw(part.bytes.data()), part.bytes.size()));
    const std::uint16_t padding =
        part.name == weights_name ? aprender_zip_padding(offset, name_size) : std::uint16_t{0};
    const auto shared = [&](std::uint8_t* to) {
      to = aprender_store_u16(to, APRENDER_ZIP_VERSION);
      to = aprender_store_u32(to, 0);  // flags, method
      to = aprender_store_u16(to, 0);  // time
      to = aprender_store_u16(to, APRENDER_ZIP_DATE);
      to = aprender_store_u32(to, crc);
      to = aprender_store_u32(to, size);
      to = aprender_store_u32(to, size);
      return aprender_store_u16(to, name_size);
    };
    std::uint8_t* to = aprender_store_u32(record(out, APRENDER_ZIP_LOCAL_SIZE), APRENDER_ZIP_LOCAL_SIGNATURE);
    (void)aprender_store_u16(shared(to), padding);
    append(out, std::as_bytes(std::span(part.name)));
    if (padding != 0) {
      to = aprender_store_u16(record(out, padding), APRENDER_ZIP_ALIGNMENT_ID);
      (void)aprender_store_u16(to, static_cast<std::uint16_t>(padding - APRENDER_ZIP_EXTRA_SIZE));
    }
    append(out, part.bytes);

    to = aprender_store_u32(record(directory, APRENDER_ZIP_CENTRAL_SIZE), APRENDER_ZIP_CENTRAL_SIGNATURE);
    to = shared(aprender_store_u16(to, APRENDER_ZIP_MADE_BY));
    to = aprender_store_u64(to, 0);  // no extra fields, no comment, disk 0, internal attributes 0
    (void)aprender_store_u32(aprender_store_u32(to, regular_file), offset);
    append(directory, std::as_bytes(std::span(part.name)));
  }
  const std::uint32_t directory_offset = as_u32(out.size());
  append(out, directory);
  std::uint8_t* to = aprender_store_u32(record(out, APRENDER_ZIP_END_SIZE), APRENDER_ZIP_END_SIGNATURE);
  to = aprender_store_u32(to, 0);  // disk 0
  to = aprender_store_u16(to, static_cast<std::uint16_t>(parts.size()));
  to = aprender_store_u16(to, static_cast<std::uint16_t>(parts.size()));
  (void)aprender_store_u32(aprender_store_u32(to, as_u32(directory.size())), directory_offset);
  return out;
}

}  // namespace aprender::container
