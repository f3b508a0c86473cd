/// Text from outside as text of HTML, XML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace aprender::cli {

/// Made printable, and &, <, >, " and ' as entities, fit for content and for attributes in double quotes. What would
/// turn the direction of the text around it, end a line, or is no character of XML is spelled \uNNNN.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same of free text: line feeds and tabs stay what they are.
[[nodiscard]] std::string escaped_lines(std::string_view text);

}  // namespace aprender::cli
