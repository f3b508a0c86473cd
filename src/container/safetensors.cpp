#include "container/safetensors.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include "container/json.hpp"
#include "container/text.hpp"
#include "in_memory.hpp"
#include "kernel/safetensors_layout.h"
#include "kernel/text.h"

namespace aprender::container {
namespace {

/// A tensor as the header describes it; offsets count from the end of the header.
struct Described {
  std::string name;
  Dtype dtype = Dtype::f64;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

tl::unexpected<Error> refuse(ErrorCode code, const std::string& context) {
  return tl::unexpected(Error{code, "weights.safetensors: " + context});
}

tl::unexpected<Error> malformed(const std::string& context) {
  return refuse(ErrorCode::malformed_safetensors, context);
}

const std::uint8_t* raw(const void* bytes) { return static_cast<const std::uint8_t*>(bytes); }

std::string_view spelling(Dtype dtype) { return dtype == Dtype::f32 ? "F32" : "F64"; }

/// "__metadata__" is the format's key for free text, which this profile does not write.
bool is_tensor_name(const std::string& name) {
  return name != "__metadata__" && aprender_is_tensor_name(raw(name.data()), name.size()) != 0;
}

void append_list(std::string& out, std::span<const std::uint64_t> values) {
  std::string_view separator = "[";
  if (values.empty()) out += separator;
  for (const std::uint64_t value : values) {
    out.append(separator).append(std::to_string(value));
    separator = ",";
  }
  out += "]";
}

/// The canonical header, padded with spaces so that the data behind it start at a multiple of 64.
std::string header_text(std::span<const Described> tensors) {
  std::string out = "{";
  for (const Described& tensor : tensors) {
    out.append(out.size() == 1 ? "\"" : ",\"").append(tensor.name);
    out.append(R"(":{"dtype":")").append(spelling(tensor.dtype)).append(R"(","shape":)");
    append_list(out, tensor.shape);
    out.append(R"(,"data_offsets":)");
    append_list(out, std::array{tensor.begin, tensor.end});
    out += "}";
  }
  out += "}";
  while ((out.size() + APRENDER_SAFETENSORS_LENGTH_BYTES) % APRENDER_SAFETENSORS_ALIGNMENT != 0) out += ' ';
  return out;
}

/// The integers of a list.
std::optional<std::vector<std::uint64_t>> integers(const Json::Object& object, const char* key) {
  const auto* list = find<Json::List>(object, key);
  if (list == nullptr) return std::nullopt;
  std::vector<std::uint64_t> values;
  for (const Json& element : *list) {
    const auto value = element.integer();
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

Result<Described> describe(const Json::Member& member, const Limits& limits) {
  const std::string& name = member.key;
  if (name.size() > limits.name_bytes) {
    return refuse(ErrorCode::limit_exceeded, "name of a tensor has " + std::to_string(name.size()) +
                                                 " bytes, at most " + std::to_string(limits.name_bytes));
  }
  if (!is_tensor_name(name)) {
    return malformed(in_quotes(name) + " is not the name of a tensor");
  }
  const auto* value = member.value.as<Json::Object>();
  if (value == nullptr) return malformed(name + ": not a JSON object");
  Described tensor{.name = name, .dtype = Dtype::f64, .shape = {}, .begin = 0, .end = 0};

  const auto* dtype = find<std::string>(*value, "dtype");
  if (dtype == nullptr) return malformed(name + ": dtype is not a string");
  if (*dtype != "F32" && *dtype != "F64") {
    return malformed(name + ": dtype is " + in_quotes(*dtype) + ", expected F32 or F64");
  }
  tensor.dtype = *dtype == "F32" ? Dtype::f32 : Dtype::f64;

  auto shape = integers(*value, "shape");
  if (!shape) return malformed(name + ": shape is not a list of integers from 0 to 2^53 - 1");
  if (shape->size() > limits.rank) {
    return refuse(ErrorCode::limit_exceeded,
                  name + ": rank " + std::to_string(shape->size()) + ", at most " + std::to_string(limits.rank));
  }
  tensor.shape = std::move(*shape);

  const auto offsets = integers(*value, "data_offsets");
  if (!offsets || offsets->size() != 2) {
    return malformed(name + ": data_offsets are not two integers from 0 to 2^53 - 1");
  }
  tensor.begin = offsets->front();
  tensor.end = offsets->back();
  return tensor;
}

std::string explain(const aprender_safetensors_verdict& verdict, std::span<const Described> tensors) {
  const std::string found = std::to_string(verdict.found);
  const std::string expected = std::to_string(verdict.expected);
  const auto tensor = [&] { return tensors[in_memory(verdict.tensor)].name + ": "; };
  switch (verdict.fault) {
    case APRENDER_SAFETENSORS_NO_LENGTH:
      return found + " bytes, expected at least " + expected;
    case APRENDER_SAFETENSORS_HEADER_TOO_LONG:
      return "header length is " + found + ", only " + expected + " bytes follow";
    case APRENDER_SAFETENSORS_HEADER_UNALIGNED:
      return "header length is " + found + ", which does not end at a multiple of " + expected;
    case APRENDER_SAFETENSORS_SHAPE_OVERFLOW:
      return tensor() + "shape asks for 2^64 bytes or more";
    case APRENDER_SAFETENSORS_BEGIN:
      return tensor() + "data_offsets begin at " + found + ", expected " + expected;
    case APRENDER_SAFETENSORS_END:
      return tensor() + "data_offsets end at " + found + ", expected " + expected;
    case APRENDER_SAFETENSORS_OUT_OF_BOUNDS:
      return tensor() + "data_offsets end at " + found + ", the data have " + expected + " bytes";
    case APRENDER_SAFETENSORS_DATA_SIZE:
      return "data have " + found + " bytes, the tensors take " + expected;
    case APRENDER_SAFETENSORS_ACCEPTED:
      break;
  }
  return {};
}

}  // namespace

Result<std::vector<Tensor>> read_safetensors(std::span<const std::byte> bytes, const Limits& limits) {
  std::uint64_t header_size = 0;
  if (const auto verdict = aprender_safetensors_header(raw(bytes.data()), bytes.size(), &header_size);
      verdict.fault != APRENDER_SAFETENSORS_ACCEPTED) {
    return malformed(explain(verdict, {}));
  }
  if (header_size > limits.safetensors_header_bytes) {
    return refuse(ErrorCode::limit_exceeded, "header of " + std::to_string(header_size) + " bytes, at most " +
                                                 std::to_string(limits.safetensors_header_bytes));
  }
  const auto header = bytes.subspan(APRENDER_SAFETENSORS_LENGTH_BYTES, in_memory(header_size));
  const auto data = bytes.subspan(APRENDER_SAFETENSORS_LENGTH_BYTES).subspan(header.size());

  const JsonPart part{"weights.safetensors", ErrorCode::malformed_safetensors, limits.json_depth};
  const auto json = parse_json(header, part);
  if (!json) return tl::unexpected(json.error());
  const auto* root = json->as<Json::Object>();
  if (root == nullptr) return malformed("the header is not a JSON object");
  if (root->size() > limits.tensors) {
    return refuse(ErrorCode::limit_exceeded,
                  std::to_string(root->size()) + " tensors, at most " + std::to_string(limits.tensors));
  }
  std::vector<Described> described;
  for (const Json::Member& member : *root) {
    auto tensor = describe(member, limits);
    if (!tensor) return tl::unexpected(std::move(tensor.error()));
    described.push_back(std::move(*tensor));
  }
  const auto canonical = require_canonical(header, header_text(described), part);
  if (!canonical) return tl::unexpected(canonical.error());

  std::vector<aprender_tensor_layout> layout;
  layout.reserve(described.size());
  for (const Described& tensor : described) {
    layout.push_back({tensor.shape.data(), tensor.shape.size(), item_size(tensor.dtype), tensor.begin, tensor.end});
  }
  if (const auto verdict = aprender_safetensors_layout(layout.data(), layout.size(), data.size());
      verdict.fault != APRENDER_SAFETENSORS_ACCEPTED) {
    return malformed(explain(verdict, described));
  }
  std::vector<Tensor> tensors;
  tensors.reserve(described.size());
  for (Described& tensor : described) {
    const auto found = data.first(in_memory(tensor.end)).subspan(in_memory(tensor.begin));
    tensors.push_back({std::move(tensor.name), tensor.dtype, std::move(tensor.shape), found});
  }
  return tensors;
}

Pieces write_safetensors(std::span<const Tensor> tensors) {
  std::vector<Described> described;
  std::uint64_t next = 0;
  for (const Tensor& tensor : tensors) {
    if (!is_tensor_name(tensor.name)) {
      throw std::invalid_argument("tensor is called " + in_quotes(tensor.name) +
                                  ", expected letters, digits, underscores and dots");
    }
    std::uint64_t size = 0;
    if (aprender_tensor_bytes(tensor.shape.data(), tensor.shape.size(), item_size(tensor.dtype), &size) == 0 ||
        size != tensor.bytes.size()) {
      throw std::invalid_argument("tensor " + tensor.name + " has " + std::to_string(tensor.bytes.size()) +
                                  " bytes, its shape asks for " + std::to_string(size));
    }
    if (!described.empty() && described.back().name >= tensor.name) {
      throw std::invalid_argument("tensor " + tensor.name + " follows " + described.back().name +
                                  ", expected ascending names");
    }
    described.push_back({tensor.name, tensor.dtype, tensor.shape, next, next + size});
    next += size;
  }
  const std::string header = header_text(described);
  std::vector<std::byte> start(APRENDER_SAFETENSORS_LENGTH_BYTES);
  (void)aprender_store_u64(reinterpret_cast<std::uint8_t*>(start.data()), header.size());
  const auto text = std::as_bytes(std::span(header));
  start.insert(start.end(), text.begin(), text.end());
  Pieces file;
  file.own(std::move(start));
  for (const Tensor& tensor : tensors) file.view(tensor.bytes);
  return file;
}

}  // namespace aprender::container
