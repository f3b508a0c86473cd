/// A strict reader of comma-separated values: RFC 4180 with CRLF or LF, a header, UTF-8, a byte order mark allowed.
///
/// Refused, each with file and line: no header; empty or repeated column names; records of another length than the
/// header; blank lines; a quote inside an unquoted field, text behind a closing quote, a quote never closed; a carriage
/// return without a line feed; NUL; ill-formed UTF-8; a record longer than max_record_bytes.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aprender/error.hpp"

namespace aprender::cli {

inline constexpr std::size_t max_record_bytes = std::size_t{16} << 20;  ///< a line, or lines joined by quotes

/// Named columns of text fields. Views the text it was read from, which must outlive it.
class Table {
 public:
  [[nodiscard]] const std::string& file_name() const noexcept { return file_name_; }
  [[nodiscard]] const std::vector<std::string_view>& columns() const noexcept { return columns_; }
  [[nodiscard]] std::size_t rows() const noexcept { return lines_.size(); }

  /// The position of a column.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  /// The field without its quotes; row < rows(), column < columns().size().
  [[nodiscard]] std::string_view field(std::size_t row, std::size_t column) const {
    return fields_[row * columns_.size() + column];
  }

  /// "file.csv:12", the line on which the row begins, and "file.csv:12: column 'bmi'".
  [[nodiscard]] std::string where(std::size_t row) const;
  [[nodiscard]] std::string where(std::size_t row, std::size_t column) const;

  /// A column of finite decimal numbers. Errors: unusable_data, naming position and text of the first other field.
  [[nodiscard]] Result<std::vector<double>> numbers(std::size_t column) const;

 private:
  friend class CsvReader;

  std::string file_name_;
  std::vector<std::string_view> columns_;
  std::vector<std::string_view> fields_;  // row by row
  std::vector<std::size_t> lines_;        // on which each row begins, from 1
  std::deque<std::string> unescaped_;     // fields that held escaped quotes; a deque never moves its elements
};

/// `file_name` is what errors say. Errors: unusable_data. Linear in the size of the text.
[[nodiscard]] Result<Table> read_csv(std::string_view text, std::string_view file_name);

/// Whether a text is UTF-8 without NUL. Errors: unusable_data, naming the line.
[[nodiscard]] Result<void> check_text(std::string_view text, std::string_view file_name);

/// A field as CSV: quoted if it holds a comma, a quote, a line end, or nothing.
[[nodiscard]] std::string csv_field(std::string_view text);

/// 'text', which is UTF-8, in quotes for a message, cut after some 40 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace aprender::cli
