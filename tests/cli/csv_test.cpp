#include "cli/csv.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace aprender::cli {
namespace {

using namespace std::string_literals;

using Rows = std::vector<std::vector<std::string>>;

/// Header and rows as text, or a failed test.
Rows fields(std::string_view text) {
  const auto table = read_csv(text, "f.csv");
  if (!table) {
    ADD_FAILURE() << table.error().context;
    return {};
  }
  Rows rows(1);
  for (const auto name : table->columns()) rows[0].emplace_back(name);
  for (std::size_t i = 0; i < table->rows(); ++i) {
    auto& row = rows.emplace_back();
    for (std::size_t j = 0; j < table->columns().size(); ++j) row.emplace_back(table->field(i, j));
  }
  return rows;
}

/// What is said about text that must be refused.
std::string refusal(std::string_view text) {
  const auto table = read_csv(text, "f.csv");
  if (table) return "accepted";
  EXPECT_EQ(table.error().code, ErrorCode::unusable_data);
  return table.error().context;
}

/// What is said about the first column when it must not be numbers.
std::string number_refusal(std::string_view text) {
  const auto table = read_csv(text, "f.csv");
  if (!table) return table.error().context;
  const auto numbers = table->numbers(0);
  return numbers ? "accepted" : numbers.error().context;
}

const Rows two_by_two = {{"a", "b"}, {"1", "2"}, {"3", "4"}};

TEST(Csv, LinesEndInLineFeedOrBothOrTheFile) {
  EXPECT_EQ(fields("a,b\n1,2\n3,4\n"), two_by_two);
  EXPECT_EQ(fields("a,b\n1,2\n3,4"), two_by_two);
  EXPECT_EQ(fields("a,b\r\n1,2\r\n3,4\r\n"), two_by_two);
  EXPECT_EQ(fields("a,b\r\n1,2\n3,4"), two_by_two);
}

TEST(Csv, AByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_EQ(fields("\xEF\xBB\xBF"
                   "a,b\n1,2\n3,4\n"),
            two_by_two);
}

TEST(Csv, QuotedFieldsHoldCommasQuotesAndLineEnds) {
  EXPECT_EQ(fields("\"a\",\"b\"\n\"1\",2\n3,\"4\"\n"), two_by_two);
  EXPECT_EQ(fields("\"a, b\"\n\"say \"\"no\"\"\"\n\"\"\"\"\n\"two\r\nlines\"\n\"\"\n"),
            (Rows{{"a, b"}, {"say \"no\""}, {"\""}, {"two\r\nlines"}, {""}}));
}

TEST(Csv, FieldsMayBeEmptyAndKeepTheirSpaces) {
  EXPECT_EQ(fields("a,b,c\n,,\n 1,2 ,\t\n"), (Rows{{"a", "b", "c"}, {"", "", ""}, {" 1", "2 ", "\t"}}));
}

TEST(Csv, AHeaderAloneIsATableWithoutRows) {
  EXPECT_EQ(fields("a,b\n"), (Rows{{"a", "b"}}));
  EXPECT_EQ(fields("a,b"), (Rows{{"a", "b"}}));
}

TEST(Csv, NamesAndFieldsAreUtf8) { EXPECT_EQ(fields("größe,高さ\n😀,é\n"), (Rows{{"größe", "高さ"}, {"😀", "é"}})); }

TEST(Csv, UnescapedFieldsOutliveTheMoveOfTheTable) {
  auto read = read_csv("a\n\"x\"\"y\"\n", "f.csv");
  ASSERT_TRUE(read);
  const Table moved = std::move(*read);
  EXPECT_EQ(moved.field(0, 0), "x\"y");
}

TEST(Csv, EmptyFilesAreRefused) {
  EXPECT_EQ(refusal(""), "f.csv: empty, expected a header");
  EXPECT_EQ(refusal("\xEF\xBB\xBF"), "f.csv: empty, expected a header");
}

TEST(Csv, BlankLinesAreRefused) {
  EXPECT_EQ(refusal("\na,b\n"), "f.csv:1: blank line");
  EXPECT_EQ(refusal("a,b\n1,2\n\n3,4\n"), "f.csv:3: blank line");
  EXPECT_EQ(refusal("a,b\r\n1,2\r\n\r\n"), "f.csv:3: blank line");
}

TEST(Csv, ColumnsNeedNames) {
  EXPECT_EQ(refusal("a,,c\n1,2,3\n"), "f.csv:1: column 2 of 3 has no name");
  EXPECT_EQ(refusal("a,b,\n1,2,3\n"), "f.csv:1: column 3 of 3 has no name");
  EXPECT_EQ(refusal("\"\"\n1\n"), "f.csv:1: column 1 of 1 has no name");
}

TEST(Csv, ColumnsNeedDifferentNames) {
  EXPECT_EQ(refusal("a,b,a\n1,2,3\n"), "f.csv:1: column 'a' appears more than once");
  EXPECT_EQ(refusal("a,\"a\"\n"), "f.csv:1: column 'a' appears more than once");
}

TEST(Csv, RaggedRowsAreRefusedWithTheirLine) {
  EXPECT_EQ(refusal("a,b\n1,2\n3\n"), "f.csv:3: 1 field, expected 2 as in the header");
  EXPECT_EQ(refusal("a,b\n1,2,3\n"), "f.csv:2: 3 fields, expected 2 as in the header");
  EXPECT_EQ(refusal("a\n1,\n"), "f.csv:2: 2 fields, expected 1 as in the header");
}

TEST(Csv, LinesInsideQuotesAreCounted) {
  EXPECT_EQ(refusal("a,b\n\"1\n\n1\",2\n3\n"), "f.csv:5: 1 field, expected 2 as in the header");
  EXPECT_EQ(refusal("\"a\nb\",c\n3\n"), "f.csv:3: 1 field, expected 2 as in the header");
}

TEST(Csv, QuotesAreWhereTheyMayBe) {
  EXPECT_EQ(refusal("a,b\n1\"2,3\n"), "f.csv:2: a quote inside a field that does not begin with one");
  EXPECT_EQ(refusal("a,b\n1, \"2\"\n"), "f.csv:2: a quote inside a field that does not begin with one");
  EXPECT_EQ(refusal("a,b\n\"1\"2,3\n"), "f.csv:2: text behind the closing quote of '1'");
  EXPECT_EQ(refusal("a,b\n\"1\"\r,3\n"), "f.csv:2: text behind the closing quote of '1'");
}

TEST(Csv, AQuoteNeverClosedIsReportedWhereItOpens) {
  EXPECT_EQ(refusal("a,b\n1,2\n\"3,4\n5,6\n"), "f.csv:3: a quote is opened and never closed");
  EXPECT_EQ(refusal("a\n\""), "f.csv:2: a quote is opened and never closed");
  EXPECT_EQ(refusal("a\n\"x\"\""), "f.csv:2: a quote is opened and never closed");
  const std::string long_text(std::size_t{64} << 20, 'x');  // more than a record may have
  EXPECT_EQ(refusal("a\n\"" + long_text), "f.csv:2: a quote is opened and never closed");
}

TEST(Csv, ACarriageReturnNeedsItsLineFeed) {
  EXPECT_EQ(refusal("a,b\r1,2\r"), "f.csv:1: a carriage return without a line feed");
  EXPECT_EQ(refusal("a,b\n1,2\r"), "f.csv:2: a carriage return without a line feed");
}

TEST(Csv, BytesThatAreNoTextAreRefused) {
  EXPECT_EQ(refusal("a,b\n1,\0\n"s), "f.csv:2: a NUL byte, expected text");
  EXPECT_EQ(refusal("a,b\n1,\xFF\n"), "f.csv:2: not UTF-8, expected text in UTF-8");
  EXPECT_EQ(refusal("\xFF\xFE"
                    "a\0\n\0"s),
            "f.csv:1: not UTF-8, expected text in UTF-8");  // UTF-16
  EXPECT_EQ(refusal("a\ngr\xF6\xDF"
                    "e\n"),
            "f.csv:2: not UTF-8, expected text in UTF-8");                                // Latin-1
  EXPECT_EQ(refusal("a\n\n\xC0\x80"), "f.csv:3: not UTF-8, expected text in UTF-8");      // overlong NUL
  EXPECT_EQ(refusal("a\n\xED\xA0\x80\n"), "f.csv:2: not UTF-8, expected text in UTF-8");  // surrogate
  EXPECT_EQ(refusal("a\n\xE2\x82"), "f.csv:2: not UTF-8, expected text in UTF-8");        // cut short
}

TEST(Csv, RecordsHaveALimit) {
  const std::string long_field(max_record_bytes + 1, 'x');
  EXPECT_EQ(refusal("a\n" + long_field + "\n"), "f.csv:2: a record of more than 16 MiB; is a quote not closed?");
  EXPECT_EQ(fields("a\n" + std::string(max_record_bytes, 'x') + "\n").size(), 2u);
}

TEST(Csv, NumbersAreReadExactly) {
  const auto table =
      read_csv("x\n0.1\n-0\n.5\n5.\n1e3\n-2.5E-3\n007\n4.9406564584124654e-324\n1.7976931348623157e308\n", "f.csv");
  ASSERT_TRUE(table);
  const auto numbers = table->numbers(0);
  ASSERT_TRUE(numbers) << numbers.error().context;
  const std::vector<double> expected = {0.1,
                                        -0.0,
                                        0.5,
                                        5,
                                        1000,
                                        -0.0025,
                                        7,
                                        std::numeric_limits<double>::denorm_min(),
                                        std::numeric_limits<double>::max()};
  EXPECT_EQ(*numbers, expected);
  EXPECT_TRUE(std::signbit(numbers->at(1)));
}

TEST(Csv, WhatIsNoNumberIsNamedWithItsPlace) {
  EXPECT_EQ(number_refusal("bmi,y\n1,2\nabc,3\n"), "f.csv:3: column 'bmi': 'abc' is not a number");
  EXPECT_EQ(number_refusal("bmi,y\n1,2\n,3\n"), "f.csv:3: column 'bmi': empty, expected a number");
  for (const char* text : {"1.5kg", " 1", "1 ", "+1", "0x10", "1_000", "1e", "--1", "1.2.3", "NA", "null", "?", "-",
                           ".", "1e5 ", "e5", "٣"}) {
    EXPECT_EQ(number_refusal("x\n"s + text + "\n"), "f.csv:2: column 'x': '"s + text + "' is not a number");
  }
  EXPECT_EQ(number_refusal("x\n\"1,5\"\n"), "f.csv:2: column 'x': '1,5' is not a number");
}

TEST(Csv, NumbersAreFiniteAndInRange) {
  for (const char* text : {"nan", "NaN", "-nan", "inf", "-inf", "Infinity", "INF"}) {
    EXPECT_EQ(number_refusal("x\n"s + text + "\n"), "f.csv:2: column 'x': '"s + text + "' is not a finite number");
  }
  for (const char* text : {"1e309", "-1e999", "1e-400", "1e400000000000000000000"}) {
    EXPECT_EQ(number_refusal("x\n"s + text + "\n"),
              "f.csv:2: column 'x': '"s + text + "' is beyond the range of double");
  }
}

TEST(Csv, MessagesCutLongTextsBetweenCharacters) {
  EXPECT_EQ(in_quotes("short"), "'short'");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "'" + std::string(40, 'x') + "...'");
  EXPECT_EQ(in_quotes(std::string(39, 'x') + "é and more"), "'" + std::string(39, 'x') + "...'");
}

TEST(Csv, ColumnsAreFoundByTheirWholeName) {
  const auto table = read_csv("a,A,ab\n1,2,3\n", "f.csv");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->find("A"), 1u);
  EXPECT_EQ(table->find("ab"), 2u);
  EXPECT_EQ(table->find("b"), std::nullopt);
}

TEST(Csv, WhatIsWrittenIsReadBack) {
  const Rows rows = {{"a", "with, comma", "with \"quote\""}, {"", "two\r\nlines", "\""}, {"plain", " space ", "é"}};
  std::string text;
  for (const auto& row : rows) {
    for (const auto& field : row) text += (text.empty() || text.back() == '\n' ? "" : ",") + csv_field(field);
    text += '\n';
  }
  EXPECT_EQ(fields(text), rows);
}

/// Whatever the bytes: an error that names the file, or a table whose fields, written again, read as the same table.
TEST(Csv, AnyBytesAreATableOrAnError) {
  std::mt19937 random(20240517);
  const std::string bytes = "a1,,\"\"\n\n\r.\xC3\xA9\0-"s;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n) text += bytes[random() % bytes.size()];
    const auto table = read_csv(text, "f.csv");
    if (!table) {
      ASSERT_EQ(table.error().code, ErrorCode::unusable_data);
      ASSERT_TRUE(table.error().context.starts_with("f.csv")) << table.error().context;
      continue;
    }
    std::string again;
    for (std::size_t row = 0; row <= table->rows(); ++row) {
      for (std::size_t j = 0; j < table->columns().size(); ++j) {
        again += (j == 0 ? "" : ",") + csv_field(row == 0 ? table->columns()[j] : table->field(row - 1, j));
      }
      again += '\n';
    }
    ASSERT_EQ(fields(again), fields(text));
  }
}

/// A million rows of ten numbers, a hundredfold smaller here: what would take longer than a second is not linear.
TEST(Csv, LargeTablesAreReadInLinearTime) {
  std::string text = "a,b,c,d,e,f,g,h,i,j\n";
  for (int row = 0; row < 100'000; ++row) text += "0.12345,-1.5,3,4.25,5e-3,6,7,8,9,1000.125\n";
  const auto started = std::chrono::steady_clock::now();
  const auto table = read_csv(text, "f.csv");
  ASSERT_TRUE(table);
  for (std::size_t j = 0; j < 10; ++j) ASSERT_TRUE(table->numbers(j));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  EXPECT_EQ(table->rows(), 100'000u);
  EXPECT_LT(elapsed.count(), 5.0);
}

}  // namespace
}  // namespace aprender::cli
