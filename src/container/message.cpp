#include "container/message.hpp"

#include <algorithm>
#include <limits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "container/text.hpp"
#include "in_memory.hpp"
#include "kernel/protobuf_field.h"
#include "kernel/text.h"

namespace aprender::container {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

tl::unexpected<Error> refuse(ErrorCode code, const std::string& path, const std::string& what) {
  return tl::unexpected(Error{code, "metadata.pb: " + path + (path.empty() ? "" : ": ") + what});
}

const std::uint8_t* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::uint32_t wire_type(const FieldDescriptor& field) {
  if (field.is_packed()) return APRENDER_WIRE_LENGTH;
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return APRENDER_WIRE_FIXED64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return APRENDER_WIRE_FIXED32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return APRENDER_WIRE_LENGTH;
    default:
      return APRENDER_WIRE_VARINT;
  }
}

/// Every field at every level is known, of its type, UTF-8 where it is text, and not nested too deep. What this
/// accepts, libprotobuf parses without a word on standard error and without keeping an unknown field.
Result<void> check_fields(std::span<const std::byte> bytes, const Descriptor& type, const std::string& path,
                          std::uint32_t depth, const Limits& limits) {
  if (depth > limits.protobuf_depth) {
    return refuse(ErrorCode::limit_exceeded, path,
                  "messages nested deeper than " + std::to_string(limits.protobuf_depth) + " levels");
  }
  while (!bytes.empty()) {
    aprender_protobuf_field found{};
    if (aprender_protobuf_next(raw(bytes), bytes.size(), &found) == 0) {
      return refuse(ErrorCode::malformed_metadata, path,
                    "no field in the remaining " + std::to_string(bytes.size()) + " bytes");
    }
    const auto payload = bytes.first(in_memory(found.size)).last(in_memory(found.payload_size));
    bytes = bytes.subspan(in_memory(found.size));

    const FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(found.number));
    if (field == nullptr) {
      return refuse(ErrorCode::malformed_metadata, path, "unknown field " + std::to_string(found.number));
    }
    const std::string name = path + (path.empty() ? "" : ".") + field->name();
    if (found.wire_type != wire_type(*field)) {
      return refuse(
          ErrorCode::malformed_metadata, name,
          "wire type is " + std::to_string(found.wire_type) + ", expected " + std::to_string(wire_type(*field)));
    }
    if (field->type() == FieldDescriptor::TYPE_STRING && aprender_is_utf8(raw(payload), payload.size()) == 0) {
      return refuse(ErrorCode::malformed_metadata, name, in_quotes(as_text(payload)) + " is not UTF-8");
    }
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      auto inner = check_fields(payload, *field->message_type(), name, depth + 1, limits);
      if (!inner) return inner;
    }
  }
  return {};
}

}  // namespace

std::string write_message(const Message& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&coded);
  }
  return out;
}

Result<void> read_message(std::span<const std::byte> bytes, const Limits& limits, Message& message) {
  constexpr std::uint64_t most = std::numeric_limits<int>::max();  // libprotobuf's own limit
  const std::uint64_t at_most = std::min(limits.metadata_bytes, most);
  if (bytes.size() > at_most) {
    return refuse(ErrorCode::limit_exceeded, "",
                  std::to_string(bytes.size()) + " bytes, at most " + std::to_string(at_most));
  }
  if (auto fields = check_fields(bytes, *message.GetDescriptor(), "", 1, limits); !fields) return fields;
  if (!message.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return refuse(ErrorCode::malformed_metadata, "", "not a message of type " + message.GetDescriptor()->full_name());
  }
  if (write_message(message) != as_text(bytes)) {
    return refuse(ErrorCode::malformed_metadata, "",
                  "not the deterministic encoding: a field twice, out of order, or a default value written");
  }
  return {};
}

}  // namespace aprender::container
