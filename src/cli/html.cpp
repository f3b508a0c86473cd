#include "cli/html.hpp"

#include <span>

#include <fmt/format.h>

#include "cli/markup.hpp"
#include "container/base64.hpp"
#include "container/digest.hpp"

namespace aprender::cli::html {

std::string paragraph(std::string_view text, std::string_view css_class) {
  if (text.empty()) return {};
  return fmt::format("<p class=\"text {}\">{}</p>\n", css_class, escaped_lines(text));
}

std::string facts(std::string_view caption, const std::vector<Fact>& list) {
  std::string rows;
  for (const Fact& fact : list) {
    if (fact.value.empty()) continue;
    rows +=
        fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(fact.label), escaped_lines(fact.value));
  }
  if (rows.empty()) return {};
  return fmt::format("<table class=\"facts\">\n<caption>{}</caption>\n<tbody>\n{}</tbody>\n</table>\n",
                     escaped(caption), rows);
}

std::string table(const Table& content) {
  std::string text =
      fmt::format("<div class=\"wide\">\n<table>\n<caption>{}</caption>\n<thead>\n<tr>", escaped(content.caption));
  const auto number = [&content](std::size_t column) {
    return column >= content.numbers_from ? " class=\"number\"" : "";
  };
  for (std::size_t k = 0; k < content.columns.size(); ++k) {
    text += fmt::format("<th scope=\"col\"{}>{}</th>", number(k), escaped(content.columns[k]));
  }
  text += "</tr>\n</thead>\n<tbody>\n";
  for (const auto& row : content.rows) {
    text += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(row.front()));
    for (std::size_t k = 1; k < row.size(); ++k) text += fmt::format("<td{}>{}</td>", number(k), escaped(row[k]));
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table>\n</div>\n";
}

std::string section(std::string_view title, std::string_view markup) {
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", escaped(title), markup);
}

std::string folded(std::string_view summary, std::string_view markup, bool open) {
  return fmt::format("<details{}>\n<summary>{}</summary>\n{}</details>\n", open ? " open=\"open\"" : "",
                     escaped(summary), markup);
}

std::string document(std::string_view title, std::string_view markup) {
  const std::string digest = container::to_base64(container::sha256(std::as_bytes(std::span(stylesheet))));
  return fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>{}</title>
<style>{}</style>
</head>
<body>
<main>
{}</main>
</body>
</html>
)",
                     digest, escaped(title), stylesheet, markup);
}

}  // namespace aprender::cli::html
