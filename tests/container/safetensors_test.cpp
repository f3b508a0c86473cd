#include "container/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"

namespace aprender::container {
namespace {

using test::as_bytes;
using test::ForgedZip;

std::string u64(std::uint64_t value) { return ForgedZip::u32(value & 0xffffffff) + ForgedZip::u32(value >> 32); }

/// A file with this header, padded with spaces to a multiple of 64.
std::string file(std::string header, const std::string& data) {
  while ((header.size() + 8) % 64 != 0) header += ' ';
  return u64(header.size()) + header + data;
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

Result<std::vector<Tensor>> read(const std::string& text, const Limits& limits = {}) {
  return read_safetensors(as_bytes(text), limits);
}

std::string write(const std::vector<Tensor>& tensors) {
  const auto bytes = write_safetensors(tensors).joined();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr auto malformed = ErrorCode::malformed_safetensors;

/// The header as the format's description (huggingface/safetensors, "Format") spells it.
TEST(Safetensors, IsWrittenAsTheFormatSays) {
  const std::string w(16, 'w');
  const std::string b(4, 'b');
  EXPECT_EQ(write({{"coefficients", Dtype::f64, {2}, as_bytes(w)}, {"intercept", Dtype::f32, {1}, as_bytes(b)}}),
            file(R"({"coefficients":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},)"
                 R"("intercept":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}})",
                 w + b));
  EXPECT_EQ(write({}), file("{}", ""));
}

TEST(Safetensors, RoundTripIsTheSameBits) {
  std::string bits;
  for (int i = 0; i < 96; ++i) bits += static_cast<char>(i * 37);
  const std::vector<Tensor> tensors{{"a", Dtype::f64, {}, as_bytes(bits).first(8)},
                                    {"b.c", Dtype::f32, {2, 3, 2}, as_bytes(bits).first(48)},
                                    {"empty", Dtype::f32, {5, 0}, {}},
                                    {"z_9", Dtype::f64, {1, 1, 1, 1, 1, 1, 1, 12}, as_bytes(bits)}};
  const std::string text = write(tensors);
  const auto result = read(text);
  ASSERT_EQ(outcome(result), "accepted");
  ASSERT_EQ(result->size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(result->at(i).name, tensors[i].name);
    EXPECT_EQ(result->at(i).dtype, tensors[i].dtype);
    EXPECT_EQ(result->at(i).shape, tensors[i].shape);
    EXPECT_TRUE(std::ranges::equal(result->at(i).bytes, tensors[i].bytes));
  }
  EXPECT_EQ(write(*result), text);
  EXPECT_EQ((result->front().bytes.data() - as_bytes(text).data()) % 64, 0);
}

TEST(Safetensors, WriterRefusesWhatTheReaderWould) {
  const std::string eight(8, 'x');
  const auto throws = [&](const std::vector<Tensor>& tensors) {
    EXPECT_THROW((void)write_safetensors(tensors), std::invalid_argument);
  };
  throws({{"a", Dtype::f64, {2}, as_bytes(eight)}});
  throws({{"a", Dtype::f64, {1ULL << 62, 4}, {}}});
  throws({{"b", Dtype::f64, {1}, as_bytes(eight)}, {"a", Dtype::f64, {1}, as_bytes(eight)}});
  throws({{"a", Dtype::f64, {1}, as_bytes(eight)}, {"a", Dtype::f64, {1}, as_bytes(eight)}});
  throws({{"", Dtype::f64, {1}, as_bytes(eight)}});
  throws({{"a\"b", Dtype::f64, {1}, as_bytes(eight)}});
  throws({{"__metadata__", Dtype::f64, {1}, as_bytes(eight)}});
}

TEST(Safetensors, Limits) {
  const std::string text = file("{" + tensor("ab", "F32", "[1,1]", "[0,4]") + "}", "1234");
  const std::uint64_t header = text.size() - 8 - 4;
  EXPECT_TRUE(
      read(text, {.safetensors_header_bytes = header, .tensors = 1, .rank = 2, .name_bytes = 2, .json_depth = 3}));
  constexpr auto limit = ErrorCode::limit_exceeded;
  EXPECT_TRUE(refused(read(text, {.safetensors_header_bytes = header - 1}), limit, "header of 120 bytes, at most 119"));
  EXPECT_TRUE(refused(read(text, {.tensors = 0}), limit, "1 tensors, at most 0"));
  EXPECT_TRUE(refused(read(text, {.rank = 1}), limit, "ab: rank 2, at most 1"));
  EXPECT_TRUE(refused(read(text, {.name_bytes = 1}), limit, "2 bytes, at most 1"));
  EXPECT_TRUE(refused(read(text, {.json_depth = 2}), limit, "deeper than 2 levels"));
  EXPECT_TRUE(refused(read(file(std::string(100'000, '['), "")), limit, "deeper than 8 levels"));
}

TEST(Safetensors, HeaderLengthLies) {
  const std::string good = file("{}", "");
  EXPECT_TRUE(refused(read(""), malformed, "0 bytes, expected at least 8"));
  EXPECT_TRUE(refused(read("1234567"), malformed, "7 bytes, expected at least 8"));
  const auto with_length = [&](std::uint64_t length) { return u64(length) + good.substr(8); };
  EXPECT_TRUE(refused(read(with_length(0)), malformed, "header length is 0, which does not end at a multiple of 64"));
  EXPECT_TRUE(refused(read(with_length(55)), malformed, "header length is 55"));
  EXPECT_TRUE(refused(read(with_length(57)), malformed, "header length is 57, only 56 bytes follow"));
  EXPECT_TRUE(refused(read(with_length(120)), malformed, "header length is 120, only 56 bytes follow"));
  for (const std::uint64_t length : {1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL, ~0ULL - 7}) {
    EXPECT_TRUE(refused(read(with_length(length)), malformed, "only 56 bytes follow")) << length;
  }
}

struct Case {
  const char* name;
  std::string text;
  const char* context;
};

std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name; }

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class MalformedSafetensors : public testing::TestWithParam<Case> {};

TEST_P(MalformedSafetensors, IsRefused) { EXPECT_TRUE(refused(read(GetParam().text), malformed, GetParam().context)); }

const std::string a8 = tensor("a", "F64", "[1]", "[0,8]");
const std::string b8 = tensor("b", "F64", "[1]", "[8,16]");

Case of(const char* name, const std::string& header, std::size_t data_size, const char* context) {
  return {name, file(header, std::string(data_size, 'd')), context};
}

INSTANTIATE_TEST_SUITE_P(
    Header, MalformedSafetensors,
    testing::Values(
        of("NotJson", "coefficients", 0, "no JSON at byte"), of("List", "[]", 0, "the header is not a JSON object"),
        of("LeadingSpace", " {}", 0, "not canonical at byte 0"),
        of("ByteOrderMark", "\xef\xbb\xbf{}", 0, "byte order mark"),
        of("NulPadding", std::string("{}\0\0", 4), 0, "a zero byte"),
        of("TabPadding", "{}\t", 0, "not canonical at byte 2"),
        of("NewlinePadding", "{}\n", 0, "not canonical at byte 2"),
        of("TooMuchPadding", "{}" + std::string(60, ' '), 0, "not canonical at byte 56"),
        of("SpaceInside", "{" + tensor("a", "F64", "[ 1]", "[0,8]") + "}", 8, "not canonical"),
        of("KeysInOtherOrder", R"({"a":{"dtype":"F64","data_offsets":[0,8],"shape":[1]}})", 8, "not canonical"),
        of("DuplicateTensor", "{" + a8 + "," + a8 + "}", 8, "not canonical"),
        of("DuplicateTensorEscaped", "{" + a8 + "," + tensor(R"(\u0061)", "F64", "[1]", "[0,8]") + "}", 8,
           "not canonical"),
        of("DuplicateKey", R"({"a":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8,
           "not canonical"),
        of("UnknownKey", R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"order":"F"}})", 8, "not canonical"),
        of("MissingDtype", R"({"a":{"shape":[1],"data_offsets":[0,8]}})", 8, "a: dtype is not a string"),
        of("MissingShape", R"({"a":{"dtype":"F64","data_offsets":[0,8]}})", 8, "a: shape is not a list of integers"),
        of("MissingOffsets", R"({"a":{"dtype":"F64","shape":[1]}})", 8, "a: data_offsets are not two integers"),
        of("Metadata", R"({"__metadata__":{"k":"v"}})", 0, "\"__metadata__\" is not the name of a tensor"),
        of("EmptyName", "{" + tensor("", "F64", "[1]", "[0,8]") + "}", 8, "\"\" is not the name of a tensor"),
        of("NameNotAscii", "{" + tensor("\xc3\xa9", "F64", "[1]", "[0,8]") + "}", 8, "is not the name of a tensor"),
        of("NameWithSpace", "{" + tensor("a b", "F64", "[1]", "[0,8]") + "}", 8, "\"a b\" is not the name of a tensor"),
        of("NameWithNul", "{" + tensor(R"(a\u0000)", "F64", "[1]", "[0,8]") + "}", 8, "\"a\\x00\" is not the name"),
        of("NameWithDigitFirst", "{" + tensor("1a", "F64", "[1]", "[0,8]") + "}", 8, "is not the name of a tensor"),
        of("NoObject", R"({"a":1})", 8, "a: not a JSON object"),
        of("NotSorted", "{" + tensor("b", "F64", "[1]", "[0,8]") + "," + tensor("a", "F64", "[1]", "[8,16]") + "}", 16,
           "not canonical")),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Values, MalformedSafetensors,
    testing::Values(
        of("HalfPrecision", "{" + tensor("a", "F16", "[4]", "[0,8]") + "}", 8,
           "a: dtype is \"F16\", expected F32 or F64"),
        of("Bfloat", "{" + tensor("a", "BF16", "[4]", "[0,8]") + "}", 8, "a: dtype is \"BF16\""),
        of("Integer", "{" + tensor("a", "I64", "[1]", "[0,8]") + "}", 8, "a: dtype is \"I64\""),
        of("LowerCaseDtype", "{" + tensor("a", "f64", "[1]", "[0,8]") + "}", 8, "a: dtype is \"f64\""),
        of("DtypeNoString", R"({"a":{"dtype":64,"shape":[1],"data_offsets":[0,8]}})", 8, "a: dtype is not a string"),
        of("NegativeDimension", "{" + tensor("a", "F64", "[-1]", "[0,8]") + "}", 8, "a: shape is not"),
        of("FractionalDimension", "{" + tensor("a", "F64", "[1.0]", "[0,8]") + "}", 8, "a: shape is not"),
        of("DimensionWithExponent", "{" + tensor("a", "F64", "[1e0]", "[0,8]") + "}", 8, "a: shape is not"),
        of("DimensionTooLarge", "{" + tensor("a", "F64", "[9007199254740992,0]", "[0,0]") + "}", 0, "a: shape is not"),
        of("ShapeNoList", "{" + tensor("a", "F64", "1", "[0,8]") + "}", 8, "a: shape is not"),
        of("ShapeOverflows", "{" + tensor("a", "F64", "[4294967296,4294967296]", "[0,0]") + "}", 0,
           "a: shape asks for 2^64 bytes or more"),
        of("ShapeOverflowsToTheRightSize", "{" + tensor("a", "F64", "[4294967296,536870912]", "[0,0]") + "}", 0,
           "a: shape asks for 2^64 bytes or more"),
        of("OverflowingShapeTimesZero", "{" + tensor("a", "F64", "[4294967296,4294967296,0]", "[0,0]") + "}", 0,
           "a: shape asks for 2^64 bytes or more"),
        of("OneOffset", "{" + tensor("a", "F64", "[1]", "[8]") + "}", 8, "a: data_offsets are not two integers"),
        of("ThreeOffsets", "{" + tensor("a", "F64", "[1]", "[0,8,8]") + "}", 8, "a: data_offsets are not two integers"),
        of("NegativeOffset", "{" + tensor("a", "F64", "[1]", "[-8,0]") + "}", 8,
           "a: data_offsets are not two integers"),
        of("HoleInFront", "{" + tensor("a", "F64", "[1]", "[8,16]") + "}", 16,
           "a: data_offsets begin at 8, expected 0"),
        of("HoleBetween", "{" + a8 + "," + tensor("b", "F64", "[1]", "[16,24]") + "}", 24,
           "b: data_offsets begin at 16, expected 8"),
        of("Overlap", "{" + a8 + "," + tensor("b", "F64", "[1]", "[0,8]") + "}", 8,
           "b: data_offsets begin at 0, expected 8"),
        of("OffsetsSwapped", "{" + a8 + "," + tensor("b", "F64", "[1]", "[16,8]") + "}", 16,
           "b: data_offsets begin at 16"),
        of("DataInOtherOrderThanNames",
           "{" + tensor("a", "F64", "[1]", "[8,16]") + "," + tensor("b", "F64", "[1]", "[0,8]") + "}", 16,
           "a: data_offsets begin at 8, expected 0"),
        of("LongerThanItsShape", "{" + tensor("a", "F64", "[1]", "[0,16]") + "}", 16,
           "a: data_offsets end at 16, expected 8"),
        of("ShorterThanItsShape", "{" + tensor("a", "F64", "[2]", "[0,8]") + "}", 8,
           "a: data_offsets end at 8, expected 16"),
        of("EndsBehindTheFile", "{" + tensor("a", "F64", "[2]", "[0,16]") + "}", 15,
           "a: data_offsets end at 16, the data have 15 bytes"),
        of("TrailingBytes", "{" + a8 + "," + b8 + "}", 17, "data have 17 bytes, the tensors take 16"),
        of("DataWithoutTensors", "{}", 1, "data have 1 bytes, the tensors take 0")),
    name_of);

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string text = file("{" + a8 + "," + b8 + "}", std::string(16, 'd'));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(refused(read(text.substr(0, size)), malformed, "weights.safetensors: ")) << size;
  }
}

TEST(Safetensors, EveryBitFlipOfTheHeaderIsRefusedOrAnotherTensor) {
  const std::string text = file("{" + a8 + "," + b8 + "}", std::string(16, 'd'));
  for (std::size_t bit = 0; bit < 8 * (text.size() - 16); ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto result = read(flipped);
    if (!result) continue;
    EXPECT_EQ(write(*result), flipped);
    EXPECT_FALSE(result->at(0).name == "a" && result->at(1).name == "b") << flipped;
  }
}

}  // namespace
}  // namespace aprender::container
