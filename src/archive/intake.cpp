#include "archive/intake.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <future>
#include <limits>
#include <system_error>
#include <type_traits>

#include "in_memory.hpp"
#include "kernel/little_endian.h"
#include "kernel/protobuf_field.h"
#include "metadata.pb.h"

namespace aprender::archive {
namespace {

constexpr std::size_t copied_at_once = std::size_t{1} << 20;
constexpr std::size_t worth_a_thread = std::size_t{8} << 20;

const std::uint8_t* raw(const void* bytes) { return static_cast<const std::uint8_t*>(bytes); }

template <class Scalar>
void decode(std::span<const std::byte> bytes, Scalar* values) {
  if constexpr (std::endian::native == std::endian::little) {
    if (!bytes.empty()) std::memcpy(values, bytes.data(), bytes.size());
  } else {
    const auto* in = raw(bytes.data());
    for (std::size_t i = 0; i < bytes.size() / sizeof(Scalar); ++i, in += sizeof(Scalar)) {
      if constexpr (sizeof(Scalar) == 4) {
        values[i] = std::bit_cast<Scalar>(aprender_load_u32(in));
      } else {
        values[i] = std::bit_cast<Scalar>(aprender_load_u64(in));
      }
    }
  }
}

/// Neither infinite nor NaN, all of them.
template <class Scalar>
bool all_finite(std::span<const Scalar> values) {
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<Scalar>::infinity());
  constexpr Bits sign = std::bit_cast<Bits>(Scalar{-0.0});
  // One more than the exponent of the others is carried to the sign: SSE2 adds 64 bits, but does not compare them.
  Bits carried = 0;
  for (const Scalar value : values) carried |= (std::bit_cast<Bits>(value) & exponent) + (exponent & (~exponent + 1));
  return (carried & sign) == 0;
}

/// Copies values out of the file, whose pages are given back on the way; whether all of them are finite.
template <class Scalar>
bool copy(const io::Pages& file, std::span<const std::byte> bytes, Scalar* values) {
  bool finite = true;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), copied_at_once));
    decode(part, values);
    if (!all_finite(std::span<const Scalar>(values, part.size() / sizeof(Scalar)))) finite = false;
    file.release(part);
    bytes = bytes.subspan(part.size());
    values += part.size() / sizeof(Scalar);
  }
  return finite;
}

/// The same by two threads if there is enough to copy and they may be had.
template <class Scalar>
bool copy_by(int threads, const io::Pages& file, std::span<const std::byte> bytes, std::span<Scalar> values) {
  io::prefer_large_pages(std::as_writable_bytes(values));
  if (threads < 2 || bytes.size() < worth_a_thread) return copy(file, bytes, values.data());
  const std::size_t half = bytes.size() / 2 / copied_at_once * copied_at_once;
  const auto second_half = [&] { return copy(file, bytes.subspan(half), values.data() + half / sizeof(Scalar)); };
  std::future<bool> second;
  try {
    second = std::async(std::launch::async, second_half);
  } catch (const std::system_error&) {
    return copy(file, bytes, values.data());
  }
  const bool first = copy(file, bytes.first(half), values.data());
  return second.get() && first;
}

std::span<const std::byte> part_of(std::span<const std::byte> file, const container::Extent& extent) {
  return file.subspan(in_memory(extent.offset), in_memory(extent.size));
}

/// Whether these metadata, if such they are, say that the estimator is a classifier.
bool seems_classifier(std::span<const std::byte> metadata) {
  aprender_protobuf_field field{};
  while (aprender_protobuf_next(raw(metadata.data()), metadata.size(), &field) != 0) {
    const auto payload = metadata.subspan(in_memory(field.payload_offset), in_memory(field.payload_size));
    if (field.number == format::Metadata::kEstimatorFieldNumber) {
      return aprender_protobuf_next(raw(payload.data()), payload.size(), &field) != 0 &&
             field.number == format::Estimator::kLogisticRegressionFieldNumber;
    }
    metadata = metadata.subspan(in_memory(field.size));
  }
  return false;
}

}  // namespace

Result<void> Intake::read(const std::filesystem::path& file, const Limits& limits, bool whole_file) {
  const io::Watch watch = {
      .divert = [&](auto pages, std::size_t read) { return divert(pages, read, limits, whole_file); },
      .next =
          [&](auto part) {
            ahead_.add(part);
            look_at(part);
          }};
  auto read = io::read_pages(file, limits.archive_bytes, &watch, pages_);
  if (!read) return read;
  bytes_ = pages_.bytes();
  if (!memory_.empty() && container::framed_weights(bytes_, limits) != ahead_.extent()) put_back();
  return {};
}

Result<void> Intake::map(const std::filesystem::path& file, const Limits& limits) {
  return io::map_pages(file, limits.archive_bytes).map([&](io::Pages&& mapped) {
    pages_ = std::move(mapped);
    bytes_ = pages_.bytes();
  });
}

std::optional<io::Diversion> Intake::divert(std::span<const std::byte> pages, std::size_t read, const Limits& limits,
                                            bool whole_file) {
  constexpr std::uint64_t least = std::uint64_t{256} << 10;  // below this it does not pay
  const auto guess = container::guess_members(pages.first(read), pages.size());
  if (!guess) return {};
  if (guess->weights.size < least) return io::Diversion{};
  const auto weights = part_of(pages, guess->weights);
  const auto tensors = container::read_safetensors(weights, limits);
  if (!tensors && read - guess->weights.offset < limits.safetensors_header_bytes) return {};  // not there yet, perhaps
  if (tensors && !tensors->empty() && std::endian::native == std::endian::little) {
    hold(tensors->front(), part_of(pages, guess->metadata));
  }
  ahead_.start(guess->weights, whole_file, threads_,
               [fresh = io::PagesAhead(memory_)]() mutable { return fresh.find_next(); });
  if (memory_.empty()) return io::Diversion{};
  hole_ = static_cast<std::size_t>(tensors->front().bytes.data() - pages.data());
  return io::Diversion{hole_, memory_};
}

/// Makes room for them in a model of the kind that the metadata seem to describe.
void Intake::hold(const container::Tensor& coefficients, std::span<const std::byte> metadata) {
  const auto& shape = coefficients.shape;
  if (shape.empty() || shape.size() > 2 || coefficients.bytes.empty()) return;
  const auto features = static_cast<Eigen::Index>(shape.back());
  const auto outputs = static_cast<Eigen::Index>(shape.size() == 1 ? 1 : shape.front());
  const bool classifier = seems_classifier(metadata);
  const auto make = [&](auto type, Eigen::Index rows, Eigen::Index cols) {
    using Matrix = typename decltype(type)::type;
    Matrix& values = held_.emplace<Matrix>(rows, cols);
    memory_ = std::as_writable_bytes(std::span(values.data(), static_cast<std::size_t>(values.size())));
    io::prefer_large_pages(memory_);
  };
  const auto make_of = [&](auto zero) {
    using Scalar = decltype(zero);
    if (classifier) {
      make(std::type_identity<typename LogisticModel<Scalar>::Coefficients>{}, outputs, features);
    } else if (shape.size() == 1) {
      make(std::type_identity<typename LinearModel<Scalar>::Coefficients>{}, features, 1);
    } else {
      make(std::type_identity<typename LinearModel<Scalar, Eigen::Dynamic>::Coefficients>{}, features, outputs);
    }
  };
  dtype_ = coefficients.dtype;
  dtype_ == container::Dtype::f32 ? make_of(float{}) : make_of(double{});
}

bool Intake::is_held(const container::Tensor& tensor) const {
  return !memory_.empty() && tensor.bytes.data() == bytes_.data() + hole_;
}

/// Whether those of the coefficients that have been read, of which `part` is the last, are finite.
void Intake::look_at(std::span<const std::byte> part) {
  const std::less<> before;
  if (memory_.empty() || before(part.data(), memory_.data()) || !before(part.data(), memory_.data() + memory_.size())) {
    return;
  }
  const auto read = static_cast<std::size_t>(part.data() + part.size() - memory_.data());
  const auto look = [&](auto zero) {
    using Scalar = decltype(zero);
    const std::size_t whole = read / sizeof(Scalar);
    const auto* values = reinterpret_cast<const Scalar*>(memory_.data());
    if (!all_finite(std::span(values + looked_at_, whole - looked_at_))) finite_ = false;
    looked_at_ = whole;
  };
  dtype_ == container::Dtype::f32 ? look(float{}) : look(double{});
}

void Intake::put_back() {
  static_cast<void>(ahead_.of_extent());  // nobody looks at the memory any more
  std::ranges::copy(memory_, pages_.writable().subspan(hole_).begin());
  memory_ = {};
  held_.reset();
}

Source Intake::source() {
  return {.bytes = bytes_,
          .checksums = [this](auto data) { return checksums(data); },
          .sha256 = [this] { return sha256(); }};
}

container::Checksums Intake::checksums(std::span<const std::byte> data) {
  const container::Extent extent{static_cast<std::uint64_t>(data.data() - bytes_.data()), data.size()};
  if (extent == ahead_.extent()) return ahead_.of_extent();
  return container::checksums_of(data);
}

container::Digest Intake::sha256() {
  const auto& digest = ahead_.of_file();
  return digest ? *digest : container::sha256(bytes_);  // of a small file or a mapped one, whose bytes have no hole
}

bool Intake::copy(std::span<const std::byte> bytes, std::span<double> values) const {
  return copy_by(threads_, pages_, bytes, values);
}

bool Intake::copy(std::span<const std::byte> bytes, std::span<float> values) const {
  return copy_by(threads_, pages_, bytes, values);
}

}  // namespace aprender::archive
