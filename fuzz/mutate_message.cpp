#include "fuzz/mutate_message.hpp"

#include <string>

#include <google/protobuf/descriptor.h>

#include "archive/metadata_derived.hpp"

namespace aprender::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string other_text(Random& random, std::string text, bool is_utf8) {
  switch (random.below(8)) {
    case 0:
      return {};
    case 1:
      return text + text;
    case 2:
      return text.substr(0, random.below(text.size() + 1));
    case 3:
      return random.one_in(2) ? std::string(random.below(300), 'a') : text + '\x1b';
    case 4:
      return text + (is_utf8 ? "\xc3\xa9" : "\xc3");
    default:
      mutate_bytes(text);
      return text;
  }
}

/// Calls `use` with access to the value: of a singular field, or of element `index` of a repeated one.
void change_value(Message& message, const FieldDescriptor* field, int index, Random& random) {
  const auto* reflection = message.GetReflection();
  const auto change = [&](auto get, auto get_at, auto set, auto set_at, auto other) {
    if (field->is_repeated()) {
      (reflection->*set_at)(&message, field, index, other((reflection->*get_at)(message, field, index)));
    } else {
      (reflection->*set)(&message, field, other((reflection->*get)(message, field)));
    }
  };
  using R = google::protobuf::Reflection;
  const auto integer = [&](auto value) {
    return static_cast<decltype(value)>(other_integer(random, static_cast<std::uint64_t>(value)));
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return change(&R::GetInt32, &R::GetRepeatedInt32, &R::SetInt32, &R::SetRepeatedInt32, integer);
    case FieldDescriptor::CPPTYPE_INT64:
      return change(&R::GetInt64, &R::GetRepeatedInt64, &R::SetInt64, &R::SetRepeatedInt64, integer);
    case FieldDescriptor::CPPTYPE_UINT32:
      return change(&R::GetUInt32, &R::GetRepeatedUInt32, &R::SetUInt32, &R::SetRepeatedUInt32, integer);
    case FieldDescriptor::CPPTYPE_UINT64:
      return change(&R::GetUInt64, &R::GetRepeatedUInt64, &R::SetUInt64, &R::SetRepeatedUInt64, integer);
    case FieldDescriptor::CPPTYPE_ENUM:
      return change(&R::GetEnumValue, &R::GetRepeatedEnumValue, &R::SetEnumValue, &R::SetRepeatedEnumValue,
                    [&](int) { return static_cast<int>(random.below(7)); });
    case FieldDescriptor::CPPTYPE_BOOL:
      return change(&R::GetBool, &R::GetRepeatedBool, &R::SetBool, &R::SetRepeatedBool,
                    [](bool value) { return !value; });
    case FieldDescriptor::CPPTYPE_FLOAT:
      return change(&R::GetFloat, &R::GetRepeatedFloat, &R::SetFloat, &R::SetRepeatedFloat,
                    [&](float value) { return other_number(random, value); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return change(&R::GetDouble, &R::GetRepeatedDouble, &R::SetDouble, &R::SetRepeatedDouble, [&](double value) {
        return random.one_in(4) ? static_cast<double>(other_number(random, static_cast<float>(value)))
                                : other_number(random, value);
      });
    case FieldDescriptor::CPPTYPE_STRING:
      return change(&R::GetString, &R::GetRepeatedString, &R::SetString, &R::SetRepeatedString, [&](std::string value) {
        return other_text(random, std::move(value), field->type() == FieldDescriptor::TYPE_STRING);
      });
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return mutate(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, index)
                                         : *reflection->MutableMessage(&message, field),
                    random);
  }
}

/// One element more, another value like the last one where there is one.
void add_element(Message& message, const FieldDescriptor* field, Random& random) {
  const auto* reflection = message.GetReflection();
  const int size = reflection->FieldSize(message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* added = reflection->AddMessage(&message, field);
      if (size > 0) added->CopyFrom(reflection->GetRepeatedMessage(message, field, size - 1));
      break;
    }
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->AddInt64(&message, field, size > 0 ? reflection->GetRepeatedInt64(message, field, size - 1) : 0);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection->AddUInt32(&message, field, size > 0 ? reflection->GetRepeatedUInt32(message, field, size - 1) : 0);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection->AddUInt64(&message, field, size > 0 ? reflection->GetRepeatedUInt64(message, field, size - 1) : 0);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection->AddDouble(&message, field, size > 0 ? reflection->GetRepeatedDouble(message, field, size - 1) : 0);
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->AddString(&message, field, size > 0 ? reflection->GetRepeatedString(message, field, size - 1) : "");
      break;
    default:
      return;  // the schema has no other repeated fields
  }
  if (!random.one_in(3)) change_value(message, field, size, random);
}

}  // namespace

void mutate(Message& message, Random& random) {
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  if (descriptor->field_count() == 0) return;
  const auto* field =
      descriptor->field(static_cast<int>(random.below(static_cast<std::size_t>(descriptor->field_count()))));
  if (field->is_repeated()) {
    const int size = reflection->FieldSize(message, field);
    const auto any = [&] { return static_cast<int>(random.below(static_cast<std::size_t>(size))); };
    if (size == 0 || random.one_in(8)) return add_element(message, field, random);
    if (random.one_in(8)) return reflection->SwapElements(&message, field, any(), any());
    if (random.one_in(8)) {
      reflection->SwapElements(&message, field, any(), size - 1);
      return reflection->RemoveLast(&message, field);
    }
    return change_value(message, field, any(), random);
  }
  if (random.one_in(8)) return reflection->ClearField(&message, field);
  change_value(message, field, 0, random);
}

void seal(format::Metadata& metadata) {
  const auto digest = archive::input_digest(metadata.inputs());
  metadata.mutable_inputs()->set_sha256(digest.data(), digest.size());
  metadata.mutable_identity()->set_uuid(archive::content_uuid(metadata));
}

}  // namespace aprender::fuzz
