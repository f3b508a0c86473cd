#include "cli/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"

namespace aprender::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  std::string digits = fmt::format("{}", value);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits;
}

/// nlohmann's own dump prints doubles in digits that round-trip, but not always in the fewest.
void write(const Json& json, const std::string& indent, std::string& out) {
  const bool flat = std::none_of(json.begin(), json.end(), [](const Json& each) { return each.is_structured(); });
  if (json.is_number_float()) {
    out += number(json.get<double>());
  } else if (!json.is_structured()) {
    out += json.dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (json.empty()) {
    out += json.is_array() ? "[]" : "{}";
  } else {
    const bool lines = json.is_object() || !flat;
    const std::string deeper = indent + "  ";
    std::string_view separator;
    out += json.is_array() ? '[' : '{';
    for (const auto& [key, value] : json.items()) {
      out += separator;
      if (lines) out += "\n" + deeper;
      if (json.is_object()) out += Json(key).dump(-1, ' ', false, Json::error_handler_t::replace) + ": ";
      write(value, deeper, out);
      separator = lines ? "," : ", ";
    }
    if (lines) out += "\n" + indent;
    out += json.is_array() ? ']' : '}';
  }
}

}  // namespace

std::string to_text(const Json& json) {
  std::string text;
  write(json, "", text);
  return printable_json(text) + "\n";
}

}  // namespace aprender::cli
