#include <memory>
#include <string>

#include <zip.h>

#include "container/text.hpp"
#include "container/zip.hpp"

namespace aprender::container {
namespace {

constexpr zip_uint16_t alignment_id = 0xd935;

tl::unexpected<Error> disagree(const std::string& context) {
  return tl::unexpected(Error{ErrorCode::parsers_disagree, "container: libzip: " + context});
}

/// What libzip says of its failure.
class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;

  [[nodiscard]] zip_error_t* get() noexcept { return &error_; }

  [[nodiscard]] std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_ = {};
};

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

Result<void> confirm_extra_fields(zip_t* archive, zip_uint64_t index) {
  if (zip_file_extra_fields_count(archive, index, ZIP_FL_CENTRAL) != 0) return disagree("extra field in the directory");
  const zip_int16_t count = zip_file_extra_fields_count(archive, index, ZIP_FL_LOCAL);
  if (count < 0 || count > 1) return disagree("several extra fields in a local header");
  if (count == 0) return {};
  zip_uint16_t id = 0;
  zip_uint16_t size = 0;
  if (zip_file_extra_field_get(archive, index, 0, &id, &size, ZIP_FL_LOCAL) == nullptr || id != alignment_id) {
    return disagree("extra field " + std::to_string(id) + " in a local header");
  }
  return {};
}

Result<void> confirm_entry(zip_t* archive, zip_uint64_t index, const Entry& entry) {
  const char* name = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
  if (name == nullptr || entry.name != name) {
    return disagree("entry " + std::to_string(index) + " is " + in_quotes(name == nullptr ? "" : name) + ", expected " +
                    in_quotes(entry.name));
  }
  constexpr zip_uint64_t wanted =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & wanted) != wanted) {
    return disagree(entry.name + ": no size, method or CRC");
  }
  if (stat.size != entry.bytes.size() || stat.comp_size != entry.bytes.size()) {
    return disagree(entry.name + ": " + std::to_string(stat.size) + " bytes, " + std::to_string(stat.comp_size) +
                    " compressed, expected " + std::to_string(entry.bytes.size()));
  }
  if (stat.comp_method != ZIP_CM_STORE || stat.encryption_method != ZIP_EM_NONE) {
    return disagree(entry.name + ": compressed or encrypted");
  }
  if (stat.crc != entry.crc32) {
    return disagree(entry.name + ": CRC-32 is " + std::to_string(stat.crc) + ", expected " +
                    std::to_string(entry.crc32));
  }
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0 || system != ZIP_OPSYS_UNIX ||
      attributes != regular_file) {
    return disagree(entry.name + ": external attributes are " + std::to_string(attributes) + ", expected " +
                    std::to_string(regular_file));
  }
  return confirm_extra_fields(archive, index);
}

Result<void> confirm(std::span<const std::byte> file, std::span<const Entry> entries) {
  ZipError error;
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, error.get());
  if (source == nullptr) return disagree(error.text());
  const std::unique_ptr<zip_t, Discard> archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
  if (archive == nullptr) {
    zip_source_free(source);
    return disagree(error.text());
  }
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count < 0 || static_cast<zip_uint64_t>(count) != entries.size()) {
    return disagree(std::to_string(count) + " entries, expected " + std::to_string(entries.size()));
  }
  int comment_size = 0;
  if (zip_get_archive_comment(archive.get(), &comment_size, ZIP_FL_ENC_RAW) != nullptr && comment_size != 0) {
    return disagree("a comment of " + std::to_string(comment_size) + " bytes");
  }
  for (std::size_t index = 0; index < entries.size(); ++index) {
    if (auto confirmed = confirm_entry(archive.get(), index, entries[index]); !confirmed) return confirmed;
  }
  return {};
}

}  // namespace

Result<void> confirm_with_libzip(std::span<const std::byte> file, std::span<const Entry> entries) {
  auto confirmed = confirm(file, entries);
  // Where libzip 1.7.3 cannot allocate it may say that there is no archive, or no error: it has to disagree twice, and
  // memory has to be there in between, for what it says.
  return confirmed ? confirmed : confirm(file, entries);
}

}  // namespace aprender::container
