/// Pages of HTML that need nothing beside themselves: no script, no address, no font. They are well-formed XML too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aprender::cli::html {

/// Texts are escaped here; what is called `markup` is markup already.

/// Free text, its lines kept; nothing if it is empty.
[[nodiscard]] std::string paragraph(std::string_view text, std::string_view css_class = {});

struct Fact {
  std::string label, value;
};

/// A table of labels and values, those without a value left out.
[[nodiscard]] std::string facts(std::string_view caption, const std::vector<Fact>& list);

struct Table {
  std::string caption;
  std::vector<std::string> columns;            ///< the first heads its rows
  std::size_t numbers_from = 1;                ///< columns from here on are numbers
  std::vector<std::vector<std::string>> rows;  ///< one text a column
};
[[nodiscard]] std::string table(const Table& content);

/// A part with a heading of the second order.
[[nodiscard]] std::string section(std::string_view title, std::string_view markup);

/// A part that the reader unfolds; on paper it is always unfolded, where the browser knows how.
[[nodiscard]] std::string folded(std::string_view summary, std::string_view markup, bool open);

/// The whole page. Its policy lets a browser load nothing and apply one stylesheet, the page's own, by its digest.
[[nodiscard]] std::string document(std::string_view title, std::string_view markup);

/// The stylesheet of `document`: light and dark by what the reader prefers, black on white on paper.
extern const std::string_view stylesheet;

}  // namespace aprender::cli::html
