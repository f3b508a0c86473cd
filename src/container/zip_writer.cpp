#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "container/zip.hpp"
#include "kernel/zip_framing.h"

namespace aprender::container {
namespace {

struct Header {
  std::string_view name;
  std::uint64_t offset;
  std::uint64_t size;
  std::uint32_t crc32;
  bool large;
  bool far;
  std::uint16_t padding;
};

std::uint8_t* raw(std::vector<std::byte>& bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

std::uint8_t* store_name(std::uint8_t* to, std::string_view name) {
  return std::ranges::transform(name, to, [](char c) { return static_cast<std::uint8_t>(c); }).out;
}

std::uint32_t in_32_bits(std::uint64_t value) {
  return aprender_zip64_needed(value) != 0 ? UINT32_MAX : static_cast<std::uint32_t>(value);
}

std::uint16_t version_needed(const Header& header) {
  const int version = header.large || header.far ? int{APRENDER_ZIP64_VERSION} : int{APRENDER_ZIP_VERSION};
  return static_cast<std::uint16_t>(version);
}

/// What both headers of an entry say.
std::uint8_t* store_shared(std::uint8_t* to, const Header& header) {
  to = aprender_store_u16(to, version_needed(header));
  to = aprender_store_u32(to, 0);  // flags, method
  to = aprender_store_u16(to, 0);  // time
  to = aprender_store_u16(to, APRENDER_ZIP_DATE);
  to = aprender_store_u32(to, header.crc32);
  to = aprender_store_u32(to, in_32_bits(header.size));
  to = aprender_store_u32(to, in_32_bits(header.size));
  return aprender_store_u16(to, static_cast<std::uint16_t>(header.name.size()));
}

std::vector<std::byte> local_header(const Header& header) {
  const std::uint16_t zip64 = aprender_zip64_local_size(header.large);
  const auto extra = static_cast<std::uint16_t>(zip64 + header.padding);
  std::vector<std::byte> bytes(APRENDER_ZIP_LOCAL_SIZE + header.name.size() + extra);
  std::uint8_t* to = store_shared(aprender_store_u32(raw(bytes), APRENDER_ZIP_LOCAL_SIGNATURE), header);
  to = store_name(aprender_store_u16(to, extra), header.name);
  to = aprender_zip64_store_local(to, header.large, header.size);
  if (header.padding != 0) {
    to = aprender_store_u16(to, APRENDER_ZIP_ALIGNMENT_ID);
    (void)aprender_store_u16(to, static_cast<std::uint16_t>(header.padding - APRENDER_ZIP_EXTRA_SIZE));
  }
  return bytes;
}

void append_central_header(std::vector<std::byte>& directory, const Header& header) {
  const std::uint16_t zip64 = aprender_zip64_central_size(header.large, header.far);
  const std::size_t start = directory.size();
  directory.resize(start + APRENDER_ZIP_CENTRAL_SIZE + header.name.size() + zip64);
  std::uint8_t* to = aprender_store_u32(raw(directory) + start, APRENDER_ZIP_CENTRAL_SIGNATURE);
  to = store_shared(aprender_store_u16(to, static_cast<std::uint16_t>(APRENDER_ZIP_UNIX | version_needed(header))),
                    header);
  to = aprender_store_u16(to, zip64);
  to = aprender_store_u32(aprender_store_u16(to, 0), 0);  // no comment, disk 0, internal attributes 0
  to = aprender_store_u32(aprender_store_u32(to, regular_file), in_32_bits(header.offset));
  to = store_name(to, header.name);
  (void)aprender_zip64_store_central(to, header.large, header.far, header.size, header.offset);
}

std::vector<std::byte> end_records(std::uint16_t entries, std::uint64_t directory_size, std::uint64_t directory) {
  const bool far = aprender_zip64_needed(directory) != 0;
  std::vector<std::byte> bytes(APRENDER_ZIP_END_SIZE + (far ? APRENDER_ZIP64_END_SIZE : 0));
  std::uint8_t* to = raw(bytes);
  if (far) to = aprender_zip64_store_end(to, entries, directory_size, directory);
  to = aprender_store_u32(to, APRENDER_ZIP_END_SIGNATURE);
  to = aprender_store_u32(to, 0);  // disk 0
  to = aprender_store_u16(aprender_store_u16(to, entries), entries);
  to = aprender_store_u32(to, static_cast<std::uint32_t>(directory_size));
  (void)aprender_store_u32(to, in_32_bits(directory));
  return bytes;
}

}  // namespace

Pieces write_zip(std::span<const Part> parts) {
  if (parts.size() >= UINT16_MAX) {
    throw std::invalid_argument("archive has " + std::to_string(parts.size()) + " members, expected less than " +
                                std::to_string(UINT16_MAX));
  }
  Pieces file;
  std::vector<std::byte> directory;
  for (const Part& part : parts) {
    if (part.name.size() > UINT16_MAX) {
      throw std::invalid_argument("name of a member has " + std::to_string(part.name.size()) +
                                  " bytes, expected at most " + std::to_string(UINT16_MAX));
    }
    Header header{.name = part.name,
                  .offset = file.size(),
                  .size = 0,
                  .crc32 = 0,
                  .large = false,
                  .far = aprender_zip64_needed(file.size()) != 0,
                  .padding = 0};
    Crc32 crc32;
    for (const auto& bytes : part.data) {
      header.size += bytes.size();
      crc32.add(bytes);
    }
    header.crc32 = crc32.value();
    header.large = aprender_zip64_needed(header.size) != 0;
    if (part.name == weights_name) {
      const auto before = static_cast<std::uint32_t>(part.name.size()) + aprender_zip64_local_size(header.large);
      header.padding = aprender_zip_padding(header.offset, before);
    }
    file.own(local_header(header));
    for (const auto& bytes : part.data) file.view(bytes);
    append_central_header(directory, header);
  }
  const std::uint64_t start = file.size();
  const std::uint64_t size = directory.size();
  if (aprender_zip64_needed(size) != 0) throw std::invalid_argument("the names of the members are too long");
  file.own(std::move(directory));
  file.own(end_records(static_cast<std::uint16_t>(parts.size()), size, start));
  return file;
}

}  // namespace aprender::container
