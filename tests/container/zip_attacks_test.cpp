/// Every way of lying in a ZIP file that section 1 of docs/format.md rules out, as a case with a name.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "container/forged_zip.hpp"
#include "container/outcome.hpp"
#include "container/zip.hpp"

namespace aprender {
namespace {

using container::read_zip;
using test::as_bytes;
using test::ForgedEntry;
using test::ForgedZip;
using test::SharedFields;

constexpr auto malformed = ErrorCode::malformed_container;
constexpr auto wrong = ErrorCode::wrong_entries;
constexpr auto unsupported = ErrorCode::unsupported_feature;

struct Attack {
  const char* name;
  std::function<void(ForgedZip&)> edit;
  ErrorCode code;
  const char* context;
};

std::ostream& operator<<(std::ostream& out, const Attack& attack) { return out << attack.name; }

class ZipAttack : public testing::TestWithParam<Attack> {};

TEST_P(ZipAttack, IsRefused) {
  ForgedZip zip;
  GetParam().edit(zip);
  EXPECT_TRUE(refused(read_zip(as_bytes(zip.bytes()), {}), GetParam().code, GetParam().context));
}

std::string name_of(const testing::TestParamInfo<Attack>& info) { return info.param.name; }

std::function<void(ForgedZip&)> both(void (*edit)(SharedFields&)) {
  return [edit](ForgedZip& zip) { zip.entries[1].edit_both(edit); };
}
std::function<void(ForgedZip&)> local(void (*edit)(SharedFields&)) {
  return [edit](ForgedZip& zip) { edit(zip.entries[1].local); };
}
std::function<void(ForgedZip&)> central(void (*edit)(SharedFields&)) {
  return [edit](ForgedZip& zip) { edit(zip.entries[1].central); };
}
std::function<void(ForgedZip&)> extension(const std::string& name) {
  return [name](ForgedZip& zip) { zip.entries.emplace_back(name, "x"); };
}
std::function<void(ForgedZip&)> renamed(const std::string& name) {
  return [name](ForgedZip& zip) { zip.entries[1].rename(name); };
}
std::function<void(ForgedZip&)> attributes(std::uint32_t value) {
  return [value](ForgedZip& zip) { zip.entries[0].external_attributes = value; };
}

INSTANTIATE_TEST_SUITE_P(
    Layout, ZipAttack,
    testing::Values(
        Attack{"Prefix", [](ForgedZip& z) { z.entries[0].before = "#!/bin/sh\n"; }, malformed,
               "entry 0: central header: offset of the local header is 10, expected 0"},
        Attack{"PrefixWithOffsetsOfTheOriginal",
               [](ForgedZip& z) {
                 const auto size = static_cast<std::uint32_t>(ForgedZip{}.bytes().size());
                 z.entries[0].before = std::string(64, 'x');  // keeps the alignment
                 z.directory_offset = size - 22 - 3 * 46 - 13 - 11 - 19;
               },
               malformed, "end record: end of the directory"},
        Attack{"TrailingByte", [](ForgedZip& z) { z.behind = "\n"; }, malformed, "no end record in the last 22 bytes"},
        Attack{"TrailingArchive", [](ForgedZip& z) { z.behind = ForgedZip{}.bytes(); }, malformed,
               "end record: end of the directory"},
        Attack{"Comment", [](ForgedZip& z) { z.comment = "hello"; }, malformed, "no end record in the last 22 bytes"},
        Attack{"CommentThatIsAnEndRecord",
               [](ForgedZip& z) {
                 ForgedZip empty;
                 empty.entries.clear();
                 z.comment = empty.bytes();
               },
               malformed, "end record: end of the directory"},
        Attack{"CommentLengthWithoutComment", [](ForgedZip& z) { z.comment_size = 1; }, malformed,
               "end record: length of the comment is 1, expected 0"},
        Attack{"HiddenEntryInTheMiddle", [](ForgedZip& z) { z.entries[1].in_directory = false; }, malformed,
               "entry 1: central header: offset of the local header"},
        Attack{"HiddenEntryAtTheEnd",
               [](ForgedZip& z) {
                 z.entries.emplace_back("ext/hidden", "x");
                 z.entries.back().in_directory = false;
               },
               malformed, "bytes between the last entry and the directory is 41, expected 0"},
        Attack{"EntryWithoutData",
               [](ForgedZip& z) {
                 z.entries.emplace_back("ext/nowhere", "x");
                 z.entries.back().in_file = false;
               },
               malformed, "entry 3: local header: bytes left before the directory is 0, expected 41"},
        Attack{"TwoNamesForOneEntry",
               [](ForgedZip& z) {
                 z.entries.emplace_back(z.entries[2]);
                 z.entries.back().in_file = false;
                 z.entries.back().offset = 96;
               },
               malformed, "entry 3: central header: offset of the local header is 96"},
        Attack{"OverlappingEntries", [](ForgedZip& z) { z.entries[2].offset = 60; }, malformed,
               "entry 2: central header: offset of the local header is 60, expected 87"},
        Attack{"DataReachesIntoTheNextEntry", both([](SharedFields& f) { f.size = f.compressed_size = 2; }), malformed,
               "entry 2: central header: offset of the local header is 87, expected 88"},
        Attack{"DataReachesIntoTheDirectory",
               [](ForgedZip& z) { z.entries[2].edit_both([](SharedFields& f) { f.size = f.compressed_size = 8; }); },
               malformed, "entry 2: local header: bytes left before the directory"},
        Attack{"DataReachesBehindTheFile", both([](SharedFields& f) { f.size = f.compressed_size = UINT32_MAX - 1; }),
               malformed, "entry 1: local header: bytes left before the directory"},
        Attack{"GapBetweenEntries", [](ForgedZip& z) { z.entries[1].before = std::string(1, '\0'); }, malformed,
               "entry 1: central header: offset of the local header is 46, expected 45"},
        Attack{"DataShorterThanTheSpace", both([](SharedFields& f) { f.size = f.compressed_size = 0; }), malformed,
               "entry 2: central header: offset of the local header is 87, expected 86"},
        Attack{"GapBeforeTheDirectory", [](ForgedZip& z) { z.before_directory = "APK Sig Block 42"; }, malformed,
               "bytes between the last entry and the directory is 16, expected 0"},
        Attack{"GapBehindTheDirectory", [](ForgedZip& z) { z.behind_directory = "x"; }, malformed,
               "end record: end of the directory"},
        Attack{"GapBehindTheDirectoryDeclared",
               [](ForgedZip& z) {
                 z.behind_directory = "x";
                 z.directory_size = 3 * 46 + 13 + 11 + 19 + 1;
               },
               malformed, "directory: bytes behind the last header is 1, expected 0"},
        Attack{"LocalHeaderWithoutSignature",
               [](ForgedZip& z) {
                 z.entries[0].before = "PK\3\4";
                 z.entries[0].offset = 0;
               },
               malformed, "entry 0: local header: "},
        Attack{"DirectoryInFrontOfTheEntries", [](ForgedZip& z) { z.directory_offset = 0; }, malformed,
               "end record: end of the directory"},
        Attack{"DirectoryBehindTheFile", [](ForgedZip& z) { z.directory_offset = UINT32_MAX - 1; }, malformed,
               "end record: end of the directory"},
        Attack{"DirectoryOfTheWholeFile",
               [](ForgedZip& z) {
                 z.directory_offset = 0;
                 z.directory_size = static_cast<std::uint32_t>(ForgedZip{}.bytes().size() - 22);
               },
               malformed, "entry 0: central header: signature"},
        Attack{"OneEntryTooFew", [](ForgedZip& z) { z.entry_count = z.entries_on_disk = 2; }, malformed,
               "directory: bytes behind the last header is 65, expected 0"},
        Attack{"OneEntryTooMany", [](ForgedZip& z) { z.entry_count = z.entries_on_disk = 4; }, malformed,
               "entry 3: central header: bytes left in the directory is 0, expected 46"},
        Attack{"EntriesOnOtherDisks", [](ForgedZip& z) { z.entries_on_disk = 2; }, malformed,
               "end record: entries on this disk is 2, expected 3"},
        Attack{"SecondDisk", [](ForgedZip& z) { z.disk = 1; }, malformed, "end record: number of this disk is 1"},
        Attack{"DirectoryOnSecondDisk", [](ForgedZip& z) { z.directory_disk = 1; }, malformed,
               "end record: disk of the directory is 1"},
        Attack{"EntryOnSecondDisk", [](ForgedZip& z) { z.entries[1].disk = 1; }, malformed,
               "entry 1: central header: disk is 1"},
        Attack{"DataChanged", [](ForgedZip& z) { z.entries[1].data = "n"; }, malformed, "\"metadata.pb\": CRC-32"},
        Attack{"CrcChanged", both([](SharedFields& f) { f.crc ^= 0x80000000; }), malformed, "\"metadata.pb\": CRC-32"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Headers, ZipAttack,
    testing::Values(
        Attack{"Deflate", both([](SharedFields& f) { f.method = 8; }), malformed, "method is 8, expected 0"},
        Attack{"Zstandard", both([](SharedFields& f) { f.method = 93; }), malformed, "method is 93, expected 0"},
        Attack{"Encrypted", both([](SharedFields& f) { f.flags = 0x1; }), malformed, "flags is 1, expected 0"},
        Attack{"DataDescriptor", both([](SharedFields& f) { f.flags = 0x8; }), malformed, "flags is 8, expected 0"},
        Attack{"Utf8Flag", both([](SharedFields& f) { f.flags = 0x800; }), malformed, "flags is 2048, expected 0"},
        Attack{"Time", both([](SharedFields& f) { f.time = 1; }), malformed, "time is 1, expected 0"},
        Attack{"Date", both([](SharedFields& f) { f.date = 0x22; }), malformed, "date is 34, expected 33"},
        Attack{"VersionNeeded", both([](SharedFields& f) { f.version = 20; }), malformed,
               "version needed is 20, expected 10"},
        Attack{"SizesDisagree", both([](SharedFields& f) { f.size = 2; }), malformed,
               "compressed size is 1, expected 2"},
        Attack{"MadeByMsDos", [](ForgedZip& z) { z.entries[0].made_by = 0x000a; }, malformed,
               "version made by is 10, expected 778"},
        Attack{"MadeByALaterVersion", [](ForgedZip& z) { z.entries[0].made_by = 0x033f; }, malformed,
               "version made by is 831, expected 778"},
        Attack{"InternalAttributes", [](ForgedZip& z) { z.entries[0].internal_attributes = 1; }, malformed,
               "internal attributes is 1, expected 0"},
        Attack{"EntryComment", [](ForgedZip& z) { z.entries[0].comment = "c"; }, malformed,
               "length of the comment is 1, expected 0"},
        Attack{"CentralExtraField", [](ForgedZip& z) { z.entries[0].central_extra = std::string("\x35\xd9\0\0", 4); },
               malformed, "length of the extra field is 4, expected 0"},
        Attack{"LocalVersionDiffers", local([](SharedFields& f) { f.version = 20; }), malformed,
               "entry 1: local header"},
        Attack{"LocalFlagsDiffer", local([](SharedFields& f) { f.flags = 0x800; }), malformed, "entry 1: local header"},
        Attack{"LocalMethodDiffers", local([](SharedFields& f) { f.method = 8; }), malformed, "entry 1: local header"},
        Attack{"LocalTimeDiffers", local([](SharedFields& f) { f.time = 1; }), malformed, "entry 1: local header"},
        Attack{"LocalDateDiffers", local([](SharedFields& f) { f.date = 0; }), malformed, "entry 1: local header"},
        Attack{"LocalCrcDiffers", local([](SharedFields& f) { f.crc = 0; }), malformed, "entry 1: local header"},
        Attack{"LocalCompressedSizeDiffers", local([](SharedFields& f) { f.compressed_size = 0; }), malformed,
               "entry 1: local header"},
        Attack{"LocalSizeDiffers", local([](SharedFields& f) { f.size = 0; }), malformed, "entry 1: local header"},
        Attack{"LocalNameDiffers", [](ForgedZip& z) { z.entries[1].local_name = "metadata.pc"; }, malformed,
               "entry 1: local header: name is not the one in the central header"},
        Attack{"LocalNameIsLonger", [](ForgedZip& z) { z.entries[1].local_name = "metadata.pb2"; }, malformed,
               "entry 1: local header"},
        Attack{"CentralCrcDiffers", central([](SharedFields& f) { f.crc = 0; }), malformed, "entry 1: local header"},
        Attack{"CentralSizesDiffer", central([](SharedFields& f) { f.size = f.compressed_size = 0; }), malformed,
               "entry 1: local header"},
        Attack{"UnicodePathField",
               [](ForgedZip& z) { z.entries[1].local_extra = ForgedZip::u16(0x7075) + ForgedZip::u16(0); }, malformed,
               "extra fields are not one alignment field of zeros"},
        Attack{"ExtendedTimestampField",
               [](ForgedZip& z) { z.entries[1].local_extra = ForgedZip::u16(0x5455) + ForgedZip::u16(1) + "\1"; },
               malformed, "extra fields are not one alignment field of zeros"},
        Attack{"AlignmentFieldNotZero",
               [](ForgedZip& z) {
                 z.entries[2].aligned = false;
                 z.entries[2].local_extra = ForgedZip::alignment(87 + 30 + 19);
                 z.entries[2].local_extra.back() = 'x';
               },
               malformed, "extra fields are not one alignment field of zeros"},
        Attack{"AlignmentFieldLiesAboutItsLength",
               [](ForgedZip& z) {
                 z.entries[2].aligned = false;
                 z.entries[2].local_extra = ForgedZip::alignment(87 + 30 + 19);
                 z.entries[2].local_extra[2]++;
               },
               malformed, "extra fields are not one alignment field of zeros"},
        Attack{"ExtraFieldOfOneByte",
               [](ForgedZip& z) {
                 z.entries[2].aligned = false;
                 z.entries[2].local_extra = std::string(1, '\0');
               },
               malformed, "extra fields are not one alignment field of zeros"},
        Attack{"TwoAlignmentFields",
               [](ForgedZip& z) {
                 const std::string field = ForgedZip::u16(0xd935) + ForgedZip::u16(24) + std::string(24, '\0');
                 z.entries[2].aligned = false;
                 z.entries[2].local_extra = field + field;
               },
               malformed, "extra fields are not one alignment field of zeros"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Zip64, ZipAttack,
    testing::Values(
        Attack{"EntriesMarker", [](ForgedZip& z) { z.entry_count = UINT16_MAX; }, unsupported, "ZIP64"},
        Attack{"EntriesOnDiskMarker", [](ForgedZip& z) { z.entries_on_disk = UINT16_MAX; }, unsupported, "ZIP64"},
        Attack{"DirectorySizeMarker", [](ForgedZip& z) { z.directory_size = UINT32_MAX; }, unsupported, "ZIP64"},
        Attack{"DirectoryOffsetMarker", [](ForgedZip& z) { z.directory_offset = UINT32_MAX; }, malformed,
               "the ZIP64 end record"},
        Attack{"SizeMarker", both([](SharedFields& f) { f.size = UINT32_MAX; }), malformed,
               "version made by is 778, expected 813"},
        Attack{"CompressedSizeMarker", both([](SharedFields& f) { f.compressed_size = UINT32_MAX; }), malformed,
               "compressed size is 4294967295"},
        Attack{"OffsetMarker", [](ForgedZip& z) { z.entries[1].offset = UINT32_MAX; }, malformed,
               "version made by is 778, expected 813"},
        Attack{"LocalSizeMarkerAlone", local([](SharedFields& f) { f.size = UINT32_MAX; }), malformed,
               "entry 1: local header"},
        Attack{"RecordsWithoutMarkers",
               [](ForgedZip& z) {
                 z.behind_directory = ForgedZip::u32(0x06064b50) + std::string(52, '\0') + ForgedZip::u32(0x07064b50) +
                                      std::string(16, '\0');
               },
               malformed, "end record: end of the directory"},
        Attack{"FieldWithoutMarkers",
               [](ForgedZip& z) {
                 z.entries[1].local_extra = ForgedZip::u16(1) + ForgedZip::u16(16) + std::string(16, '\0');
               },
               malformed, "extra fields are not one alignment field of zeros"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Entries, ZipAttack,
    testing::Values(
        Attack{"None", [](ForgedZip& z) { z.entries.clear(); }, wrong,
               "entry 0 is missing, expected \"manifest.json\""},
        Attack{"WeightsMissing", [](ForgedZip& z) { z.entries.pop_back(); }, wrong,
               "entry 2 is missing, expected \"weights.safetensors\""},
        Attack{"ManifestMissing", [](ForgedZip& z) { z.entries.erase(z.entries.begin()); }, wrong,
               "entry 0 is \"metadata.pb\", expected \"manifest.json\""},
        Attack{"OutOfOrder", [](ForgedZip& z) { std::swap(z.entries[0], z.entries[1]); }, wrong,
               "entry 0 is \"metadata.pb\", expected \"manifest.json\""},
        Attack{"Twice", [](ForgedZip& z) { z.entries.push_back(z.entries[1]); }, wrong,
               "entry 3 is \"metadata.pb\", expected ext/"},
        Attack{"OtherCase", renamed("Metadata.pb"), wrong, "entry 1 is \"Metadata.pb\""},
        Attack{"NameBehindANul", renamed(std::string("metadata.pb\0", 12)), wrong, "entry 1 is \"metadata.pb\\x00\""},
        Attack{"NoName", renamed(""), wrong, "entry 1 is \"\""},
        Attack{"ParentDirectory", extension("../evil"), wrong, "entry 3 is \"../evil\""},
        Attack{"ParentDirectoryInside", extension("ext/../evil"), wrong, "entry 3 is \"ext/../evil\""},
        Attack{"ParentDirectoryAtTheEnd", extension("ext/.."), wrong, "entry 3 is \"ext/..\""},
        Attack{"AbsolutePath", extension("/etc/passwd"), wrong, "entry 3 is \"/etc/passwd\""},
        Attack{"DriveLetter", extension("C:evil"), wrong, "entry 3 is \"C:evil\""},
        Attack{"Backslash", extension("ext/a\\b"), wrong, "entry 3 is \"ext/a\\x5cb\""},
        Attack{"Colon", extension("ext/a:b"), wrong, "entry 3 is \"ext/a:b\""},
        Attack{"Subdirectory", extension("ext/a/b"), wrong, "entry 3 is \"ext/a/b\""},
        Attack{"Directory", extension("ext/a/"), wrong, "entry 3 is \"ext/a/\""},
        Attack{"NoNameBehindExt", extension("ext/"), wrong, "entry 3 is \"ext/\""},
        Attack{"LeadingDot", extension("ext/.profile"), wrong, "entry 3 is \"ext/.profile\""},
        Attack{"LeadingHyphen", extension("ext/-rf"), wrong, "entry 3 is \"ext/-rf\""},
        Attack{"UpperCase", extension("ext/README"), wrong, "entry 3 is \"ext/README\""},
        Attack{"Space", extension("ext/a b"), wrong, "entry 3 is \"ext/a b\""},
        Attack{"ControlCharacter", extension("ext/a\x1b[2J"), wrong, "entry 3 is \"ext/a\\x1b[2J\""},
        Attack{"NotAscii", extension("ext/\xc3\xa9"), wrong, "entry 3 is \"ext/\\xc3\\xa9\""},
        Attack{"Unknown", extension("readme.txt"), wrong, "entry 3 is \"readme.txt\", expected ext/"},
        Attack{"BehindTheSignature",
               [](ForgedZip& z) {
                 z.entries.emplace_back("signature.sigstore.json", "");
                 z.entries.emplace_back("zzz", "");
               },
               wrong, "entry 4 is \"zzz\", expected no entry behind \"signature.sigstore.json\""},
        Attack{"TwoSignatures",
               [](ForgedZip& z) {
                 z.entries.emplace_back("signature.sigstore.json", "");
                 z.entries.emplace_back("signature.sigstore.json", "");
               },
               wrong, "entry 4 is \"signature.sigstore.json\", expected no entry"},
        Attack{"SignatureTooLarge",
               [](ForgedZip& z) { z.entries.emplace_back("signature.sigstore.json", std::string(70'000, ' ')); },
               ErrorCode::limit_exceeded, "signature.sigstore.json: 70000 bytes, at most 65536"},
        Attack{"ExtensionTwice",
               [](ForgedZip& z) {
                 z.entries.emplace_back("ext/a", "");
                 z.entries.emplace_back("ext/a", "");
               },
               wrong, "entry 4 is \"ext/a\", expected a name behind \"ext/a\""},
        Attack{"ExtensionsNotSorted",
               [](ForgedZip& z) {
                 z.entries.emplace_back("ext/b", "");
                 z.entries.emplace_back("ext/a", "");
               },
               wrong, "entry 4 is \"ext/a\", expected a name behind \"ext/b\""},
        Attack{"SymbolicLink", attributes(0120777U << 16U), wrong, "manifest.json: external attributes"},
        Attack{"DirectoryAttributes", attributes(040755U << 16U | 0x10U), wrong, "manifest.json: external attributes"},
        Attack{"DosAttributes", attributes(0100644U << 16U | 0x20U), wrong, "manifest.json: external attributes"},
        Attack{"Executable", attributes(0100755U << 16U), wrong, "manifest.json: external attributes"},
        Attack{"SetUserId", attributes(0104644U << 16U), wrong, "manifest.json: external attributes"},
        Attack{"Device", attributes(060644U << 16U), wrong, "manifest.json: external attributes"},
        Attack{"NoAttributes", attributes(0), wrong, "manifest.json: external attributes are 0"},
        Attack{"WeightsNotAligned", [](ForgedZip& z) { z.entries[2].aligned = false; }, wrong,
               "weights.safetensors: alignment field of 0 bytes, expected 56"},
        Attack{"WeightsAlignedTooFar",
               [](ForgedZip& z) {
                 z.entries[2].aligned = false;
                 z.entries[2].local_extra = ForgedZip::u16(0xd935) + ForgedZip::u16(116) + std::string(116, '\0');
               },
               wrong, "weights.safetensors: alignment field of 120 bytes, expected 56"},
        Attack{"AlignmentFieldElsewhere",
               [](ForgedZip& z) { z.entries[1].local_extra = ForgedZip::u16(0xd935) + ForgedZip::u16(0); }, wrong,
               "metadata.pb: alignment field of 4 bytes, expected 0"}),
    name_of);

}  // namespace
}  // namespace aprender
