/// A container is the one that its entries are written to, and libzip extracts the same entries from it.
#include "container/zip.hpp"

#include <algorithm>

#include <zip.h>

#include "fuzz/mutate_zip.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace aprender;

/// Every entry as libzip extracts it, its checksums checked.
void require_extracted(std::span<const std::byte> file, const std::vector<container::Entry>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  zip_t* zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  fuzz::require(zip != nullptr, "libzip opens the container");
  fuzz::require(zip_get_num_entries(zip, 0) == std::ssize(entries), "libzip sees as many entries");
  for (std::size_t k = 0; k < entries.size(); ++k) {
    fuzz::require(zip_get_name(zip, k, ZIP_FL_ENC_RAW) == entries[k].name, "libzip sees the same name");
    std::vector<std::byte> bytes(entries[k].bytes.size() + 1);
    zip_file_t* member = zip_fopen_index(zip, k, 0);
    fuzz::require(member != nullptr, "libzip opens the entry");
    const zip_int64_t read = zip_fread(member, bytes.data(), bytes.size());
    fuzz::require(read == std::ssize(entries[k].bytes), "libzip extracts as many bytes");
    bytes.resize(entries[k].bytes.size());
    fuzz::require(std::ranges::equal(bytes, entries[k].bytes), "libzip extracts the same bytes");
    fuzz::require(zip_fclose(member) == 0, "libzip finds the checksum right");
  }
  zip_discard(zip);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto entries = container::read_zip(file, {});
  if (!entries) {
    fuzz::require_refusal(entries.error(), {ErrorCode::malformed_container, ErrorCode::wrong_entries,
                                            ErrorCode::unsupported_feature, ErrorCode::limit_exceeded});
    return 0;
  }
  std::vector<container::Part> parts;
  for (const auto& entry : *entries) parts.emplace_back(entry.name, entry.bytes);
  fuzz::require(std::ranges::equal(container::write_zip(parts).joined(), file),
                "written again, the container is the same");
  const auto confirmed = container::confirm_with_libzip(file, *entries);
  fuzz::require(confirmed.has_value(), confirmed ? "" : confirmed.error().context);
  require_extracted(file, *entries);
  return 0;
}

/// Mutates bytes, entries, or single fields of a container made anew.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  fuzz::Random random(seed);
  const auto mutated = fuzz::mutate_zip(std::as_bytes(std::span(data, size)), random);
  if (mutated.empty() || mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::transform(mutated, data, [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return mutated.size();
}
