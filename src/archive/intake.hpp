/// A file on its way into a model.
#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "aprender/archive.hpp"
#include "archive/validate.hpp"
#include "container/checksums_ahead.hpp"
#include "container/digest.hpp"
#include "container/safetensors.hpp"
#include "io/pages.hpp"
#include "io/read_file.hpp"

namespace aprender::archive {

/// The bytes of an archive as its parsers see them, and what can be taken of them on the way.
///
/// Large coefficients are read to where the model will hold them, and checksums are taken meanwhile. Both begin before
/// anything is checked, at a guess of what the file is. That costs no trust: as soon as the file is read, the framing
/// has to confirm the guess, or else the coefficients are put back among the bytes. Otherwise the source has a hole
/// there, where no parser looks.
class Intake {
 public:
  explicit Intake(int threads) : threads_(threads) {}
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  ~Intake() = default;

  /// One of these three comes first. `whole_file`: its SHA-256 will be asked for.
  [[nodiscard]] Result<void> read(const std::filesystem::path& file, const Limits& limits, bool whole_file);
  [[nodiscard]] Result<void> map(const std::filesystem::path& file, const Limits& limits);
  void view(std::span<const std::byte> bytes) { bytes_ = bytes; }

  /// What it has read, as long as nothing has been taken of it.
  [[nodiscard]] Source source();

  /// SHA-256 of the file, as long as nothing has been taken of it; of one that was read, if `whole_file` said so.
  [[nodiscard]] container::Digest sha256();

  template <class Matrix>
  struct Taken {
    Matrix values;
    bool finite;  ///< all of them
  };

  /// The values of a tensor, whose memory in the source is given back.
  template <class Matrix>
  [[nodiscard]] Taken<Matrix> take(const container::Tensor& tensor, Eigen::Index rows, Eigen::Index cols) {
    if (is_held(tensor)) {
      auto* held = std::any_cast<Matrix>(&held_);
      if (held != nullptr && held->rows() == rows && held->cols() == cols) {
        memory_ = {};
        return {std::move(*held), finite_};
      }
      put_back();
    }
    Matrix values(rows, cols);
    const bool finite = copy(tensor.bytes, std::span(values.data(), static_cast<std::size_t>(values.size())));
    return {std::move(values), finite};
  }

 private:
  [[nodiscard]] std::optional<io::Diversion> divert(std::span<const std::byte> pages, std::size_t read,
                                                    const Limits& limits, bool whole_file);
  void hold(const container::Tensor& coefficients, std::span<const std::byte> metadata);
  [[nodiscard]] bool is_held(const container::Tensor& tensor) const;
  void look_at(std::span<const std::byte> part);
  void put_back();
  [[nodiscard]] container::Checksums checksums(std::span<const std::byte> data);
  [[nodiscard]] bool copy(std::span<const std::byte> bytes, std::span<double> values) const;
  [[nodiscard]] bool copy(std::span<const std::byte> bytes, std::span<float> values) const;

  int threads_;
  io::Pages pages_;
  std::span<const std::byte> bytes_;
  std::any held_;                    ///< a matrix of coefficients that were read ahead
  std::span<std::byte> memory_;      ///< where they are, empty if there are none
  container::Dtype dtype_ = {};      ///< theirs
  std::size_t hole_ = 0;             ///< where they would be in bytes_
  std::size_t looked_at_ = 0;        ///< so many of them
  bool finite_ = true;               ///< those
  container::ChecksumsAhead ahead_;  ///< whose thread ends before the memory does
};

}  // namespace aprender::archive
