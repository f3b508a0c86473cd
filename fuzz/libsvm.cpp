/// Samples, written again, are read as the same samples.
#include "cli/libsvm.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "fuzz/require_shown.hpp"

namespace {

std::string digits(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto samples = cli::read_libsvm({reinterpret_cast<const char*>(data), size}, "input");
  if (!samples) {
    fuzz::require_shown(samples.error());
    return 0;
  }
  std::string text;
  for (Eigen::Index i = 0; i < samples->x().rows(); ++i) {
    text += digits(samples->labels()(i));
    for (cli::SparseSamples::Matrix::InnerIterator entry(samples->x(), i); entry; ++entry) {
      fuzz::require(entry.col() >= 0 && entry.col() < samples->x().cols(), "a column is one of the matrix");
      text += " " + std::to_string(entry.col() + 1) + ":" + digits(entry.value());
    }
    text += '\n';
  }
  const auto again = cli::read_libsvm(text, "input", samples->x().cols());
  fuzz::require(again.has_value(), again ? "" : again.error().context.c_str());
  fuzz::require(again->labels() == samples->labels(), "the labels are the same");
  fuzz::require(again->x().cols() == samples->x().cols() && again->x().nonZeros() == samples->x().nonZeros(),
                "the matrix has the same shape");
  for (Eigen::Index i = 0; i < samples->x().rows(); ++i) {
    cli::SparseSamples::Matrix::InnerIterator other(again->x(), i);
    for (cli::SparseSamples::Matrix::InnerIterator entry(samples->x(), i); entry; ++entry, ++other) {
      fuzz::require(other && entry.col() == other.col() && entry.value() == other.value(), "an entry is the same");
    }
  }
  if (const auto integers = samples->integer_labels()) {
    fuzz::require(integers->cast<double>() == samples->labels(), "an integer label is the same number");
  } else {
    fuzz::require_shown(integers.error());
  }
  return 0;
}
