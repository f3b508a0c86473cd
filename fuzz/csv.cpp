/// A table, written again, is read as the same table.
#include "cli/csv.hpp"

#include <cmath>
#include <cstdint>

#include "fuzz/require_shown.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aprender;
  const auto table = cli::read_csv({reinterpret_cast<const char*>(data), size}, "input");
  if (!table) {
    fuzz::require_shown(table.error());
    return 0;
  }
  const std::size_t n_columns = table->columns().size();
  std::string text = "\xef\xbb\xbf";  // so that a name may start with another one
  for (std::size_t c = 0; c < n_columns; ++c) text += (c == 0 ? "" : ",") + cli::csv_field(table->columns()[c]);
  text += '\n';
  for (std::size_t row = 0; row < table->rows(); ++row) {
    for (std::size_t c = 0; c < n_columns; ++c) text += (c == 0 ? "" : ",") + cli::csv_field(table->field(row, c));
    text += '\n';
  }
  const auto again = cli::read_csv(text, "input");
  fuzz::require(again.has_value(), again ? "" : again.error().context.c_str());
  fuzz::require(again->columns() == table->columns() && again->rows() == table->rows(), "the table has the same shape");
  for (std::size_t c = 0; c < n_columns; ++c) {
    fuzz::require(table->find(table->columns()[c]) == c, "a column is found by its name");
    for (std::size_t row = 0; row < table->rows(); ++row) {
      fuzz::require(again->field(row, c) == table->field(row, c), "a field is the same");
    }
    const auto numbers = table->numbers(c);
    if (!numbers) {
      fuzz::require_shown(numbers.error());
      continue;
    }
    fuzz::require(numbers->size() == table->rows(), "every row has a number");
    for (const double number : *numbers) fuzz::require(std::isfinite(number), "a number is finite");
  }
  return 0;
}
