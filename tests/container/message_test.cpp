#include "container/message.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"
#include "metadata.pb.h"

namespace aprender::container {
namespace {

using format::Metadata;
using test::as_bytes;

constexpr auto malformed = ErrorCode::malformed_metadata;

Metadata sample() {
  Metadata message;
  message.set_schema_version(2);
  message.mutable_identity()->set_name("prices \xe2\x82\xac");
  message.mutable_estimator()->mutable_ridge()->set_alpha(0.5);
  message.mutable_outputs()->mutable_integer_labels()->add_labels(-1);
  message.mutable_outputs()->mutable_integer_labels()->add_labels(300);
  message.mutable_fit()->set_duality_gap(0.0);
  auto* probe = message.mutable_numeric_contract()->add_probes();
  probe->add_values(1.0);
  probe->add_values(-0.0);
  return message;
}

Result<void> read(const std::string& bytes, const Limits& limits = {}) {
  Metadata message;
  return read_message(as_bytes(bytes), limits, message);
}

/// A field of type bytes, string or message.
std::string field(int number, const std::string& payload) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  if (payload.size() >= 128) out += static_cast<char>((payload.size() & 127) | 128);
  out += static_cast<char>(payload.size() >= 128 ? payload.size() >> 7 : payload.size());
  return out + payload;
}

TEST(Message, RoundTrip) {
  const Metadata message = sample();
  const std::string bytes = write_message(message);
  EXPECT_EQ(bytes, write_message(message));
  Metadata back;
  ASSERT_EQ(outcome(read_message(as_bytes(bytes), {}, back)), "accepted");
  EXPECT_EQ(back.DebugString(), message.DebugString());
  EXPECT_EQ(write_message(back), bytes);
  EXPECT_TRUE(back.fit().has_duality_gap());
}

TEST(Message, TheEmptyMessageIsEmpty) {
  EXPECT_EQ(write_message(Metadata{}), "");
  EXPECT_EQ(outcome(read("")), "accepted");
}

TEST(Message, Limits) {
  const std::string bytes = write_message(sample());
  EXPECT_TRUE(read(bytes, {.metadata_bytes = bytes.size(), .protobuf_depth = 3}));
  EXPECT_TRUE(refused(read(bytes, {.metadata_bytes = bytes.size() - 1}), ErrorCode::limit_exceeded, "at most"));
  EXPECT_TRUE(refused(read(bytes, {.protobuf_depth = 2}), ErrorCode::limit_exceeded,
                      "metadata.pb: estimator.ridge: messages nested deeper than 2 levels"));
}

TEST(Message, NoLimitIsMoreThanLibprotobufCanCount) {
  if constexpr (sizeof(std::size_t) > 4) {
    constexpr std::size_t size = std::size_t{1} << 31;  // of memory that nobody touches
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    Metadata message;
    const Limits unlimited{.metadata_bytes = std::numeric_limits<std::uint64_t>::max()};
    EXPECT_TRUE(refused(read_message({static_cast<const std::byte*>(memory), size}, unlimited, message),
                        ErrorCode::limit_exceeded, "2147483648 bytes, at most 2147483647"));
    ::munmap(memory, size);
  }
}

struct Case {
  const char* name;
  std::string bytes;
  const char* context;
};

std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name; }

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class MalformedMessage : public testing::TestWithParam<Case> {};

/// Refused, and libprotobuf has nothing to say about it on standard error.
TEST_P(MalformedMessage, IsRefusedInSilence) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(refused(read(GetParam().bytes), malformed, GetParam().context));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

const std::string version = "\x08\x02";
const std::string identity = field(2, field(1, "n"));

INSTANTIATE_TEST_SUITE_P(
    Wire, MalformedMessage,
    testing::Values(
        Case{"UnknownField", field(31 >> 1, "x"), "metadata.pb: unknown field 15"},
        Case{"UnknownFieldAtDepth", field(3, field(2, field(7, ""))), "estimator.ridge: unknown field 7"},
        Case{"UnknownFieldBehindAllOthers", version + identity + "\xf8\x07\x01", "unknown field 127"},
        Case{"FieldNumberZero", std::string("\x02\x00", 2), "no field in the remaining 2 bytes"},
        Case{"Group", "\x0b\x0c", "no field in the remaining"},
        Case{"WireTypeSix", std::string("\x0e\x01", 2), "no field in the remaining"},
        Case{"WireTypeSeven", std::string("\x0f\x01", 2), "no field in the remaining"},
        Case{"OtherWireType", std::string("\x0d\0\0\0\0", 5), "schema_version: wire type is 5, expected 0"},
        Case{"OtherWireTypeForText", field(2, "\x08\x01"), "identity.name: wire type is 0, expected 2"},
        Case{"NotPacked", field(7, field(2, "\x08\x01")), "outputs.integer_labels.labels: wire type is 0, expected 2"},
        Case{"SingularTwice", version + version, "not the deterministic encoding"},
        Case{"MessageTwice", identity + identity, "not the deterministic encoding"},
        Case{"OneofTwice", field(3, field(1, "") + field(2, "")), "not the deterministic encoding"},
        Case{"FieldsOutOfOrder", identity + version, "not the deterministic encoding"},
        Case{"DefaultValueWritten", std::string("\x08\x00", 2), "not the deterministic encoding"},
        Case{"EmptyTextWritten", field(2, field(1, "")), "not the deterministic encoding"},
        Case{"PackedInTwoPieces", field(7, field(2, field(1, "\x01") + field(1, "\x02"))),
             "not the deterministic encoding"},
        Case{"PackedEmpty", field(7, field(2, field(1, ""))), "not the deterministic encoding"},
        Case{"OverlongValue", std::string("\x08\x82\x00", 3), "no field in the remaining 3 bytes"},
        Case{"OverlongTag", std::string("\x88\x00\x02", 3), "no field in the remaining 3 bytes"},
        Case{"OverlongLength", std::string("\x12\x80\x00", 3), "no field in the remaining 3 bytes"},
        Case{"OverlongInPacked", field(7, field(2, field(1, std::string("\x81\x00", 2)))),
             "not the deterministic encoding"},
        Case{"ValueTooLargeForItsType", "\x08\x82\x80\x80\x80\x10", "not the deterministic encoding"},
        Case{"VarintOfElevenBytes", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "no field in the remaining"},
        Case{"VarintOf65Bits", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "no field in the remaining"},
        Case{"BoolOfTwo", field(3, field(1, "\x08\x02")), "not the deterministic encoding"},
        Case{"LengthBehindTheEnd", "\x12\x05\x0a", "no field in the remaining 3 bytes"},
        Case{"LengthOf64Bits", "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "no field in the remaining"},
        Case{"InnerLengthBehindTheOuter", field(2, "\x0a\x05n"), "identity: no field in the remaining 3 bytes"},
        Case{"FixedCutOff", field(3, field(2, "\x09\x01\x02\x03")),
             "estimator.ridge: no field in the remaining 4 bytes"},
        Case{"PackedCutOff", field(10, field(2, field(2, "1234567"))),
             "not a message of type aprender.format.Metadata"},
        Case{"NotUtf8", field(2, field(1, "\xff")), "identity.name: \"\\xff\" is not UTF-8"},
        Case{"Utf8Surrogate", field(2, field(1, "\xed\xa0\x80")), "identity.name: \"\\xed\\xa0\\x80\" is not UTF-8"},
        Case{"Utf8Overlong", field(2, field(1, "\xc0\x80")), "identity.name: \"\\xc0\\x80\" is not UTF-8"},
        Case{"NotUtf8InARepeatedField", field(7, field(1, "\x80")), "outputs.targets: \"\\x80\" is not UTF-8"}),
    name_of);

TEST(Message, EveryTruncationIsRefusedOrShorter) {
  const std::string bytes = write_message(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Metadata message;
    const std::string cut = bytes.substr(0, size);
    if (!read_message(as_bytes(cut), {}, message)) continue;
    EXPECT_EQ(write_message(message), cut);
  }
}

TEST(Message, EveryBitFlipIsRefusedOrAnotherMessage) {
  const std::string bytes = write_message(sample());
  const std::string text = sample().DebugString();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    Metadata message;
    if (!read_message(as_bytes(flipped), {}, message)) continue;
    EXPECT_EQ(write_message(message), flipped);
    EXPECT_NE(message.DebugString(), text) << bit;
  }
}

}  // namespace
}  // namespace aprender::container
