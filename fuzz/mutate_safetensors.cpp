#include "fuzz/mutate_safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "container/safetensors.hpp"

namespace aprender::fuzz {
namespace {

using Bytes = std::vector<std::byte>;

template <class Scalar>
void change_number(Bytes& bytes, Random& random) {
  if (bytes.empty()) return;
  std::byte* at = bytes.data() + random.below(bytes.size() / sizeof(Scalar)) * sizeof(Scalar);
  Scalar value{};
  std::memcpy(&value, at, sizeof value);
  value = other_number(random, value);
  std::memcpy(at, &value, sizeof value);
}

}  // namespace

void mutate_safetensors(Bytes& file, Random& random) {
  auto tensors = container::read_safetensors(file, {});
  if (!tensors || tensors->empty() || random.one_in(12)) return mutate_bytes(file);
  std::vector<Bytes> data;
  for (const auto& tensor : *tensors) data.emplace_back(tensor.bytes.begin(), tensor.bytes.end());

  const std::size_t chosen = random.below(tensors->size());
  auto& tensor = (*tensors)[chosen];
  switch (random.below(12)) {
    case 0:
      if (!tensor.shape.empty()) random.of(tensor.shape) = random.below(9);
      break;
    case 1:
      tensor.shape.insert(tensor.shape.begin(), random.below(3));
      break;
    case 2:
      if (!tensor.shape.empty()) tensor.shape.pop_back();
      break;
    case 3: {
      const bool narrow = tensor.dtype == container::Dtype::f64;
      for (auto& each : *tensors) each.dtype = narrow ? container::Dtype::f32 : container::Dtype::f64;
      break;
    }
    case 4:
      tensor.name += static_cast<char>('a' + random.below(26));
      break;
    case 5:
      if (tensors->size() > 1) {
        tensors->erase(tensors->begin() + static_cast<std::ptrdiff_t>(chosen));
        data.erase(data.begin() + static_cast<std::ptrdiff_t>(chosen));
      } else {
        tensors->push_back(tensor);
        tensors->back().name += 'x';
        data.push_back(data[chosen]);
      }
      break;
    default:
      do {
        const std::size_t k = random.below(data.size());
        (*tensors)[k].dtype == container::Dtype::f32 ? change_number<float>(data[k], random)
                                                     : change_number<double>(data[k], random);
      } while (random.one_in(3));
  }
  for (std::size_t k = 0; k < tensors->size(); ++k) {
    auto& each = (*tensors)[k];
    const std::uint64_t items =
        std::accumulate(each.shape.begin(), each.shape.end(), std::uint64_t{1}, std::multiplies<>());
    if (items > 4096) return;
    data[k].resize(items * container::item_size(each.dtype), std::byte{0});
    each.bytes = data[k];
  }
  try {
    file = container::write_safetensors(*tensors).joined();
  } catch (const std::invalid_argument&) {  // names of which two are the same, or out of order
    mutate_bytes(file);
  }
}

void mutate_safetensors_header(Bytes& file, Random& random) {
  constexpr std::size_t prefix = 8;
  if (file.size() < prefix) return mutate_bytes(file);
  const auto rest = static_cast<std::uint64_t>(file.size() - prefix);
  std::uint64_t length = 0;
  for (std::size_t i = prefix; i-- > 0;) length = length << 8 | std::to_integer<std::uint64_t>(file[i]);
  const auto end = file.begin() + static_cast<std::ptrdiff_t>(prefix + std::min(length, rest));
  Bytes header(file.begin() + prefix, end);
  const Bytes tensors(end, file.end());
  mutate_bytes(header);
  while (header.size() % prefix != 0 && !random.one_in(32)) header.push_back(std::byte{' '});
  file.clear();
  for (std::size_t i = 0; i < prefix; ++i) file.push_back(static_cast<std::byte>(header.size() >> (8 * i)));
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), tensors.begin(), tensors.end());
}

}  // namespace aprender::fuzz
