/// A ZIP file of which every field can be wrong. As it is made, it is exactly what write_zip writes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libdeflate.h>

namespace aprender::test {

/// The fields that local and central header share.
struct SharedFields {
  std::uint16_t version = 10;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint16_t time = 0;
  std::uint16_t date = 0x21;
  std::uint32_t crc = 0;
  std::uint32_t compressed_size = 0;
  std::uint32_t size = 0;
};

struct ForgedEntry {
  ForgedEntry(std::string name, std::string contents)
      : local_name(name), central_name(std::move(name)), data(std::move(contents)) {
    redigest();
  }

  void rename(const std::string& name) { local_name = central_name = name; }
  template <class Edit>
  void edit_both(Edit edit) {
    edit(local);
    edit(central);
  }
  void redigest() {
    edit_both([&](SharedFields& fields) {
      fields.crc = libdeflate_crc32(0, data.data(), data.size());
      fields.compressed_size = fields.size = static_cast<std::uint32_t>(data.size());
    });
  }

  std::string local_name;
  std::string central_name;
  std::string data;
  SharedFields local;
  SharedFields central;
  std::string before;       ///< bytes in front of the local header
  std::string local_extra;  ///< filled in for weights.safetensors by ForgedZip, unless said otherwise
  bool aligned = true;
  std::string central_extra;
  std::string comment;
  std::uint16_t made_by = 0x030a;
  std::uint16_t disk = 0;
  std::uint16_t internal_attributes = 0;
  std::uint32_t external_attributes = 0100644U << 16U;
  std::optional<std::uint32_t> offset;
  bool in_file = true;       ///< has a local header and data
  bool in_directory = true;  ///< has a central header
};

struct ForgedZip {
  std::vector<ForgedEntry> entries{{"manifest.json", "{}"}, {"metadata.pb", "m"}, {"weights.safetensors", "weights"}};
  std::string before_directory;
  std::string behind_directory;
  std::string comment;
  std::string behind;
  std::uint16_t disk = 0;
  std::uint16_t directory_disk = 0;
  std::optional<std::uint16_t> entries_on_disk;
  std::optional<std::uint16_t> entry_count;
  std::optional<std::uint32_t> directory_size;
  std::optional<std::uint32_t> directory_offset;
  std::optional<std::uint16_t> comment_size;

  [[nodiscard]] std::string bytes() const {
    std::string out;
    std::string directory;
    std::uint16_t count = 0;
    for (const ForgedEntry& entry : entries) {
      out += entry.before;
      const auto offset = entry.offset.value_or(static_cast<std::uint32_t>(out.size()));
      if (entry.in_file) {
        std::string extra = entry.local_extra;
        if (entry.aligned && entry.local_name == "weights.safetensors") extra = alignment(out.size() + 30 + 19);
        out += u32(0x04034b50) + shared(entry.local) + u16(entry.local_name.size()) + u16(extra.size()) +
               entry.local_name + extra + entry.data;
      }
      if (entry.in_directory) {
        directory += u32(0x02014b50) + u16(entry.made_by) + shared(entry.central) + u16(entry.central_name.size()) +
                     u16(entry.central_extra.size()) + u16(entry.comment.size()) + u16(entry.disk) +
                     u16(entry.internal_attributes) + u32(entry.external_attributes) + u32(offset) +
                     entry.central_name + entry.central_extra + entry.comment;
        ++count;
      }
    }
    out += before_directory;
    const auto start = static_cast<std::uint32_t>(out.size());
    out += directory + behind_directory;
    out += u32(0x06054b50) + u16(disk) + u16(directory_disk) + u16(entries_on_disk.value_or(count)) +
           u16(entry_count.value_or(count)) +
           u32(directory_size.value_or(static_cast<std::uint32_t>(directory.size()))) +
           u32(directory_offset.value_or(start)) + u16(comment_size.value_or(comment.size())) + comment;
    return out + behind;
  }

  [[nodiscard]] static std::string u16(std::uint64_t value) {
    return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8 & 0xff)};
  }
  [[nodiscard]] static std::string u32(std::uint64_t value) { return u16(value & 0xffff) + u16(value >> 16); }

  /// The shortest field of zeros that takes an offset to a multiple of 64.
  [[nodiscard]] static std::string alignment(std::size_t offset) {
    std::size_t gap = (64 - offset % 64) % 64;
    if (gap == 0) return {};
    if (gap < 4) gap += 64;
    return u16(0xd935) + u16(gap - 4) + std::string(gap - 4, '\0');
  }

 private:
  [[nodiscard]] static std::string shared(const SharedFields& fields) {
    return u16(fields.version) + u16(fields.flags) + u16(fields.method) + u16(fields.time) + u16(fields.date) +
           u32(fields.crc) + u32(fields.compressed_size) + u32(fields.size);
  }
};

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace aprender::test
